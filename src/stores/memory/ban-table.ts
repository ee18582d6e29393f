// The bans of the memory store. One that has an end is over at that moment, whoever looks.
import type { Ban } from "../../access/access-store.ts";
import { ExpiryIndex } from "./expiry-index.ts";

export class BanTable {
  readonly #bans = new Map<string, Ban>();
  readonly #endsAt = new ExpiryIndex<string>();

  get size(): number {
    return this.#bans.size;
  }

  inForce(userId: string, now: number): Ban | null {
    const ban = this.#bans.get(userId);
    return ban !== undefined && isInForce(ban, now) ? ban : null;
  }

  put(userId: string, ban: Ban): void {
    this.#bans.set(userId, ban);
    if (ban.until === null) this.#endsAt.delete(userId);
    else this.#endsAt.set(userId, ban.until);
  }

  delete(userId: string): void {
    this.#bans.delete(userId);
    this.#endsAt.delete(userId);
  }

  /** Answers how many there were. */
  forgetDue(now: number): number {
    const before = this.#bans.size;
    for (let due = this.#endsAt.takeDue(now); due !== undefined; due = this.#endsAt.takeDue(now)) {
      this.#bans.delete(due.key);
    }
    return before - this.#bans.size;
  }
}

export function isInForce({ until }: Ban, now: number): boolean {
  return until === null || now < until;
}
