// The option `queue`: the login queue with every setting by its name.
import { z } from "zod";
import type { SessionAuth } from "../sessions/session.ts";
import { defaults } from "./defaults.ts";
import { liveQueueKinds } from "./live-options.ts";
import { flag, isFunction, notNegative, positive, positiveWhole } from "./option-kinds.ts";

/** Chooses the lane of a player who joins the queue. `session` was verified; `hint` is whatever the client sent. */
export type LaneChooser = (player: { readonly session: SessionAuth | null; readonly hint: unknown }) => string;

export const queueSchema = z.strictObject(
  {
    /** Default "auto": whoever arrives while nobody waits and there is room need not queue. */
    mode: liveQueueKinds.mode.default(defaults.queue.mode),
    /** Logins admitted per second. Default 50. */
    targetLoginRatePerSecond: liveQueueKinds.targetLoginRatePerSecond.default(defaults.queue.targetLoginRatePerSecond),
    /** Logins that may be admitted at one moment after a quiet time. Default: one second's worth, never below 1. */
    loginBurst: liveQueueKinds.loginBurst.optional(),
    /** Concurrent users: nobody is admitted while so many slots are taken. Default 10 000. */
    targetCcuLimit: liveQueueKinds.targetCcuLimit.default(defaults.queue.targetCcuLimit),
    /** Part of the limit that is never filled, in percent. Default 0. */
    safetyMarginPercent: liveQueueKinds.safetyMarginPercent.default(defaults.queue.safetyMarginPercent),
    /** Seconds from admission to login, assumed until measured. Default 10. */
    estimatedSecondsToLogin: liveQueueKinds.estimatedSecondsToLogin.default(defaults.queue.estimatedSecondsToLogin),
    /** The longest a poller is told to wait between two polls, in seconds. Default 300. */
    maxCheckTicketPollTimeSeconds: liveQueueKinds.maxCheckTicketPollTimeSeconds.default(
      defaults.queue.maxCheckTicketPollTimeSeconds,
    ),
    /** Development: no pass and no slot is asked for. Refused when `NODE_ENV` is `production`. Default false. */
    devLoginQueueBypass: flag.default(defaults.queue.devLoginQueueBypass),
    /** The least time between two state patches to a waiting client, in seconds. Default 1. */
    updateIntervalSeconds: positive.default(defaults.queue.updateIntervalSeconds),
    /** The longest time between two state patches to a waiting client, in seconds. Default 5. */
    heartbeatSeconds: positive.default(defaults.queue.heartbeatSeconds),
    /** Clients in one room `login_queue`; the matchmaker opens more. Default 2 000. */
    maxClientsPerQueueRoom: positiveWhole.default(defaults.queue.maxClientsPerQueueRoom),
    /** How long a place survives its socket, in seconds. Default 90. */
    queueGraceSeconds: liveQueueKinds.queueGraceSeconds.default(defaults.queue.queueGraceSeconds),
    /** How long a slot survives the last socket of its session, in seconds. Default 300. */
    playerGraceSeconds: liveQueueKinds.playerGraceSeconds.default(defaults.queue.playerGraceSeconds),
    /** Life of a pass in seconds. Default 30. */
    passSeconds: liveQueueKinds.passSeconds.default(defaults.queue.passSeconds),
    /** After a start on an empty store with configured keys nobody is admitted for so long, in seconds. Default 10. */
    restoreSeconds: notNegative.default(defaults.queue.restoreSeconds),
    /** A poller counts as present for so long after each poll, in seconds. Default 15. */
    pollPresentSeconds: liveQueueKinds.pollPresentSeconds.default(defaults.queue.pollPresentSeconds),
    /** Tickets that may wait at once; 0 = any number. Default 0. */
    maxQueueLength: liveQueueKinds.maxQueueLength.default(defaults.queue.maxQueueLength),
    /**
     * Tickets that may wait at once from one address (of IPv6, from one /64); 0 = any number. Default 0. Players of one
     * household, school or mobile network share an address.
     */
    maxTicketsPerIp: liveQueueKinds.maxTicketsPerIp.default(defaults.queue.maxTicketsPerIp),
    /**
     * A session is disconnected (4411) when no message came from any of its sockets for so many minutes, while somebody
     * waits; 0 = never. Default 0.
     */
    idleMinutes: notNegative.default(defaults.queue.idleMinutes),
    /** Lanes by name with their weights: of two busy lanes of weight 3 and 1, the first gets three admissions of four. Default one lane. */
    lanes: liveQueueKinds.lanes.default(defaults.queue.lanes),
    /** Chooses a player's lane. Default: the first of `lanes`. */
    lane: z.custom<LaneChooser>(isFunction, "a function").optional(),
  },
  "an object",
);
