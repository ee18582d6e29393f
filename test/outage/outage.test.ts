// Work on a store that fails: quiet, patient, and nothing owed is lost.
import { describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { StoreOutage } from "../../src/outage.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";

function setUp() {
  const clock = new ManualClock();
  const logger = recordingLogger();
  const told: unknown[][] = [];
  const outage = new StoreOutage({ clock, logger, emit: (...signal) => void told.push(signal) });
  const state = { down: false, calls: 0 };
  const work = async (): Promise<void> => {
    state.calls += 1;
    if (state.down) throw new LoginError("STORE_UNAVAILABLE", "the store cannot be reached");
  };
  return { clock, logger, told, outage, state, work };
}

describe("an outage", () => {
  it("is logged and told once, tried rarely, and its end is logged and told", async () => {
    const { clock, logger, told, outage, state, work } = setUp();
    state.down = true;
    for (let step = 0; step < 600; step += 1) {
      await outage.attempt("one task", work);
      await outage.attempt("another task", work);
      await clock.advance(100);
    }
    expect(state.calls).toBeLessThanOrEqual(2 * 61);
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn"]);
    expect(logger.lines[0]?.text).toContain("STORE_UNAVAILABLE");

    state.down = false;
    await clock.advance(1_000);
    expect(await outage.attempt("one task", work)).toBe(true);
    expect(logger.lines).toHaveLength(1);
    expect(await outage.attempt("another task", work)).toBe(true);
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn", "info"]);
    expect(told).toEqual([
      ["storeAvailable", { available: false }],
      ["storeAvailable", { available: true }],
    ]);
  });

  it("of one task alone does not flood the log while the others work", async () => {
    const { clock, logger, outage, work } = setUp();
    for (let step = 0; step < 100; step += 1) {
      await outage.attempt("a good task", work);
      await outage.attempt("a bad task", async () => {
        throw new TypeError("a fault in the code");
      });
      await clock.advance(1_000);
    }
    expect(logger.lines).toHaveLength(1);
  });

  it("is forgotten where the task that failed is never tried again", async () => {
    const { clock, logger, outage, state, work } = setUp();
    state.down = true;
    await outage.attempt("a rare task", work);
    await clock.advance(120_000);
    await outage.attempt("another", work);
    expect(logger.lines).toHaveLength(2);
  });
});

describe("work that must not be lost", () => {
  it("is done when the store is back, once, the newest of its key", async () => {
    const { clock, outage, state } = setUp();
    const done: string[] = [];
    const doing = (what: string) => async () => {
      if (state.down) throw new Error("down");
      done.push(what);
    };
    state.down = true;
    await outage.insist("a task", "one", doing("one, old"));
    await outage.insist("a task", "two", doing("two"));
    await outage.insist("a task", "one", doing("one, new"));
    await clock.advance(1_000);
    await outage.retry();
    expect(done).toEqual([]);
    state.down = false;
    await clock.advance(1_000);
    await outage.retry();
    await outage.retry();
    expect(done).toEqual(["two", "one, new"]);
  });

  it("is not done again after newer work of its key succeeded", async () => {
    const { clock, outage, state } = setUp();
    const done: string[] = [];
    state.down = true;
    await outage.insist("a task", "one", async () => {
      if (state.down) throw new Error("down");
      done.push("old");
    });
    state.down = false;
    await clock.advance(1_000);
    await outage.insist("a task", "one", async () => void done.push("new"));
    await outage.retry();
    expect(done).toEqual(["new"]);
  });

  it("is not done again where it failed only after newer work of its key was done", async () => {
    const { clock, outage } = setUp();
    const done: string[] = [];
    const answer = Promise.withResolvers<void>();
    const old = outage.insist("a task", "one", async () => {
      await answer.promise;
      done.push("old");
    });
    await outage.insist("a task", "one", async () => void done.push("new"));
    answer.reject(new Error("no answer"));
    await old;
    expect(outage.owed).toBe(0);
    await clock.advance(1_000);
    await outage.retry();
    expect(done).toEqual(["new"]);
  });
});
