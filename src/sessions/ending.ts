// The ways a session ends, or its sockets close, by a call (DESIGN 4, Ending).
import type { Emit } from "../emitter.ts";
import { LoginError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { type JwtSigner, tokenKinds } from "../tokens/jwt.ts";
import { type LoginHooks, runListener } from "./hooks.ts";
import type { RefreshTokens } from "./refresh-token.ts";
import { type SessionRecord, toSessionAuth, type Vars } from "./session.ts";
import type { SessionSignals } from "./session-signals.ts";
import type { EndRequest, SessionStore } from "./session-store.ts";
import { parseSessionToken } from "./session-token.ts";

export interface LogoutOptions {
  /** Whether the session's open sockets are closed as well. Default: the option `disconnectSockets`, which is false. */
  readonly disconnectSockets?: boolean;
  /** Words for the player, sent with the close. */
  readonly reason?: string;
}

/** What a client shows to log out: either token proves the session. */
export interface LogoutTokens {
  readonly refreshToken?: string;
  /** A session token. */
  readonly bearer?: string;
  /** Ends the user's other sessions too. */
  readonly everywhere?: boolean;
  /** Ends the user's other sessions, and leaves this one. `everywhere` goes before it. */
  readonly others?: boolean;
  readonly disconnectSockets?: boolean;
}

export interface SessionEndingsDependencies<V extends object> {
  readonly store: Pick<SessionStore, "get" | "end" | "endAllOfUser" | "endAll" | "disconnect" | "disconnectAllOfUser">;
  readonly jwt: Pick<JwtSigner, "verify">;
  readonly refreshTokens: RefreshTokens;
  readonly hooks: Pick<LoginHooks<V>, "onSessionEnd">;
  /** Whether a logout closes sockets unless the call says otherwise. */
  readonly disconnectSockets: boolean;
  readonly emit: Emit<SessionSignals>;
  readonly logger: Logger;
}

/** Every call throws LoginError STORE_UNAVAILABLE rather than pretend: after it returned, no way in accepts the session. */
export class SessionEndings<V extends object = Vars> {
  readonly #deps: SessionEndingsDependencies<V>;

  constructor(dependencies: SessionEndingsDependencies<V>) {
    this.#deps = dependencies;
  }

  /** Answers whether this call ended it: false for an unknown session, or one that had ended. */
  async logout(sid: string, options: LogoutOptions = {}): Promise<boolean> {
    const { record, ended } = await this.#deps.store.end(sid, this.#request(options));
    if (record !== null && ended) this.announce([record]);
    return ended;
  }

  /** Ends every session of a user; answers how many. */
  async logoutUser(userId: string, options: LogoutOptions = {}): Promise<number> {
    const { ended } = await this.#deps.store.endAllOfUser(userId, this.#request(options));
    this.announce(ended);
    return ended.length;
  }

  /** Ends the other sessions of a session's user; answers how many. */
  async logoutOthers(sid: string, options: LogoutOptions = {}): Promise<number> {
    const record = await this.#deps.store.get(sid);
    if (record === null) return 0;
    const { ended } = await this.#deps.store.endAllOfUser(record.userId, this.#request(options), sid);
    this.announce(ended);
    return ended.length;
  }

  /** Ends every session made at or before `before` (ms since the epoch); answers how many. */
  async logoutAll({ before, ...options }: LogoutOptions & { readonly before: number }): Promise<number> {
    if (!Number.isFinite(before)) throw new TypeError(`logoutAll: before: expected ms since the epoch, got ${before}`);
    const { ended } = await this.#deps.store.endAll(before, this.#request(options));
    this.announce(ended);
    return ended.length;
  }

  /**
   * Ends the sessions that the tokens prove. An unknown or dead token changes nothing and is answered like a good one, so that
   * nobody can learn here whether a token is worth something. `everywhere` and `others` take a session that still lives.
   */
  async logoutByTokens({
    refreshToken,
    bearer,
    everywhere = false,
    others = false,
    ...options
  }: LogoutTokens): Promise<void> {
    const proved = [
      refreshToken === undefined ? null : await this.#byRefreshToken(refreshToken),
      bearer === undefined ? null : await this.#bySessionToken(bearer),
    ];
    for (const record of proved) {
      if (record === null) continue;
      if (everywhere && record.end === null) await this.logoutUser(record.userId, options);
      else if (others && !everywhere) {
        if (record.end === null) await this.logoutOthers(record.sid, options);
      } else await this.logout(record.sid, options);
    }
  }

  /** Closes every socket of a session on every process; answers how many. Its tokens stay valid. */
  disconnect(sid: string, { reason = "" }: { readonly reason?: string } = {}): Promise<number> {
    return this.#deps.store.disconnect(sid, reason);
  }

  /** The same for every session of a user, those included that were logged out and kept their sockets. */
  disconnectUser(userId: string, { reason = "" }: { readonly reason?: string } = {}): Promise<number> {
    return this.#deps.store.disconnectAllOfUser(userId, reason);
  }

  /**
   * Tells of sessions that a step of the store has just ended, and calls the hook `onSessionEnd` for them. To be called by
   * whoever took that step, with the records it answered: so each is announced once, on one process.
   */
  announce(ended: readonly SessionRecord[]): void {
    const { hooks, emit, logger } = this.#deps;
    for (const record of ended) {
      if (record.end === null) continue;
      const { reason } = record.end;
      emit("sessionEnded", { record, reason });
      if (hooks.onSessionEnd === undefined) continue;
      void runListener("hook onSessionEnd", () => hooks.onSessionEnd?.(toSessionAuth<V>(record), reason), logger);
    }
  }

  #request({ disconnectSockets, reason }: LogoutOptions): EndRequest {
    const closeSockets = disconnectSockets ?? this.#deps.disconnectSockets;
    return { reason: "logout", closeSockets, ...(reason === undefined ? {} : { message: reason }) };
  }

  async #byRefreshToken(refreshToken: string): Promise<SessionRecord | null> {
    const { refreshTokens, store } = this.#deps;
    const token = refreshTokens.parse(refreshToken);
    const record = token === null ? null : await store.get(token.sid);
    return token !== null && record !== null && refreshTokens.verify(token, record.nonce) ? record : null;
  }

  async #bySessionToken(bearer: string): Promise<SessionRecord | null> {
    const { jwt, store } = this.#deps;
    try {
      return await store.get(parseSessionToken(await jwt.verify(tokenKinds.player, bearer)).sid);
    } catch (error) {
      if (error instanceof LoginError && (error.code === "TOKEN_INVALID" || error.code === "TOKEN_EXPIRED"))
        return null;
      throw error;
    }
  }
}
