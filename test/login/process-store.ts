// What one of several processes sees of a store they share: its feed can be cut, fall behind and lose events.
import { LoginError } from "../../src/errors.ts";
import type { FeedListener, Store, StoreEvent, StoreFactory } from "../../src/stores/store.ts";

export class ProcessStore {
  /** Whether the process may believe what it remembers. */
  isLevel = true;
  /** While set, the process hears of nothing; what it misses waits. */
  isFeedCut = false;
  /** Runs between a read of a session and its answer. */
  afterRead: (() => Promise<void>) | null = null;
  /** Whether sessions cannot be read. */
  isDown = false;
  /** Reads of sessions, by sid. */
  readonly reads: string[] = [];
  /** Writes that a generation was shown, by sid. */
  readonly confirmations: string[] = [];
  readonly open: StoreFactory;
  #missed: StoreEvent[] = [];
  #listener: FeedListener = () => 0;
  #onGap: () => void = () => {};

  constructor(shared: StoreFactory) {
    this.open = (context) => this.#watch(shared(context));
  }

  /** The feed is back: the process hears what it missed, and is level again. */
  catchUp(): void {
    this.isFeedCut = false;
    for (const event of this.#missed.splice(0)) this.#listener(event);
    this.isLevel = true;
  }

  /** The feed is back, and what was missed is lost. */
  loseMissed(): void {
    this.isFeedCut = false;
    this.#missed = [];
    this.#onGap();
    this.isLevel = true;
  }

  #watch(store: Store): Store {
    const sessions = new Proxy(store.sessions, {
      get: (target, verb: keyof Store["sessions"]) => {
        if (verb === "get") {
          return async (sid: string) => {
            if (this.isDown) throw new LoginError("STORE_UNAVAILABLE", "The store is out of reach.");
            this.reads.push(sid);
            const record = await target.get(sid);
            await this.afterRead?.();
            return record;
          };
        }
        if (verb === "confirm") {
          return (sid: string, generation: number) => {
            this.confirmations.push(sid);
            return target.confirm(sid, generation);
          };
        }
        return target[verb].bind(target);
      },
    });
    return {
      sessions,
      access: store.access,
      audit: store.audit,
      get queue() {
        return store.queue;
      },
      clock: store.clock,
      isLevel: () => this.isLevel,
      feedLagMs: () => store.feedLagMs(),
      subscribe: (listener, onGap) => {
        this.#listener = listener;
        this.#onGap = onGap ?? (() => {});
        return store.subscribe((event) => this.#hear(event));
      },
      close: () => store.close(),
    };
  }

  #hear(event: StoreEvent): number {
    if (!this.isFeedCut) return this.#listener(event);
    this.#missed.push(event);
    return 0;
  }
}
