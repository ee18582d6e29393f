// S51 with several processes on one Redis: tries are counted together, and by each process for itself while Redis is gone.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RateLimiterRes } from "rate-limiter-flexible";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LoginLimits, type PointCounterMaker } from "../../src/accounts/limits.ts";
import { systemClock } from "../../src/clock.ts";
import { LoginError } from "../../src/errors.ts";
import { randomId } from "../../src/random.ts";
import { redisAccounts } from "../../src/stores/redis/redis-accounts.ts";
import { redisStore } from "../../src/stores/redis/redis-store.ts";
import { useRedisServer } from "../support/redis-server.ts";

const server = useRedisServer();
const stranger = "198.51.100.7";
const wrong = "INVALID_CREDENTIALS";
const settings = { failuresPerLogin: 5, failuresPerAddress: 50, registrationsPerHour: 2, mailsPerHour: 1 };

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  server.resume();
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** The counters of one more process. */
function maker(prefix: string, url = server.url): PointCounterMaker {
  const store = redisStore(url, { prefix })({ clock: systemClock, queue: null, ticketsMayReturn: false });
  closing.push(() => store.close());
  if (store.makeCounter === undefined) throw new Error("the Redis store makes no counters");
  return store.makeCounter;
}

function twoProcesses() {
  const prefix = randomId(6);
  const [one, other] = [new LoginLimits(settings, maker(prefix)), new LoginLimits(settings, maker(prefix))];
  return { prefix, one, other };
}

/** A try at Ada's password. */
async function attempt(limits: LoginLimits, password: "right" | "wrong", address = stranger): Promise<string> {
  const who = { provider: "email", externalId: "ada@example.org", address };
  try {
    await limits.enterTo(who);
    return await limits.password(who, async () => {
      if (password === "wrong") throw new LoginError(wrong, "wrong");
      return "in";
    });
  } catch (error) {
    if (!(error instanceof LoginError)) throw error;
    return error.code;
  }
}

describe("S51 wrong passwords", () => {
  it("at one process count at the other, and the delay holds at both", async () => {
    const { one, other } = twoProcesses();
    for (const limits of [one, other, one, other, one, other]) expect(await attempt(limits, "wrong")).toBe(wrong);
    expect(await attempt(one, "right")).toBe("TOO_MANY_REQUESTS");
    expect(await attempt(other, "right")).toBe("TOO_MANY_REQUESTS");
    await vi.waitFor(async () => expect(await attempt(other, "right")).toBe("in"), { timeout: 5_000, interval: 100 });
    // Its owner was there: forgiven at both.
    for (const limits of [one, other, one, other, one]) expect(await attempt(limits, "wrong")).toBe(wrong);
  });

  it("at both at once get no more through", async () => {
    const { one, other } = twoProcesses();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => attempt(index % 2 ? one : other, "wrong")),
    );
    expect(answers.filter((answer) => answer === wrong)).toHaveLength(6);
  });

  it("of strangers elsewhere never hold the owner back where the owner was before", async () => {
    const { one, other } = twoProcesses();
    expect(await attempt(one, "right", "192.0.2.1")).toBe("in");
    for (let index = 0; index < 40; index += 1) await attempt(one, "wrong", `203.0.113.${index}`);
    for (let index = 0; index < 5; index += 1) expect(await attempt(other, "wrong", "192.0.2.1")).toBe(wrong);
    expect(await attempt(other, "right", "192.0.2.1")).toBe("in");
  });
});

it("registrations and mails are counted together", async () => {
  const { one, other } = twoProcesses();
  await one.registration(stranger);
  await other.registration(stranger);
  for (const limits of [one, other]) {
    await expect(limits.registration(stranger)).rejects.toMatchObject({
      code: "TOO_MANY_REQUESTS",
      details: { retryAfterSeconds: 3_600 },
    });
  }
  await one.mail(stranger);
  await expect(other.mail(stranger)).rejects.toMatchObject({ code: "TOO_MANY_REQUESTS" });
});

it("they and accounts need no more rights than docs/redis.md asks for", async () => {
  const prefix = randomId(6);
  const docs = readFileSync(join(import.meta.dirname, "../../docs/redis.md"), "utf8");
  const rights = /`(~\{colyseus-login\}[^`]+)`/.exec(docs)?.[1]?.replace("colyseus-login", prefix).split(" ") ?? [];
  await server.client.call("ACL", "SETUSER", "game", "on", ">password", ...rights);
  const url = server.url.replace("//", "//game:password@");
  const limits = new LoginLimits(settings, maker(prefix, url));
  expect(await attempt(limits, "right")).toBe("in");
  for (let index = 0; index < 6; index += 1) expect(await attempt(limits, "wrong")).toBe(wrong);
  expect((await server.client.keys(`{${prefix}}:limit:*`)).length).toBeGreaterThan(3);
  const accounts = redisAccounts(url, { prefix })({ clock: systemClock });
  closing.push(async () => accounts.close?.());
  const { account } = await accounts.findOrCreate({ provider: "device", externalId: "hash" }, {});
  await accounts.link(account.userId, { provider: "custom", externalId: "ada" });
  expect(await accounts.delete(account.userId)).toBe(true);
  // What was refused would stand there: a counter hides it.
  expect(await server.client.call("ACL", "LOG")).toEqual([]);
});

it("every key of a counter is under the hash tag, names nobody, and expires", async () => {
  const { prefix, one } = twoProcesses();
  await attempt(one, "right");
  for (let index = 0; index < 6; index += 1) await attempt(one, "wrong");
  await one.registration(stranger);
  await one.mail(stranger);
  await one.mayReceive("ada@example.org", "verify-email");
  const keys = (await server.client.keys(`*${prefix}*`)).filter((key) => key.includes("limit"));
  expect(keys).toHaveLength(8);
  for (const key of keys) {
    expect(key).toMatch(new RegExp(`^\\{${prefix}\\}:limit:[a-z-]+:[\\w-]{43}$`));
    expect(await server.client.pttl(key)).toBeGreaterThan(0);
  }
});

describe("a counter", () => {
  const options = { keyPrefix: "test", points: 1, duration: 1 };

  it("is empty when its time is over", async () => {
    const counter = maker(randomId(6))(options);
    await counter.consume("key");
    await expect(counter.consume("key")).rejects.toBeInstanceOf(RateLimiterRes);
    expect((await counter.get("key"))?.consumedPoints).toBe(2);
    await vi.waitFor(async () => expect(await counter.get("key")).toBeNull(), { timeout: 5_000 });
    expect((await counter.consume("key")).consumedPoints).toBe(1);
  });

  it("takes points back, and is forgotten", async () => {
    const counter = maker(randomId(6))({ ...options, duration: 60 });
    expect((await counter.penalty("key")).consumedPoints).toBe(1);
    expect((await counter.reward("key")).consumedPoints).toBe(0);
    expect(await counter.delete("key")).toBe(true);
    expect(await counter.get("key")).toBeNull();
  });

  it("S28 goes on in its own process while Redis is gone, and on Redis when that is back", async () => {
    const counter = maker(randomId(6))({ ...options, duration: 600 });
    await counter.consume("key");
    await server.kill();
    await counter.consume("other");
    await expect(counter.consume("other")).rejects.toBeInstanceOf(RateLimiterRes);
    expect((await counter.get("other"))?.consumedPoints).toBe(2);
    expect(await counter.delete("other")).toBe(true);
    await server.start();
    await vi.waitFor(
      async () => {
        await counter.penalty("new");
        expect(await server.client.keys("*:limit:test:new")).toHaveLength(1);
      },
      { timeout: 10_000, interval: 100 },
    );
  });

  it("S28 waits for a Redis that does not answer as long as any call does", async () => {
    const counter = maker(randomId(6))({ ...options, duration: 600 });
    await counter.get("key");
    server.pause();
    const start = performance.now();
    await counter.consume("key");
    expect(performance.now() - start).toBeLessThan(1_500);
  });
});
