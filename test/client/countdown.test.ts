// The countdown that pages show: it runs by itself, is corrected rarely and without a jump, and its progress never goes back.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QueueCountdown } from "../../src/client/countdown.ts";
import { createCountdown } from "../../src/client/index.ts";
import type { QueueUpdate } from "../../src/client/queue-visit.ts";
import { ManualTime } from "./support/manual-time.ts";

const SECOND = 1_000;
const MINUTE = 60_000;

function waiting(etaMs: number, position = 10): QueueUpdate {
  return { status: "waiting", position, queueLength: 20, etaMs, mode: "auto", notice: "", asOf: 1 };
}

function start(progress = 0) {
  const time = new ManualTime();
  const countdown = new QueueCountdown(time, progress);
  return {
    time,
    say: (etaMs: number, position?: number) => countdown.update(waiting(etaMs, position)),
    tell: (update: Partial<QueueUpdate>) => countdown.update({ ...waiting(-1), ...update }),
    left: () => countdown.read().leftMs,
    progress: () => countdown.read().progress,
  };
}

describe("the time left", () => {
  it("is not known before the server said anything, nor while it cannot say", () => {
    const { say, left } = start();
    expect(left()).toBeNull();
    say(-1);
    expect(left()).toBeNull();
    say(20 * SECOND);
    expect(left()).toBe(20 * SECOND);
    say(-1);
    expect(left()).toBeNull();
    say(50 * SECOND);
    expect(left()).toBe(50 * SECOND);
  });

  it("does not begin before there is a place", () => {
    const { tell, say, progress, left } = start(0.3);
    tell({ position: 0, mode: "unavailable" });
    expect([left(), progress()]).toEqual([null, 0.3]);
    say(-1, 10);
    expect(progress()).toBe(0.3);
  });

  it("runs down like a clock between updates, to zero and no further", () => {
    const { time, say, left } = start();
    say(20 * SECOND);
    time.advance(12_345);
    expect(left()).toBe(7_655);
    time.advance(10 * SECOND);
    expect(left()).toBe(0);
  });

  it.each([
    [60 * SECOND, 9 * SECOND],
    [60 * SECOND, -7 * SECOND],
    [10 * SECOND, 3 * SECOND],
    [10 * SECOND, -3 * SECOND],
    [20 * MINUTE, 3 * MINUTE],
  ])("of %i is not corrected for a difference of %i", (etaMs, difference) => {
    const { time, say, left } = start();
    say(etaMs);
    time.advance(SECOND);
    say(etaMs - SECOND + difference);
    time.advance(SECOND);
    expect(left()).toBe(etaMs - 2 * SECOND);
  });

  it("runs faster towards an earlier end", () => {
    const { time, say, left } = start();
    say(60 * SECOND);
    say(40 * SECOND);
    expect(left()).toBe(60 * SECOND);
    time.advance(4 * SECOND);
    expect(left()).toBe(46 * SECOND);
    time.advance(4 * SECOND);
    expect(left()).toBe(32 * SECOND);
    time.advance(SECOND);
    expect(left()).toBe(31 * SECOND);
  });

  it("runs at half speed towards an end that is somewhat later", () => {
    const { time, say, left } = start();
    say(40 * SECOND);
    say(55 * SECOND);
    expect(left()).toBe(40 * SECOND);
    time.advance(10 * SECOND);
    expect(left()).toBe(35 * SECOND);
    time.advance(20 * SECOND);
    expect(left()).toBe(25 * SECOND);
    time.advance(SECOND);
    expect(left()).toBe(24 * SECOND);
  });

  it("runs up to an end that is much later, within four seconds, and down again from there", () => {
    const { time, say, left } = start();
    say(30 * SECOND);
    say(10 * MINUTE);
    expect(left()).toBe(30 * SECOND);
    time.advance(2 * SECOND);
    expect(left()).toBe(313 * SECOND);
    time.advance(2 * SECOND);
    expect(left()).toBe(10 * MINUTE - 4 * SECOND);
    time.advance(SECOND);
    expect(left()).toBe(10 * MINUTE - 5 * SECOND);
  });

  it("comes back from zero where the turn did not come", () => {
    const { time, say, left } = start();
    say(5 * SECOND);
    time.advance(8 * SECOND);
    say(9 * SECOND);
    expect(left()).toBe(0);
    time.advance(4 * SECOND);
    expect(left()).toBe(5 * SECOND);
  });

  it("goes on towards the same end where the server repeats itself in the middle of a correction", () => {
    const { time, say, left } = start();
    say(60 * SECOND);
    say(40 * SECOND);
    for (let seconds = 1; seconds <= 8; seconds++) {
      time.advance(SECOND);
      say((40 - seconds) * SECOND);
    }
    expect(left()).toBe(32 * SECOND);
  });

  it("is nothing once admitted, and unknown once removed", () => {
    const { say, tell, left, progress } = start();
    say(20 * SECOND);
    tell({ status: "admitted", position: 0, etaMs: 0 });
    expect([left(), progress()]).toEqual([0, 1]);
    const removed = start();
    removed.say(20 * SECOND);
    removed.tell({ status: "removed", etaMs: 5 });
    expect(removed.left()).toBeNull();
  });
});

describe("progress", () => {
  it("is the part of the wait that is over", () => {
    const { time, say, progress } = start();
    expect(progress()).toBe(0);
    say(20 * SECOND);
    time.advance(5 * SECOND);
    expect(progress()).toBeCloseTo(0.25);
    time.advance(100 * SECOND);
    expect(progress()).toBe(0.97);
  });

  it("is the part of the line that is gone while the time is not known", () => {
    const { say, progress } = start();
    say(-1, 40);
    expect(progress()).toBe(0);
    say(-1, 10);
    expect(progress()).toBe(0.75);
  });

  it("goes on from where it was before the page was loaded again", () => {
    const { time, say, progress } = start(0.5);
    expect(progress()).toBe(0.5);
    say(20 * SECOND);
    time.advance(10 * SECOND);
    expect(progress()).toBeCloseTo(0.75);
  });

  it.each([-1, 7])("starts between its bounds with %d", (given) => {
    const { say, progress } = start(given);
    say(20 * SECOND);
    expect(progress()).toBeGreaterThanOrEqual(0);
    expect(progress()).toBeLessThanOrEqual(0.97);
  });
});

/** So many ms pass, and then the server says this; -1 stands for "not known". */
const steps = fc.array(
  fc.record({
    pauseMs: fc.integer({ min: 50, max: 12_000 }),
    etaMs: fc.oneof(
      { weight: 1, arbitrary: fc.constant(-1) },
      { weight: 4, arbitrary: fc.integer({ min: 0, max: 90_000 }) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 3_600_000 }) },
    ),
    position: fc.integer({ min: 1, max: 5_000 }),
  }),
  { minLength: 1, maxLength: 12 },
);
const frameMs = 50;

it("never jumps, never stalls, rises only to what the server says, and its progress never goes back", () => {
  fc.assert(
    fc.property(steps, (said) => {
      const { time, say, left, progress } = start();
      let lastProgress = 0;
      let runsUpUntil = 0;
      for (const { pauseMs, etaMs, position } of said) {
        const before = left();
        say(etaMs, position);
        const saidAt = time.now();
        const atOnce = left();
        if (etaMs < 0) expect(atOnce).toBeNull();
        else if (before === null) expect(atOnce).toBe(etaMs);
        else expect(atOnce).toBeCloseTo(before, 3);
        const tolerance = Math.max(3_000, etaMs * 0.15);
        if (before !== null && etaMs - before > Math.min(before / 2, 30_000)) runsUpUntil = saidAt + 4_000;
        let still = 0;
        for (let passed = 0; passed + frameMs <= pauseMs; passed += frameMs) {
          const was = left();
          time.advance(frameMs);
          const is = left();
          expect(progress()).toBeGreaterThanOrEqual(lastProgress);
          lastProgress = progress();
          if (was === null || is === null) continue;
          const estimate = Math.max(0, saidAt + etaMs - time.now());
          // Up: within four seconds of an estimate that is much later, and not beyond what the server says.
          if (is > was) expect(time.now()).toBeLessThan(runsUpUntil + frameMs);
          if (is > was) expect(is).toBeLessThanOrEqual(estimate + tolerance);
          if (was > 0 && is > 0 && Math.abs(is - was) < frameMs * 0.49) still++;
        }
        // The one frame in which running up turns into running down.
        expect(still).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 150 },
  );
});

it("is within the tolerance of the server's last word a minute later", () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 90_000, max: 3_600_000 }), (said, last) => {
      const { time, say, left } = start();
      for (const { pauseMs, etaMs } of said) {
        say(etaMs);
        time.advance(pauseMs);
      }
      say(last);
      time.advance(MINUTE);
      expect(Math.abs((left() ?? 0) - (last - MINUTE))).toBeLessThanOrEqual(Math.max(3_000, last * 0.15));
    }),
  );
});

it("runs by the machine's own clock for everyone else", () => {
  const countdown = createCountdown({ progress: 0.3 });
  expect(countdown.read()).toEqual({ leftMs: null, progress: 0.3 });
  countdown.update(waiting(1_000_000));
  const { leftMs } = countdown.read();
  expect(leftMs).toBeGreaterThan(900_000);
  expect(leftMs).toBeLessThanOrEqual(1_000_000);
});
