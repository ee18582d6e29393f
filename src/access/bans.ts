// Bans as a server sets them: words and times checked, then one verb of the store.
import type { SessionRecord } from "../sessions/session.ts";
import type { AccessStore, Ban } from "./access-store.ts";

/** What a ban is made of. */
export interface BanOptions {
  /** Words for the player, at most 256 characters. */
  readonly reason: string;
  /** When it ends, ms since the epoch; left out, never. */
  readonly until?: number;
}

const maxReasonLength = 256;

/** `login.bans`. Every call throws LoginError STORE_UNAVAILABLE rather than pretend. */
export class Bans {
  readonly #store: AccessStore;
  readonly #announceEnded: (ended: readonly SessionRecord[]) => void;

  constructor(dependencies: {
    readonly store: AccessStore;
    /** Told which sessions a ban ended. */
    readonly announceEnded: (ended: readonly SessionRecord[]) => void;
  }) {
    this.#store = dependencies.store;
    this.#announceEnded = dependencies.announceEnded;
  }

  /**
   * Bans a user: ends their sessions, closes their sockets (4403 with the reason) and takes their place in the queue, on
   * every process, also against a login that runs at the same moment. Answers how many sockets were told to close.
   */
  async ban(userId: string, { reason, until }: BanOptions): Promise<number> {
    if (typeof userId !== "string" || userId === "")
      throw new TypeError(`ban: userId: expected a user's id, got ${typeof userId}`);
    if (typeof reason !== "string" || reason.length > maxReasonLength) {
      throw new TypeError(`ban: reason: expected a string of at most ${maxReasonLength} characters`);
    }
    if (until !== undefined && !Number.isFinite(until))
      throw new TypeError(`ban: until: expected ms since the epoch, got ${until}`);
    const { ended, socketsClosed } = await this.#store.ban(userId, { reason, until: until ?? null });
    this.#announceEnded(ended);
    return socketsClosed;
  }

  /** Lifts a ban; answers whether there was one. The sessions it ended stay ended. */
  unban(userId: string): Promise<boolean> {
    return this.#store.unban(userId);
  }

  /** The ban in force, or null. */
  get(userId: string): Promise<Ban | null> {
    return this.#store.getBan(userId);
  }
}
