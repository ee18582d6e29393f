// The store that keeps everything in this process: for one process, gone when it ends.
import type { QueueStore } from "../../login-queue/queue-store.ts";
import type { FeedListener, Store, StoreContext, StoreFactory } from "../store.ts";
import { BanTable } from "./ban-table.ts";
import { Feed } from "./feed.ts";
import { MemoryAccess } from "./memory-access.ts";
import { MemoryQueue } from "./memory-queue.ts";
import { MemoryQueueSide } from "./memory-queue-side.ts";
import { MemorySessions } from "./memory-sessions.ts";
import { QueueCore } from "./queue-core.ts";
import { SessionTable } from "./session-table.ts";

/** Verbs let go of what they meet; this is for what nobody asks for any more. */
const sweepMs = 60_000;

/**
 * Keeps sessions, bans and the queue in the memory of this process. Nothing survives it; the queue's order does where
 * `tokens.keys` are configured, because tickets bring it back.
 */
export function memoryStore(): StoreFactory {
  return (context) => new MemoryStore(context);
}

class MemoryStore implements Store {
  readonly sessions: MemorySessions;
  readonly access: MemoryAccess;
  readonly #queue: QueueStore | null;
  readonly #feed = new Feed();
  readonly #stopSweep: () => void;

  constructor({ clock, queue: settings, ticketsMayReturn }: StoreContext) {
    const table = new SessionTable();
    const bans = new BanTable();
    const core =
      settings === null ? null : new QueueCore({ settings, table, bans, now: clock.now(), ticketsMayReturn });
    const queue = core === null ? null : new MemoryQueueSide(core);
    this.#queue = core === null ? null : new MemoryQueue(core, clock, this.#feed);
    this.sessions = new MemorySessions({ clock, feed: this.#feed, table, bans, queue });
    this.access = new MemoryAccess({ clock, table, bans, sessions: this.sessions, queue });
    this.#stopSweep = clock.every(sweepMs, () => {
      const now = clock.now();
      core?.settle(now);
      table.forgetDue(now);
      bans.forgetDue(now);
    });
  }

  get queue(): QueueStore {
    if (this.#queue === null) throw new TypeError("the store was opened without a queue");
    return this.#queue;
  }

  subscribe(listener: FeedListener): () => void {
    return this.#feed.subscribe(listener);
  }

  async close(): Promise<void> {
    this.#stopSweep();
    this.#feed.close();
  }
}
