// How long until a waiting player is logged in: pure functions of what was counted and when.
import type { QueueMode } from "../wire.ts";

/** How far back admissions are counted, in ms. */
const windowMs = 60_000;
/** A shorter look says nothing about the pace. */
const leastWindowMs = 2_000;

/**
 * Counts admissions while somebody waits: only then do they show how fast the queue moves. Keeps one number per second of
 * the window.
 */
export class PaceMeter {
  #waitingSince: number | null = null;
  #seconds: { readonly second: number; count: number }[] = [];

  /** Whether anybody waits at `now` (ms). An empty queue forgets what was counted. */
  setWaiting(isAnybodyWaiting: boolean, now: number): void {
    if (!isAnybodyWaiting) {
      this.#waitingSince = null;
      this.#seconds = [];
    } else {
      this.#waitingSince ??= now;
    }
  }

  /** `count` tickets were admitted at `now` (ms). */
  addAdmissions(count: number, now: number): void {
    const second = Math.floor(now / 1000);
    const last = this.#seconds.at(-1);
    if (last !== undefined && last.second >= second) last.count += count;
    else this.#seconds.push({ second, count });
    const oldest = Math.floor((now - windowMs) / 1000);
    while (this.#seconds[0] !== undefined && this.#seconds[0].second <= oldest) this.#seconds.shift();
  }

  /** Admissions per second over the last minute, counted up to `now` so that silence lowers it. null: nothing was measured. */
  perSecond(now: number): number | null {
    if (this.#waitingSince === null) return null;
    const since = Math.max(this.#waitingSince, now - windowMs);
    if (now - since < leastWindowMs) return null;
    const sinceSecond = Math.floor(since / 1000);
    let admitted = 0;
    for (const { second, count } of this.#seconds) if (second >= sinceSecond) admitted += count;
    return admitted === 0 ? null : (admitted * 1000) / (now - since);
  }
}

/** What the estimate is made of, seen from one lane. */
export interface EtaFacts {
  readonly mode: QueueMode;
  /** The lane's part of every admission, above 0 and up to 1. */
  readonly laneShare: number;
  readonly targetLoginRatePerSecond: number;
  /** Slots below the limit that nobody holds. */
  readonly freeSlots: number;
  /** Measured admissions per second over all lanes; null: not known. */
  readonly pacePerSecond: number | null;
  /** From the admission to the login, in seconds. */
  readonly estimatedSecondsToLogin: number;
}

/** The largest value of the state's int32. */
const longestEtaMs = 2 ** 31 - 1;

/** Estimated ms until the ticket at `position` (1 = next) is logged in; -1 where nothing can be said. */
export function estimateEtaMs(position: number, facts: EtaFacts): number {
  const { mode, laneShare, targetLoginRatePerSecond: rate, pacePerSecond } = facts;
  if (mode === "paused" || mode === "closed") return -1;
  const waitSeconds = mode === "open" ? 0 : secondsToAdmission();
  if (waitSeconds === null) return -1;
  return Math.min(longestEtaMs, Math.round((waitSeconds + facts.estimatedSecondsToLogin) * 1000));

  function secondsToAdmission(): number | null {
    if (position <= facts.freeSlots * laneShare) return position / (rate * laneShare);
    if (pacePerSecond === null) return null;
    return position / (Math.min(rate, pacePerSecond) * laneShare);
  }
}
