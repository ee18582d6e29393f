// The options of defineLogin: one schema that checks, types and documents them, and one table of defaults (DESIGN 3).
import { z } from "zod";
import type { AccountStoreFactory } from "./accounts/account-store.ts";
import type { IdentityProvider } from "./accounts/providers.ts";
import { liveQueueKinds, shortName } from "./live-options.ts";
import type { Logger } from "./logger.ts";
import { describeIssue } from "./option-errors.ts";
import {
  flag,
  isFunction,
  matching,
  notNegative,
  oneOf,
  positive,
  positiveWhole,
  text,
  wholeOrZero,
} from "./option-kinds.ts";
import type { LoginHooks } from "./sessions/hooks.ts";
import type { SessionAuth, Vars } from "./sessions/session.ts";
import type { StoreFactory } from "./stores/store.ts";

/** Every default, frozen: a default lives here and nowhere else. */
const defaults = Object.freeze({
  prefix: "/auth",
  maxSocketsPerSession: 8,
  trustedProxyHops: 0,
  closeSocketsOnExpiry: true,
  disconnectSockets: false,
  onExceeded: "replace",
  tokens: Object.freeze({
    issuer: "colyseus-login",
    algorithm: "RS256",
    tokenExpirationMinutes: 1_440,
    tokenRefreshMinutes: 45,
    tokenRefreshVarianceMinutes: 5,
    refreshTokenExpirationMinutes: 43_200,
    sessionMaxMinutes: 129_600,
    refreshGraceSeconds: 10,
  }),
  queue: Object.freeze({
    mode: "auto",
    targetLoginRatePerSecond: 50,
    targetCcuLimit: 10_000,
    safetyMarginPercent: 0,
    estimatedSecondsToLogin: 10,
    maxCheckTicketPollTimeSeconds: 300,
    devLoginQueueBypass: false,
    updateIntervalSeconds: 1,
    heartbeatSeconds: 5,
    maxClientsPerQueueRoom: 2_000,
    queueGraceSeconds: 90,
    playerGraceSeconds: 300,
    passSeconds: 30,
    restoreSeconds: 10,
    pollPresentSeconds: 15,
    maxQueueLength: 0,
    maxTicketsPerIp: 0,
    idleMinutes: 0,
    lanes: Object.freeze({ default: 1 }),
  }),
});

const sessionCount = '"many", "one" or a whole number above 0';
const privateKey = z.union([text, z.record(z.string(), z.unknown())], "a private key, as a JWK object or a PEM string");

const tokensSchema = z.strictObject(
  {
    /** `iss` of every token. Default "colyseus-login". */
    issuer: text.default(defaults.tokens.issuer),
    /**
     * Private keys as JWK or PEM. `current` signs; `previous` and `next` verify too, so that rotating logs nobody out.
     * Default: a development key made at start (one warning; refused when `NODE_ENV` is `production`).
     */
    keys: z
      .strictObject(
        {
          current: privateKey,
          previous: z.array(privateKey, "an array of keys").optional(),
          next: privateKey.optional(),
        },
        "an object of keys",
      )
      .optional(),
    /** What refresh tokens are MACed with, at least 32 characters in production; `previous` still verify. Default: made at start, as `keys`. */
    refreshSecrets: z
      .strictObject(
        { current: text, previous: z.array(text, "an array of secrets").optional() },
        "an object of secrets",
      )
      .optional(),
    /** Algorithm of the development key. A configured key has its own. Default RS256. */
    algorithm: oneOf("RS256", "ES256", "EdDSA").default(defaults.tokens.algorithm),
    /** Life of a session token in minutes. Default 1 440. */
    tokenExpirationMinutes: positive.default(defaults.tokens.tokenExpirationMinutes),
    /** When a client is told to refresh, in minutes after the answer. Default 45. */
    tokenRefreshMinutes: positive.default(defaults.tokens.tokenRefreshMinutes),
    /** Spread of that moment to either side, in minutes. Default 5. */
    tokenRefreshVarianceMinutes: notNegative.default(defaults.tokens.tokenRefreshVarianceMinutes),
    /** Life of a refresh token in minutes; every refresh slides it. Default 43 200. */
    refreshTokenExpirationMinutes: positive.default(defaults.tokens.refreshTokenExpirationMinutes),
    /** Life of a session in minutes, whatever is refreshed. Default 129 600. */
    sessionMaxMinutes: positive.default(defaults.tokens.sessionMaxMinutes),
    /** How long a replaced refresh token is answered with its successor, in seconds. Default 10. */
    refreshGraceSeconds: notNegative.default(defaults.tokens.refreshGraceSeconds),
  },
  "an object",
);

/** Chooses the lane of a player who joins the queue. `session` was verified; `hint` is whatever the client sent. */
export type LaneChooser = (player: { readonly session: SessionAuth | null; readonly hint: unknown }) => string;

const queueSchema = z.strictObject(
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

/** All of them, so that a misspelt one is told. */
const hookNames: Readonly<Record<keyof LoginHooks, true>> = {
  beforeAuthenticate: true,
  afterAuthenticate: true,
  beforeRefresh: true,
  beforeQueue: true,
  onSessionEnd: true,
};

const hooksSchema = z
  .custom<LoginHooks>((value) => typeof value === "object" && value !== null, "an object of functions")
  .superRefine((hooks, context) => {
    for (const [name, hook] of Object.entries(hooks)) {
      if (!Object.hasOwn(hookNames, name)) context.addIssue({ code: "unrecognized_keys", keys: [name] });
      else if (hook !== undefined && !isFunction(hook)) {
        context.addIssue({ code: "custom", path: [name], message: "a function" });
      }
    }
  });

const optionsSchema = z.strictObject(
  {
    tokens: tokensSchema.prefault({}),
    /** Identity providers by name: the `:provider` of `POST /auth/authenticate/:provider`. Default: device and anonymous. */
    providers: z
      .record(
        shortName,
        z.custom<IdentityProvider>(isProvider, "an identity provider"),
        "an object of identity providers by name",
      )
      .optional(),
    /** Where accounts are kept. Default: memory. */
    accounts: z.custom<AccountStoreFactory>(isFunction, "what memoryAccounts() or its like returns").optional(),
    hooks: hooksSchema.optional(),
    /** The login queue. Left out: no queue, no slots, no passes. */
    queue: queueSchema.optional(),
    /** Where sessions, bans and the queue are kept. Default: memory. */
    store: z.custom<StoreFactory>(isFunction, "what memoryStore() or its like returns").optional(),
    /** Sessions a user may have at once. Default: "one" where a queue is configured, else "many". */
    concurrentSessions: z
      .union([z.enum(["many", "one"], sessionCount), z.int(sessionCount).positive(sessionCount)], sessionCount)
      .optional(),
    /** Beyond that: "replace" ends the oldest, "reject" refuses the login with CONFLICT. Default "replace". */
    onExceeded: oneOf("replace", "reject").default(defaults.onExceeded),
    /** Sockets one session may have open in one process. Default 8. */
    maxSocketsPerSession: positiveWhole.default(defaults.maxSocketsPerSession),
    /**
     * Proxies between the clients and this server: how many entries of `x-forwarded-for`, from its end, may be believed.
     * Default 0: the address of a client is the socket's.
     */
    trustedProxyHops: wholeOrZero.default(defaults.trustedProxyHops),
    /** Whether sockets are closed (4408) when the session token runs out unrefreshed. Default true. */
    closeSocketsOnExpiry: flag.default(defaults.closeSocketsOnExpiry),
    /** Whether a logout closes the session's sockets unless the call says otherwise. Default false. */
    disconnectSockets: flag.default(defaults.disconnectSockets),
    /** The shard this server is: game tokens must name it. Default: none. */
    gameShardId: matching(/^[\w.-]{1,64}$/, "1 to 64 letters, digits, ., - or _").optional(),
    /** Path under which the HTTP calls stand. Default "/auth". */
    prefix: matching(/^\/[\w/-]*[\w-]$/, 'a path such as "/auth"').default(defaults.prefix),
    /** Where log lines go. Default: Colyseus's logger. */
    logger: z.custom<Logger>(isLogger, "an object with the functions debug, info, warn and error").optional(),
  },
  "an object of options",
);

/**
 * What the type parameter of `defineLogin` may say: the vars of a session, strings by name, optional where a client may
 * leave them out. `defineLogin<{ vars: { skin?: string } }>()`
 */
export interface LoginTypes<T> {
  vars?: T extends { vars: infer V } ? { [K in keyof V]: string | undefined } : never;
}

export type VarsOf<T> = T extends { vars: infer V extends object } ? V : Vars;

/** The options of `defineLogin` (DESIGN 3). Durations carry their unit in the name; minutes may be fractions. */
export type LoginOptions<T = Record<never, never>> = Omit<z.input<typeof optionsSchema>, "hooks"> & {
  /** Code of the game's own at the turns of a session's life. */
  hooks?: LoginHooks<VarsOf<T>>;
};

export type ResolvedOptions = z.output<typeof optionsSchema>;
export type ResolvedQueueOptions = z.output<typeof queueSchema>;

/**
 * Checks the options and lays the defaults under them.
 * @throws TypeError that names the first wrong option, what was expected, and what came.
 */
export function resolveOptions(options: unknown): ResolvedOptions {
  const result = optionsSchema.safeParse(options);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new TypeError(
    issue === undefined ? "defineLogin: wrong options" : describeIssue(issue, options, "defineLogin"),
  );
}

function isProvider(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, "authenticate") === "function";
}

function isLogger(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return ["debug", "info", "warn", "error"].every((name) => isFunction(Reflect.get(value, name)));
}
