// How often a forecast comes true: queues of simulated players through the real admission, each watched until it is known.
import { describe, expect, it } from "vitest";
import { drawExponential, type Random } from "../../../bench/eta/random.ts";
import type { Scenario } from "../../../bench/eta/world.ts";
import type { ForecastChanges } from "../../../src/login-queue/eta/forecast.ts";
import { type Foretold, foretell, isWithin } from "./foretold.ts";

const second = 1_000;
const minute = 60 * second;
const runs = 10;
/** What is promised. */
const leastWithin = 0.8;

/** All within the first two minutes. */
const wave = (count: number) => (random: Random) =>
  Array.from({ length: count }, () => random() * 2 * minute).sort((a, b) => a - b);

/** A crowd at the door, and then one after another. */
const stream = (atOnce: number, perSecond: number, forMs: number) => (random: Random) => {
  const arrivals: number[] = Array.from({ length: atOnce }, () => 0);
  for (let at = 0; at < forMs; at += drawExponential(random, second / perSecond)) arrivals.push(at);
  return arrivals;
};

/** 3 000 at eight a second: six minutes. */
const launch: Scenario = {
  name: "launch",
  seeds: [],
  settings: { targetLoginRatePerSecond: 8, loginBurst: 8 },
  arrivals: wave(3_000),
  playing: 0,
  untilMs: 8 * minute,
};

/** 1 500 sessions of 66 minutes in the mean leave 0.38 slots a second. */
const slots = 1_500;
const departuresPerSecond = slots / (66 * 60);
const full: Scenario = {
  name: "full",
  seeds: [],
  settings: { targetCcuLimit: slots },
  arrivals: stream(0, departuresPerSecond * 1.4, 20 * minute),
  playing: slots,
  untilMs: 40 * minute,
};

interface Case {
  readonly scenario: Scenario;
  /** When it is asked, in seconds; where the queue is to get empty, and where only the last one's wait is looked at. */
  readonly empty: readonly number[];
  readonly last: readonly number[];
  readonly changes?: ForecastChanges;
}

const cases: Record<string, Case> = {
  "a launch wave that drains by the rate": { scenario: launch, empty: [180, 240], last: [30, 60, 100, 130] },
  "a launch wave of which some give up and some drop out": {
    scenario: {
      ...launch,
      givingUp: { part: 0.15, afterMs: 2 * minute },
      dropping: { part: 0.1, afterMs: 2 * minute, awayMs: 25 * second },
    },
    empty: [180, 240],
    last: [60, 100, 130],
  },
  "a launch wave in two lanes": {
    scenario: {
      ...launch,
      settings: { ...launch.settings, lanes: { default: 1, friends: 3 } },
      laneOf: (random) => (random() < 0.3 ? "friends" : "default"),
    },
    empty: [180, 240],
    last: [60, 100, 130],
  },
  "a launch wave whose rate is raised": {
    scenario: {
      ...launch,
      changes: [{ atMs: 180 * second + 1, settings: { targetLoginRatePerSecond: 20, loginBurst: 20 } }],
    },
    empty: [180],
    last: [],
    changes: { targetLoginRatePerSecond: 20 },
  },
  "a launch wave that fills the server, whose players are all young": {
    scenario: { ...launch, settings: { ...launch.settings, targetCcuLimit: 2_400 }, untilMs: 35 * minute },
    empty: [360, 600, 800],
    last: [150, 240],
  },
  "a full server, until nobody arrives any more": {
    scenario: full,
    empty: [1_280, 1_500],
    last: [120, 300, 600, 1_000],
  },
  "a full server of which many give up": {
    scenario: { ...full, givingUp: { part: 0.3, afterMs: 5 * minute } },
    empty: [1_280],
    last: [120, 300, 600, 1_000],
  },
  "a full server at which fewer arrive than leave": {
    scenario: { ...full, arrivals: stream(40, departuresPerSecond * 0.8, 30 * minute), untilMs: 30 * minute },
    empty: [60, 300],
    last: [],
  },
  "a full server whose limit is raised": {
    scenario: {
      ...full,
      arrivals: stream(0, departuresPerSecond * 2, 20 * minute),
      untilMs: 30 * minute,
      changes: [{ atMs: 15 * minute + 1, settings: { targetCcuLimit: slots * 1.15 } }],
    },
    empty: [],
    last: [900],
    changes: { targetCcuLimit: slots * 1.15 },
  },
};

/** Of those that gave a range at all, the part that it held. */
function heldPart(foretold: readonly Foretold[], what: "empty" | "last"): number {
  const held = foretold.flatMap(({ forecast, emptySeconds, lastSeconds, watchedSeconds }) => {
    const range = what === "empty" ? forecast.emptyInSeconds : forecast.lastWaitSeconds;
    return range === null ? [] : [isWithin(range, what === "empty" ? emptySeconds : lastSeconds, watchedSeconds)];
  });
  // An answer that says nothing is not one that came true.
  expect(held.length).toBeGreaterThan(foretold.length / 2);
  return held.filter(Boolean).length / held.length;
}

describe("what came true lies within the range, at least four times of five", () => {
  it.each(Object.entries(cases))(
    "%s",
    async (_name, { scenario, empty, last, changes }) => {
      const foretold: Foretold[] = [];
      for (let seed = 1; seed <= runs; seed++) {
        foretold.push(...(await foretell(scenario, seed, [...empty, ...last], changes)));
      }
      const ofEmpty = foretold.filter(({ askedAt }) => empty.includes(askedAt));
      if (empty.length > 0) expect(heldPart(ofEmpty, "empty")).toBeGreaterThanOrEqual(leastWithin);
      expect(heldPart(foretold, "last")).toBeGreaterThanOrEqual(leastWithin);
      // Some hours of queueing, in as many seconds as the machine has to spare.
    },
    60_000,
  );
});
