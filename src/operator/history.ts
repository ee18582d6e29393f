// The last hour of the queue as this process saw it, for charts: one sample every ten seconds, taken from what it looks at anyway.
import { effectiveLimit } from "../login-queue/admission.ts";
import type { QueueOutlook } from "../login-queue/outlook.ts";
import type { QueueStatus } from "../login-queue/queue-store.ts";

const everySeconds = 10;
/** An hour. An answer with so many samples of the largest numbers is below 60 KiB. */
const mostSamples = 360;

/** A value where one was read; null in a gap. */
type Column = (number | null)[];

export interface HistoryColumns {
  readonly everySeconds: number;
  /**
   * Columns of equal length, the oldest first, `everySeconds` apart. Where nothing was read, because the store was out of reach
   * or the process stood still, there is a moment with null in every other column: a chart shows a gap and draws no line
   * across it. They end with the last moment at which something was read.
   */
  readonly samples: {
    /** ms since the epoch, by the store's clock, at whole tens of seconds: the same moments in every process. */
    readonly at: number[];
    /** Tickets that wait, in all lanes; away ones included. */
    readonly waiting: Column;
    /** Those of them whose holder is not connected. */
    readonly away: Column;
    /** Slots taken per second since the sample before; null also where there is none just before. */
    readonly admittedPerSecond: Column;
    readonly liveSlots: Column;
    /** The limit after the safety margin. */
    readonly limit: Column;
    /** What a newcomer at the end of the default lane would be told, in ms; -1 = not known. */
    readonly etaMs: Column;
  };
}

interface Sample {
  /** In tens of seconds since the epoch. */
  readonly slot: number;
  /** When it was read, in ms. */
  readonly readAt: number;
  readonly takenSlots: number;
  readonly waiting: number;
  readonly away: number;
  readonly admittedPerSecond: number | null;
  readonly liveSlots: number;
  readonly limit: number;
  readonly etaMs: number;
}

type HistoryQueue = Pick<QueueOutlook, "onLook" | "newcomerEtaMs">;

export class QueueHistory {
  readonly #queue: HistoryQueue;
  readonly #samples: Sample[] = [];

  /** Begins at once, and goes on for as long as the queue is looked at. */
  constructor(queue: HistoryQueue) {
    this.#queue = queue;
    queue.onLook((status) => this.#take(status));
  }

  read(): HistoryColumns {
    const columns: HistoryColumns = {
      everySeconds,
      samples: { at: [], waiting: [], away: [], admittedPerSecond: [], liveSlots: [], limit: [], etaMs: [] },
    };
    const { at, ...values } = columns.samples;
    let next = this.#samples[0]?.slot ?? 0;
    for (const sample of this.#samples) {
      for (; next <= sample.slot; next += 1) {
        at.push(next * everySeconds * 1000);
        const read = next === sample.slot ? sample : null;
        values.waiting.push(read?.waiting ?? null);
        values.away.push(read?.away ?? null);
        values.admittedPerSecond.push(read?.admittedPerSecond ?? null);
        values.liveSlots.push(read?.liveSlots ?? null);
        values.limit.push(read?.limit ?? null);
        values.etaMs.push(read?.etaMs ?? null);
      }
    }
    return columns;
  }

  #take(status: QueueStatus): void {
    const slot = Math.floor(status.asOf / (everySeconds * 1000));
    // A store that was lost may go by another clock: what lies in its future never was.
    while ((this.#samples.at(-1)?.slot ?? slot) > slot) this.#samples.pop();
    const last = this.#samples.at(-1);
    if (last?.slot === slot) return;
    this.#samples.push(this.#sampleOf(status, slot, last));
    while ((this.#samples[0]?.slot ?? slot) <= slot - mostSamples) this.#samples.shift();
  }

  #sampleOf(status: QueueStatus, slot: number, last: Sample | undefined): Sample {
    const { asOf, lanes, liveSlots, departedSlots } = status;
    const takenSlots = liveSlots + departedSlots;
    const sumOf = (name: "waiting" | "away") => Object.values(lanes).reduce((sum, lane) => sum + lane[name], 0);
    const isNext = last !== undefined && last.slot === slot - 1 && takenSlots >= last.takenSlots;
    return {
      slot,
      readAt: asOf,
      takenSlots,
      waiting: sumOf("waiting"),
      away: sumOf("away"),
      admittedPerSecond: isNext ? perSecond(takenSlots - last.takenSlots, asOf - last.readAt) : null,
      liveSlots,
      limit: effectiveLimit(status),
      etaMs: this.#queue.newcomerEtaMs(status),
    };
  }
}

function perSecond(count: number, milliseconds: number): number {
  return Math.round((count * 100_000) / milliseconds) / 100;
}
