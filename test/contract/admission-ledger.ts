// Who was let in when, in the property tests: what rate, limit and lanes allow, counted apart from the store.
import { expect } from "vitest";
import type { QueueSettings, Ticket } from "../../src/login-queue/queue-store.ts";

export class AdmissionLedger {
  readonly holdUntil: number;
  readonly #settings: QueueSettings;
  readonly #now: () => number;
  readonly #loginsAt: number[] = [];
  /** How many of other lanes were admitted since a lane had its turn, somebody present in it. */
  readonly #passedOver = new Map<string, number>();
  #tokens: { count: number; at: number };

  constructor(settings: QueueSettings, now: () => number, holdUntil: number) {
    this.#settings = settings;
    this.#now = now;
    this.holdUntil = holdUntil;
    this.#tokens = { count: Math.max(1, settings.loginBurst), at: now() };
  }

  /** Invariants 1 and 2 for a step in which `slots` more are live than before, and `logins` were let in. */
  letIn(slots: number, logins: number, liveSlots: number): void {
    const { targetLoginRatePerSecond: rate, loginBurst, targetCcuLimit } = this.#settings;
    this.tokens();
    this.#tokens.count -= logins;
    if (slots <= 0) return;
    expect(this.#now(), "nobody is let in while tickets may still come back").toBeGreaterThanOrEqual(this.holdUntil);
    expect(liveSlots, "1: no admission beyond the limit").toBeLessThanOrEqual(targetCcuLimit);
    for (let count = 0; count < slots; count++) this.#loginsAt.push(this.#now());
    const lastSecond = this.#loginsAt.filter((at) => at > this.#now() - 1000).length;
    expect(lastSecond, "2: no more than rate + burst in a second").toBeLessThanOrEqual(
      rate + Math.max(1, loginBurst) + 1e-6,
    );
  }

  /** Invariant 3 for one admission step: `line` is who was present in each lane before it. */
  lanesServed(admitted: readonly Ticket[], line: ReadonlyMap<string, readonly string[]>): void {
    const left = new Map([...line].map(([lane, ids]) => [lane, ids.length]));
    for (const [lane, count] of left) if (count === 0) this.#passedOver.delete(lane);
    for (const ticket of admitted) {
      for (const [lane, count] of left) {
        if (lane === ticket.lane || count === 0) {
          this.#passedOver.delete(lane);
          continue;
        }
        const turns = (this.#passedOver.get(lane) ?? 0) + 1;
        this.#passedOver.set(lane, turns);
        const others = Object.entries(this.#settings.lanes).filter(([name]) => name !== lane);
        const weight = this.#settings.lanes[lane] ?? 1;
        const most = others.reduce((sum, [, other]) => sum + Math.ceil(other / weight) + 1, 0);
        expect(turns, "3: no lane starves").toBeLessThanOrEqual(most);
      }
      left.set(ticket.lane, (left.get(ticket.lane) ?? 0) - 1);
    }
  }

  /** At least as many logins' worth of the rate as there must be. */
  tokens(): number {
    const { targetLoginRatePerSecond: rate, loginBurst } = this.#settings;
    const gained = ((this.#now() - this.#tokens.at) / 1000) * rate;
    this.#tokens = { count: Math.min(Math.max(1, loginBurst), this.#tokens.count + gained), at: this.#now() };
    return this.#tokens.count;
  }
}
