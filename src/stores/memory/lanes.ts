// The waiting tickets of the memory store by lane, in their order: all of them for places, the present ones for admission.
import { reweigh, takeTurn } from "../../login-queue/admission.ts";
import type { LaneStatus } from "../../login-queue/queue-store.ts";
import { OrderedList } from "./ordered-list.ts";

interface Lane {
  readonly name: string;
  weight: number;
  readonly waiting: OrderedList;
  readonly present: OrderedList;
  /** Those of the present ones who may enter while the mode is `closed`. */
  readonly exempt: OrderedList;
  virtualTime: number;
  entered: number;
  admitted: number;
  abandoned: number;
  lapsed: number;
  abandonedAway: number;
  returned: number;
  presentMs: number;
  awayMs: number;
}

/** A ticket as its lane knows it. */
interface Placed {
  readonly lane: string;
  readonly order: number;
  readonly mayEnterClosed: boolean;
}

/** Of a lane that is not configured, or not any more: its tickets wait in it with this. */
const foreignWeight = 1;

export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  #weights: Readonly<Record<string, number>> = {};
  #globalTime = 0;
  #size = 0;
  #presentSize = 0;
  /** Up to when the time that tickets spend waiting was added up. */
  #countedAt = Number.POSITIVE_INFINITY;

  constructor(weights: Readonly<Record<string, number>>) {
    this.setWeights(weights);
  }

  /** Lanes that are not named any more last until nobody waits in them and their last turn is paid for. */
  setWeights(weights: Readonly<Record<string, number>>): void {
    this.#weights = weights;
    for (const lane of this.#lanes.values()) {
      const weight = this.#weightOf(lane.name);
      lane.virtualTime = reweigh({ lane: lane.name, ...lane }, weight, this.#globalTime);
      lane.weight = weight;
      this.#deleteIfOver(lane);
    }
    for (const name of Object.keys(weights)) this.#get(name);
  }

  /** Waiting tickets of all lanes. */
  get size(): number {
    return this.#size;
  }

  /** How many of them are present. */
  get presentSize(): number {
    return this.#presentSize;
  }

  add({ lane, order }: Placed): void {
    const entered = this.#get(lane);
    if (!entered.waiting.insert(order)) return;
    this.#size += 1;
    entered.entered += 1;
  }

  /** Takes it out of the line. */
  delete(placed: Placed): void {
    this.setPresent(placed, false);
    const lane = this.#get(placed.lane);
    if (lane.waiting.delete(placed.order)) this.#size -= 1;
    this.#deleteIfOver(lane);
  }

  setPresent({ lane: name, order, mayEnterClosed }: Placed, isPresent: boolean): void {
    const { present, exempt } = this.#get(name);
    if (isPresent ? present.insert(order) : present.delete(order)) this.#presentSize += isPresent ? 1 : -1;
    if (isPresent && mayEnterClosed) exempt.insert(order);
    else exempt.delete(order);
  }

  /** Gives a ticket of the line another order in its lane: it neither enters nor leaves. */
  reorder({ lane, order }: Placed, to: number): void {
    const { waiting, present, exempt } = this.#get(lane);
    for (const list of [waiting, present, exempt]) if (list.delete(order)) list.insert(to);
  }

  /** The least order of all lanes; undefined where nobody waits. */
  firstOrder(): number | undefined {
    const firsts = Array.from(this.#lanes.values(), ({ waiting }) => waiting.first() ?? Number.POSITIVE_INFINITY);
    return this.#size === 0 ? undefined : Math.min(...firsts);
  }

  /** How many of the present ones may enter while the mode is `closed`. */
  get exemptSize(): number {
    let size = 0;
    for (const { exempt } of this.#lanes.values()) size += exempt.size;
    return size;
  }

  /** 1 + earlier tickets of the lane. */
  position({ lane, order }: Placed): number {
    return 1 + this.#get(lane).waiting.rank(order);
  }

  length(lane: string): number {
    return this.#lanes.get(lane)?.waiting.size ?? 0;
  }

  /** The order of the waiting ticket with so many others of the lane before it; undefined beyond the last. */
  orderAt(lane: string, rank: number): number | undefined {
    return this.#lanes.get(lane)?.waiting.at(rank);
  }

  /** The orders of those who wait in the lane, behind this one. */
  ordersAbove(lane: string, order: number): Iterable<number> {
    return this.#lanes.get(lane)?.waiting.above(order) ?? [];
  }

  /**
   * The order of the present ticket whose turn it is, which counts as that lane's turn; undefined where nobody is present.
   * `closed`: among those who may enter then.
   */
  takeNext(closed: boolean): number | undefined {
    const list = closed ? "exempt" : "present";
    const ready: Lane[] = [];
    for (const lane of this.#lanes.values()) {
      if (lane[list].size > 0) ready.push(lane);
      else this.#deleteIfOver(lane);
    }
    const turn = takeTurn(
      ready.map(({ name, weight, virtualTime }) => ({ lane: name, weight, virtualTime })),
      this.#globalTime,
    );
    if (turn === null) return undefined;
    const lane = this.#get(turn.lane);
    lane.virtualTime = turn.laneTime;
    this.#globalTime = turn.globalTime;
    return lane[list].first();
  }

  /** Adds up the time that tickets spent waiting until now, before anything changes. */
  countUpTo(now: number): void {
    const elapsedMs = Math.max(0, now - this.#countedAt);
    this.#countedAt = now;
    if (elapsedMs === 0) return;
    for (const lane of this.#lanes.values()) {
      lane.presentMs += elapsedMs * lane.present.size;
      lane.awayMs += elapsedMs * (lane.waiting.size - lane.present.size);
    }
  }

  countAdmitted(lane: string): void {
    this.#get(lane).admitted += 1;
  }

  countAbandoned(lane: string, isPresent: boolean, hasLapsed: boolean): void {
    const left = this.#get(lane);
    left.abandoned += 1;
    if (!isPresent) left.abandonedAway += 1;
    if (hasLapsed) left.lapsed += 1;
  }

  countReturned(lane: string): void {
    this.#get(lane).returned += 1;
  }

  status(): Readonly<Record<string, LaneStatus>> {
    return Object.fromEntries(
      Array.from(this.#lanes.values(), (lane): [string, LaneStatus] => {
        const { name, weight, waiting, present, ...rest } = lane;
        const { entered, admitted, abandoned, lapsed, abandonedAway, returned, presentMs, awayMs } = rest;
        const firstPresent = present.first();
        const passedOver = firstPresent === undefined ? waiting.size : waiting.rank(firstPresent);
        const now = { weight, waiting: waiting.size, away: waiting.size - present.size, passedOver };
        const tickets = { entered, admitted, abandoned, lapsed, abandonedAway, returned };
        return [name, { ...now, ...tickets, presentMs, awayMs }];
      }),
    );
  }

  #get(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const lists = { waiting: new OrderedList(), present: new OrderedList(), exempt: new OrderedList() };
    const tickets = { entered: 0, admitted: 0, abandoned: 0, lapsed: 0, abandonedAway: 0, returned: 0 };
    const counters = { ...tickets, presentMs: 0, awayMs: 0 };
    const lane = { name, weight: this.#weightOf(name), ...lists, virtualTime: this.#globalTime, ...counters };
    this.#lanes.set(name, lane);
    return lane;
  }

  #weightOf(name: string): number {
    return (Object.hasOwn(this.#weights, name) ? this.#weights[name] : undefined) ?? foreignWeight;
  }

  /** One that still owes for its last turn is kept, or it would be free of that when it is made anew. */
  #deleteIfOver({ name, waiting, virtualTime }: Lane): void {
    const isOver = waiting.size === 0 && virtualTime <= this.#globalTime;
    if (isOver && !Object.hasOwn(this.#weights, name)) this.#lanes.delete(name);
  }
}
