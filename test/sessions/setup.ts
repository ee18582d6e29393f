// Sessions on the memory store with a clock that tests move: what the tests of this folder start from.
import { decodeJwt } from "jose";
import type { Account, AccountStore } from "../../src/accounts/account-store.ts";
import { memoryAccounts } from "../../src/accounts/memory-accounts.ts";
import { LoginError, type LoginErrorCode } from "../../src/errors.ts";
import type { Logger } from "../../src/logger.ts";
import { RefreshTokens } from "../../src/sessions/refresh-token.ts";
import type { SessionRecord, Vars } from "../../src/sessions/session.ts";
import type { SessionLifetimes, SessionStore } from "../../src/sessions/session-store.ts";
import { Sessions, type SessionsDependencies } from "../../src/sessions/sessions.ts";
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import type { Store } from "../../src/stores/store.ts";
import { JwtSigner } from "../../src/tokens/jwt.ts";
import { createKeyRing, type KeyRing } from "../../src/tokens/keys.ts";
import type { WireLogin } from "../../src/wire.ts";
import { ManualClock } from "../support/manual-clock.ts";

export const minute = 60_000;
export const day = 24 * 60 * minute;
/** An `attempt` of a refresh. */
export const attempt = "attempt-0123456789";
export const issuer = "https://game.example";

/** Ed25519 keys are made in no time. */
const keys = createKeyRing({ algorithm: "EdDSA" });

export interface LogLine {
  readonly level: keyof Logger;
  readonly parts: readonly unknown[];
}

export function recordingLogger(): Logger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write =
    (level: keyof Logger) =>
    (...parts: unknown[]) =>
      void lines.push({ level, parts });
  return { lines, debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

export interface House {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly accounts: AccountStore;
  readonly jwt: JwtSigner;
  readonly keys: KeyRing;
  readonly refreshTokens: RefreshTokens;
  readonly sessions: Sessions;
  readonly lifetimes: SessionLifetimes;
  readonly logger: ReturnType<typeof recordingLogger>;
  /** What was told of, in order. */
  readonly told: readonly (readonly unknown[])[];
  /** Another process with the same store and the same keys. */
  peer(changes?: Partial<SessionsDependencies>): Sessions;
  /** A login from account to answer. */
  login(options?: LoginWith): Promise<{ account: Account; record: SessionRecord; login: WireLogin }>;
}

interface LoginWith {
  readonly account?: Account;
  readonly clientVars?: Vars;
  readonly serverVars?: Vars;
  readonly shard?: string | null;
}

export function createHouse(changes: Partial<SessionsDependencies> = {}): House {
  const clock = new ManualClock();
  const store = memoryStore()({ clock, queue: null, ticketsMayReturn: false });
  const accounts = memoryAccounts()({ clock });
  const refreshTokens = new RefreshTokens({ current: "a secret of the tests, long enough for production" });
  const logger = recordingLogger();
  const told: unknown[][] = [];
  const dependencies = (): SessionsDependencies => ({
    store: store.sessions,
    bans: store.access,
    access: { require: async () => {} },
    accounts,
    jwt: new JwtSigner({ keys, issuer, clock }),
    refreshTokens,
    clock,
    lifetimes: {
      tokenMs: 1440 * minute,
      idleMs: 43_200 * minute,
      absoluteMs: 129_600 * minute,
      refreshGraceMs: 10_000,
    },
    refreshAt: { minutes: 45, varianceMinutes: 5 },
    concurrent: { limit: Number.POSITIVE_INFINITY, onExceeded: "replace" },
    disconnectSockets: false,
    gameShardId: null,
    hooks: {},
    emit: (...signal) => void told.push(signal),
    logger,
    ...changes,
  });
  const own = dependencies();
  const sessions = new Sessions(own);
  return {
    clock,
    store,
    accounts,
    jwt: own.jwt,
    keys,
    refreshTokens: own.refreshTokens,
    sessions,
    lifetimes: own.lifetimes,
    logger,
    told,
    peer: (peerChanges = {}) => new Sessions({ ...dependencies(), ...peerChanges }),
    async login({
      account,
      clientVars = {},
      serverVars = {},
      shard = null,
    }: LoginWith & { shard?: string | null } = {}) {
      const owner = account ?? (await accounts.create({}));
      const { record } = await sessions.open(sessions.prepare({ account: owner, clientVars, serverVars, shard }), null);
      return { account: owner, record, login: await sessions.toLogin(record, { created: true, loginData: {} }) };
    },
  };
}

/** The answer to a refresh, as a route would send it. */
export async function refresh(
  house: House,
  refreshToken: string,
  extras: { vars?: Record<string, string>; attempt?: string } = {},
): Promise<WireLogin> {
  const record = await house.sessions.refresh({ refreshToken, ...extras });
  return house.sessions.toLogin(record, { created: false, loginData: {} });
}

/** What makes a pair this one and no other. */
export function pairOf(login: WireLogin): Record<"refreshToken" | "jti" | "gen" | "exp", unknown> {
  const { jti, gen, exp } = decodeJwt<{ gen: number }>(login.token);
  return { refreshToken: login.refreshToken, jti, gen, exp };
}

/** The LoginError that a call ends with; fails where it ends otherwise. */
export async function refusal(call: Promise<unknown> | (() => unknown)): Promise<LoginError> {
  try {
    await (typeof call === "function" ? call() : call);
  } catch (error) {
    if (error instanceof LoginError) return error;
    throw error;
  }
  throw new Error("expected a refusal, but the call succeeded");
}

export async function refusalCode(call: Promise<unknown> | (() => unknown)): Promise<LoginErrorCode> {
  return (await refusal(call)).code;
}

function outOfReach(): never {
  throw new LoginError("STORE_UNAVAILABLE", "The store is out of reach.");
}

/** A store whose every verb fails. */
export const unreachable: SessionStore = {
  get: async () => outOfReach(),
  listByUser: async () => outOfReach(),
  open: async () => outOfReach(),
  refresh: async () => outOfReach(),
  confirm: async () => outOfReach(),
  markSeen: async () => outOfReach(),
  end: async () => outOfReach(),
  endAllOfUser: async () => outOfReach(),
  endAll: async () => outOfReach(),
  disconnect: async () => outOfReach(),
  disconnectAllOfUser: async () => outOfReach(),
};
