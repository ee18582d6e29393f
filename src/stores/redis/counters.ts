// Counters of tries that all processes on one Redis share; each counts for itself while Redis cannot be reached.
import { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
import type { PointCounterMaker } from "../../accounts/limits.ts";
import type { Connection } from "./connection.ts";
import { asReply, listOf } from "./replies.ts";

const readCount = `return { redis.call("GET", KEYS[1]), redis.call("PTTL", KEYS[1]) }`;

/**
 * Counters under `limit:…`, each key with an expiry of its own by Redis's time. Who counts waits for a deaf Redis no longer than
 * any call does, and for one that is gone not at all.
 */
export function pointCounters(connection: Connection, tag: string): PointCounterMaker {
  const storeClient = new CounterClient(connection);
  return ({ keyPrefix, points, duration }) =>
    new RateLimiterRedis({
      storeClient,
      keyPrefix: `${tag}:limit:${keyPrefix}`,
      points,
      duration,
      insuranceLimiter: new RateLimiterMemory({ keyPrefix, points, duration }),
    });
}

/** What the library needs of an ioredis client, with our deadlines. */
class CounterClient {
  readonly #connection: Connection;
  #increment = "";

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The library has one script, and calls it by `rlflxIncr`. */
  defineCommand(_name: string, { lua }: { readonly lua: string }): void {
    this.#increment = lua;
  }

  async rlflxIncr([key = "", ...args]: readonly string[]): Promise<unknown> {
    return await this.#connection.call(() => this.#connection.client.eval(this.#increment, 1, key, ...args));
  }

  /** By which the library reads what a key counts and how long it lasts. A script needs no right to transactions. */
  multi() {
    const read = async (key: string) => {
      const { client } = this.#connection;
      const answer = await this.#connection.call(() => client.eval(readCount, 1, key));
      return listOf(asReply(answer)).map((value) => [null, value]);
    };
    return { get: (key: string) => ({ pttl: () => ({ exec: () => read(key) }) }) };
  }

  async del(key: string): Promise<number> {
    return await this.#connection.call(() => this.#connection.client.del(key));
  }
}
