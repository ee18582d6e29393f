// What metrics tell of the whole system: one reading of the queue's store, the same from whichever process it comes.
import { Counter, Gauge, Registry } from "prom-client";
import { effectiveLimit } from "../login-queue/admission.ts";
import type { LaneStatus, QueueStatus } from "../login-queue/queue-store.ts";
import type { QueueMode } from "../wire.ts";
import { namesUpTo } from "./metric-labels.ts";

const modes: readonly QueueMode[] = ["auto", "always", "paused", "closed", "open"];

/** Lanes beyond so many are counted together, so that the answer stays within what one answer may weigh. */
const mostLanes = 8;

/** Made anew for every reading: nothing of a lane or a store that is gone is left in it, and counters are the store's own. */
export function queueMetrics(status: QueueStatus): Registry {
  const registry = new Registry();
  // In an order of their own, so that it is always the same ones that are told apart.
  const lanes = Object.entries(status.lanes).sort(([a], [b]) => (a < b ? -1 : 1));
  const laneLabel = namesUpTo(mostLanes);
  const options = (name: string, help: string) => ({
    name: `colyseus_login_queue_${name}`,
    help: `${help} Of the whole system.`,
    registers: [registry],
  });
  /** null: there is no such value, and so no series. */
  const gauge = (name: string, help: string, value: number | null): void => {
    if (value !== null) new Gauge(options(name, help)).set(value);
  };
  const counter = (name: string, help: string, value: number): void => {
    new Counter(options(name, help)).inc(value);
  };
  const byLane = (metric: Gauge<"lane"> | Counter<"lane">, read: (lane: LaneStatus) => number): void => {
    for (const [name, lane] of lanes) metric.inc({ lane: laneLabel(name) }, read(lane));
  };
  const laneGauge = (name: string, help: string, read: (lane: LaneStatus) => number): void => {
    byLane(new Gauge({ ...options(name, help), labelNames: ["lane"] }), read);
  };
  const laneCounter = (name: string, help: string, read: (lane: LaneStatus) => number): void => {
    byLane(new Counter({ ...options(name, help), labelNames: ["lane"] }), read);
  };

  laneGauge("waiting", "Tickets that wait, away ones included.", (lane) => lane.waiting);
  laneGauge("away", "Waiting tickets whose holder is not connected.", (lane) => lane.away);
  gauge("slots", "Slots in use: unspent passes and sessions.", status.liveSlots);
  gauge("limit", "Slots that may be in use, after the safety margin.", effectiveLimit(status));
  gauge("target_rate_per_second", "Admissions per second that are allowed.", status.targetLoginRatePerSecond);
  const inForce = new Gauge({
    ...options("mode", "1 for the mode in force, 0 for the others."),
    labelNames: ["mode"],
  });
  for (const mode of modes) inForce.set({ mode }, mode === status.mode ? 1 : 0);
  gauge(
    "oldest_wait_seconds",
    "Seconds for which the first in line has waited, 0 while nobody waits.",
    secondsSince(status.oldestEnqueuedAt, status) ?? 0,
  );
  gauge("seconds_to_login", "Median seconds from admission to login; absent until measured.", status.secondsToLogin);
  gauge(
    "admission_step_age_seconds",
    "Seconds since any process ran the admission step; absent before the first.",
    secondsSince(status.admissionStepAt, status),
  );
  laneCounter("admissions_total", "Tickets that were given a pass.", (lane) => lane.admitted);
  laneCounter("lapses_total", "Waiting tickets whose grace ran out.", (lane) => lane.lapsed);
  laneCounter("abandoned_total", "Waiting tickets that left, were removed or lapsed.", (lane) => lane.abandoned);
  counter("no_shows_total", "Passes that ended unused.", status.noShows);
  counter("departures_total", "Slots that were given up.", status.departedSlots);
  return registry;
}

function secondsSince(moment: number | null, { asOf }: QueueStatus): number | null {
  return moment === null ? null : Math.max(0, asOf - moment) / 1000;
}
