// One connection to the file: statements and transactions, with every failure told as what it means to the caller.
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { LoginError } from "../../errors.ts";

export type Row = Readonly<Record<string, SQLOutputValue>>;

/** SQLite waits so long for another program that writes the file; the process stands still meanwhile. */
const busyMs = 500;

/**
 * When a commit is on the disk itself. `process`: it outlives the end of the process, however that comes, at once, and a
 * power cut from the next checkpoint on. `power`: it outlives a power cut too, and costs a wait for the disk.
 */
export type Durability = "process" | "power";

export class Database {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens the file, or makes an empty one. Throws what SQLite throws: `openDatabase` tells it in words. */
  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(`PRAGMA busy_timeout = ${busyMs}`);
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  one(sql: string, ...values: readonly SQLInputValue[]): Row | undefined {
    return this.#told(() => this.#statement(sql).get(...values));
  }

  all(sql: string, ...values: readonly SQLInputValue[]): readonly Row[] {
    return this.#told(() => this.#statement(sql).all(...values));
  }

  /** Row by row; no other statement with these words may run before the end. */
  *each(sql: string, ...values: readonly SQLInputValue[]): Iterable<Row> {
    yield* this.#statement(sql).iterate(...values);
  }

  /** Answers how many rows it changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number {
    return this.#told(() => Number(this.#statement(sql).run(...values).changes));
  }

  /**
   * All of `work`, or nothing of it. What `work` throws is thrown on.
   * @throws LoginError STORE_UNAVAILABLE where the file cannot be written
   */
  transaction<T>(work: () => T): T {
    return this.#told(() => {
      this.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        this.exec("COMMIT");
        return result;
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    });
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  /** After some failures SQLite has rolled back by itself. */
  #rollBack(): void {
    try {
      this.exec("ROLLBACK");
    } catch (error) {
      if (!isSqliteError(error)) throw error;
    }
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #told<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!isSqliteError(error)) throw error;
      throw new LoginError("STORE_UNAVAILABLE", "The store is out of reach.", {}, { cause: error });
    }
  }
}

/** Of SQLite itself, or of a connection that is closed. */
export function isSqliteError(error: unknown): error is Error & { readonly code: string; readonly errcode?: number } {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "ERR_SQLITE_ERROR" || error.code === "ERR_INVALID_STATE";
}
