// A connection to Redis: deadlines, failures that are told as STORE_UNAVAILABLE, and what becomes of the clients.
import { once } from "node:events";
import { createRequire } from "node:module";
import { Redis } from "ioredis";
import { describe, expect, it, vi } from "vitest";
import { checkClient, openClient, reconnectAfterMs } from "../../src/stores/redis/client.ts";
import { callFailure } from "../../src/stores/redis/failures.ts";
import { freePort } from "../support/free-port.ts";
import { useLinks } from "./setup.ts";

const links = useLinks();
const { server } = links;

const unavailable = { name: "LoginError", code: "STORE_UNAVAILABLE" };

async function msOf(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await call();
  return performance.now() - start;
}

describe("a call", () => {
  it("S28 that Redis does not answer fails after a second, and what was asked does not happen later", async () => {
    const { link, heard } = await links.open();
    await vi.waitFor(() => expect(Math.abs(link.clock.now() - Date.now())).toBeLessThan(100));
    server.pause();
    const failed = await msOf(() =>
      expect(link.calls.run("disconnect", ["", "sid", "bye", ""])).rejects.toMatchObject(unavailable),
    );
    expect(failed).toBeGreaterThan(900);
    expect(failed).toBeLessThan(1_500);
    await expect(link.calls.command("PING", [])).rejects.toMatchObject(unavailable);
    server.resume();
    // Comes after it on the same connection.
    await link.calls.command("PING", []);
    expect(await server.client.xlen(link.calls.key("feed"))).toBe(1);
    expect(heard).toEqual([]);
  });

  it("S28 fails at once while Redis is known to be gone, and works again by itself", async () => {
    const { link, logger } = await links.open();
    await server.kill();
    await vi.waitFor(() => expect(link.calls.command("PING", [])).rejects.toMatchObject(unavailable), {
      timeout: 5_000,
    });
    await vi.waitFor(async () => {
      expect(await msOf(() => expect(link.calls.command("PING", [])).rejects.toMatchObject(unavailable))).toBeLessThan(
        50,
      );
    }, 5_000);
    await server.start();
    await vi.waitFor(() => expect(link.calls.command("PING", [])).resolves.toBe("PONG"), { timeout: 10_000 });
    const levels = () => logger.lines.map(({ level }) => level);
    await vi.waitFor(() => expect(levels()).toEqual(["warn", "info"]), { timeout: 10_000 });
  });

  it("made while a connection that was just lost is made again waits for it", async () => {
    const { link } = await links.open();
    await server.cutConnections();
    await expect(link.calls.command("PING", [])).resolves.toBe("PONG");
  });

  it("made before the first connection stands waits for it", async () => {
    const { link } = links.openNow();
    await expect(link.calls.command("PING", [])).resolves.toBe("PONG");
  });

  it("finds its script again after SCRIPT FLUSH", async () => {
    const { link, heard } = await links.open();
    await server.forgetScripts();
    await link.calls.run("disconnect", ["", "sid", "bye", ""]);
    expect(heard).toHaveLength(1);
    const before = await server.client.info("commandstats");
    await link.calls.run("disconnect", ["", "sid", "bye", ""]);
    expect(heard).toHaveLength(2);
    const evals = (info: string) => /cmdstat_eval:calls=(\d+)/.exec(info)?.[1];
    expect(evals(await server.client.info("commandstats"))).toBe(evals(before));
  });

  it("brings its script along once, however many need it at the same moment", async () => {
    const { link } = await links.open();
    await server.forgetScripts();
    const evals = async () =>
      Number(/cmdstat_eval:calls=(\d+)/.exec(await server.client.info("commandstats"))?.[1] ?? 0);
    const before = await evals();
    const sids = Array.from({ length: 100 }, (_, index) => `sid-${index}`);
    await Promise.all(sids.map((sid) => link.calls.run("disconnect", ["", sid, "bye", ""])));
    // The feed's own call may have needed its script meanwhile.
    expect((await evals()) - before).toBeLessThanOrEqual(2);
  });

  it("that Redis finds wrong says so, and not that Redis cannot be reached", async () => {
    const { link } = await links.open();
    await expect(link.calls.command("GET", [])).rejects.toMatchObject({ name: "ReplyError" });
    await server.client.set(`{${links.prefix()}}:procs`, "not a set");
    await expect(link.calls.run("process_leave")).rejects.toThrow("WRONGTYPE");
    await server.client.del(`{${links.prefix()}}:procs`);
  });

  it("S28 is refused as unavailable where Redis takes no writes", async () => {
    const { link } = await links.open();
    await server.client.replicaof("127.0.0.1", await freePort());
    await expect(link.calls.command("SET", [link.calls.key("x"), 1])).rejects.toMatchObject({
      ...unavailable,
      cause: { message: expect.stringContaining("READONLY") },
    });
    await expect(link.calls.run("process_leave")).rejects.toMatchObject(unavailable);
    await server.client.replicaof("NO", "ONE");
    await vi.waitFor(() => link.calls.command("SET", [link.calls.key("x"), 1]), 5_000);
  });
});

describe("a failure", () => {
  it.each([
    "LOADING Redis is loading the dataset in memory",
    "READONLY You can't write against a read only replica.",
    "CLUSTERDOWN Hash slot not served",
    "MASTERDOWN Link with MASTER is down",
    "OOM command not allowed when used memory > 'maxmemory'.",
    "ERR Error running script (call to f_1c0e): @user_script:12: -OOM command not allowed",
    "ERR Error running script (call to f_1c0e): @user_script: 3: -READONLY You can't write against a read only replica.",
    "MISCONF Redis is configured to save RDB snapshots",
    "NOAUTH Authentication required.",
    "BUSY Redis is busy running a script.",
    "LATE this call was given up before it ran",
  ])("%s is STORE_UNAVAILABLE", (message) => {
    expect(callFailure(replyError(message))).toMatchObject({ ...unavailable, cause: { message } });
  });

  it.each([
    "ERR Error running script (call to f_1c0e): @user_script:12: attempt to index a nil value",
    "ERR wrong number of arguments for 'get' command",
    "WRONGTYPE Operation against a key holding the wrong kind of value",
  ])("%s is our own fault, and stays what it is", (message) => {
    const error = replyError(message);
    expect(callFailure(error)).toBe(error);
  });

  it.each([new Error("connect ECONNREFUSED"), new Error("Connection is closed."), new Error("Stream isn't writeable")])(
    "of the connection (%s) is STORE_UNAVAILABLE",
    (error) => {
      expect(callFailure(error)).toMatchObject({ ...unavailable, cause: error });
    },
  );
});

describe("a client", () => {
  it("that was given is used as it is and stays open", async () => {
    const client = new Redis(server.url, { keyPrefix: "app:" });
    const { link } = await links.open({ urlOrClient: client });
    await link.calls.run("disconnect", ["", "sid", "bye", ""]);
    expect(await server.client.exists(`app:{${links.prefix()}}:feed`)).toBe(1);
    await link.close();
    expect(await client.ping()).toBe("PONG");
    client.disconnect();
    await once(client, "end");
  });

  it("of one's own is closed with the store, the feed's too", async () => {
    const connected = async () => Number(/connected_clients:(\d+)/.exec(await server.client.info("clients"))?.[1]);
    const before = await connected();
    const { link, logger } = await links.open();
    expect(await connected()).toBe(before + 2);
    await link.close();
    await vi.waitFor(async () => expect(await connected()).toBe(before));
    expect(logger.lines).toEqual([]);
  });

  it("is closed within the deadline of a call, though it was never connected", async () => {
    const { link } = links.openNow({ urlOrClient: `redis://127.0.0.1:${await freePort()}` });
    expect(await msOf(() => link.close())).toBeLessThan(2_000);
    await expect(link.calls.command("PING", [])).rejects.toMatchObject(unavailable);
  });

  it("is missing: the error says what to install", () => {
    const load = () => createRequire(import.meta.url)("ioredis-that-is-not-there");
    expect(() => openClient("redis://127.0.0.1", load)).toThrow("Cannot find module");
    expect(() => openClient("redis://127.0.0.1", missingIoredis)).toThrow("npm install ioredis");
  });

  it.each([undefined, null, 6379, "", "localhost", "http://localhost", {}, { eval() {} }])("is not %s", (value) => {
    expect(() => checkClient(value, "redisStore")).toThrow(TypeError);
  });

  it("comes back ever more slowly, within bounds and never in step", () => {
    const waits = (attempts: number) => Array.from({ length: 50 }, () => reconnectAfterMs(attempts));
    expect(Math.max(...waits(1))).toBeLessThanOrEqual(50);
    expect(Math.max(...waits(1_000))).toBeLessThanOrEqual(2_000);
    expect(Math.min(...waits(1_000))).toBeGreaterThanOrEqual(1_000);
    expect(new Set(waits(1_000)).size).toBeGreaterThan(10);
  });
});

it("a Redis that may drop keys is warned of, once", async () => {
  await server.client.config("SET", "maxmemory-policy", "allkeys-lru");
  const { logger } = await links.open();
  await vi.waitFor(() => expect(logger.lines).toHaveLength(1));
  expect(logger.lines[0]?.text).toContain("noeviction");
  await server.client.config("SET", "maxmemory-policy", "noeviction");
});

function replyError(message: string): Error {
  return Object.assign(new Error(message), { name: "ReplyError" });
}

function missingIoredis(): never {
  throw Object.assign(new Error("Cannot find module 'ioredis'\nRequire stack:"), { code: "MODULE_NOT_FOUND" });
}
