// The store that keeps everything in Redis: any number of processes on it are one system.
import type { PointCounterMaker } from "../../accounts/limits.ts";
import type { Clock } from "../../clock.ts";
import type { QueueStore } from "../../login-queue/queue-store.ts";
import type { FeedListener, Store, StoreContext, StoreFactory } from "../store.ts";
import { checkClient, type RedisClient } from "./client.ts";
import { RedisLink } from "./link.ts";
import { checkPrefix } from "./prefix.ts";
import { RedisAccess } from "./redis-access.ts";
import { RedisAudit } from "./redis-audit.ts";
import { RedisQueue } from "./redis-queue.ts";
import { RedisSessions } from "./redis-sessions.ts";
import { Replicas } from "./replicas.ts";
import { Reposts } from "./repost.ts";
import { settingsArgument } from "./settings-codec.ts";

/** Verbs let go of what they meet; this is for what nobody asks for any more. */
const sweepMs = 60_000;

export interface RedisStoreOptions {
  /**
   * What every key begins with, in braces, so that a Redis Cluster keeps them together. Letters, digits and `-_.:/`; default
   * `colyseus-login`. Two games on one Redis need two.
   */
  readonly prefix?: string;
}

/**
 * Keeps sessions, bans, the queue and the audit list in Redis (6.2 or later, or Valkey). Every process of a game opens it on the same Redis
 * with the same prefix.
 *
 * @param urlOrClient `redis://…` or `rediss://…`, for connections of the store's own; or an ioredis client, which is used as it
 *   is and stays open when the store closes. One more connection is made from either, for the feed.
 * @throws TypeError for anything else, or a wrong prefix; Error that says what to install, where ioredis is missing
 */
export function redisStore(
  urlOrClient: string | RedisClient | undefined,
  options: RedisStoreOptions = {},
): StoreFactory {
  checkClient(urlOrClient, "redisStore");
  const prefix = checkPrefix(options.prefix, "redisStore");
  const open = (context: StoreContext): Store => new RedisStore(urlOrClient, prefix, context);
  return Object.assign(open, { shared: true as const });
}

class RedisStore implements Store {
  readonly sessions: RedisSessions;
  readonly access: RedisAccess;
  readonly audit: RedisAudit;
  readonly clock: Clock;
  readonly makeCounter: PointCounterMaker;
  readonly #queue: RedisQueue | null;
  readonly #link: RedisLink;
  readonly #stopSweep: () => void;

  constructor(urlOrClient: string | RedisClient, prefix: string, context: StoreContext) {
    // What fails here is owed, and made up for the next time.
    const onBack = (goneMs: number) => void reposts.post(goneMs).catch(() => {});
    this.#link = new RedisLink({ urlOrClient, prefix, onBack }, context);
    const { calls, clock } = this.#link;
    const settings = settingsArgument(context);
    const reposts = new Reposts({ calls, settings, replicas: new Replicas(calls) });
    this.clock = clock;
    this.makeCounter = this.#link.makeCounter;
    this.sessions = new RedisSessions({ calls, settings, reposts });
    this.access = new RedisAccess({ calls, settings, reposts });
    this.audit = new RedisAudit(calls);
    this.#queue = context.queue === null ? null : new RedisQueue({ calls, settings, options: context.queue });
    this.#stopSweep = context.clock.every(sweepMs, () => this.#sweep());
  }

  get queue(): QueueStore {
    if (this.#queue === null) throw new TypeError("the store was opened without a queue");
    return this.#queue;
  }

  isLevel(): boolean {
    return this.#link.isLevel();
  }

  feedLagMs(): number {
    return this.#link.feedLagMs();
  }

  subscribe(listener: FeedListener, onGap?: () => void): () => void {
    return this.#link.subscribe(listener, onGap);
  }

  async close(): Promise<void> {
    this.#stopSweep();
    await this.#link.close();
  }

  /** An outage is told by the connection, and the next sweep makes up for it. */
  async #sweep(): Promise<void> {
    await Promise.allSettled([this.sessions.sweep(), this.#queue?.sweep()]);
  }
}
