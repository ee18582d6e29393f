// How a queue may go on: as was measured, or as much shorter or longer as chance, few events and its players may make it.
import type { MeasuredQueue, QueueRates } from "./estimator.ts";
import type { LaneCounts } from "./lane-meter.ts";

/** One way to go on. Waits by it end with the admission. */
export interface Course extends QueueRates {
  /** Tickets per second that enter all lanes together. */
  readonly arrivalsPerSecond: number;
}

/** Which way everything leans that nobody knows. */
export type Lean = "shorter" | "longer";

/** Of a hundred cases five lie below and five above. */
const deviations = 1.645;
/**
 * A pace of departures that grew or sank by such a part while it was measured looks like a steady one, and will go on like that:
 * those who came all at once, as at a launch, leave ever faster at first. In the end it stays within a part of itself.
 */
const trend = 0.25;
const mostTrend = 0.6;
/** What players do may be so many times as much, or as little, as they did lately. */
const moreArrive = 1.25;
const moreGiveUp = 1.5;
const fewerGiveUp = 0.5;

/** As many arrive, leave and give up as lately. Those in line are told what they wait by the same rates. */
export function asMeasured(queue: MeasuredQueue): Course {
  return {
    departuresPerSlotSecond: queue.departures?.perSlotSecond ?? null,
    secondsToLogin: 0,
    habits: queue.habits,
    arrivalsPerSecond: sumOver(queue, ({ arrived, arrivedSeconds }) => arrived / Math.max(1, arrivedSeconds)),
  };
}

/** The same for a wait that is expected to take so long, with all that is not known on one side. */
export function leaning(queue: MeasuredQueue, lean: Lean, seconds: number): Course {
  const arrivals = lean === "shorter" ? () => 0 : mostArrivals;
  return {
    departuresPerSlotSecond: departures(queue, lean, seconds),
    secondsToLogin: 0,
    habits(lane) {
      const counts = queue.counts(lane);
      return {
        ...queue.habits(lane),
        arrivalsSoon: arrivals(counts),
        arrivalsLater: arrivals(counts),
        abandonRate: abandonRate(counts, lean),
        returning: lean === "shorter" ? 0 : 1,
      };
    },
    arrivalsPerSecond: sumOver(queue, arrivals),
  };
}

/** How fast slots come free: measured on few departures, and with the chance of those to come during the wait. */
function departures({ departures: measured, status }: MeasuredQueue, lean: Lean, seconds: number): number | null {
  if (measured === null) return null;
  const toCome = measured.perSlotSecond * status.liveSlots * seconds;
  if (toCome <= 0) return measured.perSlotSecond;
  const drift = Math.min(mostTrend, (trend * seconds) / measured.seconds);
  const tells = 1 / (1 / measured.departures + 1 / toCome + drift ** 2);
  return (measured.perSlotSecond * likely(tells, lean === "shorter" ? "most" : "least")) / tells;
}

function mostArrivals({ arrived, arrivedSeconds }: LaneCounts): number {
  return (moreArrive * likely(arrived, "most")) / Math.max(1, arrivedSeconds);
}

function abandonRate({ abandoned, presentSeconds }: LaneCounts, lean: Lean): number {
  if (presentSeconds <= 0) return 0;
  const events = lean === "shorter" ? moreGiveUp * likely(abandoned, "most") : fewerGiveUp * likely(abandoned, "least");
  return events / presentSeconds;
}

/** The most or the least that may have been meant where so many events were seen (the score interval of a Poisson count). */
function likely(events: number, end: "most" | "least"): number {
  const square = deviations ** 2;
  const spread = deviations * Math.sqrt(events + square / 4);
  return events + square / 2 + (end === "most" ? spread : -spread);
}

function sumOver(queue: MeasuredQueue, of: (counts: LaneCounts) => number): number {
  return Object.keys(queue.status.lanes).reduce((sum, lane) => sum + of(queue.counts(lane)), 0);
}
