// Who is let in, and when: the rules of DESIGN 5 as pure functions of values and time. Stores run these, or the same in Lua.
import type { QueueMode } from "../wire.ts";

/** A token bucket: `tokens` were there at `countedAt` (ms). */
export interface LoginBucket {
  readonly tokens: number;
  readonly countedAt: number;
}

/** One second's worth unless configured, and never less than one login. */
export function effectiveBurst(settings: {
  readonly targetLoginRatePerSecond: number;
  /** null: one second's worth. */
  readonly loginBurst: number | null;
}): number {
  return Math.max(1, settings.loginBurst ?? settings.targetLoginRatePerSecond);
}

/** The bucket as it is `now`: an idle queue banks no more than the burst. */
export function refillBucket(
  bucket: LoginBucket,
  settings: { readonly targetLoginRatePerSecond: number; readonly loginBurst: number | null },
  now: number,
): LoginBucket {
  const elapsedSeconds = Math.max(0, now - bucket.countedAt) / 1000;
  const tokens = Math.min(effectiveBurst(settings), bucket.tokens + elapsedSeconds * settings.targetLoginRatePerSecond);
  return { tokens, countedAt: Math.max(now, bucket.countedAt) };
}

/** The limit after the safety margin; never below zero. */
export function effectiveLimit(settings: {
  readonly targetCcuLimit: number;
  readonly safetyMarginPercent: number;
}): number {
  // Multiplied first: a quotient such as 0.1 is a little less than it looks, and would cost a slot.
  return Math.floor((settings.targetCcuLimit * (100 - settings.safetyMarginPercent)) / 100);
}

export interface AdmissionState {
  readonly mode: QueueMode;
  /** Whole tokens may be spent. */
  readonly tokens: number;
  readonly liveSlots: number;
  readonly limit: number;
  /** Nobody is admitted before this moment (restore after a start on an empty store). */
  readonly holdUntil: number;
  readonly now: number;
}

/**
 * How many may be admitted at this moment. `open` admits all and counts only; `paused` admits none. `closed` goes by rate and
 * limit as `auto` does: it is the store that offers only those whom the access rules let in.
 */
export function admissible(state: AdmissionState): number {
  if (state.now < state.holdUntil) return 0;
  switch (state.mode) {
    case "paused":
      return 0;
    case "open":
      return Number.POSITIVE_INFINITY;
    case "auto":
    case "always":
    case "closed":
      return Math.max(0, Math.min(Math.floor(state.tokens), state.limit - state.liveSlots));
  }
}

/** A lane as the choice of the next admission sees it. */
export interface LaneTurn {
  readonly lane: string;
  readonly weight: number;
  /** Virtual time at which the lane's next ticket is due. */
  readonly virtualTime: number;
}

/**
 * The lane whose turn it is among those where somebody is ready, by least virtual time. A lane that was idle is brought up
 * to `globalTime` first, so that idling banks nothing. Answers the lane and both times after the admission.
 */
export function takeTurn(
  ready: readonly LaneTurn[],
  globalTime: number,
): { readonly lane: string; readonly laneTime: number; readonly globalTime: number } | null {
  let next: { lane: string; start: number; weight: number } | null = null;
  for (const turn of ready) {
    const start = Math.max(turn.virtualTime, globalTime);
    if (next === null || start < next.start) next = { lane: turn.lane, start, weight: turn.weight };
  }
  if (next === null) return null;
  return { lane: next.lane, laneTime: next.start + 1 / next.weight, globalTime: next.start };
}

/**
 * A lane's virtual time after its weight changed: what it still owes for its last turn is counted by the new weight. Without
 * that, a lane that was given more weight would first wait out the turn of the old one.
 */
export function reweigh(turn: LaneTurn, weight: number, globalTime: number): number {
  const owed = Math.max(0, turn.virtualTime - globalTime);
  return globalTime + (owed * turn.weight) / weight;
}
