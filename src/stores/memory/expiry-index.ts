// When things run out, soonest first: a heap in which putting an end off costs nothing until the old end is met.

interface Scheduled<K> {
  readonly key: K;
  readonly at: number;
}

interface Entry {
  /** When it runs out. */
  endsAt: number;
  /** When the heap will look at it: never after `endsAt`. The heap entry of another moment is a leftover. */
  scheduledAt: number;
}

/** Ends by key, in ms since the epoch. `set` that prolongs is O(1), all else O(log n), spread over the life of a key. */
export class ExpiryIndex<K> {
  readonly #entries = new Map<K, Entry>();
  readonly #heap: Scheduled<K>[] = [];

  get size(): number {
    return this.#entries.size;
  }

  set(key: K, endsAt: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#entries.set(key, { endsAt, scheduledAt: endsAt });
      this.#push({ key, at: endsAt });
      return;
    }
    entry.endsAt = endsAt;
    if (endsAt < entry.scheduledAt) {
      entry.scheduledAt = endsAt;
      this.#push({ key, at: endsAt });
    }
  }

  get(key: K): number | undefined {
    return this.#entries.get(key)?.endsAt;
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }

  /** The earliest end that is at or before `now`; undefined where there is none. */
  dueAt(now: number): number | undefined {
    for (let top = this.#heap[0]; top !== undefined && top.at <= now; top = this.#heap[0]) {
      const entry = this.#entries.get(top.key);
      if (entry !== undefined && entry.scheduledAt === top.at) {
        if (entry.endsAt === top.at) return top.at;
        entry.scheduledAt = entry.endsAt;
        this.#push({ key: top.key, at: entry.endsAt });
      }
      this.#pop();
    }
    return undefined;
  }

  /** Takes out one key whose end is at or before `now`, the earliest first, with that end; undefined where there is none. */
  takeDue(now: number): { readonly key: K; readonly endsAt: number } | undefined {
    const endsAt = this.dueAt(now);
    const top = this.#heap[0];
    if (endsAt === undefined || top === undefined) return undefined;
    this.#pop();
    this.#entries.delete(top.key);
    return { key: top.key, endsAt };
  }

  #push(item: Scheduled<K>): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(item);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || parent.at <= item.at) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = item;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const leftIndex = 2 * index + 1;
      const left = heap[leftIndex];
      if (left === undefined) break;
      const right = heap[leftIndex + 1];
      const child = right !== undefined && right.at < left.at ? right : left;
      if (child.at >= last.at) break;
      heap[index] = child;
      index = child === left ? leftIndex : leftIndex + 1;
    }
    heap[index] = last;
  }
}
