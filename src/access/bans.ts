// Bans as a server sets them: words and times checked, then one verb of the store.
import type { Emit } from "../emitter.ts";
import type { SessionRecord } from "../sessions/session.ts";
import type { AccessSignals } from "./access-signals.ts";
import type { AccessStore, Ban, BanOutcome } from "./access-store.ts";

/** What a ban is made of. */
export interface BanOptions {
  /** Words for the player, at most 256 characters. */
  readonly reason: string;
  /** When it ends, ms since the epoch; left out, never. */
  readonly until?: number;
}

export const maxReasonLength = 256;

/** `login.bans`. Every call throws LoginError STORE_UNAVAILABLE rather than pretend. */
export interface Bans {
  /**
   * Bans a user: ends their sessions, closes their sockets (4403 with the reason) and takes their place in the queue, on
   * every process, also against a login that runs at the same moment. Answers how many sockets were told to close.
   */
  ban(userId: string, options: BanOptions): Promise<number>;
  /** Lifts a ban; answers whether there was one. The sessions it ended stay ended. */
  unban(userId: string): Promise<boolean>;
  /** The ban in force, or null. */
  get(userId: string): Promise<Ban | null>;
}

/** `login.bans`, and what the operator's side asks beyond it: what was in force before. */
export class BanRegister implements Bans {
  readonly #store: AccessStore;
  readonly #announceEnded: (ended: readonly SessionRecord[]) => void;
  readonly #emit: Emit<AccessSignals>;

  constructor(dependencies: {
    readonly store: AccessStore;
    /** Told which sessions a ban ended. */
    readonly announceEnded: (ended: readonly SessionRecord[]) => void;
    readonly emit: Emit<AccessSignals>;
  }) {
    this.#store = dependencies.store;
    this.#announceEnded = dependencies.announceEnded;
    this.#emit = dependencies.emit;
  }

  async ban(userId: string, options: BanOptions): Promise<number> {
    return (await this.replace(userId, options)).socketsClosed;
  }

  /** As `ban`; tells in which one's place it stands as well. */
  async replace(userId: string, { reason, until }: BanOptions): Promise<Omit<BanOutcome, "ended">> {
    if (typeof userId !== "string" || userId === "")
      throw new TypeError(`ban: userId: expected a user's id, got ${typeof userId}`);
    if (typeof reason !== "string" || reason.length > maxReasonLength) {
      throw new TypeError(`ban: reason: expected a string of at most ${maxReasonLength} characters`);
    }
    if (until !== undefined && !Number.isFinite(until))
      throw new TypeError(`ban: until: expected ms since the epoch, got ${until}`);
    const ban = { reason, until: until ?? null };
    const { ended, ...outcome } = await this.#store.ban(userId, ban);
    this.#emit("banned", { userId, ...ban });
    this.#announceEnded(ended);
    return outcome;
  }

  async unban(userId: string): Promise<boolean> {
    return (await this.lift(userId)) !== null;
  }

  /** As `unban`; answers the ban that it lifted, or null. */
  async lift(userId: string): Promise<Ban | null> {
    const lifted = await this.#store.unban(userId);
    if (lifted !== null) this.#emit("unbanned", { userId });
    return lifted;
  }

  get(userId: string): Promise<Ban | null> {
    return this.#store.getBan(userId);
  }
}
