// A refresh from the token to the next pair: the table of DESIGN 4 with what surrounds it (MAC, account, hook, limits).
import type { AccountStore } from "../accounts/account-store.ts";
import type { Clock } from "../clock.ts";
import { bannedError, LoginError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { randomId } from "../random.ts";
import type { JwtSigner } from "../tokens/jwt.ts";
import { askBeforeRefresh, type LoginHooks } from "./hooks.ts";
import { decideRefresh } from "./refresh-policy.ts";
import type { RefreshTokens } from "./refresh-token.ts";
import { type SessionRecord, shortSid, toSessionAuth, type Vars } from "./session.ts";
import type { RefreshRequest, SessionLifetimes, SessionStore } from "./session-store.ts";
import { requireTokenFits } from "./session-token.ts";
import { checkVarsLimits, parseVars } from "./vars.ts";
import { expiredError, revokedError } from "./verification.ts";

export interface RefreshTokenRequest {
  readonly refreshToken: string;
  /** Replace the client vars as a whole; left out, they stay. */
  readonly vars?: Vars;
  /** 16 to 64 characters by which a client that lost the answer asks for the same one again. */
  readonly attempt?: string;
}

export interface SessionRefresherDependencies<V extends object> {
  readonly store: Pick<SessionStore, "get" | "refresh">;
  readonly accounts: Pick<AccountStore, "get">;
  readonly jwt: Pick<JwtSigner, "encodedLength">;
  readonly refreshTokens: RefreshTokens;
  readonly clock: Clock;
  readonly lifetimes: SessionLifetimes;
  readonly hooks: Pick<LoginHooks<V>, "beforeRefresh">;
  readonly logger: Logger;
}

/** What a successor is made from, should the store decide to make one. */
type Successor = Pick<RefreshRequest, "clientVars" | "serverVars" | "username" | "groups">;

const attemptLength = { min: 16, max: 64 };

export class SessionRefresher<V extends object = Vars> {
  readonly #deps: SessionRefresherDependencies<V>;
  /** Told of sessions that a refresh ended. */
  readonly #announce: (ended: readonly SessionRecord[]) => void;
  #lostWrites = 0;

  constructor(dependencies: SessionRefresherDependencies<V>, announce: (ended: readonly SessionRecord[]) => void) {
    this.#deps = dependencies;
    this.#announce = announce;
  }

  /** Refreshes that showed a newer generation than the store knew: it had lost writes. */
  get lostWrites(): number {
    return this.#lostWrites;
  }

  /**
   * The record with the next pair, or with the pair in force where its answer may have been lost. Throws LoginError
   * TOKEN_INVALID (nothing changes), TOKEN_EXPIRED, SESSION_REVOKED, BANNED, INVALID_REQUEST, or what `beforeRefresh` throws.
   */
  async refresh({ refreshToken, vars, attempt }: RefreshTokenRequest): Promise<SessionRecord> {
    const { store, refreshTokens, lifetimes, clock } = this.#deps;
    const clientVars = vars === undefined ? null : parseVars(vars, "vars");
    checkAttempt(attempt);
    const token = refreshTokens.parse(refreshToken);
    if (token === null) throw invalid();
    const record = await store.get(token.sid);
    if (record === null) throw revokedError();
    if (!refreshTokens.verify(token, record.nonce)) throw invalid();

    const request = { presented: token.generation, attempt: attempt ?? null };
    // The store decides; this looks ahead, so that account and hook are asked only where a pair may come of it.
    const { decision } = decideRefresh(record, request, lifetimes.refreshGraceMs, clock.now());
    const kept = { clientVars, serverVars: null, username: record.username, groups: record.groups };
    const successor =
      decision === "rotate" || decision === "repeat"
        ? await this.#prepareSuccessor(record, clientVars, decision === "rotate")
        : kept;
    const outcome = await store.refresh({
      sid: record.sid,
      ...request,
      ...successor,
      tokenId: randomId(),
      refreshSecretId: refreshTokens.currentSecretId,
      lifetimes,
    });
    switch (outcome.outcome) {
      case "rotated":
        if (outcome.lostWrites) this.#countLostWrites(record);
        return outcome.record;
      case "repeated":
        return outcome.record;
      case "revoked":
        throw revokedError();
      case "banned":
        throw bannedError(outcome.ban);
      case "expired":
        this.#announce([outcome.record]);
        throw expiredError();
      case "reuse":
        this.#announce([outcome.record]);
        throw revokedError();
    }
  }

  async #prepareSuccessor(record: SessionRecord, clientVars: Vars | null, askHook: boolean): Promise<Successor> {
    const account = await this.#deps.accounts.get(record.userId);
    if (account === null) throw revokedError();
    const { hooks, logger } = this.#deps;
    const changed = askHook
      ? await askBeforeRefresh(hooks, toSessionAuth<V>(record), { vars: clientVars }, logger)
      : {};
    const successor = {
      clientVars,
      serverVars: changed.serverVars ?? null,
      username: account.username,
      groups: changed.groups ?? account.groups,
    };
    if (askHook) this.#requireFits(record, successor);
    return successor;
  }

  #requireFits(record: SessionRecord, successor: Successor): void {
    const next = {
      ...record,
      username: successor.username,
      clientVars: successor.clientVars ?? record.clientVars,
      serverVars: successor.serverVars ?? record.serverVars,
    };
    checkVarsLimits(next.clientVars, next.serverVars);
    requireTokenFits(this.#deps.jwt, next);
  }

  #countLostWrites({ sid }: SessionRecord): void {
    this.#lostWrites += 1;
    this.#deps.logger.warn(`colyseus-login: the store had lost writes of session ${shortSid(sid)}…; its owner goes on`);
  }
}

function checkAttempt(attempt: unknown): void {
  const { min, max } = attemptLength;
  if (attempt === undefined || (typeof attempt === "string" && attempt.length >= min && attempt.length <= max)) return;
  throw new LoginError("INVALID_REQUEST", `attempt: expected ${min} to ${max} characters`);
}

function invalid(): LoginError {
  return new LoginError("TOKEN_INVALID", "The refresh token is not valid.");
}
