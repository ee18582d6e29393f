// Opens the file, brings its tables up to date, and says in words what is wrong with it.
import { closeSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { LoginError } from "../../errors.ts";
import { Database, type Durability, isSqliteError } from "./database.ts";
import { applicationId, migrations } from "./migrations.ts";

/** Result codes of SQLite (https://www.sqlite.org/rescode.html), without their extensions. */
const resultCodes = { busy: 5, readOnly: 8, corrupt: 11, notADatabase: 26 };

const damaged = "is damaged: put a backup in its place, or move it away to begin anew";

/** The file of `sqliteStore(path)`: where it is, whatever the working folder becomes. @throws TypeError */
export function fileOf(path: unknown, caller: string): string {
  if (typeof path === "string" && path !== "" && path !== ":memory:") return resolve(path);
  throw new TypeError(`${caller}: expected the path of a file, got ${JSON.stringify(path)}`);
}

/**
 * A connection to the file in the schema of this version; a file that is not there is made, for its owner alone to read.
 * @throws TypeError that names the file and what to do
 */
export function openDatabase(file: string, durability: Durability, steps: readonly string[] = migrations): Database {
  makeFile(file);
  return explained(file, () => {
    const database = new Database(file);
    try {
      migrate(database, file, steps);
      if (database.one("PRAGMA journal_mode = WAL")?.["journal_mode"] !== "wal") {
        throw cannotOpen(file, "cannot have a write-ahead log there: put it on a disk of this machine");
      }
      database.exec(`PRAGMA synchronous = ${durability === "power" ? "FULL" : "NORMAL"}`);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Runs a step of the start; a failure of SQLite becomes words about the file. */
export function explained<T>(file: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    const cause = error instanceof LoginError ? error.cause : error;
    // Of JSON in a row.
    if (cause instanceof SyntaxError) throw cannotOpen(file, damaged, cause);
    throw isSqliteError(cause) ? cannotOpen(file, adviceFor(cause), cause) : error;
  }
}

export function cannotOpen(file: string, why: string, cause?: unknown): TypeError {
  return new TypeError(`colyseus-login/sqlite: ${file} ${why}`, { cause });
}

/** Makes an empty file, for its owner alone to read, where there is none. @throws TypeError that names it and what to do */
export function makeFile(file: string): void {
  try {
    // Only a new file is opened by hand: closing one that SQLite has open too would take its locks away.
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") return;
    if (code === "ENOENT") throw cannotOpen(file, "cannot be made: its folder does not exist, make it first", error);
    throw cannotOpen(file, `cannot be made (${code}): this process must be allowed to write in its folder`, error);
  }
}

function adviceFor(error: Error & { readonly errcode?: number }): string {
  switch ((error.errcode ?? 0) & 0xff) {
    case resultCodes.busy:
      return "is locked by another program: close that first";
    case resultCodes.readOnly:
      return "cannot be written: this process must be allowed to write it and in its folder";
    case resultCodes.corrupt:
      return damaged;
    case resultCodes.notADatabase:
      return "is not an SQLite database: give another path, or move it away";
    default:
      return `cannot be opened (${error.message}): it must be a file that this process may read and write`;
  }
}

function migrate(database: Database, file: string, steps: readonly string[]): void {
  const version = versionOf(database);
  if (!isOurs(database)) throw cannotOpen(file, "is the database of another program: give another path");
  if (version > steps.length) {
    const versions = `version ${version} of the tables, and this one knows ${steps.length}`;
    throw cannotOpen(file, `was written by a newer colyseus-login (${versions}): use that one, or a backup`);
  }
  if (version === steps.length) return;
  database.transaction(() => {
    // Another process may have been faster.
    for (const step of steps.slice(versionOf(database))) database.exec(step);
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${steps.length}`);
  });
}

function versionOf(database: Database): number {
  return Number(database.one("PRAGMA user_version")?.["user_version"]);
}

/** Ours, or empty, to become ours. */
function isOurs(database: Database): boolean {
  const id = database.one("PRAGMA application_id")?.["application_id"];
  return id === applicationId || (id === 0 && database.one("SELECT 1 FROM sqlite_schema") === undefined);
}
