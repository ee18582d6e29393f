// What-if: when the queue is empty and how long the last one in line waits, under the settings in force or under others.
import type { QueueMode } from "../../wire.ts";
import { effectiveBurst, effectiveLimit } from "../admission.ts";
import type { QueueStatus } from "../queue-store.ts";
import { asMeasured, type Course, leaning } from "./courses.ts";
import { type MeasuredQueue, planOf, QueueForecast } from "./estimator.ts";
import { type Phase, waitFor } from "./service.ts";

/** What sets the pace of admissions: the rate, the slots that come free below the limit, or the mode. */
export const paceSetters = ["rate", "limit", "mode", "unknown"] as const;

/**
 * Why the queue does not get empty: as many arrive as are let in, or more; the mode admits nobody; the limit is zero; too few
 * have left so far to tell how fast slots come free.
 */
export const neverEmptyReasons = ["arrivals", "mode", "limit", "departuresUnknown"] as const;

/**
 * A time in seconds, and between which times it lies in at least four cases of five (measured on simulated queues: in nine of
 * ten). Three things make the range wide:
 * - chance: of a full server players leave when they like;
 * - what was measured on few events, or over a short time: slots that came free eight times say little, and a pace may have been
 *   about to change, as that of a launch is, whose players all came at once;
 * - what the players do: at `low` nobody arrives any more and half as many again give up; at `high` a quarter more arrive than
 *   lately and half as many give up.
 * It covers no change of the settings, and no crowd of another size.
 */
export interface ForecastRange {
  readonly expected: number;
  readonly low: number;
  /** null: it may take for ever. */
  readonly high: number | null;
}

/** Settings to try; what is left out is as it is. */
export interface ForecastChanges {
  readonly targetLoginRatePerSecond?: number | undefined;
  readonly targetCcuLimit?: number | undefined;
  readonly mode?: QueueMode | undefined;
}

/** What `login.queue.forecast()` answers. */
export interface Forecast {
  /** The store's time of what it was made from, ms since the epoch. */
  readonly asOf: number;
  /** Tickets that wait, in all lanes; away ones included. */
  readonly waiting: number;
  /** The settings it goes by. */
  readonly settings: {
    readonly targetLoginRatePerSecond: number;
    readonly targetCcuLimit: number;
    readonly mode: QueueMode;
  };
  /** Tickets let in per second, for as long as somebody waits; null: not known, or without bound (mode `open`). */
  readonly pacePerSecond: number | null;
  readonly paceSetBy: (typeof paceSetters)[number];
  /** Tickets that took a place per second, over the last minute. */
  readonly arrivalsPerSecond: number;
  /** Until nobody who is present waits, if as many arrive and give up as lately; null: never, as far as can be told. */
  readonly emptyInSeconds: ForecastRange | null;
  /** Where `emptyInSeconds` is null. */
  readonly neverEmptyBecause?: (typeof neverEmptyReasons)[number];
  /** Until the last one of those who wait now is let in, in the lane where that takes longest; null: cannot be told. */
  readonly lastWaitSeconds: ForecastRange | null;
}

/** A phase that is shorter is a ripple: a slot or two that happen to be free. */
const leastPhaseSeconds = 5;
/** Admissions come in steps, and what is known of the queue may be a second old. */
const stepSeconds = 2;

/** Of all lanes one of those takes longest that have most waiting for their weight; each one looked at costs time. */
const slowestLanes = 3;

/** The queue as it would stand had its operator made these changes now. `loginBurst`: as it is set; null: by the rate. */
export function supposing(status: QueueStatus, changes: ForecastChanges, loginBurst: number | null): QueueStatus {
  const targetLoginRatePerSecond = changes.targetLoginRatePerSecond ?? status.targetLoginRatePerSecond;
  return {
    ...status,
    targetLoginRatePerSecond,
    loginBurst: effectiveBurst({ targetLoginRatePerSecond, loginBurst }),
    targetCcuLimit: changes.targetCcuLimit ?? status.targetCcuLimit,
    mode: changes.mode ?? status.mode,
  };
}

export function forecast(queue: MeasuredQueue): Forecast {
  const { status } = queue;
  const course = asMeasured(queue);
  const { targetLoginRatePerSecond, targetCcuLimit, mode } = status;
  const empty = rangeOf(queue, (course) => emptySeconds(status, course));
  return {
    asOf: status.asOf,
    waiting: sum(Object.values(status.lanes).map(({ waiting }) => waiting)),
    settings: { targetLoginRatePerSecond, targetCcuLimit, mode },
    ...paceOf(mode, planOf(status, course)),
    arrivalsPerSecond: rounded(course.arrivalsPerSecond),
    emptyInSeconds: empty,
    ...(empty === null ? { neverEmptyBecause: whyNever(status, course) } : {}),
    lastWaitSeconds: rangeOf(queue, (course) => lastSeconds(status, course)),
  };
}

/** `ask` answers in seconds: null where it cannot be told, Infinity for never. */
function rangeOf(queue: MeasuredQueue, ask: (course: Course) => number | null): ForecastRange | null {
  const expected = ask(asMeasured(queue)) ?? never;
  if (expected === 0) return { expected, low: 0, high: 0 };
  if (!Number.isFinite(expected)) return null;
  const low = ask(leaning(queue, "shorter", expected)) ?? expected;
  const high = ask(leaning(queue, "longer", expected)) ?? never;
  const latest = Math.max(expected, high) + stepSeconds;
  return {
    expected: rounded(expected),
    low: rounded(Math.max(0, Math.min(expected, low) - stepSeconds)),
    high: Number.isFinite(latest) ? rounded(latest) : null,
  };
}

const never = Number.POSITIVE_INFINITY;

function emptySeconds(status: QueueStatus, course: Course): number | null {
  const plan = planOf(status, course);
  if (plan.length === 0) return null;
  const lanes = Object.entries(status.lanes).map(([name, lane]) => ({ ...lane, ...course.habits(name) }));
  const present = sum(lanes.map(({ waiting, away }) => waiting - away));
  if (present === 0) return 0;
  const line = present + sum(lanes.map(({ away, returning }) => away * returning));
  const abandonRate = sum(lanes.map(({ waiting, away, abandonRate }) => abandonRate * (waiting - away))) / present;
  const net = plan.map(({ perSecond, ...phase }): Phase => {
    return { ...phase, perSecond: perSecond === null ? null : perSecond - course.arrivalsPerSecond };
  });
  return waitFor(line, net, abandonRate)?.seconds ?? null;
}

function lastSeconds(status: QueueStatus, course: Course): number | null {
  if (planOf(status, course).length === 0) return null;
  const places = new QueueForecast(status, course);
  const lines = Object.entries(status.lanes).filter(([, { waiting }]) => waiting > 0);
  lines.sort(([, a], [, b]) => b.waiting / b.weight - a.waiting / a.weight);
  let longest = 0;
  for (const [lane, { waiting }] of lines.slice(0, slowestLanes)) {
    const place = places.estimate(waiting, lane, status.asOf);
    if (place === null) return null;
    longest = Math.max(longest, (place.finishAt - status.asOf) / 1000);
  }
  return longest;
}

function paceOf(mode: QueueMode, plan: readonly Phase[]): Pick<Forecast, "pacePerSecond" | "paceSetBy"> {
  if (plan.length === 0) return { pacePerSecond: 0, paceSetBy: "mode" };
  if (mode === "open") return { pacePerSecond: null, paceSetBy: "mode" };
  const isHold = ({ perSecond, byDepartures }: Phase) => perSecond === 0 && !byDepartures;
  const phase = plan.find((stretch) => stretch.seconds >= leastPhaseSeconds && !isHold(stretch));
  if (phase === undefined || phase.perSecond === null) return { pacePerSecond: null, paceSetBy: "unknown" };
  return { pacePerSecond: rounded(phase.perSecond), paceSetBy: phase.byDepartures ? "limit" : "rate" };
}

function whyNever(status: QueueStatus, course: Course): Forecast["neverEmptyBecause"] & string {
  if (planOf(status, course).length === 0) return "mode";
  if (effectiveLimit(status) === 0) return "limit";
  // However fast slots come free, nobody is let in beyond the rate.
  if (course.arrivalsPerSecond >= status.targetLoginRatePerSecond) return "arrivals";
  return emptySeconds(status, course) === null ? "departuresUnknown" : "arrivals";
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Four digits are more than anybody knows. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
