// The queue's status, from the answer of status.lua.
import type { LaneStatus, QueueSettings, QueueStatus } from "../../login-queue/queue-store.ts";
import type { QueueMode } from "../../wire.ts";
import { listOf, numberOf, numberOrNull, type Reply, textOf } from "./replies.ts";

const modes: Readonly<Record<QueueMode, true>> = { auto: true, always: true, paused: true, closed: true, open: true };

export function statusOf(reply: Reply): QueueStatus {
  const [asOf, lanes, liveSlots, tokens, holdUntil, departed, noShows, firstOrder, stepAt, median, settings] =
    listOf(reply);
  const [mode, targetCcuLimit, safetyMarginPercent, rate, loginBurst, estimatedSecondsToLogin] = listOf(settings);
  const order = numberOrNull(firstOrder);
  return {
    asOf: numberOf(asOf),
    mode: modeOf(mode),
    lanes: Object.fromEntries(listOf(lanes).map(laneOf)),
    liveSlots: numberOf(liveSlots),
    targetCcuLimit: numberOf(targetCcuLimit),
    safetyMarginPercent: numberOf(safetyMarginPercent),
    targetLoginRatePerSecond: numberOf(rate),
    loginBurst: numberOf(loginBurst),
    tokens: numberOf(tokens),
    holdUntil: numberOf(holdUntil),
    departedSlots: numberOf(departed),
    noShows: numberOf(noShows),
    // An order is the moment of arrival, in microseconds.
    oldestEnqueuedAt: order === null ? null : Math.floor(order / 1000),
    admissionStepAt: numberOrNull(stepAt),
    secondsToLogin: numberOrNull(median),
    estimatedSecondsToLogin: numberOf(estimatedSecondsToLogin),
  };
}

function laneOf(reply: Reply): [string, LaneStatus] {
  const [name, ...numbers] = listOf(reply);
  const [weight = 0, waiting = 0, away = 0, passedOver = 0, ...counters] = numbers.map(numberOf);
  const [entered = 0, abandoned = 0, abandonedAway = 0, returned = 0, ...rest] = counters;
  const [presentMs = 0, awayMs = 0, admitted = 0, lapsed = 0] = rest;
  const now = { weight, waiting, away, passedOver };
  const tickets = { entered, admitted, abandoned, lapsed, abandonedAway, returned };
  return [textOf(name), { ...now, ...tickets, presentMs, awayMs }];
}

function modeOf(reply: Reply | undefined): QueueSettings["mode"] {
  const mode = textOf(reply);
  if (!isMode(mode)) throw new Error(`a script of the Redis store answered a mode that is none: ${mode}`);
  return mode;
}

function isMode(text: string): text is QueueMode {
  return Object.hasOwn(modes, text);
}
