// Forecasts made in the simulated world of the benchmarks, each with what came true of it.
import { type Player, type Scenario, World } from "../../../bench/eta/world.ts";
import { WaitEstimator } from "../../../src/login-queue/eta/estimator.ts";
import {
  type Forecast,
  type ForecastChanges,
  type ForecastRange,
  forecast,
  supposing,
} from "../../../src/login-queue/eta/forecast.ts";

export interface Foretold {
  /** In seconds from the start. */
  readonly askedAt: number;
  readonly forecast: Forecast;
  /** When nobody present waited any more, in seconds from the forecast; Infinity: not before the run was over. */
  emptySeconds: number;
  /** When the last of those who waited and stayed was let in. */
  lastSeconds: number;
  /** For how long it was watched. */
  readonly watchedSeconds: number;
}

interface Watched extends Foretold {
  /** Those who waited, in their order. */
  readonly line: Player[];
}

/** Asks at each of these seconds of a run; `changes` is what the operator does in the scenario right after. */
export async function foretell(
  scenario: Scenario,
  seed: number,
  atSeconds: readonly number[],
  changes: ForecastChanges = {},
): Promise<readonly Foretold[]> {
  const world = new World(scenario, seed);
  const estimator = new WaitEstimator();
  const watched: Watched[] = [];
  const lastAsk = Math.max(...atSeconds);
  await world.run(async (second) => {
    const isEmpty = ![...world.waiting.values()].some(({ state }) => state === "waiting");
    for (const one of watched) {
      if (isEmpty) one.emptySeconds = Math.min(one.emptySeconds, second - one.askedAt);
      if (one.line.length === 0) continue;
      // Who drops out now and comes back late waits for reasons of their own.
      while (one.line.length > 0 && one.line.at(-1)?.state !== "waiting") one.line.pop();
      if (one.line.length === 0) one.lastSeconds = second - one.askedAt;
    }
    if (second > lastAsk) return;
    const status = await world.status();
    estimator.update(status);
    if (!atSeconds.includes(second)) return;
    const queue = estimator.measured;
    if (queue === null) throw new Error("nothing was measured");
    watched.push({
      forecast: forecast({ ...queue, status: supposing(status, changes, null) }),
      askedAt: second,
      line: [...world.waiting.values()],
      emptySeconds: isEmpty ? 0 : Number.POSITIVE_INFINITY,
      lastSeconds: world.waiting.size === 0 ? 0 : Number.POSITIVE_INFINITY,
      watchedSeconds: scenario.untilMs / 1000 - second,
    });
  });
  return watched;
}

/** Whether it came true; what was not over when nobody looked any more may have come at any time after. */
export function isWithin(range: ForecastRange, seconds: number, watchedSeconds: number): boolean {
  const { low, high } = range;
  return seconds === Number.POSITIVE_INFINITY
    ? high === null || high >= watchedSeconds
    : low <= seconds && (high === null || seconds <= high);
}
