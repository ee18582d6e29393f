// Waits until every process that was alive when an entry was written has heard it, or is no longer alive.
import type { Clock } from "../../clock.ts";
import { unavailable } from "./failures.ts";
import type { StreamEntry } from "./stream-entries.ts";
import { isAfter } from "./stream-entries.ts";

/** How often the leases of those not heard of are looked at. */
const checkMs = 250;
/** Nobody who waits is left without an answer for longer, should Redis be gone. */
const withoutRedisMs = 4_000;
/** Acknowledgements may come before it is known who waits for them. */
const mostEarly = 4_096;

/** What a look at Redis tells. */
export interface Progress {
  /** Of the processes asked for, those whose lease runs, each with the entry up to which it has heard. */
  readonly alive: ReadonlyMap<string, string>;
  /** The entries of the reply stream after the given one. */
  readonly replies: readonly StreamEntry[];
  /** Whether those were all. */
  readonly isComplete: boolean;
}

interface Wait {
  readonly entry: string;
  readonly missing: Set<string>;
  socketsClosed: number;
  readonly done: PromiseWithResolvers<number>;
}

interface Parts {
  readonly steady: Clock;
  /** Looks at the leases of these processes, and reads the reply stream on from an entry. */
  readonly look: (processes: readonly string[], repliesAfter: string) => Promise<Progress>;
}

export class Acknowledgements {
  readonly #parts: Parts;
  readonly #waits = new Map<string, Set<Wait>>();
  readonly #early = new Map<string, Map<string, number>>();
  #repliesRead = "0-0";
  #stopChecks: (() => void) | null = null;
  #lookedAt = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Up to where the reply stream was read. */
  get repliesRead(): string {
    return this.#repliesRead;
  }

  /**
   * Answers how many sockets the given processes told to close because of the entry.
   *
   * @throws LoginError STORE_UNAVAILABLE where neither they nor Redis can be heard
   */
  wait(entry: string, processes: readonly string[]): Promise<number> {
    const early = this.#early.get(entry);
    const missing = new Set(processes.filter((process) => !early?.has(process)));
    let socketsClosed = 0;
    for (const process of processes) socketsClosed += early?.get(process) ?? 0;
    if (missing.size === 0) return Promise.resolve(socketsClosed);
    const wait: Wait = { entry, missing, socketsClosed, done: Promise.withResolvers() };
    const waits = this.#waits.get(entry) ?? new Set();
    this.#waits.set(entry, waits.add(wait));
    this.#startChecks();
    return wait.done.promise;
  }

  /** Entries of the reply stream; those read before are passed over. */
  hear(replies: readonly StreamEntry[]): void {
    for (const { id, fields } of replies) {
      if (!isAfter(id, this.#repliesRead)) continue;
      this.#repliesRead = id;
      this.#heard(fields.get("entry") ?? "", fields.get("by") ?? "", Number(fields.get("closed") ?? 0));
    }
  }

  close(): void {
    this.#giveUp();
  }

  #heard(entry: string, by: string, socketsClosed: number): void {
    const waits = this.#waits.get(entry);
    if (waits === undefined) {
      this.#keepEarly(entry, by, socketsClosed);
      return;
    }
    for (const wait of waits) {
      // A process whose answer was lost says it again.
      if (wait.missing.has(by)) wait.socketsClosed += socketsClosed;
      this.#strike(wait, by);
    }
  }

  #strike(wait: Wait, process: string): void {
    wait.missing.delete(process);
    if (wait.missing.size > 0) return;
    wait.done.resolve(wait.socketsClosed);
    const waits = this.#waits.get(wait.entry);
    waits?.delete(wait);
    if (waits?.size === 0) this.#waits.delete(wait.entry);
    if (this.#waits.size === 0) this.#endChecks();
  }

  #keepEarly(entry: string, by: string, socketsClosed: number): void {
    const known = this.#early.get(entry) ?? new Map<string, number>();
    this.#early.set(entry, known.set(by, known.get(by) ?? socketsClosed));
    for (const oldest of this.#early.keys()) {
      if (this.#early.size <= mostEarly) break;
      this.#early.delete(oldest);
    }
  }

  #startChecks(): void {
    if (this.#stopChecks !== null) return;
    this.#lookedAt = this.#parts.steady.now();
    this.#stopChecks = this.#parts.steady.every(checkMs, () => this.#check());
  }

  #endChecks(): void {
    this.#stopChecks?.();
    this.#stopChecks = null;
  }

  async #check(): Promise<void> {
    const waits = [...this.#waits.values()].flatMap((some) => [...some]);
    const missing = new Set(waits.flatMap((wait) => [...wait.missing]));
    try {
      const progress = await this.#parts.look([...missing], this.#repliesRead);
      this.#lookedAt = this.#parts.steady.now();
      this.hear(progress.replies);
      for (const wait of waits) this.#strikeSettled(wait, progress);
    } catch {
      if (this.#parts.steady.now() - this.#lookedAt > withoutRedisMs) this.#giveUp();
    }
  }

  /** Those whose lease ran out, and those that are past the entry: what they had to say of it was written before that. */
  #strikeSettled(wait: Wait, { alive, isComplete }: Progress): void {
    for (const process of [...wait.missing]) {
      const heard = alive.get(process);
      const isPast = isComplete && heard !== undefined && !isAfter(wait.entry, heard);
      if (heard === undefined || isPast) this.#strike(wait, process);
    }
  }

  #giveUp(): void {
    this.#endChecks();
    const waits = [...this.#waits.values()].flatMap((some) => [...some]);
    this.#waits.clear();
    for (const { done } of waits) done.reject(unavailable());
  }
}
