// The store that keeps everything in this process: for one process, gone when it ends, but for what a journal keeps.
import type { Clock, StopTask } from "../../clock.ts";
import type { Logger } from "../../logger.ts";
import type { QueueStore } from "../../login-queue/queue-store.ts";
import type { FeedListener, Store, StoreContext, StoreFactory } from "../store.ts";
import { Feed } from "./feed.ts";
import { MemoryAccess } from "./memory-access.ts";
import { MemoryAudit } from "./memory-audit.ts";
import { MemoryQueue } from "./memory-queue.ts";
import { MemoryQueueSide } from "./memory-queue-side.ts";
import { MemorySessions } from "./memory-sessions.ts";
import { QueueCore } from "./queue-core.ts";
import { type Journal, Records } from "./records.ts";

/** Verbs let go of what they meet; this is for what nobody asks for any more. */
const sweepMs = 60_000;
/** A journal is swept in small parts with this much time between them, in which players are served. */
const nextPartMs = 100;

/**
 * Keeps sessions, bans, the queue and the audit list in the memory of this process. Nothing survives it; the queue's order does where
 * `tokens.keys` are configured, because tickets bring it back.
 */
export function memoryStore(): StoreFactory {
  return (context) => new MemoryStore(context, null);
}

export class MemoryStore implements Store {
  readonly sessions: MemorySessions;
  readonly access: MemoryAccess;
  readonly audit: MemoryAudit;
  readonly clock: Clock;
  readonly #queue: QueueStore | null;
  readonly #core: QueueCore | null;
  readonly #records: Records;
  readonly #feed = new Feed();
  readonly #logger: Pick<Logger, "warn"> | undefined;
  readonly #stopSweep: StopTask;
  #stopNextPart: StopTask = () => {};

  constructor({ clock, queue: settings, ticketsMayReturn, logger }: StoreContext, journal: Journal | null) {
    this.clock = clock;
    this.#logger = logger;
    const now = clock.now();
    const records = new Records(journal, now);
    const core = settings === null ? null : new QueueCore({ settings, records, now, ticketsMayReturn });
    const queue = core === null ? null : new MemoryQueueSide(core);
    this.#records = records;
    this.#core = core;
    this.#queue = core === null ? null : new MemoryQueue(core, clock, this.#feed);
    this.sessions = new MemorySessions({ clock, feed: this.#feed, records, queue });
    this.access = new MemoryAccess({ clock, feed: this.#feed, records, sessions: this.sessions, queue });
    this.audit = new MemoryAudit(records, clock);
    this.#stopSweep = clock.every(sweepMs, () => this.#sweep());
  }

  get queue(): QueueStore {
    if (this.#queue === null) throw new TypeError("the store was opened without a queue");
    return this.#queue;
  }

  isLevel(): boolean {
    return true;
  }

  feedLagMs(): number {
    return 0;
  }

  subscribe(listener: FeedListener): () => void {
    return this.#feed.subscribe(listener);
  }

  async close(): Promise<void> {
    this.#stopSweep();
    this.#stopNextPart();
    this.#feed.close();
    this.#records.close();
  }

  #sweep(): void {
    this.#stopNextPart();
    const now = this.clock.now();
    this.#core?.settle(now);
    try {
      if (this.#records.forgetDue(now)) this.#stopNextPart = this.clock.after(nextPartMs, () => this.#sweep());
    } catch (error) {
      // What is left is over, and is not loaded again either: it only takes room.
      const cause = error instanceof Error ? error.message : String(error);
      this.#logger?.warn(`colyseus-login: what is over could not be deleted (${cause}); it is tried again in a minute`);
    }
  }
}
