// What those who wait do, from counters alone.
import { describe, expect, it } from "vitest";
import { crowdSeconds, LaneMeter } from "../../../src/login-queue/eta/lane-meter.ts";
import { laneStatus, seconds } from "./facts.ts";

/** Reads once a second for so long, `at` giving the counters of a second. */
function measure(forSeconds: number, at: (second: number) => Parameters<typeof laneStatus>[0]): LaneMeter {
  const meter = new LaneMeter();
  for (let second = 0; second <= forSeconds; second++) meter.add(seconds(second), laneStatus(at(second)));
  return meter;
}

describe("those who wait", () => {
  it("are not known to give up before anybody did", () => {
    expect(new LaneMeter().habits()).toMatchObject({ abandonRate: 0, arrivalsSoon: 0, arrivalsLater: 0 });
    expect(measure(60, (second) => ({ presentMs: second * 1_000 })).habits().abandonRate).toBe(0);
  });

  it("give up at a rate for each second that one of them waits", () => {
    // A hundred wait, and one of them leaves every ten seconds.
    const meter = measure(100, (second) => ({ presentMs: second * 100_000, abandoned: Math.floor(second / 10) }));
    expect(meter.habits().abandonRate).toBeCloseTo(0.001, 5);
  });

  it("come back or do not", () => {
    const returning = measure(200, (second) => ({ returned: second, awayMs: second * 20_000 })).habits();
    expect(returning.returning).toBeGreaterThan(0.98);
    expect(1 / returning.awayEndRate).toBeCloseTo(20, 0);
    const lapsing = measure(200, (second) => ({ abandonedAway: second, awayMs: second * 90_000 })).habits();
    expect(lapsing.returning).toBeLessThan(0.02);
  });

  it("arrive in a crowd that is not expected to last", () => {
    const meter = measure(50, (second) => ({ entered: second * 30 }));
    expect(meter.habits().arrivalsSoon).toBeCloseTo(30, 5);
    expect(meter.habits().arrivalsLater).toBe(0);
  });

  it("arrive all the time, and are expected to", () => {
    const meter = measure(900, (second) => ({ entered: Math.floor(second / 20) }));
    expect(meter.habits().arrivalsLater).toBeCloseTo(0.05, 2);
  });

  it("stop arriving, and are soon expected no more", () => {
    const meter = measure(600 + 2 * crowdSeconds, (second) => ({ entered: Math.min(600, second) * 30 }));
    expect(meter.habits().arrivalsSoon).toBe(0);
    expect(meter.habits().arrivalsLater).toBeLessThan(0.3);
  });

  it("are forgotten with the store that counted them", () => {
    const meter = measure(100, (second) => ({ presentMs: 1e6 + second * 1_000, abandoned: 1_000 + second }));
    for (let second = 101; second <= 201; second++) {
      meter.add(seconds(second), laneStatus({ presentMs: (second - 101) * 1_000, abandoned: (second - 101) / 10 }));
    }
    expect(meter.habits().abandonRate).toBeCloseTo(0.1, 5);
  });

  it("are counted: arrivals of the last minute, those who gave up in ten, each with the time it took", () => {
    const at = (second: number) => ({ entered: 5 * second, abandoned: second, presentMs: second * 40_000 });
    expect(new LaneMeter().counts()).toEqual({ arrived: 0, arrivedSeconds: 0, abandoned: 0, presentSeconds: 0 });
    expect(measure(30, at).counts()).toEqual({
      arrived: 150,
      arrivedSeconds: 30,
      abandoned: 30,
      presentSeconds: 1_200,
    });
    expect(measure(900, at).counts()).toEqual({
      arrived: 300,
      arrivedSeconds: 60,
      abandoned: 600,
      presentSeconds: 24_000,
    });
  });
});
