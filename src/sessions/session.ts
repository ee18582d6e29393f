// What a session is: the record every store keeps, and what rooms and routes see of it.
import type { WireSession, WireSessionEntry } from "../wire.ts";

/** String pairs inside a session (DESIGN 4, Vars). */
export type Vars = Readonly<Record<string, string>>;

export type SessionKind = "player";

/** Why a session ended; decides the close code of its sockets. */
export type EndReason = "logout" | "expired" | "reuse" | "banned" | "replaced";

export interface SessionEnd {
  readonly at: number;
  readonly reason: EndReason;
}

/**
 * A session as stores keep it. Times are ms since the epoch by the store's clock. A generation is one pair of session token
 * and refresh token; everything the pair is made from stands here, so that a retried refresh can repeat it to the letter.
 */
export interface SessionRecord {
  /** 128 random bits as base64url. Never sent to another client, never logged whole. */
  readonly sid: string;
  readonly userId: string;
  readonly username: string;
  readonly groups: readonly string[];
  readonly kind: SessionKind;
  readonly clientVars: Vars;
  readonly serverVars: Vars;
  /** The shard its game token is for, or null. */
  readonly shard: string | null;
  /** Where its login came from; null where that is not known. */
  readonly address: string | null;
  /** The `User-Agent` of its login; null where none was sent. */
  readonly agent: string | null;
  readonly createdAt: number;
  /** When one of its tokens was shown last, give or take a minute. */
  readonly seenAt: number;
  /** Slides with every refresh, never past `absoluteEndsAt`. */
  readonly idleEndsAt: number;
  /** Never moves. */
  readonly absoluteEndsAt: number;
  /** Random part of the refresh token's MAC. */
  readonly nonce: string;
  /** The generation in force; the login makes generation 1. */
  readonly generation: number;
  /** When `generation` replaced the one before it. */
  readonly rotatedAt: number;
  /** When `generation - 1` replaced `generation - 2`; equals `createdAt` while there is no such thing. */
  readonly previousRotatedAt: number;
  /** When a token of `generation` was first presented; null while it is pending. */
  readonly confirmedAt: number | null;
  /** The `attempt` of the refresh that made `generation`, or null. */
  readonly attempt: string | null;
  /** Which refresh secret minted the refresh token of `generation`. */
  readonly refreshSecretId: string;
  /** `jti`, `iat` and `exp` (as ms) of the session token of `generation`. */
  readonly tokenId: string;
  readonly tokenIssuedAt: number;
  readonly tokenExpiresAt: number;
  readonly end: SessionEnd | null;
}

/** What `client.auth` is in a room and `request.session` over HTTP: frozen, typed through from `defineLogin<{ vars }>`. */
export interface SessionAuth<V extends object = Vars> {
  /** Equals `userId`: Colyseus's own tools read `client.auth.id`. */
  readonly id: string;
  readonly userId: string;
  readonly sid: string;
  readonly username: string;
  /** Client vars with server vars laid over them. */
  readonly vars: Readonly<V>;
  /** The part of `vars` that no client can have written. */
  readonly serverVars: Vars;
  readonly kind: SessionKind;
  readonly groups: readonly string[];
  /** When the session token in force ended at the moment this was made, ms since the epoch. */
  readonly expiresAt: number;
}

/** Client vars with server vars laid over them. */
export function mergeVars(record: Pick<SessionRecord, "clientVars" | "serverVars">): Vars {
  return { ...record.clientVars, ...record.serverVars };
}

/** The moment from which the session lets nobody in without a refresh. */
export function sessionEntryEndsAt(
  record: Pick<SessionRecord, "tokenExpiresAt" | "idleEndsAt" | "absoluteEndsAt">,
): number {
  return Math.min(record.tokenExpiresAt, record.idleEndsAt, record.absoluteEndsAt);
}

/** What of a record `SessionAuth` is made from. */
export type SessionAuthSource = Pick<
  SessionRecord,
  | "sid"
  | "userId"
  | "username"
  | "groups"
  | "kind"
  | "clientVars"
  | "serverVars"
  | "tokenExpiresAt"
  | "idleEndsAt"
  | "absoluteEndsAt"
>;

/** The view of a record that rooms and request handlers get. */
export function toSessionAuth<V extends object = Vars>(record: SessionAuthSource): SessionAuth<V> {
  // What the game says its vars are is a promise of its hooks and clients: nothing at run time knows the shape, so it is
  // taken at its word here, as `defineLogin` does for the whole login.
  const vars = Object.freeze(mergeVars(record)) as unknown as Readonly<V>;
  return Object.freeze({
    id: record.userId,
    userId: record.userId,
    sid: record.sid,
    username: record.username,
    vars,
    serverVars: Object.freeze({ ...record.serverVars }),
    kind: record.kind,
    groups: Object.freeze([...record.groups]),
    expiresAt: sessionEntryEndsAt(record),
  });
}

/** The view of a record that its owner gets over HTTP. */
export function toWireSession(record: SessionRecord): WireSession {
  const { sid, userId, username, serverVars, kind, createdAt } = record;
  const expiresAt = sessionEntryEndsAt(record);
  return { sid, userId, username, vars: mergeVars(record), serverVars: { ...serverVars }, kind, createdAt, expiresAt };
}

/** The same in the list of its owner's sessions; `current`: whether it is the one whose token asked. */
export function toWireSessionEntry(record: SessionRecord, current: boolean): WireSessionEntry {
  const { address, agent, seenAt } = record;
  return { ...toWireSession(record), address, agent, lastSeenAt: seenAt, current };
}

/** The most of a `sid` that a log line or an event may carry. */
export function shortSid(sid: string): string {
  return sid.slice(0, 8);
}
