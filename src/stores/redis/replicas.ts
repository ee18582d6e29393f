// Whether a replica has what this process wrote: a primary that dies takes with it what only it knew.
import type { RedisCalls } from "./calls.ts";
import { numberOf, textOf } from "./replies.ts";

/** How long a look at whether there are replicas holds good. */
const lookedMs = 30_000;
/** A replica has so long for an answer; nothing else on the connection is answered meanwhile. */
const waitMs = 200;

/**
 * Waits until one replica has what was written, where Redis has any: `INFO replication` says so, asked once in 30 s, and only
 * when something ends. A replica that does not keep up is not waited for again in that time, for each wait holds up every
 * call of this process. Of a Cluster it cannot be asked: a command without a key goes to any of its nodes.
 */
export class Replicas {
  readonly #calls: Pick<RedisCalls, "command" | "now">;
  #lookAgainAt = Number.NEGATIVE_INFINITY;
  #areThere = false;
  #underWay: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(calls: Pick<RedisCalls, "command" | "now">) {
    this.#calls = calls;
  }

  /** Resolves when a replica has all that this process wrote before, or there is no use in waiting. Never throws. */
  async keepUp(): Promise<void> {
    // One wait covers everything that was written before it was sent.
    if (this.#underWay === null) return this.#start();
    this.#next ??= this.#underWay.then(() => {
      this.#next = null;
      return this.#start();
    });
    return this.#next;
  }

  #start(): Promise<void> {
    const wait = this.#wait()
      .catch(() => this.#holdOff())
      .finally(() => {
        this.#underWay = null;
      });
    this.#underWay = wait;
    return wait;
  }

  async #wait(): Promise<void> {
    if (this.#calls.now() >= this.#lookAgainAt) {
      const info = textOf(await this.#calls.command("INFO", ["replication"]));
      this.#areThere = /^connected_slaves:[1-9]/m.test(info);
      this.#lookAgainAt = this.#calls.now() + lookedMs;
    }
    if (!this.#areThere) return;
    const reached = numberOf(await this.#calls.command("WAIT", [1, waitMs]));
    if (reached === 0) this.#holdOff();
  }

  #holdOff(): void {
    this.#areThere = false;
    this.#lookAgainAt = this.#calls.now() + lookedMs;
  }
}
