// What is left of finished tickets in the memory store, until nobody can hold a valid JWT of them any more.
import type { FinishReason } from "../../login-queue/queue-store.ts";
import { ExpiryIndex } from "./expiry-index.ts";

export interface Tombstone {
  readonly reason: FinishReason;
  /** The session that its pass opened, for as long as the pass lives. */
  claim: { readonly userId: string; readonly sid: string; readonly until: number } | null;
  failedTries: number;
}

/**
 * How many tickets are remembered that their holders gave up, or let lapse. Anybody can make those as fast as the server
 * answers. One that is forgotten early may be put back in its order, as if its holder had stayed away a little less long:
 * whoever makes so many could have kept as many places. Tickets that were used or taken away are never forgotten early.
 */
const mostGivenUp = 100_000;

export class Tombstones {
  readonly #stones = new Map<string, Tombstone>();
  readonly #forgetAt = new ExpiryIndex<string>();
  /** The given up from `#firstGivenUp` on, about in the order in which they may be forgotten: all are kept equally long. */
  #givenUp: { readonly ticketId: string; readonly stone: Tombstone; readonly forgetAt: number }[] = [];
  #firstGivenUp = 0;

  get(ticketId: string): Tombstone | undefined {
    return this.#stones.get(ticketId);
  }

  put(ticketId: string, stone: Tombstone, forgetAt: number): void {
    this.#stones.set(ticketId, stone);
    if (stone.claim !== null || stone.reason === "admitted" || stone.reason === "removed") {
      this.#forgetAt.set(ticketId, forgetAt);
      return;
    }
    this.#givenUp.push({ ticketId, stone, forgetAt });
    if (this.#givenUp.length - this.#firstGivenUp > mostGivenUp) this.#forgetGivenUp(Number.POSITIVE_INFINITY);
  }

  forgetDue(now: number): void {
    for (let due = this.#forgetAt.takeDue(now); due !== undefined; due = this.#forgetAt.takeDue(now)) {
      this.#stones.delete(due.key);
    }
    while (this.#forgetGivenUp(now));
  }

  /** Forgets the first of the given up; answers whether there was one that may be forgotten by `now`. */
  #forgetGivenUp(now: number): boolean {
    const first = this.#givenUp[this.#firstGivenUp];
    if (first === undefined || first.forgetAt > now) return false;
    if (this.#stones.get(first.ticketId) === first.stone) this.#stones.delete(first.ticketId);
    this.#firstGivenUp += 1;
    // Moved up seldom, so that forgetting one costs the same however many there are.
    if (this.#firstGivenUp * 2 > this.#givenUp.length) {
      this.#givenUp = this.#givenUp.slice(this.#firstGivenUp);
      this.#firstGivenUp = 0;
    }
    return true;
  }
}
