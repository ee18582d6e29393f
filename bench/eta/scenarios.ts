// What the estimate is tried on.
import { drawExponential, type Random } from "./random.ts";
import type { Scenario } from "./world.ts";

const second = 1_000;
const minute = 60 * second;

/** All within the first two minutes. */
function wave(count: number): (random: Random) => readonly number[] {
  return (random) => Array.from({ length: count }, () => random() * 2 * minute).sort((a, b) => a - b);
}

/** One after another, `perSecond` in the mean, for so long. */
function stream(perSecond: number, forMs: number): (random: Random) => readonly number[] {
  return (random) => {
    const arrivals: number[] = [];
    for (let at = 0; at < forMs; at += drawExponential(random, second / perSecond)) arrivals.push(at);
    return arrivals;
  };
}

const launch = { seeds: [1], settings: {}, arrivals: wave(20_000), playing: 0, untilMs: 9 * minute };

/** 5 000 sessions of 66 minutes in the mean leave 1.26 slots a second. */
const departuresPerSecond = 1.26;
/** Chance moves a single line of departures for all who wait in it at once, and so there are several. */
const full = {
  seeds: [1, 2, 3],
  settings: { targetCcuLimit: 5_000 },
  arrivals: stream(departuresPerSecond * 1.15, 120 * minute),
  playing: 5_000,
  untilMs: 140 * minute,
};

export const scenarios: readonly Scenario[] = [
  { ...launch, name: "launch wave" },
  { ...full, name: "full server" },
  {
    ...launch,
    name: "rate changed live",
    arrivals: wave(15_000),
    changes: [
      { atMs: 100 * second, settings: { targetLoginRatePerSecond: 100, loginBurst: 100 } },
      { atMs: 150 * second, settings: { targetLoginRatePerSecond: 25, loginBurst: 25 } },
    ],
    untilMs: 9 * minute,
  },
  {
    ...launch,
    name: "pause of five minutes",
    arrivals: wave(10_000),
    changes: [
      { atMs: 100 * second, settings: { mode: "paused" } },
      { atMs: 400 * second, settings: { mode: "auto" } },
    ],
    untilMs: 10 * minute,
  },
  { ...launch, name: "15 % give up", givingUp: { part: 0.15, afterMs: 2 * minute } },
  { ...launch, name: "10 % drop and return", dropping: { part: 0.1, afterMs: 2 * minute, awayMs: 25 * second } },
  {
    ...full,
    name: "full, give up and drop",
    arrivals: stream(departuresPerSecond * 1.35, 120 * minute),
    givingUp: { part: 0.15, afterMs: 5 * minute },
    dropping: { part: 0.1, afterMs: 5 * minute, awayMs: 25 * second },
  },
  {
    ...full,
    name: "step in limit and departures",
    arrivals: stream(departuresPerSecond * 1.5, 100 * minute),
    changes: [{ atMs: 60 * minute, settings: { targetCcuLimit: 5_400 }, haste: 1.6 }],
    untilMs: 120 * minute,
  },
  {
    ...launch,
    name: "two lanes after a restart",
    arrivals: wave(12_000),
    settings: { lanes: { default: 1, friends: 3 } },
    laneOf: (random) => (random() < 0.3 ? "friends" : "default"),
    afterRestart: true,
  },
  {
    ...full,
    name: "full, a lane for few",
    seeds: [1],
    settings: { targetCcuLimit: 5_000, lanes: { default: 1, friends: 3 } },
    laneOf: (random) => (random() < 0.1 ? "friends" : "default"),
  },
];
