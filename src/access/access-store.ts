// What bans need of a store.
import type { Ban } from "../errors.ts";
import type { SessionRecord } from "../sessions/session.ts";

export type { Ban };

export interface BanOutcome {
  /** The sessions that this ban ended. */
  readonly ended: readonly SessionRecord[];
  /** How many sockets were told to close, over every process. */
  readonly socketsClosed: number;
}

/** Bans as a store keeps them. Every call may throw `LoginError("STORE_UNAVAILABLE")`. */
export interface AccessStore {
  /**
   * Bans a user: in the same step ends their sessions (reason `banned`, sockets closed, those that an earlier end left open
   * too) and removes their ticket. A login that runs at the same moment is either ended by it or refused by it.
   */
  ban(userId: string, ban: Ban): Promise<BanOutcome>;
  /** Lifts a ban; answers whether there was one. */
  unban(userId: string): Promise<boolean>;
  /** The ban in force at the store's now, or null. */
  getBan(userId: string): Promise<Ban | null>;
}
