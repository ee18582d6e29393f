// The order of all tickets of the memory store: microseconds of arrival, no two alike, and an operator may change one.
import type { Lanes } from "./lanes.ts";

interface Ordered {
  readonly lane: string;
  readonly mayEnterClosed: boolean;
  order: number;
}

export class TicketOrder<T extends Ordered> {
  readonly #lanes: Lanes;
  readonly #entries = new Map<number, T>();
  #last = 0;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  get(order: number): T | undefined {
    return this.#entries.get(order);
  }

  add(entry: T): void {
    this.#entries.set(entry.order, entry);
  }

  delete(entry: T): void {
    this.#entries.delete(entry.order);
  }

  /** Behind everybody. */
  next(now: number): number {
    this.#last = Math.max(this.#last + 1, Math.floor(now * 1000));
    return this.#last;
  }

  /** The one of an earlier life, or the next that is free: none repeats, not even where the clock was set back between two lives. */
  again(order: number): number {
    let free = order;
    while (this.#entries.has(free)) free += 1;
    this.#last = Math.max(this.#last, free);
    return free;
  }

  /** Puts a waiting ticket at this place of its lane; beyond the last, at the last. Answers the place. */
  move(entry: T, position: number, now: number): number {
    const others = this.#lanes.length(entry.lane) - 1;
    const rank = Math.min(position - 1, others);
    this.#change(entry, this.next(now));
    if (rank < others) this.#change(entry, this.#makeRoom(entry.lane, rank));
    return rank + 1;
  }

  /** A free order just before whoever has so many of the lane before it. Where there is none, those ahead move up by one. */
  #makeRoom(lane: string, rank: number): number {
    const next = this.#lanes.orderAt(lane, rank);
    if (next === undefined) throw new RangeError("there must be somebody to make room");
    let free = next - 1;
    while (this.#entries.has(free)) free -= 1;
    const passed: T[] = [];
    for (let ahead = rank - 1; ahead >= 0; ahead--) {
      const entry = this.#entries.get(this.#lanes.orderAt(lane, ahead) ?? free);
      if (entry === undefined || entry.order < free) break;
      passed.unshift(entry);
    }
    for (const entry of passed) {
      const { order } = entry;
      this.#change(entry, free);
      free = order;
    }
    return free;
  }

  #change(entry: T, order: number): void {
    this.#lanes.reorder(entry, order);
    this.#entries.delete(entry.order);
    entry.order = order;
    this.#entries.set(order, entry);
  }
}
