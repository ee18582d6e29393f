// When a player who polls over HTTP should ask again: often enough near the front, seldom enough far from it (DESIGN 5).

/** Near the front: could be admitted within this many seconds at full rate. */
const nearFrontSeconds = 20;
/** The longest pause between two polls there, in seconds; below `pollPresentSeconds`, so that a poller is present when its turn comes. */
const nearFrontPollSeconds = 5;

export interface PollFacts {
  /** 1 = next. */
  readonly position: number;
  /** -1 = not known. */
  readonly etaMs: number;
  readonly targetLoginRatePerSecond: number;
  readonly maxCheckTicketPollTimeSeconds: number;
}

/** The longest pause that a poller at this place may be told, in seconds. Falls with the position. */
export function longestRetryAfterSeconds(facts: PollFacts): number {
  const secondsAtFullRate = facts.position / facts.targetLoginRatePerSecond;
  const untilTurn = facts.etaMs < 0 ? secondsAtFullRate : facts.etaMs / 1000;
  const byPlace = secondsAtFullRate <= nearFrontSeconds ? nearFrontPollSeconds : facts.maxCheckTicketPollTimeSeconds;
  return Math.max(1, Math.min(untilTurn / 4, byPlace, facts.maxCheckTicketPollTimeSeconds));
}

/** Whole seconds until the next poll: the longest pause less a tenth, ±10 % by `random` in [0, 1), and never less than one. */
export function retryAfterSeconds(facts: PollFacts, random: number): number {
  return Math.max(1, Math.floor(longestRetryAfterSeconds(facts) * 0.9 * (0.9 + 0.2 * random)));
}
