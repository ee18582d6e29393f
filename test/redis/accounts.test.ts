// Accounts in Redis: the contract of all account stores, and what is there when processes race, calls repeat and Redis goes away.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { AccountStore } from "../../src/accounts/account-store.ts";
import { systemClock } from "../../src/clock.ts";
import { randomId } from "../../src/random.ts";
import { redisAccounts } from "../../src/stores/redis/redis-accounts.ts";
import { accountStoreContract } from "../contract/accounts.contract.ts";
import { device, type MakeAccounts, mail, unverified } from "../contract/accounts-harness.ts";
import { refusalCode } from "../sessions/setup.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";
import { useRedisServer } from "../support/redis-server.ts";
import type { Made } from "./accounts-process.ts";
import { TwiceRedis } from "./twice-redis.ts";

const server = useRedisServer();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  server.resume();
  for (const close of closing.splice(0).reverse()) await close();
});

function open(urlOrClient: string | Redis, prefix: string, clock = new ManualClock()): AccountStore {
  const accounts = redisAccounts(urlOrClient, { prefix })({ clock });
  closing.push(() => accounts.close?.());
  return accounts;
}

/** Accounts under a prefix of their own. */
function openNew() {
  const prefix = randomId(6);
  const clock = new ManualClock();
  return { prefix, clock, accounts: open(server.url, prefix, clock) };
}

const make: MakeAccounts = async () => {
  const { prefix, clock, accounts } = openNew();
  return {
    accounts,
    connect: async () => open(server.url, prefix, clock),
    now: () => clock.now(),
    advance: (milliseconds) => clock.advance(milliseconds),
  };
};

accountStoreContract("redis", make);

const makeTwice: MakeAccounts = async () => {
  const [prefix, clock] = [randomId(6), new ManualClock()];
  const openTwice = () => {
    const client = new TwiceRedis(server.url);
    closing.push(() => client.disconnect());
    return open(client, prefix, clock);
  };
  const { accounts, ...rest } = { accounts: openTwice(), connect: async () => openTwice(), now: () => clock.now() };
  return { accounts, ...rest, advance: (milliseconds) => clock.advance(milliseconds) };
};

describe("with every script sent twice", () => accountStoreContract("redis", makeTwice));

/** All that Redis holds under a prefix but answers kept for calls that are sent again: what the keys are called, and what is in them. */
async function contents(prefix: string): Promise<Record<string, unknown>> {
  const { client } = server;
  const keys = (await client.keys(`*${prefix}*`)).filter((key) => !key.startsWith(`{${prefix}}:once:`)).sort();
  const reads = keys.map(async (key) => {
    const type = await client.type(key);
    if (type === "hash") return [key, await client.hgetall(key)] as const;
    if (type === "list") return [key, await client.lrange(key, 0, -1)] as const;
    return [key, await client.get(key)] as const;
  });
  return Object.fromEntries(await Promise.all(reads));
}

describe("what Redis holds of an account", () => {
  it("is under the hash tag, never expires, and is gone with it", async () => {
    const { prefix, accounts } = openNew();
    const { userId } = await accounts.create({ username: "Ada" }, { ...mail, credential: unverified });
    await accounts.link(userId, device);
    const keys = Object.keys(await contents(prefix));
    expect(keys).toHaveLength(5);
    for (const key of keys) {
      expect(key).toMatch(new RegExp(`^\\{${prefix}\\}:(account|identity|identities|username):`));
      expect(await server.client.pttl(key)).toBe(-1);
    }
    await accounts.setUsername(userId, "Countess");
    await accounts.unlink(userId, device);
    expect(Object.keys(await contents(prefix))).toHaveLength(4);
    await accounts.delete(userId);
    expect(await contents(prefix)).toEqual({});
  });

  it("S49 has of a secret its PHC string, and no mail address in the name of a key", async () => {
    const { prefix, accounts } = openNew();
    await accounts.create({}, { ...mail, credential: unverified });
    const kept = await contents(prefix);
    expect(Object.keys(kept).join()).not.toContain("example.org");
    const withHash = Object.values(kept).filter((value) => JSON.stringify(value).includes("scrypt"));
    expect(withHash).toEqual([expect.objectContaining({ hash: unverified.hash })]);
  });

  it("is the same after a refused call as before", async () => {
    const { prefix, accounts } = openNew();
    const ada = await accounts.create({ username: "Ada" }, { ...mail, credential: unverified });
    const eve = await accounts.create({ username: "Eve" });
    const before = await contents(prefix);
    const refused = [
      accounts.create({ username: "Grace" }, mail),
      accounts.create({ username: "ada" }, device),
      accounts.findOrCreate(device, { username: "ADA" }),
      accounts.findOrCreate(device, { username: "" }),
      accounts.link(eve.userId, mail),
      accounts.link("unknown", device),
      accounts.unlink(ada.userId, mail),
      accounts.setUsername(eve.userId, "ada"),
      accounts.setGroups("unknown", ["vip"]),
    ];
    const codes = await Promise.all(refused.map(refusalCode));
    expect(codes).toEqual([
      ...["CONFLICT", "CONFLICT", "CONFLICT", "INVALID_REQUEST"],
      ...["CONFLICT", "NOT_FOUND", "CONFLICT", "CONFLICT", "NOT_FOUND"],
    ]);
    expect(await contents(prefix)).toEqual(before);
  });
});

it("identities are compared to the letter, also halves of a character pair", async () => {
  const { accounts } = openNew();
  const [first, second] = ["\ud800", "\ud801"].map((externalId) => ({ provider: "custom", externalId }));
  const { account } = await accounts.findOrCreate(first!, {});
  expect(await accounts.findByIdentity(second!)).toBeNull();
  await accounts.link(account.userId, second!);
  expect((await accounts.identities(account.userId)).map(({ externalId }) => externalId)).toEqual(["\ud800", "\ud801"]);
});

it("an account that exists is found whatever name comes with the login", async () => {
  const { accounts } = openNew();
  const { account } = await accounts.findOrCreate(device, { username: "Ada" });
  expect(await accounts.findOrCreate(device, { username: "" })).toEqual({ account, created: false });
});

it("two processes that make the same at the same moment make it once", async () => {
  const [prefix, count] = [randomId(6), 200];
  const path = join(import.meta.dirname, "accounts-process.ts");
  const children = [1, 2].map(() => fork(path, [server.url, prefix, String(count)], { execArgv: [] }));
  closing.push(() => children.map((child) => child.kill("SIGKILL")));
  await Promise.all(children.map((child) => once(child, "message")));
  const answers = children.map((child) => once(child, "message"));
  for (const child of children) child.send("go");
  const made: Made[] = (await Promise.all(answers)).map(([answer]) => answer);
  expect(made[0]?.userIds).toEqual(made[1]?.userIds);
  expect(new Set(made[0]?.userIds).size).toBe(count);
  expect(made[0]!.created + made[1]!.created).toBe(count);
  expect(made[0]!.names + made[1]!.names).toBe(count);
  expect(await server.client.keys(`{${prefix}}:username:*`)).toHaveLength(2 * count);
});

describe("S28 while Redis", () => {
  it("does not answer, a call fails after a second and is not done later", async () => {
    const { prefix, accounts } = openNew();
    await accounts.create({ username: "Ada" });
    server.pause();
    const start = performance.now();
    expect(await refusalCode(accounts.create({ username: "Eve" }))).toBe("STORE_UNAVAILABLE");
    expect(performance.now() - start).toBeLessThan(1_500);
    server.resume();
    expect(await accounts.findByIdentity(device)).toBeNull();
    expect(await server.client.keys(`{${prefix}}:username:*`)).toEqual([`{${prefix}}:username:ada`]);
  });

  it("is gone, every call says so, and the log once; it finds its way back by itself", async () => {
    const logger = recordingLogger();
    const accounts = redisAccounts(server.url, { prefix: randomId(6) })({ clock: systemClock, logger });
    closing.push(() => accounts.close?.());
    await accounts.get("nobody");
    await server.kill();
    const calls = () => [
      accounts.get("user"),
      accounts.findByIdentity(device),
      accounts.findByUsername("Ada"),
      accounts.findCredential(mail),
      accounts.create({}),
      accounts.findOrCreate(device, {}),
      accounts.link("user", device),
      accounts.unlink("user", device),
      accounts.identities("user"),
      accounts.replaceCredential(mail, "v1", unverified),
      accounts.setUsername("user", "Ada"),
      accounts.setGroups("user", []),
      accounts.discard("user"),
      accounts.delete("user"),
    ];
    const codes = await Promise.all(calls().map(refusalCode));
    expect(new Set(codes)).toEqual(new Set(["STORE_UNAVAILABLE"]));
    await server.start();
    await vi.waitFor(() => accounts.create({}), 10_000);
    await vi.waitFor(() => expect(logger.lines.map(({ level }) => level)).toEqual(["warn", "info"]), {
      timeout: 10_000,
    });
  });
});

describe("the connection", () => {
  const connections = async (name: string) =>
    String(await server.client.call("CLIENT", "LIST")).split(` name=${name} `).length - 1;

  it("of a given client is the client's, which stays open", async () => {
    const client = new Redis(server.url, { connectionName: "given" });
    closing.push(() => client.disconnect());
    const accounts = open(client, randomId(6));
    await accounts.create({});
    await accounts.close?.();
    expect(await client.ping()).toBe("PONG");
    expect(await connections("given")).toBe(1);
  });

  it("of one's own is closed with it", async () => {
    const accounts = open(`${server.url}?connectionName=own`, randomId(6));
    await accounts.create({});
    expect(await connections("own")).toBe(1);
    await accounts.close?.();
    await vi.waitFor(async () => expect(await connections("own")).toBe(0));
  });

  it("must be one, and the prefix a word", () => {
    expect(() => redisAccounts(undefined)).toThrow("redisAccounts: expected a URL");
    for (const prefix of ["", "a b", "{a}", "x".repeat(65)]) {
      expect(() => redisAccounts(server.url, { prefix })).toThrow("redisAccounts: expected prefix");
    }
  });
});

it("a Redis that may drop accounts is warned of", async () => {
  await server.client.config("SET", "maxmemory-policy", "allkeys-lru");
  const logger = recordingLogger();
  const accounts = redisAccounts(server.url)({ clock: systemClock, logger });
  closing.push(() => accounts.close?.());
  await vi.waitFor(() => expect(logger.lines[0]?.text).toContain("drop accounts; it should be noeviction"));
  await server.client.config("SET", "maxmemory-policy", "noeviction");
});
