// What an operator sees of the queue: the store's standing, and its counters as rates over the last seconds.
import type { QueueMode } from "../wire.ts";
import { effectiveLimit } from "./admission.ts";
import type { QueueStatus } from "./queue-store.ts";

/** The windows that rates are shown over, in seconds. */
const windows = [1, 10, 60] as const;
type PerSecond = Readonly<Record<(typeof windows)[number], number>>;

/** What `login.queue.status()` answers. */
export interface QueueOverview {
  /** The store's time of all this, ms since the epoch. */
  readonly asOf: number;
  readonly mode: QueueMode;
  readonly notice: string;
  /** Tickets that wait, in all lanes; away ones included. */
  readonly waiting: number;
  /** Those of them whose holder is not connected. */
  readonly away: number;
  readonly lanes: Readonly<
    Record<string, { readonly weight: number; readonly waiting: number; readonly away: number }>
  >;
  /** What somebody is told who joins the default lane now: ms until logged in; -1 = not known. */
  readonly etaMs: number;
  /** For how long the first in line has waited, in seconds; null while nobody waits. */
  readonly oldestWaitSeconds: number | null;
  /** Slots in use: unspent passes and sessions. */
  readonly liveSlots: number;
  readonly targetCcuLimit: number;
  /** The limit after the safety margin. */
  readonly limit: number;
  readonly targetLoginRatePerSecond: number;
  readonly loginBurst: number;
  /** Slots taken per second, over the last 1, 10 and 60 seconds; over less where this process has not run for so long. */
  readonly admittedPerSecond: PerSecond;
  /** Slots given up per second, over the same. */
  readonly leftPerSecond: PerSecond;
  /** Passes that ran out unused since the store began. */
  readonly noShows: number;
  /** Median seconds from admission to login, as measured; null until there is enough to measure. */
  readonly secondsToLogin: number | null;
  /** How long ago any process ran the admission step, in seconds; null before the first. */
  readonly secondsSinceAdmissionStep: number | null;
  /** Nobody is admitted before this moment (restore after a start on an empty store), ms since the epoch. */
  readonly holdUntil: number;
}

interface Sample {
  readonly at: number;
  readonly taken: number;
  readonly departed: number;
}

/** The store's counters over the last minute, as this process saw them. */
export class CounterHistory {
  #samples: Sample[] = [];

  add({ asOf: at, liveSlots, departedSlots: departed }: QueueStatus): void {
    const taken = departed + liveSlots;
    const last = this.#samples.at(-1);
    // A store that was lost counts anew.
    if (last !== undefined && (taken < last.taken || departed < last.departed)) this.#samples = [];
    if (last?.at === at) this.#samples.pop();
    this.#samples.push({ at, taken, departed });
    const longestMs = 1000 * Math.max(...windows);
    while ((this.#samples[1]?.at ?? Number.POSITIVE_INFINITY) <= at - longestMs) this.#samples.shift();
  }

  /** How much a counter grew per second, up to its newest value. */
  perSecond(counter: "taken" | "departed"): PerSecond {
    const over = (seconds: number): number => {
      const last = this.#samples.at(-1);
      if (last === undefined) return 0;
      const from = this.#samples.findLast(({ at }) => at <= last.at - 1000 * seconds) ?? this.#samples[0] ?? last;
      return from.at === last.at ? 0 : (1000 * (last[counter] - from[counter])) / (last.at - from.at);
    };
    return { 1: over(1), 10: over(10), 60: over(60) };
  }
}

/** `status` is the newest that `history` knows; `etaMs` the estimate for a newcomer. */
export function overviewOf(
  status: QueueStatus,
  { notice, etaMs }: Pick<QueueOverview, "notice" | "etaMs">,
  history: CounterHistory,
): QueueOverview {
  const lanes = Object.entries(status.lanes).map(
    ([name, { weight, waiting, away }]) => [name, { weight, waiting, away }] as const,
  );
  const secondsSince = (moment: number | null): number | null =>
    moment === null ? null : Math.max(0, status.asOf - moment) / 1000;
  return {
    asOf: status.asOf,
    mode: status.mode,
    notice,
    waiting: lanes.reduce((sum, [, { waiting }]) => sum + waiting, 0),
    away: lanes.reduce((sum, [, { away }]) => sum + away, 0),
    lanes: Object.fromEntries(lanes),
    etaMs,
    oldestWaitSeconds: secondsSince(status.oldestEnqueuedAt),
    liveSlots: status.liveSlots,
    targetCcuLimit: status.targetCcuLimit,
    limit: effectiveLimit(status),
    targetLoginRatePerSecond: status.targetLoginRatePerSecond,
    loginBurst: status.loginBurst,
    admittedPerSecond: history.perSecond("taken"),
    leftPerSecond: history.perSecond("departed"),
    noShows: status.noShows,
    secondsToLogin: status.secondsToLogin,
    secondsSinceAdmissionStep: secondsSince(status.admissionStepAt),
    holdUntil: status.holdUntil,
  };
}
