// Everything that joins this process to Redis: connections, calls, time, and the feed in both directions.
import type { PointCounterMaker } from "../../accounts/limits.ts";
import { type Clock, steadyClock, systemClock } from "../../clock.ts";
import { randomId } from "../../random.ts";
import { type FeedListener, feedLeaseSeconds, type StoreContext } from "../store.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import type { RedisCalls } from "./calls.ts";
import { openClient, type RedisClient } from "./client.ts";
import { Connection } from "./connection.ts";
import { pointCounters } from "./counters.ts";
import { warnOfEviction } from "./eviction.ts";
import { RedisFeed } from "./feed.ts";
import { FeedReader } from "./feed-reader.ts";
import { Outages } from "./outages.ts";
import { tagOf } from "./prefix.ts";
import { Processes } from "./processes.ts";
import { timedCalls } from "./timed-calls.ts";

export interface LinkOptions {
  readonly urlOrClient: string | RedisClient;
  readonly prefix: string;
  /** Called when Redis is back and may have lost writes, with for how long it was gone. */
  readonly onBack?: (goneMs: number) => void;
}

export class RedisLink {
  readonly calls: RedisCalls;
  /** The store's time. Tasks run by the context's clock. */
  readonly clock: Clock;
  /** Counts tries on this Redis. */
  readonly makeCounter: PointCounterMaker;
  readonly #connection: Connection;
  readonly #feed = new RedisFeed();
  readonly #reader: FeedReader;
  readonly #processes: Processes;
  readonly #acknowledgements: Acknowledgements;
  readonly #stopMeasuring: () => void;

  constructor(
    { urlOrClient, prefix, onBack }: LinkOptions,
    { clock, logger, ...context }: Pick<StoreContext, "clock" | "logger" | "feedLeaseSeconds">,
  ) {
    const steady = steadyClock;
    const leaseMs = (context.feedLeaseSeconds ?? feedLeaseSeconds) * 1_000;
    const owned = typeof urlOrClient === "string";
    const client = owned ? openClient(urlOrClient) : urlOrClient;
    const outages = new Outages(logger, steady);
    const mayHaveLost = (goneMs: number) => onBack?.(goneMs);
    this.#connection = new Connection({ client, owned, name: "store", steady, outages, onBack: mayHaveLost });
    // A replica that took over while a Cluster stayed connected shows as a feed that ends before what was heard.
    this.#feed.subscribe(
      () => 0,
      () => mayHaveLost(0),
    );
    const processId = randomId(9);
    const { calls, stop } = timedCalls({
      connection: this.#connection,
      tag: tagOf(prefix),
      processId,
      // A clock that is not the machine's is a test's: it takes the place of Redis's time.
      testClock: clock === systemClock ? null : clock,
      steady,
      tell: (entry, events) => this.#feed.tellOwn(entry, events),
      heardBy: (entry, processes) => this.#acknowledgements.wait(entry, processes),
    });
    this.calls = calls;
    this.clock = { ...clock, now: () => calls.now(), every: clock.every.bind(clock), after: clock.after.bind(clock) };
    this.#processes = new Processes(calls, leaseMs);
    this.#acknowledgements = new Acknowledgements({ steady, look: (...asked) => this.#processes.look(...asked) });
    this.#reader = new FeedReader({
      processId,
      connection: this.#connection.duplicate("feed"),
      key: (name) => calls.key(name),
      processes: this.#processes,
      feed: this.#feed,
      acknowledgements: this.#acknowledgements,
      steady,
      leaseMs,
    });
    this.#stopMeasuring = stop;
    this.makeCounter = pointCounters(this.#connection, tagOf(prefix));
    void warnOfEviction(calls, outages, "sessions and bans");
  }

  isLevel(): boolean {
    return this.#reader.isLevel();
  }

  feedLagMs(): number {
    return this.#reader.lagMs();
  }

  subscribe(listener: FeedListener, onGap?: () => void): () => void {
    return this.#feed.subscribe(listener, onGap);
  }

  async close(): Promise<void> {
    this.#stopMeasuring();
    await this.#reader.close();
    await this.#processes.leave().catch(() => {});
    this.#acknowledgements.close();
    this.#feed.close();
    await this.#connection.close();
  }
}
