// Sessions: opened after a login, prolonged by refreshes, read at every way in, ended.
import type { Account, AccountStore } from "../accounts/account-store.ts";
import type { Clock } from "../clock.ts";
import type { Emit } from "../emitter.ts";
import { bannedError, LoginError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { randomId } from "../random.ts";
import { type JwtSigner, tokenKinds } from "../tokens/jwt.ts";
import type { WireLogin } from "../wire.ts";
import { type LogoutOptions, type LogoutTokens, SessionEndings } from "./ending.ts";
import type { LoginHooks } from "./hooks.ts";
import { LastSeen } from "./last-seen.ts";
import type { RecordCache } from "./record-cache.ts";
import type { RefreshTokens } from "./refresh-token.ts";
import { type RefreshTokenRequest, SessionRefresher } from "./refreshing.ts";
import { type SessionAuth, type SessionRecord, toSessionAuth, toWireSession, type Vars } from "./session.ts";
import type { SessionSignals } from "./session-signals.ts";
import type { NewSession, OpenRequest, SessionLifetimes, SessionStore } from "./session-store.ts";
import { audiencesOf, requireTokenFits, type SessionAudience, sessionTokenContent } from "./session-token.ts";
import { checkVarsLimits, parseVars } from "./vars.ts";
import { type BanReader, SessionVerifier } from "./verification.ts";

export interface SessionsDependencies<V extends object = Vars> {
  readonly store: SessionStore;
  readonly bans: BanReader;
  readonly access: AccessChecker;
  readonly accounts: Pick<AccountStore, "get">;
  readonly jwt: JwtSigner;
  readonly refreshTokens: RefreshTokens;
  readonly clock: Clock;
  readonly lifetimes: SessionLifetimes;
  /** When clients are told to refresh: so long after the answer, give or take the variance. */
  readonly refreshAt: { readonly minutes: number; readonly varianceMinutes: number };
  readonly concurrent: OpenRequest["concurrent"];
  /** Whether a logout closes sockets unless the call says otherwise. */
  readonly disconnectSockets: boolean;
  /** The shard this server is, or null. */
  readonly gameShardId: string | null;
  readonly hooks: Pick<LoginHooks<V>, "beforeRefresh" | "onSessionEnd">;
  readonly emit: Emit<SessionSignals>;
  readonly logger: Logger;
  /** With `verify: "cached"`. Left out: every check reads. */
  readonly cache?: RecordCache | undefined;
}

/** Whether limited access lets the session's user pass. */
export interface AccessChecker {
  /** Throws LoginError ACCESS_LIMITED where it does not. `account` spares the read of one who is at hand. */
  require(session: SessionAuth, account?: Account): Promise<void>;
}

export interface OpenSession {
  readonly account: Pick<Account, "userId" | "username" | "groups">;
  readonly clientVars: Vars;
  readonly serverVars: Vars;
  /** The shard its game token is for, or null. */
  readonly shard: string | null;
  /** Where the login came from, for the owner's list of sessions. */
  readonly address?: string | null;
  readonly agent?: string | null;
}

/** A session that is ready to be opened, and that nobody knows of yet. */
export interface PreparedSession<V extends object = Vars> {
  readonly session: NewSession;
  /** As rooms will see it; the store's clock will have the last word on `expiresAt`. */
  readonly auth: SessionAuth<V>;
}

const minuteMs = 60_000;

/** Every call throws LoginError STORE_UNAVAILABLE while the store is out of reach. */
export class Sessions<V extends object = Vars> {
  readonly #deps: SessionsDependencies<V>;
  readonly #verifier: SessionVerifier;
  readonly #endings: SessionEndings<V>;
  readonly #refresher: SessionRefresher<V>;
  readonly #lastSeen: LastSeen;

  constructor(dependencies: SessionsDependencies<V>) {
    this.#deps = dependencies;
    this.#verifier = new SessionVerifier(dependencies);
    this.#lastSeen = new LastSeen(dependencies);
    this.#endings = new SessionEndings(dependencies);
    this.#refresher = new SessionRefresher(dependencies, (ended) => this.#endings.announce(ended));
  }

  /** Makes a session ready to be opened. Throws LoginError INVALID_REQUEST (vars or token too long). */
  prepare(request: OpenSession): PreparedSession<V> {
    const { jwt, refreshTokens, lifetimes, clock } = this.#deps;
    const { account, shard } = request;
    const clientVars = parseVars(request.clientVars, "vars");
    const serverVars = parseVars(request.serverVars, "serverVars");
    checkVarsLimits(clientVars, serverVars);
    const session: NewSession = {
      sid: randomId(),
      userId: account.userId,
      username: account.username,
      groups: account.groups,
      kind: "player",
      clientVars,
      serverVars,
      shard,
      address: request.address ?? null,
      agent: request.agent ?? null,
      nonce: randomId(),
      refreshSecretId: refreshTokens.currentSecretId,
      tokenId: randomId(),
    };
    const now = clock.now();
    const absoluteEndsAt = now + lifetimes.absoluteMs;
    const idleEndsAt = Math.min(now + lifetimes.idleMs, absoluteEndsAt);
    const tokenExpiresAt = Math.min(now + lifetimes.tokenMs, absoluteEndsAt);
    const source = { ...session, tokenIssuedAt: now, tokenExpiresAt, idleEndsAt, absoluteEndsAt, generation: 1 };
    requireTokenFits(jwt, source);
    return { session, auth: toSessionAuth<V>(source) };
  }

  /**
   * Opens a prepared session; `repeated` where the pass had opened another one before for the same account. `ticketId` is the
   * admitted ticket whose pass pays for it, null where none is asked for. Throws LoginError BANNED, PASS_INVALID or CONFLICT
   * (as many sessions as the user may have).
   */
  async open(
    { session }: Pick<PreparedSession, "session">,
    ticketId: string | null,
  ): Promise<{ readonly record: SessionRecord; readonly repeated: boolean }> {
    const { store, lifetimes, concurrent } = this.#deps;
    const opened = await store.open({ session, lifetimes, ticketId, concurrent });
    switch (opened.outcome) {
      case "opened":
        this.#endings.announce(opened.replaced);
        return { record: opened.record, repeated: false };
      case "repeated":
        return { record: opened.record, repeated: true };
      case "banned":
        throw bannedError(opened.ban);
      case "passInvalid":
        throw new LoginError("PASS_INVALID", "The pass is not valid.");
      case "tooManySessions":
        throw new LoginError("CONFLICT", "This user has as many sessions as allowed.");
    }
  }

  /** The answer that carries the record's pair: the same tokens and ends each time, but for `refreshAt`. */
  async toLogin(
    record: SessionRecord,
    { created, loginData }: { readonly created: boolean; readonly loginData: Record<string, unknown> },
  ): Promise<WireLogin> {
    const [token, socialToken] = await Promise.all([
      this.#sign(record, "game"),
      audiencesOf(record).includes("social") ? this.#sign(record, "social") : undefined,
    ]);
    const session = toWireSession(record);
    return {
      token,
      refreshToken: this.#deps.refreshTokens.mint(record),
      ...(socialToken === undefined ? {} : { socialToken }),
      tokenExpiresAt: session.expiresAt,
      refreshTokenExpiresAt: Math.min(record.idleEndsAt, record.absoluteEndsAt),
      refreshAt: this.#drawRefreshAt(session.expiresAt),
      session,
      user: { id: session.userId, username: session.username },
      loginData,
      created,
    };
  }

  /** Rotates or repeats the pair, or tells a thief: see `SessionRefresher`. */
  refresh(request: RefreshTokenRequest): Promise<SessionRecord> {
    return this.#refresher.refresh(request);
  }

  /** The session of a live session token: see `SessionVerifier`; ACCESS_LIMITED where access is limited and its user not let in. */
  async verify(token: string, options?: { readonly audiences?: readonly SessionAudience[] }): Promise<SessionRecord> {
    return this.#letPass(await this.#verifier.verify(token, options));
  }

  /** The session if it lets its holder in: the same check without the token, of a session that was seen to last until then. */
  async requireLive(sid: string, seenUntil?: number): Promise<SessionRecord> {
    return this.#letPass(await this.#verifier.requireLive(sid, seenUntil));
  }

  /** Ended sessions too, as long as one of their tokens could still be shown. */
  get(sid: string): Promise<SessionRecord | null> {
    return this.#deps.store.get(sid);
  }

  /** The live sessions of a user, oldest first. */
  list(userId: string): Promise<readonly SessionRecord[]> {
    return this.#deps.store.listByUser(userId);
  }

  /** Ends a session: its tokens die at once, everywhere. Answers whether this call did it. */
  logout(sid: string, options?: LogoutOptions): Promise<boolean> {
    return this.#endings.logout(sid, options);
  }

  /** Ends every session of a user; answers how many. */
  logoutUser(userId: string, options?: LogoutOptions): Promise<number> {
    return this.#endings.logoutUser(userId, options);
  }

  /** Ends the other sessions of its user; answers how many. Of an unknown session there are none. */
  logoutOthers(sid: string, options?: LogoutOptions): Promise<number> {
    return this.#endings.logoutOthers(sid, options);
  }

  /** Ends every session made at or before a moment (ms since the epoch); answers how many. */
  logoutAll(options: LogoutOptions & { readonly before: number }): Promise<number> {
    return this.#endings.logoutAll(options);
  }

  /** Ends what the tokens prove; silent about those that prove nothing. */
  logoutByTokens(tokens: LogoutTokens): Promise<void> {
    return this.#endings.logoutByTokens(tokens);
  }

  /** Closes every socket of a session on every process; answers how many. Its tokens stay valid. */
  disconnect(sid: string, options?: { readonly reason?: string }): Promise<number> {
    return this.#endings.disconnect(sid, options);
  }

  disconnectUser(userId: string, options?: { readonly reason?: string }): Promise<number> {
    return this.#endings.disconnectUser(userId, options);
  }

  /** Tells of sessions, and calls the hook `onSessionEnd` for them, that another step of the store, a ban, has ended. */
  announceEnded(ended: readonly SessionRecord[]): void {
    this.#endings.announce(ended);
  }

  async #letPass(record: SessionRecord): Promise<SessionRecord> {
    await this.#deps.access.require(toSessionAuth(record));
    this.#lastSeen.note(record);
    return record;
  }

  #sign(record: SessionRecord, audience: SessionAudience): Promise<string> {
    return this.#deps.jwt.sign(tokenKinds.player, audience, sessionTokenContent(record, audience));
  }

  /** Drawn per answer; where tokens live shorter than that, a little before their end. */
  #drawRefreshAt(tokenExpiresAt: number): number {
    const { minutes, varianceMinutes } = this.#deps.refreshAt;
    const now = this.#deps.clock.now();
    const drawn = now + (minutes + (2 * Math.random() - 1) * varianceMinutes) * minuteMs;
    const left = tokenExpiresAt - now;
    return Math.round(Math.max(now, Math.min(drawn, tokenExpiresAt - Math.min(left / 10, minuteMs / 2))));
  }
}
