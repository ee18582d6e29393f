// Whether a refresh rotates, repeats or betrays a thief: the table of DESIGN 4 as a pure function of record, request and time.

import type { SessionRecord } from "./session.ts";
import type { SessionLifetimes } from "./session-store.ts";

/** Two refreshes without an `attempt` count as the same attempt for this long. */
const ANONYMOUS_ATTEMPT_MS = 24 * 60 * 60 * 1000;

export type RefreshDecision =
  | { readonly decision: "revoked" }
  | { readonly decision: "expired" }
  | { readonly decision: "rotate"; readonly from: number; readonly lostWrites: boolean }
  | { readonly decision: "repeat" }
  | { readonly decision: "reuse" };

/** The row of the table that a presented generation falls in. Ban and access are looked at before it. */
export function decideRefresh(
  record: SessionRecord | null,
  request: { readonly presented: number; readonly attempt: string | null },
  refreshGraceMs: number,
  now: number,
): RefreshDecision {
  if (record === null || record.end !== null) return { decision: "revoked" };
  if (now >= Math.min(record.idleEndsAt, record.absoluteEndsAt)) return { decision: "expired" };

  const { presented } = request;
  const current = record.generation;
  if (presented === current) return { decision: "rotate", from: current, lostWrites: false };
  if (presented > current) return { decision: "rotate", from: presented, lostWrites: true };
  // No generation below 1 was ever minted.
  if (presented < 1) return { decision: "reuse" };
  if (isRetryOfLastRotation(record, request, now)) return { decision: "repeat" };

  const replacedAt =
    presented === current - 1 ? record.rotatedAt : presented === current - 2 ? record.previousRotatedAt : null;
  if (replacedAt === null) return { decision: "reuse" };
  const recentlyReplaced = now - replacedAt < refreshGraceMs;
  const recentlyConfirmed =
    presented === current - 1 && record.confirmedAt !== null && now - record.confirmedAt < refreshGraceMs;
  return recentlyReplaced || recentlyConfirmed ? { decision: "repeat" } : { decision: "reuse" };
}

/** The answer to the rotation was lost and the same client asks again: nobody has shown the successor yet. */
function isRetryOfLastRotation(
  record: SessionRecord,
  request: { readonly presented: number; readonly attempt: string | null },
  now: number,
): boolean {
  if (request.presented !== record.generation - 1 || record.confirmedAt !== null) return false;
  if (request.attempt !== record.attempt) return false;
  return request.attempt !== null || now - record.rotatedAt < ANONYMOUS_ATTEMPT_MS;
}

/** The record after its rotation from generation `from`. Creation and absolute end stay; the idle end slides up to the latter. */
export function rotate(
  record: SessionRecord,
  from: number,
  change: Pick<
    SessionRecord,
    "clientVars" | "serverVars" | "username" | "groups" | "attempt" | "tokenId" | "refreshSecretId"
  >,
  lifetimes: SessionLifetimes,
  now: number,
): SessionRecord {
  const idleEndsAt = Math.min(now + lifetimes.idleMs, record.absoluteEndsAt);
  return {
    ...record,
    ...change,
    generation: from + 1,
    previousRotatedAt: record.rotatedAt,
    rotatedAt: now,
    confirmedAt: null,
    seenAt: now,
    idleEndsAt,
    tokenIssuedAt: now,
    tokenExpiresAt: Math.min(now + lifetimes.tokenMs, record.absoluteEndsAt),
  };
}
