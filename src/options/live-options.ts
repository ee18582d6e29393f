// The options of the queue that an operator may change while it runs: their kinds, shared with defineLogin, and the check of a change.
import { z } from "zod";
import type { ForecastChanges } from "../login-queue/eta/forecast.ts";
import type { QueuePatch } from "../login-queue/queue-settings.ts";
import { describeIssue } from "./option-errors.ts";
import { matching, notNegative, oneOf, positive, wholeOrZero } from "./option-kinds.ts";

/** Of a lane or an identity provider. */
export const shortName = matching(/^[\w-]{1,32}$/, "1 to 32 letters, digits, - or _");

const oneOrMore = "a number, 1 or more";
const percentage = "a number from 0 to 100";
/** A second line of text below the place, not a page. */
const mostNoticeCharacters = 500;
const noticeText = `a string of at most ${mostNoticeCharacters} characters`;
// Weights far apart would drown the small ones' turns in rounding.
const laneWeight = "a number from 0.001 to 1000";
/** Each is a line of what an operator sees in one answer. */
const mostLanes = 64;

/** Kinds of the settings, without the defaults of the options. */
export const liveQueueKinds = {
  mode: oneOf("auto", "always", "paused", "closed", "open"),
  targetLoginRatePerSecond: positive,
  loginBurst: z.number(oneOrMore).min(1, oneOrMore),
  targetCcuLimit: wholeOrZero,
  safetyMarginPercent: z.number(percentage).min(0, percentage).max(100, percentage),
  estimatedSecondsToLogin: notNegative,
  maxCheckTicketPollTimeSeconds: positive,
  queueGraceSeconds: positive,
  playerGraceSeconds: positive,
  passSeconds: positive,
  pollPresentSeconds: positive,
  maxQueueLength: wholeOrZero,
  maxTicketsPerIp: wholeOrZero,
  lanes: z
    .record(
      shortName,
      z.number(laneWeight).min(0.001, laneWeight).max(1000, laneWeight),
      "an object of weights by lane",
    )
    .refine((lanes) => Object.keys(lanes).length > 0, "at least one lane")
    .refine((lanes) => Object.keys(lanes).length <= mostLanes, `at most ${mostLanes} lanes`),
};

const notice = z.string(noticeText).max(mostNoticeCharacters, noticeText);

/** Each may be left out, or null: what the options say. */
const changeable = <T extends z.ZodType>(kind: T) => kind.nullable().optional();

/** What `login.queue.configure` and the operator's call take. */
export const queuePatchSchema = z.strictObject(
  {
    mode: changeable(liveQueueKinds.mode),
    notice: changeable(notice),
    targetLoginRatePerSecond: changeable(liveQueueKinds.targetLoginRatePerSecond),
    loginBurst: changeable(liveQueueKinds.loginBurst),
    targetCcuLimit: changeable(liveQueueKinds.targetCcuLimit),
    safetyMarginPercent: changeable(liveQueueKinds.safetyMarginPercent),
    estimatedSecondsToLogin: changeable(liveQueueKinds.estimatedSecondsToLogin),
    maxCheckTicketPollTimeSeconds: changeable(liveQueueKinds.maxCheckTicketPollTimeSeconds),
    queueGraceSeconds: changeable(liveQueueKinds.queueGraceSeconds),
    playerGraceSeconds: changeable(liveQueueKinds.playerGraceSeconds),
    passSeconds: changeable(liveQueueKinds.passSeconds),
    pollPresentSeconds: changeable(liveQueueKinds.pollPresentSeconds),
    maxQueueLength: changeable(liveQueueKinds.maxQueueLength),
    maxTicketsPerIp: changeable(liveQueueKinds.maxTicketsPerIp),
    lanes: changeable(liveQueueKinds.lanes),
  } satisfies Record<keyof QueuePatch, z.ZodType>,
  "an object of settings",
);

/** What `login.queue.forecast` takes. */
const forecastChangesSchema = z.strictObject(
  {
    targetLoginRatePerSecond: liveQueueKinds.targetLoginRatePerSecond.optional(),
    targetCcuLimit: liveQueueKinds.targetCcuLimit.optional(),
    mode: liveQueueKinds.mode.optional(),
  } satisfies Record<keyof ForecastChanges, z.ZodType>,
  "an object of settings",
);

/** @throws TypeError that names the first wrong setting, what was expected, and what came. */
export function parseQueuePatch(patch: unknown): QueuePatch {
  return parseSettings(queuePatchSchema, patch, "login.queue.configure");
}

/** @throws TypeError that names the first wrong setting, what was expected, and what came. */
export function parseForecastChanges(changes: unknown): ForecastChanges {
  return parseSettings(forecastChangesSchema, changes, "login.queue.forecast");
}

function parseSettings<T>(schema: z.ZodType<T>, settings: unknown, call: string): T {
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new TypeError(issue === undefined ? `${call}: wrong settings` : describeIssue(issue, settings, call));
}
