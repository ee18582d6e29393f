// The revoked tokens of the memory store. A mark is forgotten at its end, when the token is no good anyway.
import { ExpiryIndex } from "./expiry-index.ts";

export class RevocationTable {
  readonly #forEver = new Set<string>();
  readonly #endsAt = new ExpiryIndex<string>();

  get size(): number {
    return this.#forEver.size + this.#endsAt.size;
  }

  inForce(jti: string, now: number): boolean {
    return this.#forEver.has(jti) || (this.#endsAt.get(jti) ?? now) > now;
  }

  put(jti: string, until: number | null): void {
    if (until === null) this.#forEver.add(jti);
    else this.#endsAt.set(jti, until);
  }

  /** Answers how many there were. */
  forgetDue(now: number): number {
    const before = this.size;
    while (this.#endsAt.takeDue(now) !== undefined);
    return before - this.size;
  }
}
