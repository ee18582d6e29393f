// What the log says of a Redis that cannot be reached: one line when it goes, one when it is back for good.
import { expect, it } from "vitest";
import { Outages } from "../../src/stores/redis/outages.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";

function setUp() {
  const [steady, logger] = [new ManualClock(0), recordingLogger()];
  return { steady, outages: new Outages(logger, steady), said: () => logger.lines.map(({ level }) => level) };
}

it("one that answers every other call is one outage", async () => {
  const { steady, outages, said } = setUp();
  for (let call = 0; call < 200; call += 1) {
    outages.failed("store", new Error("no answer"));
    await steady.advance(50);
    outages.worked("store");
    await steady.advance(50);
  }
  expect(said()).toEqual(["warn"]);
  await steady.advance(2_000);
  outages.worked("store");
  outages.worked("store");
  expect(said()).toEqual(["warn", "info"]);
});

it("is over when all that failed works again", async () => {
  const { steady, outages, said } = setUp();
  outages.failed("store", new Error("gone"));
  outages.failed("feed", new Error("gone"));
  await steady.advance(3_000);
  outages.worked("store");
  expect(said()).toEqual(["warn"]);
  outages.worked("feed");
  expect(said()).toEqual(["warn", "info"]);
});
