// Work on a store that may be away for a while: one log line per outage, few attempts until it is back, no failure escapes.
import type { Clock } from "./clock.ts";
import type { Emit } from "./emitter.ts";
import { LoginError } from "./errors.ts";
import type { Logger } from "./logger.ts";

/** How long a task rests after a failure, in ms. */
const restMs = 1_000;
/** Once anything succeeds, a task that did not fail for so long counts no more: it may have nothing to do for now. In ms. */
const quietMs = 10_000;
/** Nor does one that failed and was not tried again for so long, whatever the others do. In ms. */
const forgetMs = 60_000;

export interface StoreSignals {
  /** The store stopped answering this process's own tasks, or answers all of them again. */
  storeAvailable: { readonly available: boolean };
}

interface Owed {
  readonly task: string;
  readonly work: () => Promise<unknown>;
}

export class StoreOutage {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #emit: Emit<StoreSignals>;
  /**
   * When each task failed that has not succeeded since. The outage lasts until there is none, so that a store that answers
   * now and then is no new outage each time.
   */
  readonly #failedAt = new Map<string, number>();
  readonly #owed = new Map<string, Owed>();
  /** The newest work of each key, while it runs for the first time. */
  readonly #newest = new Map<string, Owed>();

  constructor(deps: { readonly clock: Clock; readonly logger: Logger; readonly emit: Emit<StoreSignals> }) {
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#emit = deps.emit;
  }

  /**
   * Runs work that must not be lost: until it succeeds it is kept and tried again by `retry`. Newer work of the same `key`
   * takes its place.
   */
  async insist(task: string, key: string, work: () => Promise<unknown>): Promise<void> {
    const made = { task, work };
    this.#owed.delete(key);
    this.#newest.set(key, made);
    const isDone = await this.attempt(task, work);
    // What failed only after newer work began must not be done after that.
    if (this.#newest.get(key) !== made) return;
    this.#newest.delete(key);
    if (!isDone) this.#owed.set(key, made);
  }

  /** How much work is kept. */
  get owed(): number {
    return this.#owed.size;
  }

  /** Tries what is owed, oldest first, up to the first failure. */
  async retry(): Promise<void> {
    for (const [key, { task, work }] of this.#owed) {
      if (!(await this.attempt(task, work))) return;
      if (this.#owed.get(key)?.work === work) this.#owed.delete(key);
    }
  }

  /** Runs `work` unless its task has to rest. Answers whether it ran to its end; never rejects. */
  async attempt(task: string, work: () => Promise<unknown>): Promise<boolean> {
    const failedAt = this.#failedAt.get(task);
    if (failedAt !== undefined && this.#clock.now() < failedAt + restMs) return false;
    try {
      await work();
    } catch (error) {
      this.#fail(task, error);
      return false;
    }
    this.#succeed(task);
    return true;
  }

  #succeed(task: string): void {
    if (this.#failedAt.size === 0) return;
    this.#failedAt.delete(task);
    this.#forget(quietMs);
    if (this.#failedAt.size > 0) return;
    this.#logger.info("colyseus-login: the store answers again");
    this.#emit("storeAvailable", { available: true });
  }

  #fail(task: string, error: unknown): void {
    this.#forget(forgetMs);
    const isNew = this.#failedAt.size === 0;
    this.#failedAt.set(task, this.#clock.now());
    if (!isNew) return;
    this.#logger.warn(
      `colyseus-login: ${task} failed (${describe(error)}); places and slots are kept, and it is tried again`,
    );
    this.#emit("storeAvailable", { available: false });
  }

  #forget(olderThanMs: number): void {
    const limit = this.#clock.now() - olderThanMs;
    for (const [task, failedAt] of this.#failedAt) if (failedAt <= limit) this.#failedAt.delete(task);
  }
}

function describe(error: unknown): string {
  if (error instanceof LoginError) return error.code;
  return error instanceof Error ? `${error.name}: ${error.message}` : typeof error;
}
