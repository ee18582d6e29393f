// Redis's time as a process reckons it: within half a round trip, kept while it agrees, and never by the machine's own date.
import { expect, it } from "vitest";
import { StoreTime } from "../../src/stores/redis/store-time.ts";
import { ManualClock } from "../support/manual-clock.ts";

const redisLeads = 5_000_000;

/** A measurement whose question and answer take so long on the way. */
async function measure(time: StoreTime, steady: ManualClock, thereMs: number, backMs: number, leads = redisLeads) {
  await time.measure(async () => {
    await steady.advance(thereMs);
    const answer = steady.now() + leads;
    await steady.advance(backMs);
    return answer;
  });
}

const errorOf = (time: StoreTime, steady: ManualClock, leads = redisLeads) => time.now() - (steady.now() + leads);

it("is the machine's until it was measured", () => {
  const time = new StoreTime(new ManualClock(0));
  expect(time.measuredNow()).toBeNull();
  expect(Math.abs(time.now() - Date.now())).toBeLessThan(1_000);
});

it("is off by no more than half the round trip, and goes on by the steady clock", async () => {
  const steady = new ManualClock(1_000);
  const time = new StoreTime(steady);
  await measure(time, steady, 30, 10);
  expect(Math.abs(errorOf(time, steady))).toBeLessThanOrEqual(20);
  const before = time.now();
  await steady.advance(1_234);
  expect(time.now()).toBe(before + 1_234);
});

it("is not made worse by a slow answer that agrees with it", async () => {
  const steady = new ManualClock(1_000);
  const time = new StoreTime(steady);
  await measure(time, steady, 1, 1);
  await steady.advance(3_000);
  await measure(time, steady, 400, 0);
  expect(errorOf(time, steady)).toBe(0);
});

it("follows a clock that was set, at the next measurement", async () => {
  const steady = new ManualClock(1_000);
  const time = new StoreTime(steady);
  await measure(time, steady, 1, 1);
  await measure(time, steady, 2, 2, redisLeads - 60_000);
  expect(errorOf(time, steady, redisLeads - 60_000)).toBe(0);
});

it("follows two clocks that drift apart", async () => {
  const steady = new ManualClock(1_000);
  const time = new StoreTime(steady);
  await measure(time, steady, 1, 1);
  for (let leads = redisLeads; leads < redisLeads + 20; leads += 0.1) {
    await steady.advance(3_000);
    await measure(time, steady, 2, 2, leads);
  }
  expect(Math.abs(errorOf(time, steady, redisLeads + 20))).toBeLessThanOrEqual(5);
});
