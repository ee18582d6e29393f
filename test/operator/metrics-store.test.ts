// The store as metrics see it: every verb goes through unchanged, and is timed.
import { describe, expect, it } from "vitest";
import { timedStore } from "../../src/composition/timed-store.ts";
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import type { Store } from "../../src/stores/store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { meteredHouse, uniformStore, valueAt, verbsOf } from "./metrics-setup.ts";

interface Observed {
  readonly call: string;
  readonly seconds: number;
  readonly failed: boolean;
}

function observed(store: Store, clock = new ManualClock()): { timed: Store; seen: Observed[] } {
  const seen: Observed[] = [];
  const timed = timedStore(store, (call, seconds, failed) => seen.push({ call, seconds, failed }), clock);
  return { timed, seen };
}

const verbs = [...verbsOf(observed(uniformStore(async () => {})).timed).keys()];

describe("a timed store", () => {
  it("has sessions, access, audit and queue", () => {
    expect(verbs).toEqual(expect.arrayContaining(["sessions.open", "access.ban", "audit.append", "queue.join"]));
  });

  it.each(verbs)("%s gets what it was given, answers what it answered, and tells of itself once", async (name) => {
    const made: unknown[] = [];
    const answer = {};
    const { timed, seen } = observed(
      uniformStore(async (call, args) => {
        made.push(call, ...args);
        return answer;
      }),
    );
    const verb = verbsOf(timed).get(name);
    const args = Array.from({ length: verb?.length ?? 0 }, (_, index) => `argument ${index}`);
    expect(await verb?.(...args)).toBe(answer);
    expect(made).toEqual([name, ...args]);
    expect(seen).toEqual([{ call: name, seconds: 0, failed: false }]);
  });

  // The compiler sees to what must be given, not to what may be.
  it.each([
    ["sessions.endAllOfUser", 3],
    ["sessions.disconnect", 3],
    ["queue.poll", 3],
    ["queue.leave", 2],
    ["queue.admitDirectly", 2],
    ["queue.takeSlot", 2],
  ])("%s gets what may be left out, too", (name, most) => {
    expect(verbsOf(observed(uniformStore(async () => {})).timed).get(name)).toHaveLength(most);
  });

  it("a call takes from its beginning to its answer, by a steady clock", async () => {
    const clock = new ManualClock();
    const answers: (() => void)[] = [];
    const { timed, seen } = observed(
      uniformStore(() => new Promise<void>((resolve) => answers.push(resolve))),
      clock,
    );
    const slow = timed.queue.sweep();
    await clock.advance(250);
    const quick = timed.sessions.markSeen("sid");
    await clock.advance(50);
    answers[1]?.();
    await quick;
    await clock.advance(700);
    answers[0]?.();
    await slow;
    expect(seen).toEqual([
      { call: "sessions.markSeen", seconds: 0.05, failed: false },
      { call: "queue.sweep", seconds: 1, failed: false },
    ]);
  });

  it("a failure is told, and goes on to the caller", async () => {
    const failure = new Error("away");
    const { timed, seen } = observed(uniformStore(() => Promise.reject(failure)));
    await expect(timed.access.getBan("ada")).rejects.toBe(failure);
    expect(seen).toEqual([{ call: "access.getBan", seconds: 0, failed: true }]);
  });

  it("a store without a queue throws on its use as before", () => {
    const opened = memoryStore()({ clock: new ManualClock(), queue: null, ticketsMayReturn: false });
    const { timed } = observed(opened);
    expect(() => timed.queue).toThrow(TypeError);
  });

  it("what it tells is counted under the verb's name", async () => {
    const { metrics, read } = meteredHouse();
    const clock = { now: () => 0 };
    await timedStore(
      uniformStore(async () => {}),
      metrics.storeCall,
      clock,
    ).queue.sweep();
    const away = timedStore(
      uniformStore(() => Promise.reject(new Error("away"))),
      metrics.storeCall,
      clock,
    );
    await expect(away.queue.sweep()).rejects.toThrow("away");
    const exposition = await read();
    expect(valueAt(exposition, "store_call_duration_seconds_count", { call: "queue.sweep" })).toBe(2);
    expect(valueAt(exposition, "store_call_failures_total", { call: "queue.sweep" })).toBe(1);
  });
});
