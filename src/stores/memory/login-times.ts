// How long logins take after their admission, in the memory store: the last hundred of them.
import type { TicketEntry } from "./tickets.ts";

const kept = 100;
/** Fewer say nothing about the next. */
const least = 8;

export class LoginTimes {
  readonly #seconds: number[] = [];

  /** The pass of the ticket opened a session `now`. A login that did not have to wait is quicker than any player, and does not count. */
  add(ticket: Pick<TicketEntry, "enqueuedAt" | "admittedAt">, now: number): void {
    const { enqueuedAt, admittedAt } = ticket;
    if (admittedAt === null || admittedAt <= enqueuedAt) return;
    this.#seconds.push(Math.max(0, now - admittedAt) / 1000);
    if (this.#seconds.length > kept) this.#seconds.shift();
  }

  medianSeconds(): number | null {
    if (this.#seconds.length < least) return null;
    const sorted = this.#seconds.toSorted((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? null;
  }
}
