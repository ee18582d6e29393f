// How a queue may go on: each thing that nobody knows, one at a time.
import { describe, expect, it } from "vitest";
import { asMeasured, leaning } from "../../../src/login-queue/eta/courses.ts";
import type { MeasuredQueue } from "../../../src/login-queue/eta/estimator.ts";
import { noCounts, noHabits } from "../../../src/login-queue/eta/lane-meter.ts";
import { laneStatus, queueStatus } from "./facts.ts";

const lanes = { default: laneStatus(), friends: laneStatus() };

/** 1 000 slots, each of which comes free once in a thousand seconds. */
function measured(given: Partial<MeasuredQueue> = {}): MeasuredQueue {
  return {
    status: queueStatus({ lanes }),
    departures: { perSlotSecond: 0.001, departures: 1e9, seconds: 1e9 },
    habits: () => ({ ...noHabits, abandonRate: 0.5 }),
    counts: () => noCounts,
    ...given,
  };
}

/** What a thousand slots give each second, at the one end and the other. */
function departures(queue: MeasuredQueue, seconds: number): readonly (number | undefined)[] {
  return (["longer", "shorter"] as const).map((lean) => {
    const rate = leaning(queue, lean, seconds).departuresPerSlotSecond;
    return rate === null ? undefined : Math.round(rate * 100_000) / 100;
  });
}

describe("departures", () => {
  it("are as measured where that was on many, for long, and many are to come", () => {
    expect(asMeasured(measured()).departuresPerSlotSecond).toBe(0.001);
    expect(departures(measured(), 1e6)).toEqual([1, 1]);
  });

  it("counted on eight may be about half or almost twice as many", () => {
    const queue = measured({ departures: { perSlotSecond: 0.001, departures: 8, seconds: 1e9 } });
    expect(departures(queue, 1e6)).toEqual([0.56, 1.77]);
  });

  it("come by chance, the more so the fewer are waited for", () => {
    expect(departures(measured(), 8)).toEqual([0.56, 1.77]);
    expect(departures(measured(), 800)).toEqual([0.94, 1.06]);
  });

  it("may have begun to change, the more so the further ahead; not for ever", () => {
    const queue = measured({ departures: { perSlotSecond: 0.001, departures: 1e9, seconds: 1e6 } });
    expect(departures(queue, 1e5)).toEqual([0.96, 1.04]);
    expect(departures(queue, 1e6)).toEqual([0.66, 1.5]);
    expect(departures(queue, 1e7)).toEqual(departures(queue, 1e8));
  });

  it("are not known where too few were seen", () => {
    const queue = measured({ departures: null });
    expect(asMeasured(queue).departuresPerSlotSecond).toBeNull();
    expect(departures(queue, 100)).toEqual([undefined, undefined]);
  });

  it("are as measured where nobody is there to leave", () => {
    expect(departures(measured({ status: queueStatus({ lanes, liveSlots: 0 }) }), 100)).toEqual([1, 1]);
  });
});

describe("players", () => {
  const counts = { arrived: 600, arrivedSeconds: 60, abandoned: 40, presentSeconds: 1_000 };
  const queue = measured({ counts: () => counts });

  it("arrive as lately, in all lanes; none any more; or a quarter more, and what chance hid", () => {
    expect(asMeasured(queue).arrivalsPerSecond).toBe(20);
    expect(leaning(queue, "shorter", 100).arrivalsPerSecond).toBe(0);
    expect(leaning(queue, "longer", 100).arrivalsPerSecond).toBeCloseTo(25 * 1.07, 1);
    expect(leaning(queue, "longer", 100).habits("default").arrivalsLater).toBeCloseTo(12.5 * 1.07, 1);
  });

  it("may still arrive where none did, and any number where nobody looked", () => {
    const quiet = measured({ counts: () => ({ ...counts, arrived: 0 }) });
    expect(leaning(quiet, "longer", 100).arrivalsPerSecond).toBeCloseTo((2 * 1.25 * 1.645 ** 2) / 60, 5);
    expect(leaning(measured(), "longer", 100).arrivalsPerSecond).toBeGreaterThan(6);
  });

  it("give up as measured; half as many again; or half as many, and what chance hid", () => {
    expect(asMeasured(queue).habits("default").abandonRate).toBe(0.5);
    expect(leaning(queue, "shorter", 100).habits("default").abandonRate).toBeCloseTo(0.06 * 1.3, 2);
    expect(leaning(queue, "longer", 100).habits("default").abandonRate).toBeCloseTo(0.02 * 0.77, 2);
    expect(leaning(measured(), "shorter", 100).habits("default").abandonRate).toBe(0);
  });

  it("who are away come back all, or none", () => {
    expect(leaning(queue, "shorter", 100).habits("default").returning).toBe(0);
    expect(leaning(queue, "longer", 100).habits("default").returning).toBe(1);
  });
});
