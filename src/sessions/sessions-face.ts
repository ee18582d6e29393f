// `login.sessions`: what a server may ask of sessions, without what only the package may (records, opening, signing).
import type { WireLogin } from "../wire.ts";
import type { LogoutOptions } from "./ending.ts";
import type { RefreshTokenRequest } from "./refreshing.ts";
import { type EndReason, type SessionAuth, type SessionRecord, toSessionAuth, type Vars } from "./session.ts";
import type { SessionAudience } from "./session-token.ts";
import type { Sessions } from "./sessions.ts";

/** A session as a server sees it: what rooms see, and when it was made and ended. Times are ms since the epoch. */
export interface SessionInfo<V extends object = Vars> extends SessionAuth<V> {
  /** Where its login came from; null where that is not known. */
  readonly address: string | null;
  /** The `User-Agent` of its login, at most 256 characters; null where none was sent. */
  readonly agent: string | null;
  readonly createdAt: number;
  /** When it was in use last, give or take a minute. */
  readonly lastSeenAt: number;
  /** null while it lives. */
  readonly ended: { readonly at: number; readonly reason: EndReason } | null;
}

/** Every call throws LoginError STORE_UNAVAILABLE while the store is out of reach. */
export interface SessionsFace<V extends object = Vars> {
  /** A session by its id; ended ones too, as long as one of their tokens could still be shown. null: none. */
  get(sid: string): Promise<SessionInfo<V> | null>;
  /** The live sessions of a user, oldest first. */
  list(userId: string): Promise<readonly SessionInfo<V>[]>;
  /** Trades a refresh token for the next pair (DESIGN 4). Throws LoginError TOKEN_INVALID, TOKEN_EXPIRED, SESSION_REVOKED, BANNED. */
  refresh(request: RefreshTokenRequest): Promise<WireLogin<V>>;
  /** The live session of a session token. Throws LoginError TOKEN_INVALID, TOKEN_EXPIRED, SESSION_REVOKED, BANNED. */
  verify(token: string, options?: { readonly audiences?: readonly SessionAudience[] }): Promise<SessionInfo<V>>;
  /** Ends a session: its tokens die at once on every process; its sockets stay unless asked. Answers whether this call ended it. */
  logout(sid: string, options?: LogoutOptions): Promise<boolean>;
  /** Ends every session of a user; answers how many. */
  logoutUser(userId: string, options?: LogoutOptions): Promise<number>;
  /** Ends the other sessions of the user whose session this is; answers how many. */
  logoutOthers(sid: string, options?: LogoutOptions): Promise<number>;
  /** Ends every session made at or before `before`; answers how many. */
  logoutAll(options: LogoutOptions & { readonly before: number }): Promise<number>;
  /** Closes every socket of a session on every process with 4410 and the reason; answers how many. Its tokens stay valid. */
  disconnect(sid: string, options?: { readonly reason?: string }): Promise<number>;
  /** The same for every session of a user. */
  disconnectUser(userId: string, options?: { readonly reason?: string }): Promise<number>;
}

export function createSessionsFace(sessions: Sessions): SessionsFace {
  const toInfo = (record: SessionRecord): SessionInfo => {
    const { address, agent, createdAt, seenAt: lastSeenAt, end: ended } = record;
    return Object.freeze({ ...toSessionAuth(record), address, agent, createdAt, lastSeenAt, ended });
  };
  return {
    async get(sid) {
      const record = await sessions.get(sid);
      return record === null ? null : toInfo(record);
    },
    async list(userId) {
      return (await sessions.list(userId)).map(toInfo);
    },
    async refresh(request) {
      return sessions.toLogin(await sessions.refresh(request), { created: false, loginData: {} });
    },
    async verify(token, options) {
      return toInfo(await sessions.verify(token, options));
    },
    logout: (sid, options) => sessions.logout(sid, options),
    logoutUser: (userId, options) => sessions.logoutUser(userId, options),
    logoutOthers: (sid, options) => sessions.logoutOthers(sid, options),
    logoutAll: (options) => sessions.logoutAll(options),
    disconnect: (sid, options) => sessions.disconnect(sid, options),
    disconnectUser: (userId, options) => sessions.disconnectUser(userId, options),
  };
}
