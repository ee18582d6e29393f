// The estimate of the wait, from the numbers alone.
import { describe, expect, it } from "vitest";
import { type EtaFacts, estimateEtaMs, PaceMeter } from "../../src/login-queue/eta.ts";

const start = 1_900_000_000_000;
const seconds = (count: number): number => start + count * 1000;

describe("the pace", () => {
  it("is not known before anybody waits, and not at once", () => {
    const pace = new PaceMeter();
    pace.addAdmissions(10, start);
    expect(pace.perSecond(seconds(30))).toBeNull();
    pace.setWaiting(true, seconds(30));
    pace.addAdmissions(5, seconds(31));
    expect(pace.perSecond(seconds(31))).toBeNull();
    expect(pace.perSecond(seconds(35))).toBe(1);
  });

  it("is what was admitted in the last minute, and falls in silence", () => {
    const pace = new PaceMeter();
    pace.setWaiting(true, start);
    for (let second = 1; second <= 120; second += 1) pace.addAdmissions(second <= 60 ? 50 : 10, seconds(second));
    expect(pace.perSecond(seconds(120))).toBeCloseTo(10, 0);
    expect(pace.perSecond(seconds(150))).toBeCloseTo(5, 0);
    expect(pace.perSecond(seconds(200))).toBeNull();
  });

  it("forgets what an earlier queue did", () => {
    const pace = new PaceMeter();
    pace.setWaiting(true, start);
    pace.addAdmissions(1_000, seconds(5));
    pace.setWaiting(false, seconds(6));
    pace.setWaiting(true, seconds(7));
    pace.addAdmissions(3, seconds(8));
    expect(pace.perSecond(seconds(10))).toBe(1);
  });

  it("keeps no more than a minute", () => {
    const pace = new PaceMeter();
    pace.setWaiting(true, start);
    for (let second = 0; second < 100_000; second += 1) pace.addAdmissions(1, seconds(second));
    expect(pace.perSecond(seconds(100_000))).toBeCloseTo(1, 1);
  });
});

describe("the estimate", () => {
  const facts: EtaFacts = {
    mode: "auto",
    laneShare: 1,
    targetLoginRatePerSecond: 50,
    freeSlots: 0,
    pacePerSecond: 10,
    estimatedSecondsToLogin: 10,
  };

  it.each<[string, number, Partial<EtaFacts>, number]>([
    ["goes by the measured pace", 100, {}, 20_000],
    ["is never faster than the rate", 100, { pacePerSecond: 80 }, 12_000],
    ["goes by the rate where free slots cover the place", 100, { freeSlots: 100, pacePerSecond: null }, 12_000],
    ["and does not where they end before it", 100, { freeSlots: 99, pacePerSecond: null }, -1],
    ["takes the lane's share of both", 100, { laneShare: 0.5 }, 30_000],
    ["and of the free slots", 100, { laneShare: 0.5, freeSlots: 100 }, 30_000],
    ["is not known where nothing was measured", 1, { pacePerSecond: null }, -1],
    ["is not known while paused", 1, { mode: "paused" }, -1],
    ["is not known while closed", 1, { mode: "closed" }, -1],
    ["is the login alone where all are let in", 100, { mode: "open", pacePerSecond: null }, 10_000],
    ["fits the state's int32", 4_000_000_000, { pacePerSecond: 0.001 }, 2 ** 31 - 1],
  ])("%s", (_name, position, changes, etaMs) => {
    expect(estimateEtaMs(position, { ...facts, ...changes })).toBe(etaMs);
  });
});
