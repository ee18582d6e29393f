// Tells the log of an outage once, and of its end: however many calls fail in between.
import type { Clock } from "../../clock.ts";
import type { StoreContext } from "../store.ts";

/** An outage is over when nothing has failed for so long: a Redis that answers now and then is no new one each time. In ms. */
const quietMs = 2_000;

export class Outages {
  readonly #logger: StoreContext["logger"];
  readonly #steady: Clock;
  /** What does not work now; one outage for all of it. */
  readonly #failing = new Set<string>();
  #since = 0;
  #failedAt = 0;

  constructor(logger: StoreContext["logger"], steady: Clock) {
    this.#logger = logger;
    this.#steady = steady;
  }

  failed(what: string, error: unknown): void {
    if (this.#failing.size === 0) {
      this.#since = this.#steady.now();
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger?.warn(`colyseus-login: Redis cannot be reached (${reason}); trying again until it can`);
    }
    this.#failing.add(what);
    this.#failedAt = this.#steady.now();
  }

  worked(what: string): void {
    if (!this.#failing.has(what) || this.#steady.now() - this.#failedAt < quietMs) return;
    this.#failing.delete(what);
    if (this.#failing.size > 0) return;
    const seconds = ((this.#failedAt - this.#since) / 1_000).toFixed(1);
    this.#logger?.info(`colyseus-login: Redis is back after ${seconds} s`);
  }

  warn(line: string): void {
    this.#logger?.warn(`colyseus-login: ${line}`);
  }
}
