// One process per file: a lock of the operating system, which ends with the process that holds it, however that ends.
import { DatabaseSync } from "node:sqlite";
import { isSqliteError } from "./database.ts";
import { cannotOpen, explained, makeFile } from "./open-database.ts";

const busy = 5;

/**
 * Locks the file for one store, by an empty database beside it that stays locked: the file itself must stay readable, for
 * accounts and for backups.
 * @throws TypeError where another store has it
 */
export function lockFile(file: string): { close(): void } {
  makeFile(file);
  const beside = `${file}-lock`;
  makeFile(beside);
  return explained(beside, () => {
    const lock = new DatabaseSync(beside);
    try {
      lock.exec("BEGIN EXCLUSIVE");
    } catch (error) {
      lock.close();
      if (!isSqliteError(error) || error.errcode !== busy) throw error;
      const advice = "stop it, give this one a file of its own, or use redisStore for several processes";
      throw cannotOpen(file, `has a store already, in another process or in this one: ${advice}`, error);
    }
    return lock;
  });
}
