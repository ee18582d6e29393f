// Who was let in when, in the property tests: what rate, limit, mode and lanes allow, counted apart from the store.
import type { QueueSettings } from "../../src/login-queue/queue-store.ts";
import { must } from "./must.ts";

/** For rounding, in logins and turns. */
const tiny = 1e-6;

interface LedgerDependencies {
  readonly now: () => number;
  readonly settings: () => QueueSettings;
  readonly holdUntil: number;
}

/** How often each of two lanes had its turn since both have had somebody present. */
interface Shares {
  readonly one: string;
  readonly other: string;
  ofOne: number;
  ofOther: number;
}

export class AdmissionLedger {
  /** Nobody is let in before. */
  holdUntil: number;
  readonly #now: () => number;
  readonly #settings: () => QueueSettings;
  /** Moments of the last second at which a slot was taken against the rate. */
  #takenAt: number[] = [];
  /** The highest rate and burst in force lately, and when others took their place. */
  #earlier: { readonly rate: number; readonly burst: number; readonly until: number }[] = [];
  /** How many of other lanes were admitted since a lane had its turn, somebody present in it. */
  readonly #passedOver = new Map<string, number>();
  readonly #shares = new Map<string, Shares>();
  /** Every lane in which somebody was present. */
  readonly #lanes = new Set<string>();
  #tokens: { count: number; at: number };

  constructor({ now, settings, holdUntil }: LedgerDependencies) {
    this.#now = now;
    this.#settings = settings;
    this.holdUntil = holdUntil;
    this.#tokens = { count: burstOf(settings()), at: now() };
  }

  /** The store lost everything: a full bucket, and nobody let in before `holdUntil`. */
  startAgain(holdUntil: number): void {
    this.holdUntil = holdUntil;
    this.#takenAt = [];
    this.#earlier = [];
    this.#passedOver.clear();
    this.#shares.clear();
    this.#tokens = { count: burstOf(this.#settings()), at: this.#now() };
  }

  /** To be called right before the settings change: what was gained until now was gained by the old ones. */
  settingsChange(lanesChange: boolean): void {
    this.tokens();
    const { targetLoginRatePerSecond: rate } = this.#settings();
    this.#earlier.push({ rate, burst: burstOf(this.#settings()), until: this.#now() });
    if (!lanesChange) return;
    this.#passedOver.clear();
    this.#shares.clear();
  }

  limit(): number {
    const { targetCcuLimit, safetyMarginPercent } = this.#settings();
    return Math.floor(targetCcuLimit * (1 - safetyMarginPercent / 100));
  }

  /** Invariants 1 and 2 for a step in which `slots` more are live than before, and `logins` were let in. */
  letIn(slots: number, logins: number, liveSlots: number): void {
    if (slots <= 0 && logins <= 0) return;
    const { mode } = this.#settings();
    const now = this.#now();
    must(mode !== "paused", "nobody is let in while the queue is paused");
    must(now >= this.holdUntil, "nobody is let in while tickets may still come back");
    if (mode === "open") return;
    this.tokens();
    this.#tokens.count -= logins;
    if (slots <= 0) return;
    must(liveSlots <= this.limit(), "1: no admission beyond the limit", liveSlots, this.limit());
    for (let count = 0; count < slots; count++) this.#takenAt.push(now);
    this.#takenAt = this.#takenAt.filter((at) => at > now - 1000);
    must(
      this.#takenAt.length <= this.#mostInASecond() + tiny,
      "2: no more than rate + burst in a second",
      this.#takenAt,
    );
  }

  /** An operator let somebody in, whatever the rate says. */
  letInByHand(slots: number, liveSlots: number): void {
    if (this.#settings().mode === "open") return;
    this.tokens();
    this.#tokens.count -= 1;
    must(slots <= 0 || liveSlots <= this.limit(), "1: no admission beyond the limit", liveSlots, this.limit());
  }

  /** Invariant 3 for one admission step: `line` is how many were present in each lane before it. */
  lanesServed(admitted: readonly { readonly lane: string }[], line: ReadonlyMap<string, number>): void {
    const left = new Map(line);
    for (const lane of left.keys()) this.#lanes.add(lane);
    for (const lane of this.#passedOver.keys()) if (!left.get(lane)) this.#passedOver.delete(lane);
    for (const { lane: served } of admitted) {
      this.#oneServed(served, left);
      left.set(served, (left.get(served) ?? 0) - 1);
    }
  }

  /** At least as many logins' worth of the rate as there must be. */
  tokens(): number {
    const { targetLoginRatePerSecond: rate } = this.#settings();
    const gained = ((this.#now() - this.#tokens.at) / 1000) * rate;
    this.#tokens = { count: Math.min(burstOf(this.#settings()), this.#tokens.count + gained), at: this.#now() };
    return this.#tokens.count;
  }

  #mostInASecond(): number {
    const { targetLoginRatePerSecond } = this.#settings();
    this.#earlier = this.#earlier.filter(({ until }) => until > this.#now() - 1000);
    const rate = Math.max(targetLoginRatePerSecond, ...this.#earlier.map((earlier) => earlier.rate));
    return rate + Math.max(burstOf(this.#settings()), ...this.#earlier.map(({ burst }) => burst));
  }

  #oneServed(served: string, left: ReadonlyMap<string, number>): void {
    const busy = [...left].flatMap(([lane, count]) => (count > 0 ? [lane] : []));
    for (const lane of busy) {
      if (lane === served) {
        this.#passedOver.delete(lane);
        continue;
      }
      const turns = (this.#passedOver.get(lane) ?? 0) + 1;
      this.#passedOver.set(lane, turns);
      let most = 0;
      for (const other of this.#lanes) {
        if (other !== lane) most += Math.ceil(this.#weight(other) / this.#weight(lane)) + 1;
      }
      must(turns <= most, "3: no lane starves", lane, turns, most);
    }
    for (const [key, { one, other }] of this.#shares) {
      if (!left.get(one) || !left.get(other)) this.#shares.delete(key);
    }
    for (const other of busy) if (other !== served) this.#shared(served, other);
  }

  /** Of two lanes that both stay busy neither is ahead of its share by more than one turn of each. */
  #shared(served: string, waiting: string): void {
    const [one, other] = served < waiting ? [served, waiting] : [waiting, served];
    const key = `${one} ${other}`;
    const shares = this.#shares.get(key) ?? { one, other, ofOne: 0, ofOther: 0 };
    this.#shares.set(key, shares);
    if (served === one) shares.ofOne += 1;
    else shares.ofOther += 1;
    const ahead = Math.abs(shares.ofOne / this.#weight(one) - shares.ofOther / this.#weight(other));
    const most = 1 / this.#weight(one) + 1 / this.#weight(other);
    must(ahead <= most + tiny, "3: lanes are served by their weights", shares, this.#settings().lanes);
  }

  /** A lane that is not configured has the least weight there is. */
  #weight(lane: string): number {
    return this.#settings().lanes[lane] ?? 1;
  }
}

/** The least burst is one login, whatever the rate. */
function burstOf({ loginBurst, targetLoginRatePerSecond }: QueueSettings): number {
  return Math.max(1, loginBurst ?? targetLoginRatePerSecond);
}
