// A queue as a process reads it: full, with one lane and nobody in it, until a test says otherwise.
import type { LaneStatus, QueueStatus } from "../../../src/login-queue/queue-store.ts";

export const start = 1_900_000_000_000;
export const seconds = (count: number): number => start + count * 1000;

export function laneStatus(given: Partial<LaneStatus> = {}): LaneStatus {
  return {
    weight: 1,
    waiting: 0,
    away: 0,
    passedOver: 0,
    entered: 0,
    admitted: 0,
    abandoned: 0,
    lapsed: 0,
    abandonedAway: 0,
    returned: 0,
    presentMs: 0,
    awayMs: 0,
    ...given,
  };
}

export function queueStatus(given: Partial<QueueStatus> = {}): QueueStatus {
  return {
    asOf: start,
    mode: "auto",
    lanes: { default: laneStatus() },
    liveSlots: 1_000,
    targetCcuLimit: 1_000,
    safetyMarginPercent: 0,
    targetLoginRatePerSecond: 50,
    loginBurst: 50,
    tokens: 0,
    holdUntil: 0,
    departedSlots: 0,
    noShows: 0,
    oldestEnqueuedAt: null,
    admissionStepAt: null,
    secondsToLogin: null,
    estimatedSecondsToLogin: 10,
    ...given,
  };
}
