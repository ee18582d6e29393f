// Redis's time as this process knows it: its own steady clock and the measured difference between the two.
import { type Clock, systemClock } from "../../clock.ts";

/** How far two clocks may drift apart, in ms for each ms. */
const drift = 0.000_2;

interface Measurement {
  /** Redis's time less the steady clock's. */
  readonly offset: number;
  /** How far the offset may be from the truth: half the round trip. */
  readonly within: number;
  /** By the steady clock. */
  readonly at: number;
}

export class StoreTime {
  readonly #steady: Clock;
  #best: Measurement | null = null;

  constructor(steady: Clock) {
    this.#steady = steady;
  }

  /** The machine's own time until it was measured. */
  now(): number {
    return this.measuredNow() ?? systemClock.now();
  }

  /** In whole ms; null before it was measured. */
  measuredNow(): number | null {
    return this.#best === null ? null : Math.round(this.#steady.now() + this.#best.offset);
  }

  /** Asks Redis for its time, in ms. The best measurement is kept until it may have drifted further than a newer one is off. */
  async measure(ask: () => Promise<number>): Promise<void> {
    const sent = this.#steady.now();
    const time = await ask();
    const answered = this.#steady.now();
    const newest = { offset: time - (sent + answered) / 2, within: (answered - sent) / 2 + 0.5, at: answered };
    const best = this.#best;
    const bestWithin = best === null ? 0 : best.within + (answered - best.at) * drift;
    const agrees = best !== null && Math.abs(newest.offset - best.offset) <= newest.within + bestWithin;
    if (!agrees || newest.within <= bestWithin) this.#best = newest;
  }
}
