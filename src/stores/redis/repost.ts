// Keeps ends, bans and revoked tokens from being lost with a primary: they wait for a replica, and are posted again when
// Redis is back.
//
// An asynchronous failover loses the last writes. A session whose end was among them would live again, and a banned user be
// let in. So an end or a ban is answered when a replica has it, where there is one, though not later than 200 ms; and every
// process remembers its own of the last minute, and posts them when its connection comes back. Whatever was not lost stays
// as it is by that.
import type { Ban } from "../../access/access-store.ts";
import type { SessionRecord } from "../../sessions/session.ts";
import type { EndRequest } from "../../sessions/session-store.ts";
import type { CallArgument, RedisCalls } from "./calls.ts";
import type { Replicas } from "./replicas.ts";
import { endArguments } from "./session-codec.ts";

/** What a failover may lose: writes of so long before the connection was lost. */
const lostMs = 60_000;
/** An end or a ban is posted again so long after it was made at most: the mark of a lifted ban lives longer. */
const rememberedMs = 30 * 60_000;
/** Beyond it the oldest are forgotten: memory stays bounded, whatever is ended. */
const mostEnds = 100_000;
const mostSteps = 1_000;
const mostPerCall = 500;

interface EndMade {
  readonly at: number;
  readonly sid: string;
  readonly request: EndRequest;
}

interface StepMade {
  readonly at: number;
  /** What it is about: a later step about the same stands in its place. */
  readonly about: string;
  readonly script: string;
  readonly args: readonly CallArgument[];
}

interface Parts {
  readonly calls: Pick<RedisCalls, "runEnding" | "now">;
  readonly replicas: Pick<Replicas, "keepUp">;
  /** What `settingsArgument` makes of the options: "" where there is no queue. */
  readonly settings: string;
}

export class Reposts {
  readonly #parts: Parts;
  #ends: EndMade[] = [];
  #steps: StepMade[] = [];
  /** Since when everything is to be posted, while posting fails. */
  #owedSince = Number.POSITIVE_INFINITY;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A call of this process ended these sessions. Resolves when that may be answered. */
  async ended(records: readonly SessionRecord[], request: EndRequest): Promise<void> {
    if (records.length === 0) return;
    const at = this.#parts.calls.now();
    for (const { sid } of records) this.#ends.push({ at, sid, request });
    this.#ends = trimmed(this.#ends);
    await this.#parts.replicas.keepUp();
  }

  /** A call of this process banned the user; `bannedAt` is when the store wrote that. Resolves when it may be answered. */
  async banned(userId: string, { reason, until }: Ban, bannedAt: number): Promise<void> {
    await this.#made(`ban ${userId}`, "ban", [userId, until ?? "never", reason, bannedAt]);
  }

  unbanned(userId: string): void {
    this.#forget(`ban ${userId}`);
  }

  /** A call of this process revoked the token. Resolves when that may be answered. */
  async revoked(jti: string, until: number | null): Promise<void> {
    await this.#made(`token ${jti}`, "revoke_token", [jti, until ?? "never"]);
  }

  /**
   * The connection is back, having been gone for so long: posts what may have been lost. Throws LoginError STORE_UNAVAILABLE
   * where it is gone again; the next time makes up for it.
   */
  async post(goneMs: number): Promise<void> {
    const now = this.#parts.calls.now();
    this.#owedSince = Math.min(this.#owedSince, now - goneMs - lostMs);
    const since = Math.max(this.#owedSince, now - rememberedMs);
    const isDue = ({ at }: { readonly at: number }) => at >= since;
    for (const { script, args } of this.#steps.filter(isDue)) {
      await this.#parts.calls.runEnding(script, [this.#parts.settings, ...args]);
    }
    await this.#postEnds(this.#ends.filter(isDue));
    this.#owedSince = Number.POSITIVE_INFINITY;
  }

  async #made(about: string, script: string, args: readonly CallArgument[]): Promise<void> {
    this.#forget(about);
    this.#steps.push({ at: this.#parts.calls.now(), about, script, args });
    this.#steps = this.#steps.slice(-mostSteps);
    await this.#parts.replicas.keepUp();
  }

  #forget(about: string): void {
    this.#steps = this.#steps.filter((made) => made.about !== about);
  }

  async #postEnds(ends: readonly EndMade[]): Promise<void> {
    const { calls, settings } = this.#parts;
    for (let from = 0; from < ends.length; from += mostPerCall) {
      const args = ends.slice(from, from + mostPerCall).flatMap(({ sid, request }) => [sid, ...endArguments(request)]);
      await calls.runEnding("repost_ends", [settings, ...args]);
    }
  }
}

/** The latest of them. Cut down seldom, so that adding one costs the same however many there are. */
function trimmed<T>(made: T[]): T[] {
  return made.length > 2 * mostEnds ? made.slice(-mostEnds) : made;
}
