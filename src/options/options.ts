// The options of defineLogin: one schema that checks, types and documents them, by way of a file for each large part (DESIGN 3).
import { z } from "zod";
import type { AccessRule } from "../access/limited-access.ts";
import type { AccountStoreFactory } from "../accounts/account-store.ts";
import type { IdentityProvider, IdentityProviderFactory } from "../accounts/providers.ts";
import type { Logger } from "../logger.ts";
import type { LoginDataJobs } from "../login-data/jobs.ts";
import type { LoginHooks } from "../sessions/hooks.ts";
import type { Vars } from "../sessions/session.ts";
import { feedLeaseSeconds, type StoreFactory } from "../stores/store.ts";
import { defaults } from "./defaults.ts";
import { shortName } from "./live-options.ts";
import { loginDataSchema } from "./login-data-options.ts";
import { describeIssue } from "./option-errors.ts";
import { flag, isFunction, matching, oneOf, positive, positiveWhole, wholeOrZero } from "./option-kinds.ts";
import { queueSchema } from "./queue-options.ts";
import { tokensSchema } from "./token-options.ts";

const sessionCount = '"many", "one" or a whole number above 0';
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

const loginLimitsSchema = z.strictObject(
  {
    /** Wrong passwords for one account from one address in a day, before the next tries are delayed. Default 5. */
    failuresPerLogin: positiveWhole.default(defaults.loginLimits.failuresPerLogin),
    /** Wrong credentials for one provider from one address in an hour, before the next tries are delayed. Default 50. */
    failuresPerAddress: positiveWhole.default(defaults.loginLimits.failuresPerAddress),
    /** New e-mail accounts from one address in an hour. Default 60. */
    registrationsPerHour: positiveWhole.default(defaults.loginLimits.registrationsPerHour),
    /** Mails that one address asks for in an hour. Default 30. */
    mailsPerHour: positiveWhole.default(defaults.loginLimits.mailsPerHour),
  },
  "an object",
);

const optionsSchema = z
  .strictObject(
    {
      tokens: tokensSchema.prefault({}),
      /** Identity providers by name: the `:provider` of `POST /auth/authenticate/:provider`. Default: device and anonymous. */
      providers: z
        .record(
          shortName,
          z.custom<IdentityProvider | IdentityProviderFactory>(isProvider, "an identity provider"),
          "an object of identity providers by name",
        )
        .optional(),
      /** Where accounts are kept. Default: memory. */
      accounts: z.custom<AccountStoreFactory>(isFunction, "what memoryAccounts() or its like returns").optional(),
      /**
       * Where guessing is held back. Behind proxies it needs the right `trustedProxyHops`, or all players count as one address.
       */
      loginLimits: loginLimitsSchema.prefault({}),
      hooks: hooksSchema.optional(),
      /**
       * What the client is brought with its login: jobs by name, side by side where `after` lets them. A required one that fails
       * fails the login, and leaves no session. Default: none.
       */
      loginData: loginDataSchema.optional(),
      /** How long all jobs of a login may take together, in seconds. Keep it well below `queue.passSeconds`. Default 10. */
      loginDataTimeoutSeconds: positive.default(defaults.loginDataTimeoutSeconds),
      /** How long a job may take that names no time of its own, in seconds. Default 5. */
      loginDataJobTimeoutSeconds: positive.default(defaults.loginDataJobTimeoutSeconds),
      /** Functions that say whether a player is let in while access is limited, for `login.access.set` to name. Default: none. */
      accessRules: z
        .record(shortName, z.custom<AccessRule>(isFunction, "a function"), "an object of functions by name")
        .optional(),
      /** The login queue. Left out: no queue, no slots, no passes. */
      queue: queueSchema.optional(),
      /** Where sessions, bans and the queue are kept. Default: memory. */
      store: z.custom<StoreFactory>(isFunction, "what memoryStore() or its like returns").optional(),
      /** Sessions a user may have at once; "many" is 1 000. Default: "one" where a queue is configured, else "many". */
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
      /**
       * "strict": every way in reads the session's record. "cached": a process remembers what it has read, and believes it for
       * as long as it is level with the store's feed; ending a session then waits for every process. Default "strict".
       */
      verify: oneOf("strict", "cached").default(defaults.verify),
      /**
       * With a store that processes share: how long a process that hears nothing of the feed believes what it remembers, and
       * how long an ending waits for one that does not answer, in seconds. The same on every process. Default 3.
       */
      feedLeaseSeconds: positive.default(feedLeaseSeconds),
      /** Path under which the HTTP calls stand. Default "/auth". */
      prefix: matching(/^\/[\w/-]*[\w-]$/, 'a path such as "/auth"').default(defaults.prefix),
      /** Where log lines go. Default: Colyseus's logger. */
      logger: z.custom<Logger>(isLogger, "an object with the functions debug, info, warn and error").optional(),
    },
    "an object of options",
  )
  .superRefine(({ providers = {}, tokens: { issuer } }, context) => {
    for (const [name, provider] of Object.entries(providers)) {
      const issuers: unknown = Reflect.get(provider, "issuers");
      if (!Array.isArray(issuers) || !issuers.includes(issuer)) continue;
      const message = `an identity provider of another issuer than tokens.issuer (${JSON.stringify(issuer)})`;
      context.addIssue({ code: "custom", path: ["providers", name], message });
    }
  });

/**
 * What the type parameter of `defineLogin` may say: the vars of a session, strings by name, optional where a client may
 * leave them out, and what each job of `loginData` answers, optional where the login may do without.
 * `defineLogin<{ vars: { skin?: string }; loginData: { inventory: Item[]; offers?: Offer[] } }>({ … })`
 */
export interface LoginTypes<T> {
  vars?: T extends { vars: infer V } ? { [K in keyof V]: string | undefined } : never;
  loginData?: T extends { loginData: infer D extends object } ? D : never;
}

export type VarsOf<T> = T extends { vars: infer V extends object } ? V : Vars;

export type LoginDataOf<T> = T extends { loginData: infer D extends object } ? D : Record<string, unknown>;

/** The options of `defineLogin` (DESIGN 3). Durations carry their unit in the name; minutes may be fractions. */
export type LoginOptions<T = Record<never, never>> = Omit<z.input<typeof optionsSchema>, "hooks" | "loginData"> & {
  /** Code of the game's own at the turns of a session's life. */
  hooks?: LoginHooks<VarsOf<T>>;
  /** What the client is brought with its login. */
  loginData?: LoginDataJobs<VarsOf<T>, LoginDataOf<T>>;
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
  if (typeof value !== "object" || value === null) return false;
  return ["authenticate", "open"].some((name) => isFunction(Reflect.get(value, name)));
}

function isLogger(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return ["debug", "info", "warn", "error"].every((name) => isFunction(Reflect.get(value, name)));
}
