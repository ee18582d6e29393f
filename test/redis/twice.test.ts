// Every script sent twice, as a client does whose connection broke before the answer came: the second answer is the one it has.
import { afterEach, describe } from "vitest";
import { randomId } from "../../src/random.ts";
import { redisStore } from "../../src/stores/redis/redis-store.ts";
import type { Store } from "../../src/stores/store.ts";
import { accessContract } from "../contract/access.contract.ts";
import { auditContract } from "../contract/audit.contract.ts";
import { countersContract } from "../contract/counters.contract.ts";
import { endingContract } from "../contract/ending.contract.ts";
import type { MakeStore } from "../contract/harness.ts";
import { passesContract } from "../contract/passes.contract.ts";
import { refreshContract } from "../contract/refresh.contract.ts";
import { revocationContract } from "../contract/revocation.contract.ts";
import { sessionsContract } from "../contract/sessions.contract.ts";
import { ticketListContract } from "../contract/ticket-list.contract.ts";
import { useRedisServer } from "../support/redis-server.ts";
import { isLevel } from "./setup.ts";
import { TestClock } from "./stores.ts";
import { TwiceRedis } from "./twice-redis.ts";

const server = useRedisServer();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const make: MakeStore = async (context) => {
  const clock = new TestClock();
  const prefix = randomId(6);
  const open = (): Store => {
    const client = new TwiceRedis(server.url);
    const store = redisStore(client, { prefix })({ clock, ...context });
    closing.push(
      () => client.disconnect(),
      () => store.close(),
    );
    return store;
  };
  const store = open();
  return {
    store,
    async connect() {
      const other = open();
      await Promise.all([isLevel(other), isLevel(store)]);
      return other;
    },
    async loseState() {
      throw new Error("not needed here");
    },
    now: () => clock.now(),
    advance: (milliseconds) => clock.advance(milliseconds),
  };
};

describe("with every script sent twice", () => {
  describe("sessions", () => sessionsContract(make));
  describe("refreshing", () => refreshContract(make));
  describe("endings", () => endingContract(make));
  describe("passes", () => passesContract(make));
  describe("access rules", () => accessContract(make));
  describe("revoked tokens", () => revocationContract(make));
  describe("the audit list", () => auditContract(make));
  describe("counters", () => countersContract(make));
  describe("tickets as an operator sees them", () => ticketListContract(make));
});
