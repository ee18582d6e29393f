// Ends that wait for a replica, where there is one that keeps up, and for nothing else.
import { describe, expect, it, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { unavailable } from "../../src/stores/redis/failures.ts";
import { redisStore } from "../../src/stores/redis/redis-store.ts";
import { Replicas } from "../../src/stores/redis/replicas.ts";
import { second } from "../contract/harness.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { useRedisServer } from "../support/redis-server.ts";

describe("Replicas", () => {
  /** A Redis that answers `INFO` and `WAIT` as told. */
  function fake(slaves: number, reached: number | Error) {
    const clock = new ManualClock();
    const asked: string[] = [];
    const command = async (name: string) => {
      asked.push(name);
      if (name === "INFO") return `# Replication\r\nrole:master\r\nconnected_slaves:${slaves}\r\n`;
      if (reached instanceof Error) throw reached;
      return reached;
    };
    return { clock, asked, replicas: new Replicas({ command, now: () => clock.now() }) };
  }

  it("are waited for where there are any; whether there are is asked now and then", async () => {
    const { clock, asked, replicas } = fake(1, 1);
    await replicas.keepUp();
    await replicas.keepUp();
    expect(asked).toEqual(["INFO", "WAIT", "WAIT"]);
    await clock.advance(30 * second);
    await replicas.keepUp();
    expect(asked.slice(3)).toEqual(["INFO", "WAIT"]);
  });

  it("are not waited for where there are none", async () => {
    const { asked, replicas } = fake(0, 0);
    await replicas.keepUp();
    await replicas.keepUp();
    expect(asked).toEqual(["INFO"]);
  });

  it("that do not keep up, or of which nothing can be learnt, are let be for a while", async () => {
    for (const reached of [0, unavailable()]) {
      const { clock, asked, replicas } = fake(2, reached);
      await replicas.keepUp();
      await replicas.keepUp();
      expect(asked).toEqual(["INFO", "WAIT"]);
      await clock.advance(30 * second);
      await replicas.keepUp();
      expect(asked.slice(2)).toEqual(["INFO", "WAIT"]);
    }
  });

  it("are waited for once by all who ask meanwhile", async () => {
    const { asked, replicas } = fake(1, 1);
    await Promise.all(Array.from({ length: 10 }, () => replicas.keepUp()));
    expect(asked).toEqual(["INFO", "WAIT", "WAIT"]);
  });
});

describe("a Redis with a replica", () => {
  const primary = useRedisServer();
  const secondary = useRedisServer();

  const waits = async () =>
    Number(/cmdstat_wait:calls=(\d+)/.exec(await primary.client.info("commandstats"))?.[1] ?? 0);

  const open = () =>
    redisStore(primary.url, { prefix: "p" })({ clock: systemClock, queue: null, ticketsMayReturn: false });

  it("is waited for by an end before it is answered, and the end goes on without one that stands still", async () => {
    await secondary.client.replicaof("127.0.0.1", primary.port);
    await vi.waitFor(async () => expect(await primary.client.info("replication")).toMatch(/slave0:.*state=online/), {
      timeout: 15_000,
    });
    const [before, after] = [open(), open()];
    try {
      await before.access.ban("user", { reason: "cheating", until: null });
      expect(await waits()).toBe(1);
      // A busy machine may take longer than an end waits for.
      await vi.waitFor(async () => expect(await secondary.client.get("{p}:ban:user")).toContain("cheating"), {
        timeout: 15_000,
      });
      secondary.pause();
      await after.access.ban("user", { reason: "again", until: null });
      await after.access.ban("user", { reason: "and again", until: null });
      expect(await waits()).toBe(2);
      expect(await after.access.getBan("user")).toEqual({ reason: "and again", until: null });
    } finally {
      secondary.resume();
      await before.close();
      await after.close();
    }
  });
});
