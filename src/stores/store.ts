// What a store is: sessions, queue and access over one state, and the feed by which every process learns what happened.
import type { AccessEvent, AccessStore } from "../access/access-store.ts";
import type { PointCounterMaker } from "../accounts/limits.ts";
import type { AuditStore } from "../audit/audit-store.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { QueueEvent, QueueSettings, QueueStore } from "../login-queue/queue-store.ts";
import type { SessionEvent, SessionStore } from "../sessions/session-store.ts";

export type StoreEvent = SessionEvent | QueueEvent | AccessEvent;

/** Called on every process for every event; answers how many sockets it told to close. */
export type FeedListener = (event: StoreEvent) => number;

export interface Store {
  readonly sessions: SessionStore;
  readonly access: AccessStore;
  readonly audit: AuditStore;
  /** Throws on use where no queue was configured. */
  readonly queue: QueueStore;
  /** The store's own time, as well as this process knows it. */
  readonly clock: Clock;
  /**
   * Whether this process has heard of every end up to `feedLeaseSeconds` ago at the latest, so that what it remembers of a
   * session may be believed. False also where that is not known.
   */
  isLevel(): boolean;
  /** For how long this process has not known that it heard every event, in ms; 0 where events cannot be late. */
  feedLagMs(): number;
  /**
   * Hears every event from now on. `onGap` is called where events may have been missed for good: whoever acts on events reads
   * again what they would have told. Returns the way to stop.
   */
  subscribe(listener: FeedListener, onGap?: () => void): () => void;
  /** Counts tries of credentials together with the other processes. Left out: each process counts its own. */
  readonly makeCounter?: PointCounterMaker;
  close(): Promise<void>;
}

/** What a store is made for. */
export interface StoreContext {
  readonly clock: Clock;
  /** null where no queue is configured: then there are no slots, tickets and passes. */
  readonly queue: QueueSettings | null;
  /** Whether tokens are signed with configured keys, so that tickets of an earlier life may come back. */
  readonly ticketsMayReturn: boolean;
  /**
   * How long a process that hears nothing of the feed may believe what it remembers, and how long an ending waits for it. Left
   * out: the default below.
   */
  readonly feedLeaseSeconds?: number;
  /** Where a store tells that it lost its connection and found it again. Left out: nowhere. */
  readonly logger?: Pick<Logger, "info" | "warn">;
}

/** What `store` takes in the options: opened once, by `defineLogin`. */
export interface StoreFactory {
  (context: StoreContext): Store;
  /** Several processes keep their state in one such store: they need the same keys and secrets. */
  readonly shared?: true;
}

/** How long a process may believe what it remembers without having read the feed (DESIGN 4). */
export const feedLeaseSeconds = 3;
