// The loop that reads the feed on a connection of its own, tells this process's listeners, and says how far it has heard.
import { type Clock, systemClock } from "../../clock.ts";
import type { Acknowledgements } from "./acknowledgements.ts";
import type { RedisClient } from "./client.ts";
import { type Connection, deadlineMs } from "./connection.ts";
import type { RedisFeed } from "./feed.ts";
import type { Acknowledgement, Processes } from "./processes.ts";
import { listOf, type Reply, textOf } from "./replies.ts";
import { entriesOf, isAfter, type StreamEntry } from "./stream-entries.ts";

const mostBeatMs = 1_000;
/** Redis holds a read back for so long while there is nothing new. */
const mostBlockMs = 500;
const mostEntries = 1_000;
const leastPauseMs = 100;
const mostPauseMs = 1_000;

interface Parts {
  readonly processId: string;
  readonly connection: Pick<Connection, "call" | "cut"> & { readonly client: Pick<RedisClient, "xread"> };
  readonly key: (name: string) => string;
  readonly processes: Pick<Processes, "beat">;
  readonly feed: Pick<RedisFeed, "tell" | "tellOwn" | "tellGap">;
  readonly acknowledgements: Pick<Acknowledgements, "hear" | "repliesRead">;
  readonly steady: Clock;
  /** Of this process, in ms. */
  readonly leaseMs: number;
}

/** A moment by two clocks: one stands still while a machine sleeps, the other may be set. */
interface Moment {
  readonly steady: number;
  readonly system: number;
}

export class FeedReader {
  readonly #parts: Parts;
  /** The last entry heard; null before the first beat. */
  #heard: string | null = null;
  /** What `#heard` was at the last beat: had anything after it been trimmed since, the first entry would be later. */
  #heardAtBeat: string | null = null;
  #toAcknowledge: Acknowledgement[] = [];
  /** When the last read and the last beat that were answered had been sent. */
  #readSent: Moment | null = null;
  #beatSent: Moment | null = null;
  /** As `#readSent`, and never unknown: before the first read, and while it may have missed something, it goes on from before. */
  #heardAllAt: Moment;
  readonly #beganAt: Moment;
  readonly #beatMs: number;
  readonly #blockMs: number;
  #hasTriedToBeat = false;
  /** The last read failed: a process that cannot hear lets its lease run out, or every ending would wait for it for ever. */
  #isDeaf = false;
  #pauseMs = leastPauseMs;
  #wake: (() => void) | null = null;
  #closed = false;
  readonly #ended: Promise<void>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#beatMs = Math.min(mostBeatMs, parts.leaseMs / 3);
    this.#blockMs = Math.max(1, Math.min(mostBlockMs, Math.floor(parts.leaseMs / 3)));
    this.#beganAt = this.#moment();
    this.#heardAllAt = this.#beganAt;
    this.#ended = this.#loop();
  }

  /**
   * Whoever waits for this process does so while its lease runs, which was renewed after the last beat was sent; and
   * everything written before the last read was sent has been heard.
   */
  isLevel(): boolean {
    return Math.max(this.#age(this.#readSent), this.#age(this.#beatSent)) < this.#parts.leaseMs;
  }

  /** For how long it has not known that it heard everything, and that whoever writes waits for it, in whole ms. */
  lagMs(): number {
    return Math.round(Math.max(this.#age(this.#heardAllAt), this.#age(this.#beatSent ?? this.#beganAt)));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#readSent = null;
    this.#wake?.();
    this.#parts.connection.cut();
    await this.#ended;
  }

  async #loop(): Promise<void> {
    while (!this.#closed) {
      const beaten = await this.#attempt(() => this.#beatIfDue());
      const read = await this.#attempt(() => this.#read());
      this.#isDeaf = !read;
      if (beaten && read) this.#pauseMs = leastPauseMs;
      else if (!this.#closed) await this.#pause();
    }
  }

  /** Failures are told by the connection, once for all of them. */
  async #attempt(step: () => Promise<void>): Promise<boolean> {
    if (this.#closed) return true;
    try {
      await step();
      return true;
    } catch {
      return false;
    }
  }

  async #beatIfDue(): Promise<void> {
    if (this.#toAcknowledge.length === 0 && (this.#isDeaf || this.#age(this.#beatSent) < this.#beatMs)) return;
    const isFirstTry = !this.#hasTriedToBeat;
    this.#hasTriedToBeat = true;
    const sent = this.#moment();
    const told = this.#toAcknowledge;
    const heard = this.#heard;
    const ends = await this.#parts.processes.beat(heard, told);
    this.#toAcknowledge = this.#toAcknowledge.slice(told.length);
    const since = this.#heardAtBeat;
    // While its lease was over nobody waited for this process: what was written then it has to read before it is level.
    if (this.#age(this.#beatSent) >= this.#parts.leaseMs) this.#readSent = null;
    if (heard === null) {
      this.#heard = ends.last;
      // Sockets may have been let in since it first tried, and their sessions ended before it began to hear.
      if (!isFirstTry) this.#parts.feed.tellGap();
    } else if ((since !== null && isAfter(ends.first, since)) || isAfter(heard, ends.last)) {
      this.#missed(ends.last);
    }
    this.#heardAtBeat = this.#heard;
    this.#beatSent = sent;
  }

  /** The feed was trimmed past what was heard, or it is another one: the database was lost, or its last writes were. */
  #missed(last: string): void {
    this.#heard = last;
    this.#readSent = null;
    this.#parts.feed.tellGap();
  }

  async #read(): Promise<void> {
    const { connection, key, processId, acknowledgements } = this.#parts;
    const heard = this.#heard;
    if (heard === null) return;
    const { client } = connection;
    const sent = this.#moment();
    // The first answer comes at once: until then this process knows nothing.
    const waitMs = this.#readSent === null ? 1 : this.#blockMs;
    const streams = [key("feed"), key(`reply:${processId}`), heard, acknowledgements.repliesRead] as const;
    const read = () => client.xread("COUNT", mostEntries, "BLOCK", waitMs, "STREAMS", ...streams);
    const { feed, replies } = streamsOf(await connection.call(read, this.#blockMs + deadlineMs));
    if (this.#closed) return;
    for (const entry of feed) this.#hear(entry);
    acknowledgements.hear(replies);
    if (feed.length < mostEntries) {
      this.#readSent = sent;
      this.#heardAllAt = sent;
    }
  }

  #hear({ id, fields }: StreamEntry): void {
    const by = fields.get("by") ?? "";
    const events = fields.get("events") ?? "[]";
    if (by === this.#parts.processId) {
      this.#parts.feed.tellOwn(id, events);
    } else {
      const { socketsClosed } = this.#parts.feed.tell(events);
      if (socketsClosed !== null) this.#toAcknowledge.push({ to: by, entry: id, socketsClosed });
    }
    this.#heard = id;
  }

  async #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const stop = this.#parts.steady.after(this.#pauseMs * (0.5 + Math.random()), resolve);
    this.#pauseMs = Math.min(mostPauseMs, this.#pauseMs * 2);
    await promise;
    stop();
  }

  #moment(): Moment {
    return { steady: this.#parts.steady.now(), system: systemClock.now() };
  }

  #age(moment: Moment | null): number {
    if (moment === null) return Number.POSITIVE_INFINITY;
    const { steady, system } = this.#moment();
    return Math.max(steady - moment.steady, system - moment.system);
  }
}

interface Streams {
  feed: StreamEntry[];
  replies: StreamEntry[];
}

/** XREAD answers only the streams that have something new, each by its name. */
function streamsOf(reply: Reply): Streams {
  const streams: Streams = { feed: [], replies: [] };
  for (const stream of listOf(reply ?? [])) {
    const [name, entries] = listOf(stream);
    if (textOf(name).endsWith(":feed")) streams.feed = entriesOf(entries);
    else streams.replies = entriesOf(entries);
  }
  return streams;
}
