// How many a lane will be let in, second by second: what rate, limit and departures allow, and the lane's part of it.
import type { QueueMode } from "../../wire.ts";

/** A stretch of time in which the pace stays the same. */
export interface Phase {
  /** Tickets per second; null: not known, and nothing after it is. */
  readonly perSecond: number | null;
  /** How long it lasts, in seconds. */
  readonly seconds: number;
  /** Whether departures set the pace, which come by chance. */
  readonly byDepartures: boolean;
}

export interface ServiceFacts {
  readonly mode: QueueMode;
  readonly targetLoginRatePerSecond: number;
  readonly loginBurst: number;
  readonly tokens: number;
  /** Nobody is let in for so long, in seconds. */
  readonly holdSeconds: number;
  /** The limit after the safety margin. */
  readonly limit: number;
  readonly liveSlots: number;
  /** Departures per second of one slot; null: not known. */
  readonly departuresPerSlotSecond: number | null;
}

const forever = Number.POSITIVE_INFINITY;
/** What is let in at one moment is let in at this pace. */
const atOncePerSecond = 1e6;

/** The pace of admission over all lanes from now on, whoever waits. Empty where nobody is let in until somebody says so. */
export function planAdmissions(facts: ServiceFacts): readonly Phase[] {
  const { mode, targetLoginRatePerSecond: rate, limit, holdSeconds, departuresPerSlotSecond } = facts;
  if (mode === "paused" || mode === "closed") return [];
  const phases: Phase[] = [];
  let { liveSlots: live, tokens } = facts;
  const burst = Math.max(1, facts.loginBurst);
  const pass = (seconds: number) => {
    if (departuresPerSlotSecond !== null) live *= Math.exp(-departuresPerSlotSecond * seconds);
    tokens = Math.min(burst, tokens + rate * seconds);
  };
  const add = (perSecond: number | null, seconds: number, byDepartures = false) => {
    if (seconds > 0) phases.push({ perSecond, seconds, byDepartures });
  };

  if (holdSeconds > 0) {
    add(0, holdSeconds);
    pass(holdSeconds);
  }
  if (mode === "open") {
    add(atOncePerSecond, forever);
    return phases;
  }
  const departures = departuresPerSlotSecond === null ? null : departuresPerSlotSecond * limit;
  if (live > limit) {
    // The limit was lowered: as many have to leave before anybody is let in.
    const isKnown = departuresPerSlotSecond !== null && departuresPerSlotSecond > 0 && limit > 0;
    if (!isKnown) return [{ perSecond: null, seconds: forever, byDepartures: true }];
    const seconds = Math.log(live / limit) / departuresPerSlotSecond;
    add(0, seconds, true);
    pass(seconds);
    live = limit;
  }
  let free = limit - live;
  const atOnce = Math.floor(Math.min(tokens, free));
  if (atOnce > 0) add(atOncePerSecond, atOnce / atOncePerSecond);
  free -= Math.max(0, atOnce);
  if (departures !== null && departures >= rate) {
    add(rate, forever);
    return phases;
  }
  if (free > 0) {
    // Those who leave meanwhile make room too: as many as hold slots on the way to the limit.
    const meanwhile = (departuresPerSlotSecond ?? 0) * (limit - free / 2);
    add(rate, free / Math.max(rate - meanwhile, rate / 1e6));
  }
  add(departures === 0 ? null : departures, forever, true);
  return phases;
}

/** Another lane, as the plan of one lane sees it. */
export interface OtherLane {
  readonly weight: number;
  /** Tickets that wait in it and will take a turn. */
  readonly waiting: number;
  /** Tickets per second that enter it: until `soonSeconds` from now, and after that. */
  readonly arrivalsSoon: number;
  readonly arrivalsLater: number;
}

/** Another lane at one moment of the plan. */
interface Rival {
  readonly weight: number;
  arrivalsPerSecond: number;
  readonly arrivalsLater: number;
  left: number;
}

/**
 * The part of the admissions that is one lane's, for as long as somebody waits in it: by weight among the lanes in which
 * somebody waits; a lane that ran empty takes what arrives in it, and no more than its part.
 */
export function planLane(
  total: readonly Phase[],
  weight: number,
  others: readonly OtherLane[],
  soonSeconds: number,
): readonly Phase[] {
  const rivals = others
    .filter((lane) => lane.waiting > 0 || lane.arrivalsSoon > 0 || lane.arrivalsLater > 0)
    .map((lane): Rival => ({ ...lane, arrivalsPerSecond: lane.arrivalsSoon, left: lane.waiting }));
  if (rivals.length === 0) return total;
  let soon = soonSeconds;
  const pass = (seconds: number, fair: number) => {
    for (const lane of rivals) {
      const growth = (lane.arrivalsPerSecond - fair * lane.weight) * seconds;
      lane.left = lane.left + growth > 1e-6 ? lane.left + growth : 0;
    }
    soon -= seconds;
    if (soon > 1e-9) return;
    soon = forever;
    for (const lane of rivals) lane.arrivalsPerSecond = lane.arrivalsLater;
  };
  const phases: Phase[] = [];
  for (const phase of total) {
    let { seconds } = phase;
    const { perSecond } = phase;
    if (perSecond === null) {
      phases.push(phase);
      break;
    }
    while (seconds > 0) {
      const fair = fairPart(perSecond, weight, rivals);
      let step = Math.min(seconds, soon);
      for (const lane of rivals) {
        const drain = fair * lane.weight - lane.arrivalsPerSecond;
        if (lane.left > 0 && drain > 0) step = Math.min(step, lane.left / drain);
      }
      phases.push({ ...phase, perSecond: fair * weight, seconds: step });
      if (step === forever) break;
      pass(step, fair);
      seconds -= step;
    }
  }
  return phases;
}

/** What one unit of weight gets: lanes that ran empty and ask for less than their part leave the rest to the others. */
function fairPart(perSecond: number, weight: number, rivals: readonly Rival[]): number {
  let rest = perSecond;
  let weights = weight;
  for (const lane of rivals) weights += lane.weight;
  const idle = rivals
    .filter((lane) => lane.left <= 0)
    .sort((a, b) => a.arrivalsPerSecond / a.weight - b.arrivalsPerSecond / b.weight);
  for (const lane of idle) {
    if (lane.arrivalsPerSecond >= (rest / weights) * lane.weight) break;
    rest -= lane.arrivalsPerSecond;
    weights -= lane.weight;
  }
  return rest / weights;
}

/** How long until so many turns were taken, and how much of it chance sets. */
export interface Wait {
  readonly seconds: number;
  /** Departures to wait for, the expected time of each being `1 / pace`. */
  readonly spreadSeconds: number;
}

/**
 * Seconds until `turns` tickets of the lane, this one the last of them, had their turn; those who wait give up at `abandonRate` a
 * second each and shorten the line. null: not known. The turns are counted `after` seconds into the plan, which has passed
 * as much of its standstills; of the rest, what was let in since is no longer among the turns.
 */
export function waitFor(turns: number, plan: readonly Phase[], abandonRate: number, after = 0): Wait | null {
  let skip = after;
  let left = turns;
  let waited = 0;
  let variance = 0;
  for (const { perSecond, seconds, byDepartures } of plan) {
    if (perSecond === null) return null;
    let lasts = seconds;
    if (perSecond === 0) {
      lasts -= skip;
      skip = Math.max(0, skip - seconds);
      if (lasts <= 0) continue;
    }
    const needed = secondsToServe(left, perSecond, abandonRate);
    if (byDepartures && perSecond > 0) variance += Math.min(needed, lasts) / perSecond;
    if (needed <= lasts) return { seconds: waited + needed, spreadSeconds: Math.sqrt(variance) };
    left = remaining(left, perSecond, abandonRate, lasts);
    waited += lasts;
  }
  return null;
}

/** T(p) = ln(1 + θp/μ)/θ, and p/μ where θ is nothing. */
function secondsToServe(turns: number, perSecond: number, abandonRate: number): number {
  if (perSecond <= 0) return forever;
  const seconds = turns / perSecond;
  return abandonRate * seconds < 1e-9 ? seconds : Math.log1p(abandonRate * seconds) / abandonRate;
}

/** How many turns are left after so many seconds. */
function remaining(turns: number, perSecond: number, abandonRate: number, seconds: number): number {
  if (abandonRate * seconds < 1e-9) return Math.max(0, turns - perSecond * seconds);
  const settled = perSecond / abandonRate;
  return Math.max(0, (turns + settled) * Math.exp(-abandonRate * seconds) - settled);
}
