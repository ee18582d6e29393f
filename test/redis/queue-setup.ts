// What the tests of the Redis store's queue start from: processes on one Redis, under time that stands still until moved.
import { afterEach } from "vitest";
import type { QueueSettings } from "../../src/login-queue/queue-store.ts";
import { randomId } from "../../src/random.ts";
import { redisStore } from "../../src/stores/redis/redis-store.ts";
import { Scripts } from "../../src/stores/redis/scripts.ts";
import { settingsArgument } from "../../src/stores/redis/settings-codec.ts";
import type { Store } from "../../src/stores/store.ts";
import { Harness, queueSettings } from "../contract/harness.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { type RedisServer, useRedisServer } from "../support/redis-server.ts";

export interface Processes {
  readonly server: RedisServer;
  readonly clock: ManualClock;
  readonly prefix: string;
  /** One more process, with these options of its own; verbs by short words. */
  open(options?: Partial<QueueSettings>, ticketsMayReturn?: boolean, clock?: ManualClock, prefix?: string): Harness;
  /** A script as the client sends it; with the same `callId`, as it sends it again when the answer was lost. */
  send(script: string, callId: string, ...args: readonly string[]): Promise<unknown>;
  /** How many members a set or sorted set of the store has. */
  count(name: string): Promise<number>;
}

/** Each test has a state of its own. */
export function useProcesses(): Processes {
  const server = useRedisServer();
  const scripts = new Scripts();
  const opened: Store[] = [];
  let clock = new ManualClock();
  let prefix = randomId(6);
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
    await server.forgetKeys(prefix);
    clock = new ManualClock();
    prefix = randomId(6);
  });
  return {
    server,
    get clock() {
      return clock;
    },
    get prefix() {
      return prefix;
    },
    open(options = {}, ticketsMayReturn = false, here = clock, of = prefix) {
      const queue = { ...queueSettings, ...options };
      const store = redisStore(server.client, { prefix: of })({ clock: here, queue, ticketsMayReturn });
      opened.push(store);
      return new Harness({
        store,
        connect: async () => store,
        loseState: async () => store,
        now: () => here.now(),
        advance: (milliseconds) => here.advance(milliseconds),
      });
    },
    send(script, callId, ...args) {
      const settings = settingsArgument({ queue: queueSettings, ticketsMayReturn: false });
      const clockText = String(clock.now());
      const tag = `{${prefix}}`;
      return server.client.eval(scripts.get(script).text, 1, tag, clockText, "process", callId, settings, ...args);
    },
    async count(name) {
      const key = `{${prefix}}:${name}`;
      return (await server.client.type(key)) === "set" ? server.client.scard(key) : server.client.zcard(key);
    },
  };
}
