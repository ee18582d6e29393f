// When the loop that reads the feed may be believed: beats and reads that a test answers one by one.
import { afterEach, beforeEach, expect, it } from "vitest";
import { FeedReader } from "../../src/stores/redis/feed-reader.ts";
import type { FeedEnds } from "../../src/stores/redis/processes.ts";
import { ManualClock } from "../support/manual-clock.ts";

type Asked<T> = PromiseWithResolvers<T>;

let steady: ManualClock;
let beats: Asked<FeedEnds>[];
let reads: Asked<null>[];
/** Ends everything that was asked. */
let giveUps: (() => void)[];
let gaps: number;
let reader: FeedReader;

/** Waits for what the reader asks next. */
async function next<T>(asked: Asked<T>[]): Promise<Asked<T>> {
  for (;;) {
    const first = asked.shift();
    if (first !== undefined) return first;
    await idle();
  }
}

/** Resolves when the reader waits for an answer, or for time to go by. */
async function idle(): Promise<void> {
  await new Promise(setImmediate);
}

function ask<T>(asked: Asked<T>[]): Promise<T> {
  const one = Promise.withResolvers<T>();
  asked.push(one);
  giveUps.push(() => one.reject(new Error("closed")));
  return one.promise;
}

const ends = { first: "1-0", last: "1-0" };

beforeEach(() => {
  steady = new ManualClock(0);
  beats = [];
  reads = [];
  giveUps = [];
  gaps = 0;
  reader = new FeedReader({
    processId: "here",
    connection: { client: { xread: () => ask(reads) }, call: (send) => send(), cut: () => {} },
    key: (name) => name,
    processes: { beat: () => ask(beats) },
    feed: {
      tell: () => ({ socketsClosed: null }),
      tellOwn: () => 0,
      tellGap: () => {
        gaps += 1;
      },
    },
    acknowledgements: { hear: () => {}, repliesRead: "0-0" },
    steady,
    leaseMs: 3_000,
  });
});

afterEach(async () => {
  const closed = reader.close();
  for (const giveUp of giveUps) giveUp();
  await closed;
});

async function fail<T>(asked: Asked<T>[]): Promise<void> {
  (await next(asked)).reject(new Error("gone"));
}

it("is level once it has beaten and read", async () => {
  (await next(beats)).resolve(ends);
  const read = await next(reads);
  expect(reader.isLevel()).toBe(false);
  read.resolve(null);
  await next(reads);
  expect([reader.isLevel(), gaps]).toEqual([true, 0]);
});

it("is not level after its lease was over, until it has read what was written meanwhile", async () => {
  (await next(beats)).resolve(ends);
  (await next(reads)).resolve(null);
  await idle();
  await steady.advance(1_000);
  (await next(reads)).resolve(null);
  await fail(beats);
  (await next(reads)).resolve(null);
  await idle();
  await steady.advance(200);
  const beat = await next(beats);
  await steady.advance(2_000);
  // The lease of the first beat ended 200 ms ago; the last read was sent 2 200 ms ago, and this beat 2 000.
  beat.resolve(ends);
  const read = await next(reads);
  expect(reader.isLevel()).toBe(false);
  read.resolve(null);
  await fail(beats);
  expect(reader.isLevel()).toBe(true);
});

it("knows for how long it may not have heard everything: since the last read and beat that were answered had been sent", async () => {
  await steady.advance(900);
  expect(reader.lagMs()).toBe(900);
  (await next(beats)).resolve(ends);
  (await next(reads)).resolve(null);
  await idle();
  await steady.advance(2_500);
  // The first beat had been sent at the beginning.
  expect([reader.lagMs(), reader.isLevel()]).toEqual([3_400, false]);
  (await next(reads)).resolve(null);
  (await next(beats)).resolve(ends);
  const read = await next(reads);
  // What was read last had been asked for 2 500 ms ago; the beat was sent just now, after its lease was over.
  expect([reader.lagMs(), reader.isLevel()]).toEqual([2_500, false]);
  read.resolve(null);
  await next(reads);
  expect(reader.isLevel()).toBe(true);
  await steady.advance(500);
  expect(reader.lagMs()).toBe(500);
});

it("counts from what it last knew while it may have missed something", async () => {
  (await next(beats)).resolve(ends);
  (await next(reads)).resolve(null);
  await idle();
  await steady.advance(1_500);
  (await next(reads)).resolve(null);
  // Another feed than the one it read.
  (await next(beats)).resolve({ first: "9-0", last: "9-0" });
  const read = await next(reads);
  expect([reader.isLevel(), gaps, reader.lagMs()]).toEqual([false, 1, 1_500]);
  await steady.advance(100_000);
  expect(reader.lagMs()).toBe(101_500);
  read.resolve(null);
  await next(beats);
  expect(reader.lagMs()).toBe(100_000);
});

it("may have missed something where its first beat did not get through", async () => {
  await fail(beats);
  await idle();
  await steady.advance(200);
  (await next(beats)).resolve(ends);
  await next(reads);
  expect(gaps).toBe(1);
});
