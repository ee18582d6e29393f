// Sessions on their way into Redis and back: the format that scripts/lib/sessions.lua describes, and what its verbs answer.
import type { Ban } from "../../access/access-store.ts";
import type { EndReason, SessionKind, SessionRecord, Vars } from "../../sessions/session.ts";
import type { EndRequest, NewSession } from "../../sessions/session-store.ts";
import { listOf, type Reply, textOf } from "./replies.ts";

/** Short, because a record with a browser's user agent is about as long as one size of Redis's allocator. */
const kindLetters = { player: "p" } as const satisfies Record<SessionKind, string>;
const kindsByLetter = { p: "player" } as const;
type KindLetter = keyof typeof kindsByLetter;

/** A record as it is written. Times but the first are counted from it; JSON, so that it reads them as they are. */
type Stored = readonly [
  createdAt: number,
  seen: number,
  idleEnds: number,
  absoluteEnds: number,
  generation: number,
  rotated: number,
  previousRotated: number,
  confirmed: number | null,
  tokenExpires: number,
  ended: number | null,
  endReason: EndReason | null,
  userId: string,
  kind: KindLetter,
  shard: string | null,
  address: string | null,
  agent: string | null,
  nonce: string,
  clientVars: Vars,
  serverVars: Vars,
  username: string,
  groups: readonly string[],
  refreshSecretId: string,
  tokenId: string,
  attempt: string | null,
];

const storedLength = 24;
/** As lib/sessions.lua has it: how long one that ran out without being ended stays readable. */
const expiredReadableMs = 24 * 60 * 60 * 1000;

/** The lines of a new record that scripts take as they are: arguments 7 to 11 of `open.lua`. */
export function newSessionArguments(session: NewSession): readonly string[] {
  const { kind, shard, address, agent, nonce } = session;
  return [
    JSON.stringify(userIdOf(session.userId)),
    elements([kindLetters[kind], shard, address, agent, nonce]),
    JSON.stringify(session.clientVars),
    JSON.stringify(session.serverVars),
    pairArgument(session),
  ];
}

/** What changes with every pair. */
export function pairArgument({
  username,
  groups,
  refreshSecretId,
  tokenId,
}: Pick<SessionRecord, "username" | "groups" | "refreshSecretId" | "tokenId">): string {
  return elements([username, groups, refreshSecretId, tokenId]);
}

/** As `endings.request` reads it. */
export function endArguments({ reason, closeSockets, message }: EndRequest): readonly string[] {
  return [reason, closeSockets ? "1" : "", message === undefined ? "" : "1", message ?? ""];
}

/** A user's id as keys and scripts have it: text that UTF-8 can carry. */
export function userIdOf(userId: string): string {
  return userId.toWellFormed();
}

/** @throws Error for anything that no script of this version wrote */
export function decodeSession(sid: string, text: string): SessionRecord {
  const stored: unknown = JSON.parse(text);
  if (!isStored(stored)) throw new Error("a session in Redis has a form that this version does not know");
  const [
    createdAt,
    seen,
    idleEnds,
    absoluteEnds,
    generation,
    rotated,
    previousRotated,
    confirmed,
    tokenExpires,
    ended,
    endReason,
    userId,
    kind,
    shard,
    address,
    agent,
    nonce,
    clientVars,
    serverVars,
    username,
    groups,
    refreshSecretId,
    tokenId,
    attempt,
  ] = stored;
  const rotatedAt = createdAt + rotated;
  return {
    sid,
    userId,
    username,
    groups,
    kind: kindsByLetter[kind],
    clientVars,
    serverVars,
    shard,
    address,
    agent,
    createdAt,
    seenAt: createdAt + seen,
    idleEndsAt: createdAt + idleEnds,
    absoluteEndsAt: createdAt + absoluteEnds,
    nonce,
    generation,
    rotatedAt,
    previousRotatedAt: createdAt + previousRotated,
    confirmedAt: confirmed === null ? null : createdAt + confirmed,
    attempt,
    refreshSecretId,
    tokenId,
    tokenIssuedAt: rotatedAt,
    tokenExpiresAt: createdAt + tokenExpires,
    end: ended === null || endReason === null ? null : { at: createdAt + ended, reason: endReason },
  };
}

/** Sid and record by turns, as `sessions.shown` answers them. */
export function decodeSessions(reply: Reply | undefined): SessionRecord[] {
  const shown = listOf(reply);
  const records: SessionRecord[] = [];
  for (let index = 0; index < shown.length; index += 2) {
    records.push(decodeSession(textOf(shown[index]), textOf(shown[index + 1])));
  }
  return records;
}

/** A ban as scripts answer it: its end, "never" for none, and its reason. */
export function decodeBan(ends: Reply | undefined, reason: Reply | undefined): Ban {
  const text = textOf(ends);
  return { reason: textOf(reason), until: text === "never" ? null : Number(text) };
}

/** Whether it could be asked for no more: then it counts as gone, be its key there or not. */
export function isForgotten({ tokenExpiresAt, idleEndsAt, end }: SessionRecord, now: number): boolean {
  return now >= Math.max(tokenExpiresAt, idleEndsAt) + (end === null ? expiredReadableMs : 0);
}

/** Scripts alone write records: what has the shape is taken at its word. */
function isStored(value: unknown): value is Stored {
  return Array.isArray(value) && value.length === storedLength;
}

/** JSON of the elements of an array that goes on around them. */
function elements(values: readonly unknown[]): string {
  return JSON.stringify(values).slice(1, -1);
}
