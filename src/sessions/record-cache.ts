// What this process remembers of sessions it has read, for `verify: "cached"`: never believed longer than the feed allows.
import { RecentMap } from "../tokens/recent-map.ts";
import type { SessionRecord } from "./session.ts";
import type { SessionStore } from "./session-store.ts";

export interface RecordCacheDependencies {
  readonly store: Pick<SessionStore, "get">;
  /**
   * Whether this process has heard of every end but those of the last moments, whose callers still wait for it. Asked each
   * time: what is remembered counts for nothing while it is false.
   */
  readonly isLevel: () => boolean;
}

/** About 20 MB. One that is forgotten is read again. */
const mostRecords = 20_000;

/**
 * Live records by sid. A record may be as old as its generation: a refresh is no event of the feed, so whoever knows of a
 * later one asks for it by `isRecent`. Everything that ends a session is one, and takes its record out.
 */
export class RecordCache {
  readonly #deps: RecordCacheDependencies;
  readonly #records = new RecentMap<SessionRecord>(mostRecords);
  /** How often anything was taken out: a record whose read began before may be of before, too, and is not kept. */
  #changes = 0;

  constructor(dependencies: RecordCacheDependencies) {
    this.#deps = dependencies;
  }

  /** The record at hand if it is as recent as asked; else it is read. Throws LoginError STORE_UNAVAILABLE. */
  async get(sid: string, isRecent: (record: SessionRecord) => boolean): Promise<SessionRecord | null> {
    const { store, isLevel } = this.#deps;
    const known = isLevel() ? this.#records.get(sid) : undefined;
    if (known !== undefined && isRecent(known)) return known;
    const changes = this.#changes;
    const record = await store.get(sid);
    if (record !== null && record.end === null && isLevel() && changes === this.#changes)
      this.#records.set(sid, record);
    return record;
  }

  /** A token of this generation was shown, and the store knows it. */
  confirmed(sid: string, generation: number, at: number): void {
    const record = this.#records.get(sid);
    if (record?.generation === generation) this.#records.set(sid, { ...record, confirmedAt: record.confirmedAt ?? at });
  }

  /** Something happened to the session. */
  forget(sid: string): void {
    this.#changes += 1;
    this.#records.delete(sid);
  }

  /** Anything may have happened to any session. */
  clear(): void {
    this.#changes += 1;
    this.#records.clear();
  }
}
