// The rules of admission as pure functions: bucket, limit, modes, and whose turn it is.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AdmissionState,
  admissible,
  effectiveBurst,
  effectiveLimit,
  type LaneTurn,
  refillBucket,
  reweigh,
  takeTurn,
} from "../../src/login-queue/admission.ts";

describe("the token bucket", () => {
  const settings = { targetLoginRatePerSecond: 4, loginBurst: 6 };

  it("fills at the rate, up to the burst", () => {
    expect(refillBucket({ tokens: 1, countedAt: 0 }, settings, 500)).toEqual({ tokens: 3, countedAt: 500 });
    expect(refillBucket({ tokens: 1, countedAt: 0 }, settings, 60_000)).toEqual({ tokens: 6, countedAt: 60_000 });
  });

  it("takes a lowered burst over at once", () => {
    const lowered = { targetLoginRatePerSecond: 4, loginBurst: 2 };
    expect(refillBucket({ tokens: 6, countedAt: 0 }, lowered, 1)).toEqual({ tokens: 2, countedAt: 1 });
  });

  it("never holds less than room for one login", () => {
    expect(effectiveBurst({ targetLoginRatePerSecond: 0.1, loginBurst: 0 })).toBe(1);
    expect(effectiveBurst({ targetLoginRatePerSecond: 0.1, loginBurst: null })).toBe(1);
    expect(effectiveBurst({ targetLoginRatePerSecond: 20, loginBurst: null })).toBe(20);
    const slow = { targetLoginRatePerSecond: 0.1, loginBurst: 0.1 };
    expect(refillBucket({ tokens: 0, countedAt: 0 }, slow, 10_000).tokens).toBe(1);
  });

  it("gains and loses nothing where the clock is set back", () => {
    const bucket = refillBucket({ tokens: 2, countedAt: 1_000 }, settings, 500);
    expect(bucket).toEqual({ tokens: 2, countedAt: 1_000 });
    expect(refillBucket(bucket, settings, 1_000).tokens).toBe(2);
  });

  it("lets through no more than rate + burst in any second, whenever it is asked", () => {
    fc.assert(
      fc.property(
        fc.record({
          targetLoginRatePerSecond: fc.double({ min: 0.1, max: 200, noNaN: true }),
          loginBurst: fc.double({ min: 0, max: 100, noNaN: true }),
        }),
        fc.array(fc.nat(400), { maxLength: 60 }),
        (some, gaps) => {
          let now = 0;
          let bucket = { tokens: effectiveBurst(some), countedAt: 0 };
          const spentAt: number[] = [];
          for (const gap of gaps) {
            now += gap;
            bucket = refillBucket(bucket, some, now);
            const spend = Math.floor(bucket.tokens);
            for (let count = 0; count < spend; count++) spentAt.push(now);
            bucket = { ...bucket, tokens: bucket.tokens - spend };
          }
          const most = some.targetLoginRatePerSecond + effectiveBurst(some) + 1e-6;
          for (const [index, start] of spentAt.entries()) {
            const within = spentAt.slice(index).filter((at) => at < start + 1000).length;
            expect(within).toBeLessThanOrEqual(most);
          }
        },
      ),
    );
  });
});

describe("admissible", () => {
  const state: AdmissionState = { mode: "auto", tokens: 5.9, liveSlots: 8, limit: 10, holdUntil: 0, now: 0 };

  it("is the lesser of whole tokens and free slots", () => {
    expect(admissible(state)).toBe(2);
    expect(admissible({ ...state, limit: 100 })).toBe(5);
    expect(admissible({ ...state, tokens: 0.99 })).toBe(0);
  });

  it("is never negative, however far above the limit the slots are or below zero the tokens", () => {
    expect(admissible({ ...state, liveSlots: 50 })).toBe(0);
    expect(admissible({ ...state, tokens: -3 })).toBe(0);
    expect(admissible({ ...state, limit: 0, liveSlots: 0 })).toBe(0);
  });

  it.each([
    ["auto", 2],
    ["always", 2],
    ["paused", 0],
    ["closed", 2],
    ["open", Number.POSITIVE_INFINITY],
  ] as const)("in mode %s is %d", (mode, expected) => {
    expect(admissible({ ...state, mode })).toBe(expected);
  });

  it("is nothing while tickets may still come back, in every mode", () => {
    for (const mode of ["auto", "always", "open"] as const) {
      expect(admissible({ ...state, mode, holdUntil: 10, now: 9 })).toBe(0);
      expect(admissible({ ...state, mode, holdUntil: 10, now: 10 })).toBeGreaterThan(0);
    }
  });

  it("keeps the safety margin free", () => {
    expect(effectiveLimit({ targetCcuLimit: 10, safetyMarginPercent: 0 })).toBe(10);
    expect(effectiveLimit({ targetCcuLimit: 10, safetyMarginPercent: 25 })).toBe(7);
    expect(effectiveLimit({ targetCcuLimit: 10, safetyMarginPercent: 90 })).toBe(1);
    expect(effectiveLimit({ targetCcuLimit: 50, safetyMarginPercent: 90 })).toBe(5);
    expect(effectiveLimit({ targetCcuLimit: 10, safetyMarginPercent: 100 })).toBe(0);
  });
});

describe("reweigh", () => {
  const turn = { lane: "a", weight: 0.5, virtualTime: 12 };

  it("counts what a lane owes by the new weight", () => {
    expect(reweigh(turn, 4, 10)).toBe(10.25);
    expect(reweigh(turn, 0.25, 10)).toBe(14);
    expect(reweigh(turn, 0.5, 10)).toBe(12);
  });

  it("a lane that owes nothing banks nothing either", () => {
    expect(reweigh(turn, 4, 20)).toBe(20);
  });
});

describe("takeTurn", () => {
  /** Runs `turns` turns; `ready` says who is there at each. */
  function run(lanes: LaneTurn[], turns: number, ready: (turn: number, lane: string) => boolean = () => true) {
    const times = new Map(lanes.map(({ lane, virtualTime }) => [lane, virtualTime]));
    let globalTime = 0;
    const taken: string[] = [];
    for (let turn = 0; turn < turns; turn++) {
      const there = lanes
        .filter(({ lane }) => ready(turn, lane))
        .map((lane) => ({ ...lane, virtualTime: times.get(lane.lane) ?? 0 }));
      const next = takeTurn(there, globalTime);
      if (next === null) continue;
      globalTime = next.globalTime;
      times.set(next.lane, next.laneTime);
      taken.push(next.lane);
    }
    return taken;
  }

  const lanes: LaneTurn[] = [
    { lane: "a", weight: 1, virtualTime: 0 },
    { lane: "b", weight: 3, virtualTime: 0 },
  ];

  it("is nobody's where nobody is there", () => {
    expect(takeTurn([], 5)).toBeNull();
  });

  it("shares by weight", () => {
    const taken = run(lanes, 400);
    expect(taken.filter((lane) => lane === "a")).toHaveLength(100);
    expect(taken.slice(0, 8).filter((lane) => lane === "a")).toHaveLength(2);
  });

  it("gives an idle lane no credit", () => {
    const taken = run(lanes, 200, (turn, lane) => lane === "a" || turn >= 100);
    expect(taken.slice(100).filter((lane) => lane === "b").length).toBeLessThanOrEqual(76);
    expect(taken.slice(100, 108).filter((lane) => lane === "a").length).toBeGreaterThanOrEqual(1);
  });

  it("lets no lane that stays starve, whatever the weights", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 6 }), (weights) => {
        const some = weights.map((weight, index) => ({ lane: `lane ${index}`, weight, virtualTime: 0 }));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const taken = run(some, 4 * total);
        for (const { lane, weight } of some) {
          const share = taken.filter((name) => name === lane).length;
          expect(share).toBeGreaterThanOrEqual(4 * weight - weights.length);
          expect(share).toBeLessThanOrEqual(4 * weight + weights.length);
        }
      }),
    );
  });
});
