// What those who wait in one lane do, measured: how often they arrive, give up, drop out and come back.
import type { LaneStatus } from "../queue-store.ts";

/** How far back is looked, in ms. */
const windowMs = 10 * 60_000;
/** A crowd at the door is expected to go on for as long as it is looked at. */
export const crowdSeconds = 15;
/** What goes on for longer is what came before the last minute too. */
const sustainedFromMs = 60_000;
/** Arrivals are counted over so long, in ms: as many events as tell of now and not of before. */
const arrivalsMs = 60_000;
/** Until it was measured: of three who drop out two come back, in the mean after half a minute. */
const priorReturned = 2;
const priorLapsed = 1;
const priorAwayMs = 90_000;

export interface LaneHabits {
  /** Tickets per second that enter the lane: during the next `crowdSeconds`, and after that. */
  readonly arrivalsSoon: number;
  readonly arrivalsLater: number;
  /** Abandonments per second of one present ticket. */
  readonly abandonRate: number;
  /** The part of the away tickets that come back. */
  readonly returning: number;
  /** Away tickets come back or lapse at this rate each, per second. */
  readonly awayEndRate: number;
}

export const noHabits: LaneHabits = {
  arrivalsSoon: 0,
  arrivalsLater: 0,
  abandonRate: 0,
  returning: priorReturned / (priorReturned + priorLapsed),
  awayEndRate: ((priorReturned + priorLapsed) * 1000) / priorAwayMs,
};

/** What habits were measured of: how often something happened, and over how long it could have. */
export interface LaneCounts {
  /** Tickets that entered during the last minute, or for as long as was looked. */
  readonly arrived: number;
  readonly arrivedSeconds: number;
  /** Tickets that gave up in the last ten minutes, and the time that tickets were present in them, in ticket-seconds. */
  readonly abandoned: number;
  readonly presentSeconds: number;
}

export const noCounts: LaneCounts = { arrived: 0, arrivedSeconds: 0, abandoned: 0, presentSeconds: 0 };

type Counters = Pick<LaneStatus, "entered" | "abandoned" | "abandonedAway" | "returned" | "presentMs" | "awayMs">;

interface Reading extends Counters {
  readonly at: number;
}

/** Readings are kept this far apart, which bounds their number. */
const spacingMs = 5_000;

export class LaneMeter {
  #readings: Reading[] = [];
  #last: Reading | null = null;

  add(at: number, counters: Counters): void {
    const { entered, abandoned, abandonedAway, returned, presentMs, awayMs } = counters;
    if (this.#last !== null && presentMs < this.#last.presentMs) this.#readings = [];
    this.#last = { at, entered, abandoned, abandonedAway, returned, presentMs, awayMs };
    const newest = this.#readings.at(-1);
    if (newest === undefined || at - newest.at >= spacingMs) this.#readings.push(this.#last);
    while (this.#readings[1] !== undefined && this.#readings[1].at <= at - windowMs) this.#readings.shift();
  }

  habits(): LaneHabits {
    const now = this.#last;
    const from = this.#readings[0];
    if (now === null || from === undefined) return noHabits;
    const lapsed = now.abandonedAway - from.abandonedAway + priorLapsed;
    const returned = now.returned - from.returned + priorReturned;
    const awayMs = now.awayMs - from.awayMs + priorAwayMs;
    const presentMs = now.presentMs - from.presentMs;
    return {
      ...this.#arrivals(now, from),
      abandonRate: presentMs > 0 ? ((now.abandoned - from.abandoned) * 1000) / presentMs : 0,
      returning: returned / (returned + lapsed),
      awayEndRate: ((returned + lapsed) * 1000) / awayMs,
    };
  }

  counts(): LaneCounts {
    const now = this.#last;
    const from = this.#readings[0];
    if (now === null || from === undefined) return noCounts;
    const recent = this.#readings.findLast((reading) => reading.at <= now.at - arrivalsMs) ?? from;
    return {
      arrived: now.entered - recent.entered,
      arrivedSeconds: (now.at - recent.at) / 1000,
      abandoned: now.abandoned - from.abandoned,
      presentSeconds: (now.presentMs - from.presentMs) / 1000,
    };
  }

  #arrivals(now: Reading, from: Reading): Pick<LaneHabits, "arrivalsSoon" | "arrivalsLater"> {
    const recent = this.#readings.find((reading) => reading.at >= now.at - crowdSeconds * 1000) ?? now;
    const seconds = (now.at - recent.at) / 1000;
    if (seconds <= 0) return { arrivalsSoon: 0, arrivalsLater: 0 };
    const count = now.entered - recent.entered;
    // As many as chance leaves possible: a lane in which somebody arrives now and then is not one that nobody enters any more.
    const atMost = (count + 1 + 2 * Math.sqrt(count + 1)) / seconds;
    const earlier = this.#readings.findLast((reading) => reading.at <= now.at - sustainedFromMs) ?? from;
    const sustained = ((earlier.entered - from.entered) * 1000) / (windowMs - sustainedFromMs);
    return { arrivalsSoon: count / seconds, arrivalsLater: Math.min(atMost, sustained) };
  }
}
