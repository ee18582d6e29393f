// Sessions: opened after a login, prolonged by refreshes, read at every way in, ended.
import type { Account, AccountStore } from "../accounts/account-store.ts";
import type { Clock } from "../clock.ts";
import { bannedError, LoginError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { randomId } from "../random.ts";
import { type JwtSigner, tokenKinds } from "../tokens/jwt.ts";
import type { WireLogin } from "../wire.ts";
import { type LogoutOptions, type LogoutTokens, SessionEndings } from "./ending.ts";
import type { LoginHooks } from "./hooks.ts";
import type { RefreshTokens } from "./refresh-token.ts";
import { type RefreshTokenRequest, SessionRefresher } from "./refreshing.ts";
import { type SessionAuth, type SessionRecord, toSessionAuth, toWireSession, type Vars } from "./session.ts";
import type { NewSession, OpenRequest, SessionLifetimes, SessionStore } from "./session-store.ts";
import { audiencesOf, requireTokenFits, type SessionAudience, sessionTokenContent } from "./session-token.ts";
import { checkVarsLimits, parseVars } from "./vars.ts";
import { type BanReader, SessionVerifier } from "./verification.ts";

export interface SessionsDependencies<V extends object = Vars> {
  readonly store: SessionStore;
  readonly bans: BanReader;
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
  readonly logger: Logger;
}

export interface OpenSession {
  readonly account: Pick<Account, "userId" | "username" | "groups">;
  readonly clientVars: Vars;
  readonly serverVars: Vars;
  /** The admitted ticket whose pass pays for the session; null where none is asked for. */
  readonly ticketId: string | null;
  /** The shard its game token is for, or null. */
  readonly shard: string | null;
}

const minuteMs = 60_000;

/** Every call throws LoginError STORE_UNAVAILABLE while the store is out of reach. */
export class Sessions<V extends object = Vars> {
  readonly #deps: SessionsDependencies<V>;
  readonly #verifier: SessionVerifier;
  readonly #endings: SessionEndings<V>;
  readonly #refresher: SessionRefresher<V>;

  constructor(dependencies: SessionsDependencies<V>) {
    this.#deps = dependencies;
    this.#verifier = new SessionVerifier(dependencies);
    this.#endings = new SessionEndings(dependencies);
    this.#refresher = new SessionRefresher(dependencies, (ended) => this.#endings.announce(ended));
  }

  /** Refreshes that showed a newer generation than the store knew: it had lost writes. A metric. */
  get lostWrites(): number {
    return this.#refresher.lostWrites;
  }

  /**
   * Opens a session; `repeated` where the pass had opened this one before for the same account. Throws LoginError BANNED,
   * PASS_INVALID, CONFLICT (as many sessions as the user may have) or INVALID_REQUEST (vars or token too long).
   */
  async open(request: OpenSession): Promise<{ readonly record: SessionRecord; readonly repeated: boolean }> {
    const { store, jwt, refreshTokens, lifetimes, concurrent, clock } = this.#deps;
    const { account, ticketId, shard } = request;
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
      nonce: randomId(),
      refreshSecretId: refreshTokens.currentSecretId,
      tokenId: randomId(),
    };
    const now = clock.now();
    const times = { tokenIssuedAt: now, tokenExpiresAt: now, idleEndsAt: now, absoluteEndsAt: now };
    requireTokenFits(jwt, { ...session, ...times, generation: 1 });

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

  /** The session of a live session token: see `SessionVerifier`. */
  verify(token: string, options?: { readonly audiences?: readonly SessionAudience[] }): Promise<SessionRecord> {
    return this.#verifier.verify(token, options);
  }

  /** The session if it lets its holder in: the same check without the token. */
  requireLive(sid: string): Promise<SessionRecord> {
    return this.#verifier.requireLive(sid);
  }

  /** The session as rooms and request handlers see it. */
  toAuth(record: SessionRecord): SessionAuth<V> {
    return toSessionAuth<V>(record);
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

  /** Calls the hook `onSessionEnd` for sessions that another step of the store, a ban, has ended. */
  announceEnded(ended: readonly SessionRecord[]): void {
    this.#endings.announce(ended);
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
