// The estimate for a place, from what a process reads of the queue once a second.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WaitEstimator } from "../../../src/login-queue/eta/estimator.ts";
import { etaMsOf } from "../../../src/login-queue/eta/steady.ts";
import type { LaneStatus, QueueStatus } from "../../../src/login-queue/queue-store.ts";
import { anyQueue, readFor } from "./any-queue.ts";
import { laneStatus, queueStatus, seconds, start } from "./facts.ts";

/** The estimator after one reading. */
function read(given: Partial<QueueStatus> = {}): WaitEstimator {
  const estimator = new WaitEstimator();
  estimator.update(queueStatus(given));
  return estimator;
}

const eta = (estimator: WaitEstimator, position: number, at = start, lane = "default"): number =>
  etaMsOf(estimator.estimate(position, lane, at), at);

const free = { liveSlots: 0, targetCcuLimit: 100_000 };

describe("the estimate", () => {
  it("is not known before anything was read", () => {
    expect(eta(new WaitEstimator(), 1)).toBe(-1);
  });

  it("is the time until logged in: the wait and what comes after it", () => {
    expect(eta(read(free), 500)).toBe(20_000);
    expect(eta(read({ ...free, secondsToLogin: 3 }), 500)).toBe(13_000);
  });

  it("goes by the departures of a full server once eight were seen", () => {
    const busy = (second: number) => ({ departedSlots: 2 * second });
    expect(eta(readFor(3, busy), 100, seconds(3))).toBe(-1);
    expect(eta(readFor(100, busy), 100, seconds(100))).toBeCloseTo(60_000, -2);
  });

  it("grows while nobody leaves", () => {
    const busy = (second: number) => ({ departedSlots: 2 * Math.min(second, 300) });
    const [before, after] = [300, 420].map((second) => eta(readFor(second, busy), 100, seconds(second)));
    expect(after).toBeGreaterThan((before ?? 0) * 2);
  });

  it("is of the moment it is asked for", () => {
    const estimator = read({ ...free, holdUntil: seconds(10) });
    expect(eta(estimator, 1)).toBe(20_000);
    expect(eta(estimator, 1, start + 700)).toBe(19_300);
  });

  it("is not known while paused, nor while closed, and is known at once after", () => {
    const estimator = readFor(100, (second) => ({ departedSlots: second }));
    for (const mode of ["paused", "closed"] as const) {
      estimator.update(queueStatus({ asOf: seconds(101), departedSlots: 101, mode }));
      expect(eta(estimator, 1, seconds(101))).toBe(-1);
    }
    estimator.update(queueStatus({ asOf: seconds(102), departedSlots: 102 }));
    expect(eta(estimator, 10, seconds(102))).toBeCloseTo(20_000, -2);
  });

  it("is shorter for those who have others in front who give up", () => {
    const waiting = (abandonedASecond: number) => (second: number) => ({
      ...free,
      lanes: {
        default: laneStatus({
          waiting: 10_000,
          presentMs: second * 1e7,
          abandoned: Math.floor(abandonedASecond * second),
        }),
      },
    });
    const patient = eta(readFor(60, waiting(0)), 5_000, seconds(60));
    // Twenty of ten thousand each second: θ = 0.002.
    const impatient = eta(readFor(60, waiting(20)), 5_000, seconds(60));
    expect(patient).toBe(110_000);
    expect(impatient).toBeCloseTo(10_000 + (Math.log(1 + 0.002 * 100) / 0.002) * 1_000, -2);
  });
});

describe("absent ones ahead", () => {
  const lane = (given: Partial<LaneStatus>) => ({ ...free, lanes: { default: laneStatus(given) } });

  it("who were passed over cost those behind them next to nothing in a short wait", () => {
    const estimator = read(lane({ waiting: 1_000, away: 500, passedOver: 500 }));
    expect(eta(estimator, 501)).toBeLessThan(10_000 + 200);
    expect(eta(estimator, 501)).toBeGreaterThan(10_000);
  });

  it("cost as much as come back where they are known to", () => {
    const at = (returned: number, abandonedAway: number) =>
      readFor(300, (second) =>
        lane({
          waiting: 10_000,
          away: 5_000,
          returned: returned * second,
          abandonedAway: abandonedAway * second,
          awayMs: second * 100_000,
        }),
      );
    const back = eta(at(10, 0), 10_000, seconds(300));
    const lost = eta(at(0, 10), 10_000, seconds(300));
    expect(lost).toBeCloseTo(110_000, -3);
    expect(back).toBeGreaterThan(200_000);
    expect(back).toBeLessThanOrEqual(210_000);
  });
});

describe("a change of the settings", () => {
  it("is told apart, so that what was shown before is corrected at once", () => {
    const estimator = read(free);
    const epochs = new Set<number | undefined>();
    const readAgain = (given: Partial<QueueStatus>) => {
      estimator.update(queueStatus({ ...free, ...given }));
      epochs.add(estimator.estimate(1, "default", start)?.epoch);
    };
    readAgain({});
    readAgain({ liveSlots: 5, tokens: 7, departedSlots: 3 });
    expect(epochs.size).toBe(1);
    readAgain({ targetLoginRatePerSecond: 10 });
    readAgain({ targetLoginRatePerSecond: 10, targetCcuLimit: 200_000 });
    readAgain({ targetLoginRatePerSecond: 10, loginBurst: 100 });
    readAgain({ mode: "always" });
    readAgain({ mode: "always", lanes: { default: laneStatus({ weight: 2 }) } });
    expect(epochs.size).toBe(6);
  });
});

describe("whatever the queue", () => {
  const now = seconds(20.5);

  it("the estimate is a number that is never below the time after admission, or -1", () => {
    fc.assert(
      fc.property(
        anyQueue,
        fc.integer({ min: 1, max: 30_000 }),
        fc.constantFrom("default", "friends"),
        (queue, p, lane) => {
          const estimate = queue.estimate(p, lane, now);
          if (estimate === null) return;
          expect(estimate.finishAt).toBeGreaterThanOrEqual(now + 10_000);
          expect(estimate.spreadMs).toBeGreaterThanOrEqual(0);
          expect(Number.isNaN(estimate.finishAt + estimate.spreadMs)).toBe(false);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("who is nearer the front is told no more, and is known of if one further back is", () => {
    const positions = fc.tuple(fc.integer({ min: 1, max: 30_000 }), fc.nat({ max: 1_000 }));
    fc.assert(
      fc.property(anyQueue, positions, (queue, [position, further]) => {
        const near = queue.estimate(position, "default", now);
        const far = queue.estimate(position + further, "default", now);
        if (far === null) return;
        expect(near).not.toBeNull();
        expect(near?.finishAt).toBeLessThanOrEqual(far.finishAt + 1e-3);
      }),
      { numRuns: 1_000 },
    );
  });

  it("-1 is only for what cannot be known: a place beyond the free slots of a server that nobody was seen to leave", () => {
    const queues = fc.record({
      limit: fc.integer({ min: 1, max: 10_000 }),
      live: fc.nat({ max: 10_000 }),
      departures: fc.nat({ max: 30 }),
      position: fc.integer({ min: 1, max: 20_000 }),
    });
    fc.assert(
      fc.property(queues, ({ limit, live, departures, position }) => {
        const queue = readFor(10, (second) => ({
          targetCcuLimit: limit,
          liveSlots: live,
          departedSlots: Math.floor((departures * second) / 10),
        }));
        const isKnown = position <= limit - live || (departures >= 8 && live > 0);
        expect(queue.estimate(position, "default", seconds(10)) !== null).toBe(isKnown);
      }),
      { numRuns: 500 },
    );
  });
});
