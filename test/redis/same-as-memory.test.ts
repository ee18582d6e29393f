// The memory store is the specification of the queue: over random sequences both answer the same, counters included.
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { QueueSettings } from "../../src/login-queue/queue-store.ts";
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import type { Store } from "../../src/stores/store.ts";
import { queueSettings, type StoreUnderTest } from "../contract/harness.ts";
import { observe } from "../contract/observe.ts";
import { abandon, arbitraryStep, run } from "../contract/steps.ts";
import { World } from "../contract/world.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { useProcesses } from "./queue-setup.ts";

const processes = useProcesses();

/** The settings of the property tests that make things happen often. */
const settings: readonly Partial<QueueSettings>[] = [
  { targetLoginRatePerSecond: 1, loginBurst: 1, targetCcuLimit: 4, lanes: { default: 2, friends: 5, patient: 0.5 } },
  { targetLoginRatePerSecond: 3, loginBurst: 4, targetCcuLimit: 30, playerGraceSeconds: 30, maxQueueLength: 5 },
  { mode: "open", targetCcuLimit: 2, lanes: { default: 1, friends: 3 } },
  { mode: "always", targetLoginRatePerSecond: 20, loginBurst: 20, targetCcuLimit: 4, safetyMarginPercent: 30 },
];

it("answers what the memory store answers, whatever comes", { timeout: 240_000 }, async () => {
  const sequences = fc.array(arbitraryStep, { minLength: 50, maxLength: 150, size: "max" });
  const property = fc.asyncProperty(fc.constantFrom(...settings), fc.boolean(), sequences, async (some, may, steps) => {
    const queue = { ...queueSettings, playerGraceSeconds: 4, ...some, ...shortTimes };
    const world = new World(await makeBoth(queue, may), queue, may, new Map());
    try {
      for (const [index, step] of steps.entries()) await observe(world, await run(world, step), index % 16 === 0);
      await abandon(world);
    } finally {
      await world.store.close();
    }
  });
  await fc.assert(property, { seed: 20_300_101, numRuns: 40, endOnFailure: true });
});

const shortTimes = { queueGraceSeconds: 20, passSeconds: 12, pollPresentSeconds: 6, restoreSeconds: 3 };

/** Both stores as one: every verb of the queue runs on each, and must answer the same. */
async function makeBoth(queue: QueueSettings, ticketsMayReturn: boolean): Promise<StoreUnderTest> {
  const clock = new ManualClock();
  const open = async (): Promise<Store> => {
    const memory = memoryStore()({ clock, queue, ticketsMayReturn });
    const redis = processes.open(queue, ticketsMayReturn, clock, `${processes.prefix}-${++states}`).store;
    // Redis begins with the first call, memory when it is made.
    await redis.queue.status();
    return new Proxy(redis, {
      get(_redis, part) {
        if (part === "close") return async () => void (await Promise.all([memory.close(), redis.close()]));
        const [one, other]: [unknown, unknown] = [Reflect.get(memory, part), Reflect.get(redis, part)];
        if (typeof other === "function") return other.bind(redis);
        return isObject(one) && isObject(other) ? verbsOfBoth(String(part), one, other) : other;
      },
    });
  };
  let store = await open();
  return {
    store,
    connect: async () => store,
    async loseState() {
      await store.close();
      store = await open();
      return store;
    },
    now: () => clock.now(),
    advance: (milliseconds) => clock.advance(milliseconds),
  };
}

let states = 0;

function verbsOfBoth(part: string, memory: object, redis: object): object {
  return new Proxy(redis, {
    get:
      (_redis, verb) =>
      async (...args: unknown[]) => {
        const expected = await callOf(memory, verb)(...args);
        const answer = await callOf(redis, verb)(...args);
        // When a session's record is forgotten is each store's own affair.
        if (part === "queue" && !isDeepStrictEqual(rounded(answer), rounded(expected))) {
          expect(rounded(answer), `${String(verb)} ${JSON.stringify(args)}`).toEqual(rounded(expected));
        }
        return answer;
      },
  });
}

function callOf(target: object, verb: string | symbol): (...args: unknown[]) => unknown {
  const call: unknown = Reflect.get(target, verb);
  if (typeof call !== "function") throw new TypeError(`no verb ${String(verb)}`);
  return (...args) => call.apply(target, args);
}

/** The rate adds up in other steps: its last digits may differ. */
function rounded(answer: unknown): unknown {
  if (!isObject(answer) || !("tokens" in answer)) return answer;
  return { ...answer, tokens: Number(Number(answer.tokens).toFixed(6)) };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
