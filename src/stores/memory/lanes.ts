// The waiting tickets of the memory store by lane, in their order: all of them for places, the present ones for admission.
import { takeTurn } from "../../login-queue/admission.ts";
import { OrderedList } from "./ordered-list.ts";

interface Lane {
  readonly name: string;
  readonly weight: number;
  readonly waiting: OrderedList;
  readonly present: OrderedList;
  virtualTime: number;
}

/** A ticket as its lane knows it. */
interface Placed {
  readonly lane: string;
  readonly order: number;
}

export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  #globalTime = 0;
  #size = 0;
  #presentSize = 0;

  constructor(weights: Readonly<Record<string, number>>) {
    for (const [name, weight] of Object.entries(weights)) this.#add(name, weight);
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
    if (this.#get(lane).waiting.insert(order)) this.#size += 1;
  }

  /** Takes it out of the line. */
  delete(placed: Placed): void {
    this.setPresent(placed, false);
    if (this.#get(placed.lane).waiting.delete(placed.order)) this.#size -= 1;
  }

  setPresent({ lane, order }: Placed, present: boolean): void {
    const list = this.#get(lane).present;
    if (present ? list.insert(order) : list.delete(order)) this.#presentSize += present ? 1 : -1;
  }

  /** 1 + earlier tickets of the lane. */
  position({ lane, order }: Placed): number {
    return 1 + this.#get(lane).waiting.rank(order);
  }

  length(lane: string): number {
    return this.#get(lane).waiting.size;
  }

  /** The order of the present ticket whose turn it is, which counts as that lane's turn; undefined where nobody is present. */
  takeNext(): number | undefined {
    const ready: Lane[] = [];
    for (const lane of this.#lanes.values()) if (lane.present.size > 0) ready.push(lane);
    const turn = takeTurn(
      ready.map(({ name, weight, virtualTime }) => ({ lane: name, weight, virtualTime })),
      this.#globalTime,
    );
    if (turn === null) return undefined;
    const lane = this.#get(turn.lane);
    lane.virtualTime = turn.laneTime;
    this.#globalTime = turn.globalTime;
    return lane.present.first();
  }

  counts(): Readonly<Record<string, { readonly waiting: number; readonly away: number }>> {
    return Object.fromEntries(
      Array.from(this.#lanes.values(), ({ name, waiting, present }) => [
        name,
        { waiting: waiting.size, away: waiting.size - present.size },
      ]),
    );
  }

  #get(name: string): Lane {
    // A ticket of an earlier life may name a lane that is no longer configured: it waits in it with the least weight.
    return this.#lanes.get(name) ?? this.#add(name, 1);
  }

  #add(name: string, weight: number): Lane {
    const lane = { name, weight, waiting: new OrderedList(), present: new OrderedList(), virtualTime: 0 };
    this.#lanes.set(name, lane);
    return lane;
  }
}
