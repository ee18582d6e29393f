// When a session was last in use: written coarsely, at most once a minute and process, and never in anybody's way.
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { RecentMap } from "../tokens/recent-map.ts";
import { type SessionRecord, shortSid } from "./session.ts";
import type { SessionStore } from "./session-store.ts";

/** How coarse it is. */
const seenEveryMs = 60_000;
/** Sessions whose last write is remembered. One that is forgotten is written again. */
const rememberedSessions = 100_000;

export class LastSeen {
  readonly #store: Pick<SessionStore, "markSeen">;
  readonly #clock: Pick<Clock, "now">;
  readonly #logger: Pick<Logger, "debug">;
  /** When this process wrote last, by sid: the record at hand may be an older one. */
  readonly #written = new RecentMap<number>(rememberedSessions);

  constructor(dependencies: {
    readonly store: Pick<SessionStore, "markSeen">;
    readonly clock: Pick<Clock, "now">;
    readonly logger: Pick<Logger, "debug">;
  }) {
    this.#store = dependencies.store;
    this.#clock = dependencies.clock;
    this.#logger = dependencies.logger;
  }

  /** The session lets its holder in now. Nobody waits for the write, and its failure refuses nobody. */
  note({ sid, seenAt }: Pick<SessionRecord, "sid" | "seenAt">): void {
    const now = this.#clock.now();
    if (now - Math.max(seenAt, this.#written.get(sid) ?? 0) < seenEveryMs) return;
    this.#written.set(sid, now);
    this.#store.markSeen(sid).catch((error: unknown) => {
      this.#logger.debug(`colyseus-login: session ${shortSid(sid)}… could not be marked as seen`, error);
    });
  }
}
