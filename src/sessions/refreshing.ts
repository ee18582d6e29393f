// A refresh from the token to the next pair: the table of DESIGN 4 with what surrounds it (MAC, account, hook, limits).
import type { Account, AccountStore } from "../accounts/account-store.ts";
import type { Clock } from "../clock.ts";
import type { Emit } from "../emitter.ts";
import { bannedError, LoginError, refusalCode } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { randomId } from "../random.ts";
import type { JwtSigner } from "../tokens/jwt.ts";
import { askBeforeRefresh, type LoginHooks } from "./hooks.ts";
import { decideRefresh } from "./refresh-policy.ts";
import type { RefreshTokens } from "./refresh-token.ts";
import { type SessionAuth, type SessionRecord, shortSid, toSessionAuth, type Vars } from "./session.ts";
import type { SessionSignals } from "./session-signals.ts";
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
  readonly access: { require(session: SessionAuth, account: Account): Promise<void> };
  readonly jwt: Pick<JwtSigner, "encodedLength">;
  readonly refreshTokens: RefreshTokens;
  readonly clock: Clock;
  readonly lifetimes: SessionLifetimes;
  readonly hooks: Pick<LoginHooks<V>, "beforeRefresh">;
  readonly emit: Emit<SessionSignals>;
  readonly logger: Logger;
}

/** What a successor is made from, should the store decide to make one. */
type Successor = Pick<RefreshRequest, "clientVars" | "serverVars" | "username" | "groups">;

const attemptLength = { min: 16, max: 64 };

export class SessionRefresher<V extends object = Vars> {
  readonly #deps: SessionRefresherDependencies<V>;
  /** Told of sessions that a refresh ended. */
  readonly #announce: (ended: readonly SessionRecord[]) => void;

  constructor(dependencies: SessionRefresherDependencies<V>, announce: (ended: readonly SessionRecord[]) => void) {
    this.#deps = dependencies;
    this.#announce = announce;
  }

  /**
   * The record with the next pair, or with the pair in force where its answer may have been lost. Throws LoginError
   * TOKEN_INVALID (nothing changes), TOKEN_EXPIRED, SESSION_REVOKED, BANNED, ACCESS_LIMITED (nothing changes), INVALID_REQUEST, or
   * what `beforeRefresh` throws.
   */
  async refresh(request: RefreshTokenRequest): Promise<SessionRecord> {
    try {
      return await this.#refresh(request);
    } catch (error) {
      this.#deps.emit("refreshRefused", { code: refusalCode(error) });
      throw error;
    }
  }

  async #refresh({ refreshToken, vars, attempt }: RefreshTokenRequest): Promise<SessionRecord> {
    const { store, refreshTokens, lifetimes, clock, emit } = this.#deps;
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
        if (outcome.lostWrites) this.#warnOfLostWrites(record);
        emit("refreshed", outcome);
        return outcome.record;
      case "repeated":
        emit("refreshed", { ...outcome, lostWrites: false });
        return outcome.record;
      case "revoked":
        throw revokedError();
      case "banned":
        throw bannedError(outcome.ban);
      case "expired":
        this.#announce([outcome.record]);
        throw expiredError();
      case "reuse":
        emit("reuseDetected", { record: outcome.record });
        this.#announce([outcome.record]);
        throw revokedError();
    }
  }

  async #prepareSuccessor(record: SessionRecord, clientVars: Vars | null, askHook: boolean): Promise<Successor> {
    const account = await this.#deps.accounts.get(record.userId);
    if (account === null) throw revokedError();
    const { hooks, access, logger } = this.#deps;
    const changed = askHook
      ? await askBeforeRefresh(hooks, toSessionAuth<V>(record), { vars: clientVars }, logger)
      : {};
    const successor = {
      clientVars,
      serverVars: changed.serverVars ?? null,
      username: account.username,
      groups: changed.groups ?? account.groups,
    };
    // A repeat answers what stands, groups of a hook included.
    const next = askHook ? withChanges(record, successor) : record;
    await access.require(toSessionAuth(next), account);
    if (askHook) this.#requireFits(next);
    return successor;
  }

  #requireFits(next: SessionRecord): void {
    checkVarsLimits(next.clientVars, next.serverVars);
    requireTokenFits(this.#deps.jwt, next);
  }

  #warnOfLostWrites({ sid }: SessionRecord): void {
    this.#deps.logger.warn(`colyseus-login: the store had lost writes of session ${shortSid(sid)}…; its owner goes on`);
  }
}

function withChanges(record: SessionRecord, { username, groups, clientVars, serverVars }: Successor): SessionRecord {
  return {
    ...record,
    username,
    groups,
    clientVars: clientVars ?? record.clientVars,
    serverVars: serverVars ?? record.serverVars,
  };
}

function checkAttempt(attempt: unknown): void {
  const { min, max } = attemptLength;
  if (attempt === undefined || (typeof attempt === "string" && attempt.length >= min && attempt.length <= max)) return;
  throw new LoginError("INVALID_REQUEST", `attempt: expected ${min} to ${max} characters`);
}

function invalid(): LoginError {
  return new LoginError("TOKEN_INVALID", "The refresh token is not valid.");
}
