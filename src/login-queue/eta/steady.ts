// What a player is shown: a moment of finish that stays where it is until it is wrong by more than chance explains.

/** What was estimated at one moment. */
export interface Estimate {
  /** When the player will be logged in, ms since the epoch. */
  readonly finishAt: number;
  /** How far chance alone moves it, in ms. */
  readonly spreadMs: number;
  /** The settings it was made under: a change of them changes it at once. */
  readonly epoch: number;
}

/** What a player was shown last. Two numbers a ticket. */
export interface ShownFinish {
  readonly finishAt: number;
  readonly epoch: number;
}

/** The largest value of the state's int32. */
const longestEtaMs = 2 ** 31 - 1;

/** The wait in whole ms as the wire has it: never below zero, and -1 for what is not known. */
export function etaMsOf(finish: Pick<ShownFinish, "finishAt"> | null, now: number): number {
  return finish === null ? -1 : Math.max(0, Math.min(longestEtaMs, Math.round(finish.finishAt - now)));
}

/** Admissions come in steps, and the whole is looked at once a second. */
const leastBandMs = 750;
/** The part of the spread within which a correction would only follow chance. */
const bandOfSpread = 0.6;

/**
 * The finish to show from now on: the one shown before, for as long as it may be right, so that the client's own countdown
 * needs no correction; else the new one. `shown` null: nothing was shown.
 */
export function steadyFinish(shown: ShownFinish | null, estimate: Estimate): ShownFinish {
  const { finishAt, spreadMs, epoch } = estimate;
  if (shown === null || shown.epoch !== epoch) return { finishAt, epoch };
  const bandMs = leastBandMs + bandOfSpread * spreadMs;
  return Math.abs(finishAt - shown.finishAt) <= bandMs ? shown : { finishAt, epoch };
}
