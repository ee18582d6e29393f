// The pace of admission and the wait that follows from it, from the numbers alone.
import { describe, expect, it } from "vitest";
import { planAdmissions, planLane, type ServiceFacts, waitFor } from "../../../src/login-queue/eta/service.ts";

const facts: ServiceFacts = {
  mode: "auto",
  targetLoginRatePerSecond: 50,
  loginBurst: 50,
  tokens: 0,
  holdSeconds: 0,
  limit: 1_000,
  liveSlots: 1_000,
  departuresPerSlotSecond: 0.001,
};

const wait = (turns: number, given: Partial<ServiceFacts> = {}, abandonRate = 0): number | null =>
  waitFor(turns, planAdmissions({ ...facts, ...given }), abandonRate)?.seconds ?? null;

describe("the pace of admission", () => {
  it("is the rate while free slots last", () => {
    expect(wait(500, { liveSlots: 0, departuresPerSlotSecond: null })).toBeCloseTo(10, 6);
    expect(wait(1_000, { liveSlots: 0, departuresPerSlotSecond: null })).toBeCloseTo(20, 6);
  });

  it("is not known beyond the free slots where departures are not", () => {
    expect(wait(1_001, { liveSlots: 0, departuresPerSlotSecond: null })).toBeNull();
    expect(wait(1, { departuresPerSlotSecond: null })).toBeNull();
    expect(wait(1, { departuresPerSlotSecond: 0 })).toBeNull();
  });

  it("is that of departures at the limit", () => {
    expect(wait(60)).toBeCloseTo(60, 6);
  });

  it("is first the one and then the other where free slots do not cover the place", () => {
    // 100 free: 50 a second, one a second of them made good by departures, then one a second.
    const both = wait(200, { liveSlots: 900 });
    expect(both).toBeGreaterThan(98);
    expect(both).toBeLessThan(102);
  });

  it("is never above the rate", () => {
    expect(wait(100, { departuresPerSlotSecond: 0.2 })).toBeCloseTo(2, 6);
  });

  it("begins with the burst", () => {
    expect(wait(50, { liveSlots: 0, tokens: 50 })).toBeLessThan(0.001);
    expect(wait(100, { liveSlots: 0, tokens: 50 })).toBeCloseTo(1, 3);
    expect(wait(2, { liveSlots: 999, tokens: 50 })).toBeCloseTo(1, 1);
  });

  it("begins after the restore wait, in which the burst is banked and slots come free", () => {
    expect(wait(10, { holdSeconds: 10, liveSlots: 0 })).toBeCloseTo(10, 3);
    expect(wait(100, { holdSeconds: 10, liveSlots: 0 })).toBeCloseTo(11, 3);
    expect(wait(9, { holdSeconds: 10 })).toBeCloseTo(10, 3);
    expect(wait(19, { holdSeconds: 10 })).toBeCloseTo(19, 0);
  });

  it("waits for those above a lowered limit to leave", () => {
    const lowered = wait(1, { limit: 900 });
    expect(lowered).toBeCloseTo(Math.log(1_000 / 900) / 0.001 + 1 / 0.9, 1);
    expect(wait(1, { limit: 0 })).toBeNull();
  });

  it.each(["paused", "closed"] as const)("is nobody's guess while %s", (mode) => {
    expect(wait(1, { mode, liveSlots: 0 })).toBeNull();
  });

  it("is no matter while open", () => {
    expect(wait(10_000, { mode: "open", departuresPerSlotSecond: null })).toBeLessThan(0.1);
  });
});

describe("those who give up", () => {
  it("shorten the wait: T(p) = ln(1 + θp/μ)/θ", () => {
    expect(wait(1_000, {}, 0.002)).toBeCloseTo(Math.log(1 + (0.002 * 1_000) / 1) / 0.002, 6);
  });

  it("shorten it over a change of the pace too", () => {
    const plan = [
      { perSecond: 50, seconds: 2, byDepartures: false },
      { perSecond: 50, seconds: Number.POSITIVE_INFINITY, byDepartures: false },
    ];
    expect(waitFor(1_000, plan, 0.01)?.seconds).toBeCloseTo(Math.log(1 + (0.01 * 1_000) / 50) / 0.01, 6);
  });
});

describe("chance", () => {
  it("is in what departures set, and not in what the rate sets", () => {
    expect(waitFor(100, planAdmissions({ ...facts, liveSlots: 0 }), 0)?.spreadSeconds).toBe(0);
    expect(waitFor(100, planAdmissions(facts), 0)?.spreadSeconds).toBeCloseTo(10, 6);
  });
});

describe("the plan some seconds later", () => {
  it("has so much of its standstill behind it, and no more", () => {
    const plan = planAdmissions({ ...facts, holdSeconds: 10, liveSlots: 0 });
    expect(waitFor(10, plan, 0, 4)?.seconds).toBeCloseTo(6, 3);
    expect(waitFor(10, plan, 0, 20)?.seconds).toBeCloseTo(0, 3);
    expect(waitFor(10, planAdmissions(facts), 0, 20)?.seconds).toBeCloseTo(10, 3);
    const twice = planAdmissions({ ...facts, holdSeconds: 10, limit: 900 });
    expect(waitFor(1, twice, 0, 20)?.seconds).toBeCloseTo((waitFor(1, twice, 0)?.seconds ?? 0) - 20, 3);
  });
});

describe("a lane", () => {
  const total = planAdmissions({ ...facts, liveSlots: 0, limit: 1e9 });
  const laneWait = (turns: number, weight: number, others: Parameters<typeof planLane>[2]) =>
    waitFor(turns, planLane(total, weight, others, 15), 0)?.seconds;
  const rival = { weight: 3, waiting: 0, arrivalsSoon: 0, arrivalsLater: 0 };

  it("has all of it where nobody else waits", () => {
    expect(laneWait(500, 1, [])).toBeCloseTo(10, 6);
    expect(laneWait(500, 1, [rival])).toBeCloseTo(10, 6);
  });

  it("has its part by weight while others wait, and all of it after", () => {
    // 12.5 a second for ten seconds, in which the others' 375 are let in; then 50.
    const others = [{ ...rival, waiting: 375 }];
    expect(laneWait(125, 1, others)).toBeCloseTo(10, 6);
    expect(laneWait(625, 1, others)).toBeCloseTo(20, 6);
  });

  it("gives way to those who go on arriving in another", () => {
    const others = [{ ...rival, arrivalsSoon: 10, arrivalsLater: 10 }];
    expect(laneWait(400, 1, others)).toBeCloseTo(10, 6);
  });

  it("gives way to no more than the other's part", () => {
    const others = [{ ...rival, arrivalsSoon: 100, arrivalsLater: 100 }];
    expect(laneWait(1_250, 1, others)).toBeCloseTo(100, 6);
  });

  it("expects a crowd to end, and those it left to be let in", () => {
    // 50 a second arrive for 15 seconds and get 37.5 of it: 187.5 are left, for another five seconds.
    const others = [{ ...rival, arrivalsSoon: 50 }];
    expect(laneWait(250, 1, others)).toBeCloseTo(20, 6);
    expect(laneWait(300, 1, others)).toBeCloseTo(21, 6);
  });

  it("stays unknown where the whole is", () => {
    const unknown = planAdmissions({ ...facts, departuresPerSlotSecond: null });
    expect(waitFor(1, planLane(unknown, 1, [{ ...rival, waiting: 5 }], 15), 0)).toBeNull();
  });
});
