// What a store is: sessions, queue and access over one state, and the feed by which every process learns what happened.
import type { AccessStore } from "../access/access-store.ts";
import type { Clock } from "../clock.ts";
import type { QueueEvent, QueueSettings, QueueStore } from "../login-queue/queue-store.ts";
import type { SessionEvent, SessionStore } from "../sessions/session-store.ts";

export type StoreEvent = SessionEvent | QueueEvent;

/** Called on every process for every event; answers how many sockets it told to close. */
export type FeedListener = (event: StoreEvent) => number;

export interface Store {
  readonly sessions: SessionStore;
  readonly access: AccessStore;
  /** Throws on use where no queue was configured. */
  readonly queue: QueueStore;
  /** Hears every event from now on. Returns the way to stop. */
  subscribe(listener: FeedListener): () => void;
  close(): Promise<void>;
}

/** What a store is made for. */
export interface StoreContext {
  readonly clock: Clock;
  /** null where no queue is configured: then there are no slots, tickets and passes. */
  readonly queue: QueueSettings | null;
  /** Whether tokens are signed with configured keys, so that tickets of an earlier life may come back. */
  readonly ticketsMayReturn: boolean;
}

/** What `store` takes in the options: opened once, by `defineLogin`. */
export type StoreFactory = (context: StoreContext) => Store;
