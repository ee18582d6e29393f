// How good the estimates were, ticket by ticket.
import { median } from "../support/figures.ts";
import type { Player } from "./world.ts";

/** By the true time left, in ms. */
export const buckets = [
  { name: "<30s", from: 0, to: 30_000 },
  { name: "30-120s", from: 30_000, to: 120_000 },
  { name: "2-10min", from: 120_000, to: 600_000 },
  { name: ">10min", from: 600_000, to: Number.POSITIVE_INFINITY },
] as const;

/** The least time that an error is a part of. */
const leastMs = 10_000;
/** A wait that was shown as shorter than the first while it was longer than the second, in ms. */
const lieShownMs = 10_000;
const lieTrueMs = 30_000;
/** The variation is scored over waits of at least so long, in ms. */
const leastWaitMs = 30_000;

export interface BucketScore {
  readonly tickets: number;
  /** Over the tickets, of each one's mean error in the bucket, as a part of the true time left. */
  readonly median: number;
  readonly p90: number;
  /** Above zero: shown too long. */
  readonly bias: number;
}

export interface Score {
  readonly buckets: readonly BucketScore[];
  /** The part of the time at -1 while the oracle could tell. */
  readonly unknown: number;
  /** The part of the tickets that were told under ten seconds when it was more than thirty. */
  readonly lies: number;
  /** How much the predicted finish moved, as a part of the wait: over the tickets, the median. */
  readonly variation: number;
}

export function scoreOf(players: Iterable<Player>, index: number, contestants: number, oracle: number): Score {
  const errors: number[][] = buckets.map(() => []);
  const biases: number[][] = buckets.map(() => []);
  const variations: number[] = [];
  let lies = 0;
  let tickets = 0;
  let unknown = 0;
  let knowable = 0;
  const stride = contestants + 1;
  for (const { samples, loggedInAt, joinedAt } of players) {
    if (loggedInAt === null || samples.length === 0) continue;
    tickets += 1;
    const sums = buckets.map(() => ({ count: 0, error: 0, bias: 0 }));
    let variation = 0;
    let lastFinish: number | null = null;
    let hasLied = false;
    for (let at = 0; at < samples.length; at += stride) {
      const shownAt = samples[at]!;
      const shown = samples[at + 1 + index]!;
      const left = loggedInAt - shownAt;
      if (samples[at + 1 + oracle]! >= 0) {
        knowable += 1;
        if (shown < 0) unknown += 1;
      }
      if (shown < 0) continue;
      if (shown < lieShownMs && left > lieTrueMs) hasLied = true;
      const finish = shownAt + shown;
      if (lastFinish !== null) variation += Math.abs(finish - lastFinish);
      lastFinish = finish;
      const sum = sums[buckets.findIndex(({ from, to }) => left >= from && left < to)];
      if (sum === undefined) continue;
      const error = (shown - left) / Math.max(left, leastMs);
      sum.count += 1;
      sum.error += Math.abs(error);
      sum.bias += error;
    }
    sums.forEach(({ count, error, bias }, bucket) => {
      if (count === 0) return;
      errors[bucket]!.push(error / count);
      biases[bucket]!.push(bias / count);
    });
    if (hasLied) lies += 1;
    if (loggedInAt - joinedAt >= leastWaitMs) variations.push(variation / (loggedInAt - joinedAt));
  }
  return {
    buckets: errors.map((values, bucket) => ({
      tickets: values.length,
      median: median(values),
      p90: quantile(values, 0.9),
      bias: median(biases[bucket]!),
    })),
    unknown: knowable === 0 ? 0 : unknown / knowable,
    lies: tickets === 0 ? 0 : lies / tickets,
    variation: median(variations),
  };
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
