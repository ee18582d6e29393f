// What a player is shown of an estimate that wavers.
import { describe, expect, it } from "vitest";
import { etaMsOf, type ShownFinish, steadyFinish } from "../../../src/login-queue/eta/steady.ts";
import { seconds, start } from "./facts.ts";

const estimate = { finishAt: seconds(100), spreadMs: 10_000, epoch: 1 };

describe("the finish shown", () => {
  const shown = steadyFinish(null, estimate);

  it("is at first what is estimated", () => {
    expect(shown).toEqual({ finishAt: seconds(100), epoch: 1 });
  });

  it("stays, the very same, while chance explains the difference", () => {
    expect(steadyFinish(shown, { ...estimate, finishAt: seconds(105) })).toBe(shown);
    expect(steadyFinish(shown, { ...estimate, finishAt: seconds(95) })).toBe(shown);
  });

  it("is corrected at once when it does not", () => {
    expect(steadyFinish(shown, { ...estimate, finishAt: seconds(110) }).finishAt).toBe(seconds(110));
    expect(steadyFinish(shown, { ...estimate, finishAt: seconds(90) }).finishAt).toBe(seconds(90));
    expect(steadyFinish(shown, { ...estimate, finishAt: seconds(102), spreadMs: 0 }).finishAt).toBe(seconds(102));
  });

  it("is corrected by however little when the settings changed", () => {
    expect(steadyFinish(shown, { ...estimate, finishAt: seconds(101), epoch: 2 })).toEqual({
      finishAt: seconds(101),
      epoch: 2,
    });
  });

  it("hardly moves under an estimate that wavers", () => {
    let finish: ShownFinish | null = null;
    let corrections = 0;
    for (let second = 0; second < 100; second++) {
      const next = steadyFinish(finish, { ...estimate, finishAt: seconds(100) + 4_000 * Math.sin(second) });
      if (next !== finish) corrections += 1;
      finish = next;
    }
    expect(corrections).toBe(1);
  });
});

describe("the wait on the wire", () => {
  it("is whole ms, never below zero, -1 where not known, and fits an int32", () => {
    expect(etaMsOf({ finishAt: start + 1_500.4 }, start)).toBe(1_500);
    expect(etaMsOf({ finishAt: start - 5 }, start)).toBe(0);
    expect(etaMsOf(null, start)).toBe(-1);
    expect(etaMsOf({ finishAt: start + 1e12 }, start)).toBe(2 ** 31 - 1);
  });
});
