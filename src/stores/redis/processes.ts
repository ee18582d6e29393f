// What processes tell each other through Redis beside the feed: that they are alive, how far they have heard, and what they closed.
import type { Progress } from "./acknowledgements.ts";
import type { RedisCalls } from "./calls.ts";
import { listOf, textOf } from "./replies.ts";
import { entriesOf } from "./stream-entries.ts";

/** process_look.lua reads no more at once. */
const mostReplies = 1_000;

/** This process closed so many sockets for an entry that another wrote. */
export interface Acknowledgement {
  readonly to: string;
  readonly entry: string;
  readonly socketsClosed: number;
}

/** The ends of the feed as it is in Redis. */
export interface FeedEnds {
  readonly first: string;
  readonly last: string;
}

export class Processes {
  readonly #calls: Pick<RedisCalls, "run">;
  readonly #leaseMs: number;

  constructor(calls: Pick<RedisCalls, "run">, leaseMs: number) {
    this.#calls = calls;
    this.#leaseMs = leaseMs;
  }

  /** Renews this process's lease. `heard` is the last entry it heard, null for one that begins with what comes next. */
  async beat(heard: string | null, acknowledgements: readonly Acknowledgement[]): Promise<FeedEnds> {
    const told = acknowledgements.flatMap(({ to, entry, socketsClosed }) => [to, entry, socketsClosed]);
    const reply = await this.#calls.run("process_beat", [this.#leaseMs, heard ?? "", ...told]);
    const [first, last] = listOf(reply);
    return { first: textOf(first), last: textOf(last) };
  }

  async look(processes: readonly string[], repliesAfter: string): Promise<Progress> {
    const [alive, replies] = listOf(await this.#calls.run("process_look", [repliesAfter, ...processes]));
    const words = listOf(alive).map(textOf);
    const heard = new Map<string, string>();
    for (let at = 0; at < words.length; at += 2) heard.set(words[at] ?? "", words[at + 1] ?? "");
    const entries = entriesOf(replies);
    return { alive: heard, replies: entries, isComplete: entries.length < mostReplies };
  }

  async leave(): Promise<void> {
    await this.#calls.run("process_leave");
  }
}
