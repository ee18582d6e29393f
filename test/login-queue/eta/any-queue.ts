// Queues of every kind for the properties of estimate and forecast, as a process knows them after some readings.
import fc from "fast-check";
import { WaitEstimator } from "../../../src/login-queue/eta/estimator.ts";
import type { QueueStatus } from "../../../src/login-queue/queue-store.ts";
import { laneStatus, queueStatus, seconds } from "./facts.ts";

/** After readings once a second, `at` giving what differs in each. */
export function readFor(forSeconds: number, at: (second: number) => Partial<QueueStatus>): WaitEstimator {
  const estimator = new WaitEstimator();
  for (let second = 0; second <= forSeconds; second++) {
    estimator.update(queueStatus({ asOf: seconds(second), ...at(second) }));
  }
  return estimator;
}

const anyLane = fc
  .record({
    weight: fc.double({ min: 0.1, max: 10, noNaN: true }),
    waiting: fc.nat({ max: 20_000 }),
    awayPart: fc.double({ min: 0, max: 1, noNaN: true }),
    passedOverPart: fc.double({ min: 0, max: 1, noNaN: true }),
    growth: fc.record({
      entered: fc.nat({ max: 100 }),
      abandoned: fc.nat({ max: 20 }),
      abandonedAway: fc.nat({ max: 20 }),
      returned: fc.nat({ max: 20 }),
      presentMs: fc.nat({ max: 1e7 }),
      awayMs: fc.nat({ max: 1e7 }),
    }),
  })
  .map(({ weight, waiting, awayPart, passedOverPart, growth }) => {
    const away = Math.floor(waiting * awayPart);
    const passedOver = away === waiting ? away : Math.floor(away * passedOverPart);
    return (second: number) => {
      const grown = Object.entries(growth).map(([name, value]) => [name, value * second]);
      return laneStatus({ weight, waiting, away, passedOver, ...Object.fromEntries(grown) });
    };
  });

/** After twenty seconds. */
export const anyQueue = fc
  .record({
    mode: fc.constantFrom("auto", "always", "open"),
    targetLoginRatePerSecond: fc.double({ min: 0.01, max: 1_000, noNaN: true }),
    loginBurst: fc.double({ min: 1, max: 1_000, noNaN: true }),
    targetCcuLimit: fc.nat({ max: 20_000 }),
    safetyMarginPercent: fc.nat({ max: 100 }),
    liveSlots: fc.nat({ max: 20_000 }),
    tokens: fc.double({ min: -5, max: 1_000, noNaN: true }),
    holdSeconds: fc.nat({ max: 10 }),
    departures: fc.double({ min: 0, max: 20, noNaN: true }),
    lanes: fc.record({ default: anyLane, friends: anyLane }),
  })
  .map(({ holdSeconds, departures, lanes, ...settings }) =>
    readFor(20, (second) => ({
      ...settings,
      holdUntil: seconds(20 + holdSeconds),
      departedSlots: Math.floor(departures * second),
      lanes: { default: lanes.default(second), friends: lanes.friends(second) },
    })),
  );
