// What bans, limited access and revoked tokens need of a store.
import type { Ban } from "../errors.ts";
import type { SessionRecord } from "../sessions/session.ts";
import type { RevocationStore } from "../tokens/revocation.ts";
import type { AccessRules } from "./access-rules.ts";

export type { Ban };

/** What the store's feed tells every process about access. */
export interface AccessEvent {
  /** The access rules were set: `accessRules` tells what they are. A hint: whoever missed it reads them a second later. */
  readonly type: "accessChanged";
}

export interface BanOutcome {
  /** The sessions that this ban ended. */
  readonly ended: readonly SessionRecord[];
  /** How many sockets were told to close, over every process. */
  readonly socketsClosed: number;
  /** The ban in whose place it stands, or null. */
  readonly previous: Ban | null;
}

/** Bans, access rules and revoked tokens as a store keeps them. Every call may throw `LoginError("STORE_UNAVAILABLE")`. */
export interface AccessStore extends RevocationStore {
  /**
   * Bans a user: in the same step ends their sessions (reason `banned`, sockets closed, those that an earlier end left open
   * too) and removes their ticket. A login that runs at the same moment is either ended by it or refused by it.
   */
  ban(userId: string, ban: Ban): Promise<BanOutcome>;
  /** Lifts a ban; answers the one that was in force, or null. */
  unban(userId: string): Promise<Ban | null>;
  /** The ban in force at the store's now, or null. */
  getBan(userId: string): Promise<Ban | null>;
  /** The access rules; `openAccess` where none were ever set. */
  accessRules(): Promise<AccessRules>;
  /**
   * Keeps these in the place of those before, which it answers, for as long as the store's data lasts, and tells every
   * process.
   */
  setAccessRules(rules: AccessRules): Promise<AccessRules>;
}
