// What-if: when the queue is empty and how long the last one waits, as things are and with settings changed.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WaitEstimator } from "../../../src/login-queue/eta/estimator.ts";
import {
  type Forecast,
  type ForecastChanges,
  type ForecastRange,
  forecast,
  supposing,
} from "../../../src/login-queue/eta/forecast.ts";
import type { QueueMode } from "../../../src/wire.ts";
import { anyQueue, readFor } from "./any-queue.ts";
import { laneStatus, seconds } from "./facts.ts";

/** `loginBurst`: as it is set; null: by the rate. */
function ask(queue: WaitEstimator, changes: ForecastChanges = {}, loginBurst: number | null = null): Forecast {
  const { measured } = queue;
  if (measured === null) throw new Error("nothing was read");
  return forecast({ ...measured, status: supposing(measured.status, changes, loginBurst) });
}

const roomy = { liveSlots: 0, targetCcuLimit: 100_000 };

/** After a minute and a half, with so many waiting and so many entering each second. */
const waiting = (count: number, arrivals = 0, given = {}) =>
  readFor(90, (second) => ({
    ...roomy,
    ...given,
    lanes: { default: laneStatus({ waiting: count, entered: arrivals * second }) },
  }));

/** A full server of 1 000 slots, of which so many a second come free. */
const full = (departures: number, count: number, arrivals = 0) =>
  readFor(600, (second) => ({
    departedSlots: Math.floor(departures * second),
    lanes: { default: laneStatus({ waiting: count, entered: Math.floor(arrivals * second) }) },
  }));

const now: ForecastRange = { expected: 0, low: 0, high: 0 };

describe("the queue is empty", () => {
  it("after as many seconds as the rate needs for those who wait", () => {
    expect(ask(waiting(5_000))).toMatchObject({
      asOf: seconds(90),
      waiting: 5_000,
      settings: { targetLoginRatePerSecond: 50, targetCcuLimit: 100_000, mode: "auto" },
      pacePerSecond: 50,
      paceSetBy: "rate",
      arrivalsPerSecond: 0,
      emptyInSeconds: { expected: 100 },
      lastWaitSeconds: { expected: 100 },
    });
  });

  it("later the more arrive meanwhile, whom the last one of now does not wait for", () => {
    const { arrivalsPerSecond, emptyInSeconds, lastWaitSeconds } = ask(waiting(5_000, 30));
    expect(arrivalsPerSecond).toBe(30);
    expect(emptyInSeconds?.expected).toBe(250);
    expect(lastWaitSeconds?.expected).toBe(100);
  });

  it("earlier if some give up", () => {
    // Twenty of ten thousand each second: θ = 0.002.
    const impatient = readFor(60, (second) => ({
      ...roomy,
      lanes: { default: laneStatus({ waiting: 10_000, presentMs: second * 1e7, abandoned: 20 * second }) },
    }));
    const expected = Math.log(1 + 0.002 * 200) / 0.002;
    const { emptyInSeconds, lastWaitSeconds } = ask(impatient);
    expect(emptyInSeconds?.expected).toBeCloseTo(expected, 0);
    expect(lastWaitSeconds?.expected).toBeCloseTo(expected, 0);
  });

  it("at the pace of departures where the limit is reached", () => {
    const { pacePerSecond, paceSetBy, emptyInSeconds, lastWaitSeconds } = ask(full(2, 300, 0.5));
    expect([pacePerSecond, paceSetBy]).toEqual([2, "limit"]);
    expect(emptyInSeconds?.expected).toBeCloseTo(300 / 1.5, 0);
    expect(lastWaitSeconds?.expected).toBeCloseTo(150, 0);
  });

  it("now where nobody waits, or nobody who is there", () => {
    expect(ask(waiting(0, 3))).toMatchObject({ waiting: 0, emptyInSeconds: now, lastWaitSeconds: now });
    const absent = readFor(60, () => ({
      ...roomy,
      lanes: { default: laneStatus({ waiting: 7, away: 7, passedOver: 7 }) },
    }));
    expect(ask(absent)).toMatchObject({ waiting: 7, emptyInSeconds: now });
  });

  it("when its lanes together are, while the last one waits for the slowest of them", () => {
    const lanes = { default: laneStatus({ waiting: 1_000 }), friends: laneStatus({ waiting: 1_000, weight: 3 }) };
    const { emptyInSeconds, lastWaitSeconds } = ask(readFor(60, () => ({ ...roomy, lanes })));
    expect(emptyInSeconds?.expected).toBe(40);
    expect(lastWaitSeconds?.expected).toBe(40);
    const few = { ...lanes, default: laneStatus({ waiting: 100 }) };
    expect(ask(readFor(60, () => ({ ...roomy, lanes: few }))).lastWaitSeconds?.expected).toBe(22);
    const heavy = (waiting: number) => laneStatus({ waiting, weight: 10 });
    const many = { a: heavy(300), b: heavy(300), c: heavy(300), slow: laneStatus({ waiting: 100 }) };
    expect(ask(readFor(60, () => ({ ...roomy, lanes: many }))).lastWaitSeconds?.expected).toBe(20);
  });
});

describe("the queue is never empty", () => {
  it.each(["paused", "closed"] as const)("in mode %s, and the last one waits for as long as it lasts", (mode) => {
    for (const queue of [waiting(100), waiting(0)]) {
      expect(ask(queue, { mode })).toMatchObject({
        settings: { mode },
        pacePerSecond: 0,
        paceSetBy: "mode",
        emptyInSeconds: null,
        neverEmptyBecause: "mode",
        lastWaitSeconds: null,
      });
    }
  });

  it("while as many arrive as are let in, though the last one of now gets in", () => {
    for (const arrivals of [50, 80]) {
      const { emptyInSeconds, neverEmptyBecause, lastWaitSeconds } = ask(waiting(1_000, arrivals));
      expect([emptyInSeconds, neverEmptyBecause, lastWaitSeconds?.expected]).toEqual([null, "arrivals", 20]);
    }
  });

  it("as far as anybody knows where the limit is in the way and nobody was seen to leave", () => {
    const answer = ask(waiting(1_000, 0, { targetCcuLimit: 200 }));
    expect(answer).toMatchObject({
      emptyInSeconds: null,
      neverEmptyBecause: "departuresUnknown",
      lastWaitSeconds: null,
    });
    expect(ask(full(0, 10))).toMatchObject({ pacePerSecond: null, paceSetBy: "unknown" });
  });

  it("with a limit of zero", () => {
    const answer = ask(full(2, 300), { targetCcuLimit: 0 });
    expect(answer).toMatchObject({ emptyInSeconds: null, neverEmptyBecause: "limit", lastWaitSeconds: null });
  });

  it("is said of no queue that gets empty", () => {
    expect(ask(waiting(5_000))).not.toHaveProperty("neverEmptyBecause");
  });
});

describe("with settings changed", () => {
  const change = (queue: WaitEstimator, changes: ForecastChanges) => {
    const { settings, pacePerSecond, paceSetBy, emptyInSeconds } = ask(queue, changes);
    return [settings, pacePerSecond, paceSetBy, emptyInSeconds?.expected];
  };

  it("goes by the new rate, of which a second's worth goes at once only where it was saved up", () => {
    const settings = { targetLoginRatePerSecond: 100, targetCcuLimit: 100_000, mode: "auto" };
    expect(change(waiting(5_000), { targetLoginRatePerSecond: 100 })).toEqual([settings, 100, "rate", 50]);
    // Ten seconds in which nobody is let in fill the bucket of the new rate.
    const held = waiting(5_000, 0, { holdUntil: seconds(100) });
    expect(ask(held, { targetLoginRatePerSecond: 100 })).toMatchObject({
      pacePerSecond: 100,
      paceSetBy: "rate",
      emptyInSeconds: { expected: 59 },
    });
    const saved = waiting(5_000, 0, { tokens: 500, loginBurst: 500 });
    expect(ask(saved, { targetLoginRatePerSecond: 100 }, 500).emptyInSeconds?.expected).toBe(45);
  });

  it("goes by the new limit: what it frees is filled at the rate, and then by departures of more slots", () => {
    const queue = full(2, 600);
    const settings = { targetLoginRatePerSecond: 50, targetCcuLimit: 1_200, mode: "auto" };
    const [, ...rest] = change(queue, { targetCcuLimit: 1_200 });
    expect(change(queue, { targetCcuLimit: 1_200 })[0]).toEqual(settings);
    expect(rest[0]).toBe(2.4);
    // 200 slots in about four seconds, in which some leave, and the rest at 2.4 a second.
    expect(rest[2]).toBeCloseTo(4 + 400 / 2.4, -1);
  });

  it("lets nobody in for as long as a lower limit takes to be reached", () => {
    const { pacePerSecond, paceSetBy, lastWaitSeconds } = ask(full(2, 100), { targetCcuLimit: 500 });
    expect([pacePerSecond, paceSetBy]).toEqual([0, "limit"]);
    expect(lastWaitSeconds?.expected).toBeCloseTo(Math.log(2) / 0.002 + 100, -1);
  });

  it("lets everybody in at once in mode open", () => {
    expect(ask(full(2, 3_000), { mode: "open" })).toMatchObject({
      pacePerSecond: null,
      paceSetBy: "mode",
      emptyInSeconds: { expected: expect.closeTo(0, 1), low: 0 },
      lastWaitSeconds: { expected: expect.closeTo(0, 1), low: 0 },
    });
  });

  it("keeps none of it", () => {
    const queue = waiting(5_000);
    ask(queue, { targetLoginRatePerSecond: 1, mode: "paused", targetCcuLimit: 1 });
    expect(ask(queue).emptyInSeconds?.expected).toBe(100);
  });
});

/** How wide a range is, as a part of what is expected; Infinity where it has no end. */
const width = (range: ForecastRange | null): number =>
  range === null
    ? Number.NaN
    : range.high === null
      ? Number.POSITIVE_INFINITY
      : (range.high - range.low) / range.expected;

describe("the range", () => {
  it("is narrow where the rate sets the pace and nobody arrives", () => {
    expect(width(ask(waiting(50_000)).lastWaitSeconds)).toBeLessThan(0.01);
    expect(width(ask(waiting(50_000)).emptyInSeconds)).toBeLessThan(0.01);
  });

  it("is the wider the fewer left", () => {
    // All of them wait for 100 seconds.
    const [few, some, many] = [0.05, 0.5, 5].map((pace) => width(ask(full(pace, 100 * pace)).lastWaitSeconds));
    expect(few).toBeGreaterThan((some ?? 0) * 1.5);
    expect(some).toBeGreaterThan((many ?? 0) * 1.5);
    expect(many).toBeLessThan(0.5);
  });

  it("is the wider the shorter the pace was watched", () => {
    const watched = (forSeconds: number) =>
      readFor(forSeconds, (second) => ({
        departedSlots: 2 * second,
        lanes: { default: laneStatus({ waiting: 1_000 }) },
      }));
    expect(width(ask(watched(100)).lastWaitSeconds)).toBeGreaterThan(2 * width(ask(watched(1_200)).lastWaitSeconds));
  });

  it("begins where nobody arrives any more, and has no end where a quarter more would be too many", () => {
    const { emptyInSeconds } = ask(waiting(5_000, 30));
    expect(emptyInSeconds).toMatchObject({ low: expect.closeTo(98, 0) });
    expect(emptyInSeconds?.high).toBeGreaterThan(5_000 / 12);
    expect(ask(waiting(5_000, 45)).emptyInSeconds).toMatchObject({ expected: 1_000, high: null });
  });
});

const anyChanges: fc.Arbitrary<ForecastChanges> = fc.record(
  {
    mode: fc.constantFrom<QueueMode>("auto", "always", "paused", "closed", "open"),
    targetLoginRatePerSecond: fc.oneof(
      fc.double({ min: 0, minExcluded: true, max: Number.MAX_VALUE, noNaN: true }),
      fc.double({ min: 0.01, max: 1_000, noNaN: true }),
    ),
    targetCcuLimit: fc.oneof(fc.maxSafeNat(), fc.nat({ max: 20_000 })),
  },
  { requiredKeys: [] },
);

describe("whatever the queue and the changes", () => {
  it("the answer is JSON without a number that is none, the ranges are in order, and a reason is there where it is needed", () => {
    fc.assert(
      fc.property(anyQueue, anyChanges, (queue, changes) => {
        const answer = ask(queue, changes);
        expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
        const numbers = JSON.stringify(answer).match(/-?\d[\d.e+-]*/g) ?? [];
        for (const number of numbers) expect(Number(number)).toBeGreaterThanOrEqual(0);
        for (const range of [answer.emptyInSeconds, answer.lastWaitSeconds]) {
          if (range === null) continue;
          expect(range.low).toBeLessThanOrEqual(range.expected);
          expect(range.expected).toBeLessThanOrEqual(range.high ?? Number.POSITIVE_INFINITY);
        }
        expect(answer.neverEmptyBecause === undefined).toBe(answer.emptyInSeconds !== null);
      }),
      { numRuns: 500 },
    );
  });
});
