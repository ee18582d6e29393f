// Redis stores for the contract of all stores: each over a state of its own, with time that a test moves.
import type { Redis } from "ioredis";
import { afterEach } from "vitest";
import type { Clock } from "../../src/clock.ts";
import { randomId } from "../../src/random.ts";
import { redisStore } from "../../src/stores/redis/redis-store.ts";
import type { Store } from "../../src/stores/store.ts";
import { hour, type MakeStore } from "../contract/harness.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { type RedisServer, useRedis } from "../support/redis-server.ts";
import { isLevel } from "./setup.ts";

/** What all prefixes of this run begin with, so that its keys can be told from others in a Redis that it shares. */
const runName = `test-${randomId(6)}`;

/** Stores that share the clients' connection where they may, so that the many that property tests make cost little. */
export function useRedisStores(): { readonly make: MakeStore; readonly makeSpread: MakeStore } {
  const server = useRedis();
  const opened = new Set<Store>();
  afterEach(async () => {
    await Promise.all([...opened].map((store) => store.close()));
    await server.forgetKeys(`${runName}-*`);
  });
  return {
    make: (context) => makeStore(server, opened, context, 1),
    makeSpread: (context) => makeStore(server, opened, context, 3),
  };
}

async function makeStore(
  server: RedisServer,
  opened: Set<Store>,
  context: Parameters<MakeStore>[0],
  processes: number,
): ReturnType<MakeStore> {
  if (opened.size === 0) await server.forgetKeys(`${runName}-*`);
  const clock = new TestClock();
  const prefix = `${runName}-${randomId(6)}`;
  const open = (urlOrClient: string | Redis): Store => {
    const store = redisStore(urlOrClient, { prefix })({ clock, ...context });
    const close = store.close.bind(store);
    store.close = async () => {
      opened.delete(store);
      await close();
    };
    opened.add(store);
    return store;
  };
  const begin = async () => {
    const store = spread(Array.from({ length: processes }, () => open(server.client)));
    if (context.queue !== null) await store.queue.status();
    return store;
  };
  let store = await begin();
  return {
    store,
    async connect() {
      const other = open(server.url);
      // Both: neither waits for a process that has not joined.
      await Promise.all([isLevel(other), isLevel(store)]);
      return other;
    },
    async loseState() {
      // Processes that outlive the loss post their last ends and bans again: these have lost them too.
      await store.close();
      await server.forgetKeys(prefix);
      store = await begin();
      return store;
    },
    now: () => clock.now(),
    advance: (milliseconds) => clock.advance(milliseconds),
  };
}

/** Of a long time only the last hour is lived through: sweeps of a thousand days would take minutes. */
export class TestClock implements Clock {
  readonly #clock = new ManualClock();
  #leaps = false;

  now(): number {
    return this.#clock.now();
  }

  every(milliseconds: number, task: () => void | Promise<void>) {
    return this.#clock.every(milliseconds, () => (this.#leaps ? undefined : task()));
  }

  after(milliseconds: number, task: () => void) {
    return this.#clock.after(milliseconds, task);
  }

  async advance(milliseconds: number): Promise<void> {
    this.#leaps = true;
    await this.#clock.advance(Math.max(milliseconds - hour, 0));
    this.#leaps = false;
    await this.#clock.advance(Math.min(milliseconds, hour));
  }
}

/** One store whose verbs are run by several processes in turn. */
function spread(stores: readonly Store[]): Store {
  const [first] = stores;
  if (first === undefined || stores.length === 1) return first!;
  let turn = 0;
  const inTurn = <Part extends object>(part: Part, of: (store: Store) => Part): Part =>
    new Proxy(part, {
      get: (_part, verb) => {
        turn += 1;
        const target = of(stores[turn % stores.length]!);
        const call: unknown = Reflect.get(target, verb);
        return typeof call === "function" ? call.bind(target) : call;
      },
    });
  return {
    sessions: inTurn(first.sessions, (store) => store.sessions),
    access: inTurn(first.access, (store) => store.access),
    audit: inTurn(first.audit, (store) => store.audit),
    get queue() {
      return inTurn(first.queue, (store) => store.queue);
    },
    clock: first.clock,
    isLevel: () => stores.every((store) => store.isLevel()),
    feedLagMs: () => Math.max(...stores.map((store) => store.feedLagMs())),
    subscribe: (listener, onGap) => first.subscribe(listener, onGap),
    async close() {
      await Promise.all(stores.map((store) => store.close()));
    },
  };
}
