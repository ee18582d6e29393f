// The store of one process that outlives it: the memory store, with a journal in a file.
import { MemoryStore } from "../memory/memory-store.ts";
import type { StoreFactory } from "../store.ts";
import { lockFile } from "./file-lock.ts";
import { explained, fileOf, openDatabase } from "./open-database.ts";
import { SqliteJournal } from "./sqlite-journal.ts";

/**
 * Keeps sessions, bans, access rules, revoked tokens, changed settings of the queue and the audit list in a file, by Node's
 * own `node:sqlite` (Node 22.13 or later). The queue is in memory and comes back by its tickets. Everything is read into memory at
 * the start. What a call has answered outlives the process, were it killed; the last moments before a power cut may be lost.
 *
 * The file is for one process at a time. `sqliteAccounts` may use the same. With it go `tokens.keys` and
 * `tokens.refreshSecrets`: without them the tokens of before are worth nothing after a restart.
 *
 * @param path The file, made if it is not there; its folder must exist and be on a disk of this machine.
 * @throws TypeError, here for what is no path, and in `defineLogin` for a file that cannot be used, naming it
 */
export function sqliteStore(path: string): StoreFactory {
  const file = fileOf(path, "sqliteStore");
  return (context) =>
    orClose(lockFile(file), (lock) =>
      orClose(openDatabase(file, "process"), (database) =>
        explained(file, () => new MemoryStore(context, new SqliteJournal(database, lock))),
      ),
    );
}

/** What `use` makes of it; where that fails, it is closed again. */
function orClose<R extends { close(): void }, T>(resource: R, use: (resource: R) => T): T {
  try {
    return use(resource);
  } catch (error) {
    resource.close();
    throw error;
  }
}
