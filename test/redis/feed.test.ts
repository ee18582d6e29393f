// The feed between processes: everybody hears everything once, ends are waited for, and whoever was away catches up or knows it.
import { describe, expect, it, vi } from "vitest";
import { RedisFeed } from "../../src/stores/redis/feed.ts";
import { isAfter } from "../../src/stores/redis/stream-entries.ts";
import { RedisProxy } from "../support/redis-proxy.ts";
import { disconnect, isLevel, type TestLink, useLinks } from "./setup.ts";

const links = useLinks();
const { server } = links;

const goodbye = (sid: string) => ({ type: "disconnect", sid, reason: "bye", isIdle: false });
const sidsOf = ({ heard }: TestLink) => heard.map((event) => ("sid" in event ? event.sid : ""));

describe("an event", () => {
  it("has reached every process when the ending call returns, each once, and every socket is counted", async () => {
    const processes = [await links.open(), await links.open(), await links.open()];
    const [first] = processes;
    expect(await disconnect(first!, "sid")).toBe(3);
    for (const { heard } of processes) expect(heard).toMatchObject([{ type: "disconnect", sid: "sid" }]);
    expect(await disconnect(first!, "other")).toBe(3);
    await vi.waitFor(() => processes.every(({ link }) => link.isLevel()));
    for (const process of processes) expect(sidsOf(process)).toEqual(["sid", "other"]);
  });

  it("is heard by the process it comes from before the call returns, though the feed is not read", async () => {
    const process = links.openNow();
    await process.link.calls.run("disconnect", ["", "sid", "bye", ""]);
    expect(process.heard).toHaveLength(1);
  });

  it("whose answer was lost reaches its own process by the feed, once", async () => {
    const proxy = new RedisProxy(server.port);
    await proxy.start();
    const process = await links.open({ urlOrClient: proxy.url });
    await process.link.calls.run("disconnect", ["", "first", "bye", ""]);
    const lost = proxy.loseAnswerTo("second");
    const call = process.link.calls.run("disconnect", ["", "second", "bye", ""]);
    await lost;
    await call;
    await process.link.calls.run("disconnect", ["", "third", "bye", ""]);
    await isLevel(process.link);
    expect(sidsOf(process)).toEqual(["first", "second", "third"]);
    expect(await server.client.xlen(`{${links.prefix()}}:feed`)).toBe(4);
    await process.link.close();
    await proxy.stop();
  });

  it("comes from many calls at once, and each call learns its own count", async () => {
    const processes = [await links.open(), await links.open()];
    const sids = Array.from({ length: 200 }, (_, index) => `sid-${index}`);
    const counts = await Promise.all(sids.map((sid, index) => disconnect(processes[index % 2]!, sid)));
    expect(counts).toEqual(sids.map(() => 2));
    for (const process of processes) expect(sidsOf(process).sort()).toEqual([...sids].sort());
  });
});

describe("an ending call", () => {
  it("waits for a process that died no longer than its lease runs", async () => {
    const process = await links.open();
    const { prefix } = links;
    const time = async () => Number((await server.client.time())[0]) * 1_000;
    const until = (await time()) + 1_500;
    await server.client.zadd(`{${prefix()}}:procs`, until, "dead");
    const start = performance.now();
    expect(await disconnect(process, "sid")).toBe(1);
    expect(performance.now() - start).toBeGreaterThan(400);
    expect(performance.now() - start).toBeLessThan(3_500);
  });

  it("does not wait for a process that was closed", async () => {
    const process = await links.open();
    const other = await links.open();
    await other.link.close();
    expect(await server.client.zcard(`{${links.prefix()}}:procs`)).toBe(1);
    expect(await disconnect(process, "sid")).toBe(1);
  });

  it("waits for one that is alive and does not read, until its lease is over; that one believes nothing by then", async () => {
    const proxy = new RedisProxy(server.port);
    await proxy.start();
    const process = await links.open();
    const cutOff = await links.open({ urlOrClient: proxy.url });
    await proxy.stop();
    const start = performance.now();
    expect(await disconnect(process, "sid")).toBe(1);
    expect(cutOff.link.isLevel()).toBe(false);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it("learns of an acknowledgement that came by no read of its own", async () => {
    const process = await links.open();
    const other = await links.open();
    // Somebody else's lease that never ends, heard of only in the reply stream.
    const procs = `{${links.prefix()}}:procs`;
    await server.client.zadd(procs, Date.now() + 60_000, "slow");
    const call = disconnect(process, "sid");
    await vi.waitFor(() => expect(sidsOf(other)).toEqual(["sid"]));
    const reply = `{${links.prefix()}}:reply:${await lastWriter()}`;
    await server.client.xadd(reply, "*", "entry", await lastEntry(), "by", "slow", "closed", 7);
    expect(await call).toBe(9);
    await server.client.zrem(procs, "slow");
  });

  it("passes over one that has heard more than the entry, though its word was lost", async () => {
    const process = await links.open();
    const tag = `{${links.prefix()}}`;
    await server.client.zadd(`${tag}:procs`, Date.now() + 60_000, "ahead");
    await server.client.hset(`${tag}:heard`, "ahead", "9999999999999-0");
    expect(await disconnect(process, "sid")).toBe(1);
    await server.client.zrem(`${tag}:procs`, "ahead");
  });

  it("S28 throws where Redis is gone before the others were heard", async () => {
    const process = await links.open();
    await server.client.zadd(`{${links.prefix()}}:procs`, Date.now() + 60_000, "silent");
    const call = disconnect(process, "sid");
    const refused = expect(call).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await vi.waitFor(() => expect(process.heard).toHaveLength(1));
    await server.kill();
    await refused;
    await server.start();
  });
});

describe("a process that lost its connection", () => {
  it("is not level after three seconds, and hears what it missed when it is back", async () => {
    const proxy = new RedisProxy(server.port);
    await proxy.start();
    const process = await links.open();
    const away = await links.open({ urlOrClient: proxy.url });
    await proxy.stop();
    await disconnect(process, "first");
    await disconnect(process, "second");
    expect(away.link.isLevel()).toBe(false);
    expect(away.heard).toEqual([]);
    await proxy.start();
    await isLevel(away.link);
    expect(sidsOf(away)).toEqual(["first", "second"]);
    expect(away.gaps()).toBe(0);
    expect(await disconnect(process, "third")).toBe(2);
    await away.link.close();
    await proxy.stop();
  });

  it("is told that it missed something where the feed goes no further back", async () => {
    const proxy = new RedisProxy(server.port);
    await proxy.start();
    const process = await links.open();
    const away = await links.open({ urlOrClient: proxy.url });
    await proxy.stop();
    await disconnect(process, "first");
    await disconnect(process, "second");
    const heard = () => server.client.hvals(`{${links.prefix()}}:heard`);
    await vi.waitFor(async () => expect(await heard()).toContain(await lastEntry()), { timeout: 5_000 });
    await server.client.xtrim(`{${links.prefix()}}:feed`, "MAXLEN", 1);
    await proxy.start();
    await isLevel(away.link);
    expect(away.gaps()).toBe(1);
    expect(process.gaps()).toBe(0);
    expect(await disconnect(process, "third")).toBe(2);
    await away.link.close();
    await proxy.stop();
  });

  it("hears all of the last ten minutes, and older entries make room, however few there are", async () => {
    const feed = `{${links.prefix()}}:feed`;
    for (let index = 1; index <= 5; index++) await server.client.xadd(feed, `1000-${index}`, "by", "", "events", "[]");
    const process = await links.open();
    expect(await server.client.xlen(feed)).toBe(5);
    await disconnect(process, "first");
    const ids = async () => (await server.client.xrange(feed, "-", "+")).map(([id]) => id);
    await vi.waitFor(async () => expect(await ids()).toEqual([await lastEntry()]), { timeout: 5_000 });
    await disconnect(process, "second");
    await isLevel(process.link);
    expect(await ids()).toHaveLength(2);
    expect([sidsOf(process), process.gaps()]).toEqual([["first", "second"], 0]);
  });

  it("is told so where the database was lost, and goes on with the new one", async () => {
    const processes = [await links.open(), await links.open()];
    await disconnect(processes[0]!, "first");
    await server.restartEmpty();
    await vi.waitFor(() => expect(processes.map((process) => process.gaps())).toEqual([1, 1]), { timeout: 10_000 });
    for (const { link } of processes) await isLevel(link);
    expect(await disconnect(processes[0]!, "second")).toBe(2);
    for (const process of processes) expect(sidsOf(process)).toEqual(["first", "second"]);
  });

  it("is not level while Redis stands still, and is again when it goes on", async () => {
    const { link } = await links.open();
    server.pause();
    await vi.waitFor(() => expect(link.isLevel()).toBe(false), { timeout: 5_000 });
    expect(link.feedLagMs()).toBeGreaterThanOrEqual(3_000);
    server.resume();
    await isLevel(link);
    await vi.waitFor(() => expect(link.feedLagMs()).toBeLessThan(3_000), { timeout: 5_000 });
  });
});

it("the lease is as long as the options say", async () => {
  const { link } = await links.open({ feedLeaseSeconds: 30 });
  const [seconds] = await server.client.time();
  const [, until] = await server.client.zrange(`{${links.prefix()}}:procs`, 0, -1, "WITHSCORES");
  expect(Number(until) / 1_000 - Number(seconds)).toBeGreaterThan(25);
  server.pause();
  await new Promise((resolve) => setTimeout(resolve, 3_500));
  expect(link.isLevel()).toBe(true);
});

describe("the feed of one process", () => {
  const events = JSON.stringify([goodbye("sid")]);

  it("tells an own entry once, whichever way comes first, and keeps the count", () => {
    const feed = new RedisFeed();
    let told = 0;
    feed.subscribe(() => {
      told += 1;
      return 4;
    });
    expect([feed.tellOwn("1-0", events), feed.tellOwn("1-0", events), told]).toEqual([4, 4, 1]);
  });

  it("goes on where a listener of gaps throws", () => {
    const feed = new RedisFeed();
    const heard: string[] = [];
    feed.subscribe(
      () => 0,
      () => {
        throw new Error("broken");
      },
    );
    const stop = feed.subscribe(
      () => 0,
      () => heard.push("gap"),
    );
    feed.tellGap();
    stop();
    feed.tellGap();
    expect(heard).toEqual(["gap"]);
  });
});

it("entries are in order by time, then by count", () => {
  expect([isAfter("2-0", "1-9"), isAfter("10-0", "9-0"), isAfter("1-10", "1-9"), isAfter("1-1", "1-1")]).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

async function lastEntry(): Promise<string> {
  const [entry] = await server.client.xrevrange(`{${links.prefix()}}:feed`, "+", "-", "COUNT", 1);
  return entry![0];
}

/** The process that wrote it. */
async function lastWriter(): Promise<string> {
  const [entry] = await server.client.xrevrange(`{${links.prefix()}}:feed`, "+", "-", "COUNT", 1);
  return entry![1][1]!;
}
