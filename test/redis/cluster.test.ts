// The Redis store on a Redis Cluster: every key in one slot, through ioredis's Cluster.
import { Cluster } from "ioredis";
import { beforeAll, expect, it, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { checkClient } from "../../src/stores/redis/client.ts";
import { redisAccounts } from "../../src/stores/redis/redis-accounts.ts";
import { redisStore } from "../../src/stores/redis/redis-store.ts";
import { Harness, queueSettings } from "../contract/harness.ts";
import { RedisServer, useRedisServer } from "../support/redis-server.ts";
import { isLevel } from "./setup.ts";

const server = useRedisServer(
  new RedisServer(null, ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"]),
);
const slots = 16_384;

beforeAll(async () => {
  await server.client.cluster("ADDSLOTS", ...Array.from({ length: slots }, (_, slot) => slot));
  await vi.waitFor(async () => expect(await server.client.cluster("INFO")).toContain("cluster_state:ok"), 10_000);
});

it("takes a player from the queue through a session to its end, over two processes", async () => {
  const cluster = new Cluster([{ host: "127.0.0.1", port: server.port }]);
  const open = redisStore(cluster, { prefix: "cluster" });
  const context = { clock: systemClock, queue: queueSettings, ticketsMayReturn: false };
  const [store, other] = [open(context), open(context)];
  await Promise.all([isLevel(store), isLevel(other)]);
  const h = new Harness({
    store,
    connect: async () => other,
    loseState: async () => store,
    now: () => store.clock.now(),
    advance: async () => {},
  });

  const { id } = await h.join();
  expect(await h.admit()).toEqual([id]);
  const record = await h.open({ ticketId: id });
  expect(await other.sessions.get(record.sid)).toEqual(record);
  await h.rotate(record.sid);
  other.subscribe(({ type }) => (type === "sessionEnded" ? 2 : 0));
  expect(await store.sessions.end(record.sid, { reason: "logout", closeSockets: true })).toMatchObject({
    ended: true,
    socketsClosed: 2,
  });
  expect((await server.client.keys("*")).filter((key) => !key.startsWith("{cluster}:"))).toEqual([]);

  await Promise.all([store.close(), other.close()]);
  expect(await cluster.ping()).toBe("PONG");
  cluster.disconnect();
});

it("keeps accounts and counters of tries", async () => {
  const cluster = new Cluster([{ host: "127.0.0.1", port: server.port }]);
  const context = { clock: systemClock, queue: null, ticketsMayReturn: false };
  const store = redisStore(cluster, { prefix: "cluster" })(context);
  const accounts = redisAccounts(cluster, { prefix: "cluster" })(context);
  const { account } = await accounts.findOrCreate({ provider: "device", externalId: "hash" }, { username: "Ada" });
  expect(await accounts.get(account.userId)).toEqual(account);
  await accounts.link(account.userId, { provider: "custom", externalId: "ada" });
  expect(await accounts.delete(account.userId)).toBe(true);
  const counter = store.makeCounter?.({ keyPrefix: "test", points: 1, duration: 60 });
  await counter?.consume("key");
  expect((await counter?.get("key"))?.consumedPoints).toBe(1);
  expect(await server.client.get("{cluster}:limit:test:key")).toBe("1");
  expect(await counter?.delete("key")).toBe(true);
  await Promise.all([store.close(), accounts.close?.()]);
  cluster.disconnect();
});

it("is not read through replicas", () => {
  const cluster = new Cluster([], { lazyConnect: true, scaleReads: "slave" });
  expect(() => checkClient(cluster, "redisStore")).toThrow("scaleReads: slave");
  cluster.disconnect();
});
