// What sessions need of a store: verbs that say what they mean, each one atomic step by the store's own clock.
import type { Ban } from "../errors.ts";
import type { EndReason, SessionRecord, Vars } from "./session.ts";

/** A new session, before the store stamps it: the store's clock gives every time. */
export interface NewSession {
  readonly sid: string;
  readonly userId: string;
  readonly username: string;
  readonly groups: readonly string[];
  readonly kind: SessionRecord["kind"];
  readonly clientVars: Vars;
  readonly serverVars: Vars;
  readonly shard: string | null;
  readonly address: string | null;
  readonly agent: string | null;
  readonly nonce: string;
  readonly refreshSecretId: string;
  readonly tokenId: string;
}

/** How long the parts of a session live, in ms. */
export interface SessionLifetimes {
  readonly tokenMs: number;
  readonly idleMs: number;
  readonly absoluteMs: number;
  readonly refreshGraceMs: number;
}

export interface OpenRequest {
  readonly session: NewSession;
  readonly lifetimes: SessionLifetimes;
  /** The admitted ticket whose pass pays for the session; null where no queue is configured or it is bypassed. */
  readonly ticketId: string | null;
  /** How many sessions a user may have at once, and what happens beyond it. */
  readonly concurrent: { readonly limit: number; readonly onExceeded: "replace" | "reject" };
}

export type OpenOutcome =
  /** `replaced` were ended by this same step, with reason `replaced`, and the feed was told. */
  | { readonly outcome: "opened"; readonly record: SessionRecord; readonly replaced: readonly SessionRecord[] }
  /** The pass had opened this session for the same account before, and it still lives: its first answer may have been lost. */
  | { readonly outcome: "repeated"; readonly record: SessionRecord }
  | { readonly outcome: "banned"; readonly ban: Ban }
  | { readonly outcome: "passInvalid" }
  /** `onExceeded: "reject"` and the user has as many sessions as it may. The pass is not used up. */
  | { readonly outcome: "tooManySessions" };

export interface RefreshRequest {
  readonly sid: string;
  /** The generation of the refresh token presented; its MAC was checked before. */
  readonly presented: number;
  readonly attempt: string | null;
  /** Replace the client vars as a whole; null keeps them. */
  readonly clientVars: Vars | null;
  /** What `beforeRefresh` made of the server vars; null keeps them. */
  readonly serverVars: Vars | null;
  /** Read again from the account at every refresh. */
  readonly username: string;
  readonly groups: readonly string[];
  /** For the successor, should there be one. */
  readonly tokenId: string;
  readonly refreshSecretId: string;
  readonly lifetimes: SessionLifetimes;
}

export type RefreshOutcome =
  /** A successor was made. `lostWrites`: the store had forgotten generations and took the presented one over. */
  | { readonly outcome: "rotated"; readonly record: SessionRecord; readonly lostWrites: boolean }
  /** The pair in force, to be repeated to the letter. */
  | { readonly outcome: "repeated"; readonly record: SessionRecord }
  | { readonly outcome: "revoked" }
  | { readonly outcome: "banned"; readonly ban: Ban }
  /** The session was past its end, and this same step ended it with reason `expired`. Its sockets are not told to close. */
  | { readonly outcome: "expired"; readonly record: SessionRecord }
  /** The session was ended by this same step, with reason `reuse`, and the feed was told. */
  | { readonly outcome: "reuse"; readonly record: SessionRecord };

export interface EndRequest {
  readonly reason: EndReason;
  /** Whether its sockets are closed too. */
  readonly closeSockets: boolean;
  /** Words for the player, sent with the close. */
  readonly message?: string;
}

/** What the store's feed tells every process about sessions. */
export type SessionEvent =
  /** Told again for a session that had ended before, with `closeSockets`, when the sockets its end left open are to close. */
  | {
      readonly type: "sessionEnded";
      readonly sid: string;
      /** null where the store does not know the session. */
      readonly userId: string | null;
      readonly reason: EndReason;
      readonly closeSockets: boolean;
      readonly message?: string;
    }
  | {
      readonly type: "disconnect";
      readonly sid: string;
      readonly reason: string;
      /** Sent away for being idle: closed with 4411. */
      readonly isIdle?: true;
    };

export interface EndOutcome {
  /** The record as it is now, or null where the store knows no such session. */
  readonly record: SessionRecord | null;
  /** Whether this call ended it (false: unknown, or ended before). */
  readonly ended: boolean;
  /** How many sockets were told to close, over every process. */
  readonly socketsClosed: number;
}

/** What ending several sessions at once answers. */
export interface EndAllOutcome {
  /** The sessions that this call ended. */
  readonly ended: readonly SessionRecord[];
  /** How many sockets were told to close, over every process; those that an earlier end left open too, if asked. */
  readonly socketsClosed: number;
}

/**
 * Sessions as a store keeps them. Ended ones stay readable until neither of their tokens could be presented any more, and
 * those that ran out for a while longer, so that a late refresh learns that it came too late.
 * Every call may throw `LoginError("STORE_UNAVAILABLE")`.
 */
export interface SessionStore {
  get(sid: string): Promise<SessionRecord | null>;
  /** Live sessions of a user, oldest first. */
  listByUser(userId: string): Promise<readonly SessionRecord[]>;
  /** Opens a session, claiming its pass and checking ban and count in the same step. */
  open(request: OpenRequest): Promise<OpenOutcome>;
  /** The table of DESIGN 4. */
  refresh(request: RefreshRequest): Promise<RefreshOutcome>;
  /** Remembers that a token of `generation` was presented. Does nothing unless it is in force and pending. */
  confirm(sid: string, generation: number): Promise<void>;
  /** A token of the session was shown: remembers the time. Does nothing for one that does not live. */
  markSeen(sid: string): Promise<void>;
  /**
   * Ends a session; frees its slot (unless sockets of it stay open) and its ticket. Returns when no process lets it in any
   * more. An unknown or ended one stays as it is, but its sockets are closed if asked.
   */
  end(sid: string, request: EndRequest): Promise<EndOutcome>;
  /** Ends every live session of a user but `except`; answers the ones it ended and the sockets told to close. */
  endAllOfUser(userId: string, request: EndRequest, except?: string): Promise<EndAllOutcome>;
  /** Ends every live session created at or before `before`. */
  endAll(before: number, request: EndRequest): Promise<EndAllOutcome>;
  /**
   * Closes every socket of a session on every process, with 4410 or for an idle one with 4411; answers how many. The session
   * lives on, but its slot is freed as soon as none of its sockets is left: who was thrown out keeps no place reserved.
   */
  disconnect(sid: string, reason: string, isIdle?: boolean): Promise<number>;
  /** The same for every session of a user, those included that ended and left their sockets open. */
  disconnectAllOfUser(userId: string, reason: string): Promise<number>;
}
