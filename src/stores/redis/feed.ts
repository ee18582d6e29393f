// What reaches this process's listeners: each event once, be it told by the answer of its own script or by the stream.
import { Feed } from "../memory/feed.ts";
import type { FeedListener, StoreEvent } from "../store.ts";

/** Own entries of which the other of their two ways is still to come. Beyond these the oldest may be told twice. */
const mostOwn = 10_000;

export class RedisFeed {
  readonly #listeners = new Feed();
  readonly #gapListeners = new Set<() => void>();
  /** Entry → sockets that its listeners told to close. */
  readonly #own = new Map<string, number>();

  subscribe(listener: FeedListener, onGap?: () => void): () => void {
    const stop = this.#listeners.subscribe(listener);
    const gapListener = () => onGap?.();
    this.#gapListeners.add(gapListener);
    return () => {
      stop();
      this.#gapListeners.delete(gapListener);
    };
  }

  /** An entry that this process wrote, by its script's answer or by the stream: whichever comes first is told. */
  tellOwn(entry: string, events: string): number {
    const told = this.#own.get(entry);
    if (told !== undefined) {
      this.#own.delete(entry);
      return told;
    }
    const socketsClosed = this.#listeners.publish(parseEvents(events));
    this.#own.set(entry, socketsClosed);
    for (const oldest of this.#own.keys()) {
      if (this.#own.size <= mostOwn) break;
      this.#own.delete(oldest);
    }
    return socketsClosed;
  }

  /** An entry of another process. `socketsClosed` is null where nobody waits to hear of it. */
  tell(events: string): { readonly socketsClosed: number | null } {
    const parsed = parseEvents(events);
    const socketsClosed = this.#listeners.publish(parsed);
    return { socketsClosed: parsed.some(isAwaited) ? socketsClosed : null };
  }

  /** Entries were lost. */
  tellGap(): void {
    this.#own.clear();
    for (const listener of this.#gapListeners) {
      try {
        listener();
      } catch {
        // One that throws must not keep the others from hearing it, and reports its own failure.
      }
    }
  }

  close(): void {
    this.#listeners.close();
    this.#gapListeners.clear();
  }
}

/** base.lua waits for the same. */
function isAwaited({ type }: StoreEvent): boolean {
  return type === "sessionEnded" || type === "disconnect";
}

function parseEvents(events: string): StoreEvent[] {
  return JSON.parse(events);
}
