// The feed of one process: every event to every listener, at once.
import type { FeedListener, StoreEvent } from "../store.ts";

export class Feed {
  readonly #listeners = new Set<FeedListener>();

  subscribe(listener: FeedListener): () => void {
    // A subscription of its own each time, so that the same function subscribed twice is also stopped twice.
    const subscription: FeedListener = (event) => listener(event);
    this.#listeners.add(subscription);
    return () => {
      this.#listeners.delete(subscription);
    };
  }

  /**
   * Tells every listener; answers how many sockets of sessions they told to close, together. Verbs publish after their last
   * write: a listener may call the store back. One that throws must not undo what has happened, and reports its own failure.
   */
  publish(events: readonly StoreEvent[]): number {
    let socketsClosed = 0;
    for (const event of events) {
      const closesSockets = event.type === "sessionEnded" || event.type === "disconnect";
      for (const listener of this.#listeners) {
        try {
          const closed = listener(event);
          if (closesSockets) socketsClosed += closed;
        } catch {
          // See above.
        }
      }
    }
    return socketsClosed;
  }

  close(): void {
    this.#listeners.clear();
  }
}
