// Work on a store that may be away for a while: one log line per outage, few attempts until it is back, no failure escapes.
import type { Clock } from "../clock.ts";
import { LoginError } from "../errors.ts";
import type { Logger } from "../logger.ts";

/** How long a task rests after a failure, in ms. */
const restMs = 1_000;
/** A task that failed and was not tried again for so long counts no more, in ms. */
const forgetMs = 60_000;

export class StoreOutage {
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** When each task failed that has not succeeded since. The outage lasts until there is none. */
  readonly #failedAt = new Map<string, number>();
  readonly #owed = new Map<string, { readonly task: string; readonly work: () => Promise<unknown> }>();

  constructor(deps: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = deps.clock;
    this.#logger = deps.logger;
  }

  /**
   * Runs work that must not be lost: until it succeeds it is kept and tried again by `retry`. Newer work of the same `key`
   * takes its place.
   */
  async insist(task: string, key: string, work: () => Promise<unknown>): Promise<void> {
    this.#owed.delete(key);
    if (!(await this.attempt(task, work))) this.#owed.set(key, { task, work });
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
    if (this.#failedAt.delete(task) && this.#failedAt.size === 0) {
      this.#logger.info("login queue: the store answers again");
    }
    return true;
  }

  #fail(task: string, error: unknown): void {
    const now = this.#clock.now();
    for (const [other, failedAt] of this.#failedAt) {
      if (failedAt + forgetMs <= now) this.#failedAt.delete(other);
    }
    if (this.#failedAt.size === 0) {
      this.#logger.warn(`login queue: ${task} failed (${describe(error)}); places are kept, and it is tried again`);
    }
    this.#failedAt.set(task, now);
  }
}

function describe(error: unknown): string {
  if (error instanceof LoginError) return error.code;
  return error instanceof Error ? `${error.name}: ${error.message}` : typeof error;
}
