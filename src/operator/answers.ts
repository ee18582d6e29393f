// What the operator's calls answer, as schemas: they type the answers, describe them, and tests hold the answers to them.
import { z } from "zod";
import { neverEmptyReasons, paceSetters } from "../login-queue/eta/forecast.ts";
import { liveQueueKinds } from "../options/live-options.ts";
import { operatorScopes } from "../tokens/scopes.ts";

const count = z.int().min(0);
const amount = z.number().min(0);
const moment = z.number().describe("ms since the epoch");
const mode = liveQueueKinds.mode;
const perSecond = z.object({ 1: amount, 10: amount, 60: amount }).describe("Over the last 1, 10 and 60 seconds.");

const settings = z.object({
  mode,
  notice: z.string(),
  targetLoginRatePerSecond: amount,
  loginBurst: amount,
  targetCcuLimit: count,
  safetyMarginPercent: amount,
  estimatedSecondsToLogin: amount,
  maxCheckTicketPollTimeSeconds: amount,
  queueGraceSeconds: amount,
  playerGraceSeconds: amount,
  passSeconds: amount,
  pollPresentSeconds: amount,
  maxQueueLength: count,
  maxTicketsPerIp: count,
  lanes: z.record(z.string(), amount).describe("Weight by lane."),
});

const overview = z.object({
  asOf: moment,
  mode,
  notice: z.string(),
  waiting: count,
  away: count,
  lanes: z
    .record(z.string(), z.object({ weight: amount, waiting: count, away: count }))
    .describe("At most 200, those with the most waiting tickets."),
  etaMs: z.number().describe("What a newcomer to the default lane is told: ms until logged in; -1 = not known."),
  oldestWaitSeconds: amount.nullable(),
  liveSlots: count,
  targetCcuLimit: count,
  limit: amount.describe("The limit after the safety margin."),
  targetLoginRatePerSecond: amount,
  loginBurst: amount,
  admittedPerSecond: perSecond,
  leftPerSecond: perSecond,
  noShows: count,
  secondsToLogin: amount.nullable().describe("Median from admission to login; null until measured."),
  secondsSinceAdmissionStep: amount.nullable(),
  holdUntil: moment,
});

const accessMode = z.enum(["open", "limited"]);

export const access = z.object({
  mode: accessMode,
  allow: z.object({
    userIds: z.array(z.string()),
    groups: z.array(z.string()),
    rule: z.string().nullable(),
    notListed: count.exactOptional().describe("Where the lists are too long for one answer: how many are not shown."),
  }),
  opensAt: moment.nullable(),
  closesAt: moment.nullable(),
  modeNow: accessMode,
});

export const status = z.object({
  asOf: moment,
  operator: z.object({
    kind: z.enum(["operator", "partner"]),
    name: z.string(),
    scopes: z.array(z.enum(operatorScopes)),
    expiresAt: moment,
  }),
  queue: overview.nullable().describe("null where no queue is configured."),
  settings: settings.nullable(),
  access,
  process: z
    .object({ connectedSessions: count, feedLagMs: amount })
    .describe(
      "Of the process that answers: sessions with a socket there, and how far behind the store's feed it may be.",
    ),
});

export const configured = z.object({ settings, previous: settings });

const range = z.object({
  expected: amount,
  low: amount,
  high: amount.nullable().describe("null: there may be no end to it."),
});

export const forecast = z.object({
  asOf: moment,
  waiting: count,
  settings: z.object({ targetLoginRatePerSecond: amount, targetCcuLimit: count, mode }),
  pacePerSecond: amount.nullable(),
  paceSetBy: z.enum(paceSetters),
  arrivalsPerSecond: amount,
  emptyInSeconds: range.nullable().describe("null: never, as far as can be told."),
  neverEmptyBecause: z.enum(neverEmptyReasons).exactOptional(),
  lastWaitSeconds: range.nullable(),
});

const ticket = z.object({
  id: z.string(),
  lane: z.string(),
  status: z.enum(["waiting", "admitted"]),
  position: count.describe("1 = next; 0 once admitted."),
  isPresent: z.boolean(),
  userId: z.string().nullable(),
  username: z.string().nullable(),
  enqueuedAt: moment,
  etaMs: z.number().min(-1).describe("Until logged in; -1 = not known, 0 once admitted."),
  admittedAt: moment.nullable(),
  passExpiresAt: moment.nullable(),
});
export type TicketEntry = z.output<typeof ticket>;

export const tickets = z.object({
  tickets: z.array(ticket),
  next: z.string().exactOptional().describe("`after` of the next page; absent on the last one."),
});

export const ticketDone = z.object({ id: z.string() });
export const ticketMoved = z.object({ id: z.string(), position: count });

const ban = z.object({ reason: z.string(), until: moment.nullable().describe("null: without end.") });

const session = z.object({
  sid: z.string(),
  userId: z.string(),
  username: z.string(),
  kind: z.literal("player"),
  groups: z.array(z.string()),
  vars: z.record(z.string(), z.string()),
  address: z.string().nullable(),
  agent: z.string().nullable(),
  createdAt: moment,
  lastSeenAt: moment,
  expiresAt: moment,
  ended: z
    .object({ at: moment, reason: z.enum(["logout", "expired", "reuse", "banned", "replaced"]) })
    .nullable()
    .describe("null while it lives."),
});
export type SessionEntry = z.output<typeof session>;

export const sessions = z.object({
  user: z.object({ userId: z.string(), username: z.string(), groups: z.array(z.string()), ban: ban.nullable() }),
  sessions: z.array(session),
  next: count.exactOptional().describe("`from` of the next page; absent on the last one."),
});

export const socketsClosed = z.object({ socketsClosed: count });
export const sessionEnded = z.object({ ended: z.boolean().describe("Whether this call ended it.") });
export const banFound = z.object({ ban });
export const banned = z.object({ ban, previous: ban.nullable(), socketsClosed: count });
export const unbanned = z.object({ previous: ban });
export const accessSet = z.object({ access, previous: access });

const values = z.record(z.string(), z.unknown()).nullable();

export const events = z.object({
  events: z
    .array(
      z.object({
        id: z.string(),
        at: moment,
        actor: z.object({ kind: z.enum(["operator", "partner"]), name: z.string(), tokenId: z.string() }),
        action: z.string(),
        target: z.string().nullable(),
        outcome: z.string().describe("`done`, or the code it was refused with."),
        reason: z.string().nullable(),
        before: values,
        after: values,
      }),
    )
    .describe("The newest first."),
  next: z.string().exactOptional().describe("`before` of the next page; absent on the last one."),
});

const column = z.array(z.number().nullable());

export const history = z.object({
  everySeconds: z.number(),
  samples: z
    .object({
      at: z.array(z.number()),
      waiting: column,
      away: column,
      admittedPerSecond: column,
      liveSlots: column,
      limit: column,
      etaMs: column,
    })
    .describe("Columns of equal length, the oldest first; null where nothing was read."),
});

/** Not JSON: what the call answers is the body. */
export const metrics = z.object({ contentType: z.string(), body: z.string() });

export const description = z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) });
