// What was called in a test, in order, and a way to wait for it.
import { Deferred } from "@colyseus/core";

/** What happened in a room, in order. */
export class Calls {
  readonly seen: string[] = [];
  #waiting: { name: string; count: number; done: Deferred<void> }[] = [];

  add(name: string): void {
    this.seen.push(name);
    this.#waiting = this.#waiting.filter((waiting) => {
      if (this.count(waiting.name) < waiting.count) return true;
      waiting.done.resolve();
      return false;
    });
  }

  /** What the room's own hooks heard, without what other plugins and overridden methods wrote down. */
  get own(): string[] {
    return this.seen.filter((name) => /^(on[A-Z]\w+|gone|.* frozen)$/.test(name));
  }

  clear(): void {
    this.seen.length = 0;
  }

  count(name: string): number {
    return this.seen.filter((seen) => seen === name).length;
  }

  /** Resolves when `name` has been seen `count` times. */
  async until(name: string, count = 1): Promise<void> {
    if (this.count(name) >= count) return;
    const done = new Deferred<void>();
    this.#waiting.push({ name, count, done });
    await done;
  }
}
