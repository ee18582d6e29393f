// The session records of the memory store, found by sid and by user, and forgotten when nothing could ask for them any more.
import type { SessionRecord } from "../../sessions/session.ts";
import { ExpiryIndex } from "./expiry-index.ts";

/** A session that ran out without being ended stays this much longer, so that a late refresh hears `TOKEN_EXPIRED`. */
const expiredReadableMs = 24 * 60 * 60 * 1000;

export class SessionTable {
  readonly #records = new Map<string, SessionRecord>();
  /** Sids of a user in the order in which their sessions were opened. */
  readonly #sidsByUser = new Map<string, Set<string>>();
  readonly #forgetAt = new ExpiryIndex<string>();

  get size(): number {
    return this.#records.size;
  }

  get(sid: string): SessionRecord | null {
    return this.#records.get(sid) ?? null;
  }

  /** The record if the session lets anybody refresh: neither ended nor run out. */
  getLive(sid: string, now: number): SessionRecord | null {
    const record = this.#records.get(sid);
    return record !== undefined && isLive(record, now) ? record : null;
  }

  /** Every record of a user that is still kept, ended ones too, oldest first. */
  ofUser(userId: string): readonly SessionRecord[] {
    const records: SessionRecord[] = [];
    for (const sid of this.#sidsByUser.get(userId) ?? []) {
      const record = this.#records.get(sid);
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  all(): IterableIterator<SessionRecord> {
    return this.#records.values();
  }

  put(record: SessionRecord): void {
    this.#records.set(record.sid, record);
    const sids = this.#sidsByUser.get(record.userId);
    if (sids === undefined) this.#sidsByUser.set(record.userId, new Set([record.sid]));
    else sids.add(record.sid);
    this.#forgetAt.set(record.sid, forgetSessionAt(record));
  }

  /** Answers how many there were. */
  forgetDue(now: number): number {
    const before = this.#records.size;
    for (let due = this.#forgetAt.takeDue(now); due !== undefined; due = this.#forgetAt.takeDue(now)) {
      const record = this.#records.get(due.key);
      if (record === undefined) continue;
      this.#records.delete(record.sid);
      const sids = this.#sidsByUser.get(record.userId);
      sids?.delete(record.sid);
      if (sids?.size === 0) this.#sidsByUser.delete(record.userId);
    }
    return before - this.#records.size;
  }
}

/** From then on nothing could ask for the record any more. */
export function forgetSessionAt({ tokenExpiresAt, idleEndsAt, end }: SessionRecord): number {
  const lastTokenEndsAt = Math.max(tokenExpiresAt, idleEndsAt);
  return end === null ? lastTokenEndsAt + expiredReadableMs : lastTokenEndsAt;
}

export function isLive(record: SessionRecord, now: number): boolean {
  return record.end === null && now < Math.min(record.idleEndsAt, record.absoluteEndsAt);
}
