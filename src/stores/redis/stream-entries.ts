// Entries of a Redis stream as ioredis answers them, and the order of their ids.
import { listOf, type Reply, textOf } from "./replies.ts";

export interface StreamEntry {
  readonly id: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** The answer of XRANGE, or one stream of XREAD's. */
export function entriesOf(reply: Reply | undefined): StreamEntry[] {
  return listOf(reply).map((entry) => {
    const [id, flat] = listOf(entry);
    const fields = new Map<string, string>();
    const words = listOf(flat).map(textOf);
    for (let at = 0; at < words.length; at += 2) fields.set(words[at] ?? "", words[at + 1] ?? "");
    return { id: textOf(id), fields };
  });
}

/** Whether entry `id` was written after entry `other`. */
export function isAfter(id: string, other: string): boolean {
  const [ms = 0, count = 0] = id.split("-").map(Number);
  const [otherMs = 0, otherCount = 0] = other.split("-").map(Number);
  return ms > otherMs || (ms === otherMs && count > otherCount);
}
