// Sessions of the Redis store beyond the contract: odd content, keys, and all sessions in pieces.
import { describe, expect, it, vi } from "vitest";
import { flagOf, listOf, textOf } from "../../src/stores/redis/replies.ts";
import { decodeSessions } from "../../src/stores/redis/session-codec.ts";
import type { StoreEvent } from "../../src/stores/store.ts";
import { day, lifetimes, second } from "../contract/harness.ts";
import { key, logout, open, useSessionStores } from "./sessions-setup.ts";

const { server, openStore, openLink } = useSessionStores();

describe("what a session is made of", () => {
  const odd = [
    "",
    "Ünï ☃ 🎮",
    "\ud83d",
    'a"b\\c/d',
    "line\nline\ttab",
    "\u2028",
    "null",
    "[1,2]",
    "%s %1",
    "}\n",
    "\u0000",
  ];

  it("comes back to the letter, through a rotation and an end too", async () => {
    const store = openStore();
    const vars = Object.fromEntries(odd.map((text, index) => [`key ${index} ${text}`, text]));
    const session = {
      username: odd.join("|"),
      groups: odd,
      clientVars: vars,
      serverVars: { ...vars, own: "1" },
      shard: 'sh"ard\n',
      address: "2001:db8::1",
      agent: odd.join(" "),
      nonce: "nonce\n",
    };
    const record = await open(store, session);
    expect(record).toMatchObject(session);
    expect(await store.sessions.get(record.sid)).toEqual(record);
    const rotated = await store.sessions.refresh({
      sid: record.sid,
      presented: 1,
      attempt: 'att"empt\n\\',
      clientVars: null,
      serverVars: null,
      username: odd.join(","),
      groups: [],
      tokenId: "next",
      refreshSecretId: "se\ncret",
      lifetimes,
    });
    expect(rotated).toMatchObject({
      record: { ...session, username: odd.join(","), groups: [], attempt: 'att"empt\n\\' },
    });
    const { record: ended } = await store.sessions.end(record.sid, logout);
    expect(ended).toEqual({ ...(rotated.outcome === "rotated" && rotated.record), end: ended?.end });
    expect(await store.sessions.get(record.sid)).toEqual(ended);
  });

  it("may be as large as vars may be", async () => {
    const store = openStore();
    const clientVars = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`k${index}`, "☃".repeat(256)]));
    const { sid } = await open(store, { clientVars });
    await store.sessions.confirm(sid, 1);
    expect((await store.sessions.get(sid))?.clientVars).toEqual(clientVars);
  });

  it("is found by the oddest of users", async () => {
    const store = openStore();
    for (const userId of odd.filter((text) => text.isWellFormed())) {
      const { sid } = await open(store, { userId });
      expect((await store.sessions.listByUser(userId)).map((record) => [record.sid, record.userId])).toEqual([
        [sid, userId],
      ]);
      const told: StoreEvent[] = [];
      store.subscribe((event) => told.push(event));
      const { ended } = await store.access.ban(userId, { reason: `${userId} was here`, until: null });
      expect(ended.map((record) => record.sid)).toEqual([sid]);
      expect(told).toMatchObject([{ userId, message: `${userId} was here` }]);
      expect(await store.access.getBan(userId)).toEqual({ reason: `${userId} was here`, until: null });
    }
  });

  it("keeps fractions of milliseconds, and ends beyond all time", async () => {
    const store = openStore();
    const record = await open(store, {
      lifetimes: { tokenMs: 1234.567, idleMs: 30 * day + 0.123, absoluteMs: 1_234_567_890_123_456 },
    });
    expect(record.tokenExpiresAt).toBe(record.createdAt + 1234.567);
    expect(record.idleEndsAt).toBe(record.createdAt + 30 * day + 0.123);
    expect(record.absoluteEndsAt).toBe(record.createdAt + 1_234_567_890_123_456);
    expect(await store.sessions.get(record.sid)).toEqual(record);
  });

  it("says so where it is not understood", async () => {
    const store = openStore();
    await server.client.set(key("s:strange"), "[1,2,3]");
    await expect(store.sessions.get("strange")).rejects.toThrow("does not know");
  });
});

describe("its keys", () => {
  it("expire, a day after it is forgotten at the earliest", async () => {
    const store = openStore();
    const { sid } = await open(store);
    for (const name of [`s:${sid}`, "u:user"]) {
      const left = await server.client.pttl(key(name));
      expect(left).toBeGreaterThan(lifetimes.idleMs + day);
      expect(left).toBeLessThanOrEqual(lifetimes.idleMs + 2 * day);
    }
    await store.sessions.markSeen(sid);
    expect(await server.client.pttl(key(`s:${sid}`))).toBeGreaterThan(lifetimes.idleMs + day);
    await store.sessions.end(sid, logout);
    expect(await server.client.pttl(key(`s:${sid}`))).toBeLessThanOrEqual(lifetimes.idleMs + day);
  });

  it("of a user go by the session that is kept longest", async () => {
    const store = openStore();
    await open(store);
    await open(store, { lifetimes: { tokenMs: second, idleMs: second } });
    expect(await server.client.pttl(key("u:user"))).toBeGreaterThan(lifetimes.idleMs + day);
  });

  it("name no session for long that is gone, however many a user opens", async () => {
    const store = openStore();
    const gone = await Promise.all(Array.from({ length: 12 }, () => open(store)));
    await server.client.del(gone.map(({ sid }) => key(`s:${sid}`)));
    for (let count = 0; count < 6; count++) await open(store);
    expect(await server.client.zcard(key("u:user"))).toBe(6);
    await server.client.del(key("u:user"));
    await openLink().calls.run("sweep_sessions", ["", 500]);
    expect(await server.client.llen(key("sessions"))).toBe(6);
  });

  it("of a ban expire with it, of a lifted one soon", async () => {
    const store = openStore();
    await store.access.ban("user", { reason: "", until: Date.now() + day });
    expect(await server.client.pttl(key("ban:user"))).toBeGreaterThan(day);
    await store.access.ban("user", { reason: "", until: null });
    expect(await server.client.pttl(key("ban:user"))).toBe(-1);
    await store.access.unban("user");
    expect(await server.client.pttl(key("ban:user"))).toBeGreaterThan(second);
  });
});

describe("the sessions of a user", () => {
  it("that ended cost a login nothing, and are numbered on", async () => {
    const store = openStore();
    const readsOf = async (verb: () => Promise<unknown>) => {
      await server.client.config("RESETSTAT");
      await verb();
      const stats = await server.client.info("commandstats");
      return Number(/cmdstat_get:calls=(\d+)/.exec(stats)?.[1] ?? 0);
    };
    const opened: string[] = [];
    for (let count = 0; count < 60; count++) opened.push((await open(store, { limit: 1 })).sid);
    const late = () => open(store, { limit: 1 }).then(({ sid }) => opened.push(sid));
    expect(await readsOf(late)).toBeLessThan(10);
    expect(await readsOf(() => store.sessions.listByUser("user"))).toBeLessThan(10);
    expect((await store.sessions.listByUser("user")).map(({ sid }) => sid)).toEqual(opened.slice(-1));
    const numbers = await server.client.zrange(key("u:user"), 0, -1, "WITHSCORES");
    expect(numbers.filter((_, index) => index % 2 === 1).map((number) => Math.abs(Number(number)))).toEqual([
      ...Array.from({ length: 60 }, (_, index) => 60 - index),
      61,
    ]);
    const told: StoreEvent[] = [];
    store.subscribe((event) => told.push(event));
    await store.sessions.disconnectAllOfUser("user", "bye");
    expect(told).toHaveLength(61);
  });
});

describe("ending all of them, in pieces", () => {
  it("ends each once, whatever is swept and opened in between, and tells a piece again to who asks again", async () => {
    const store = openStore();
    const { calls } = openLink();
    const before: string[] = [];
    for (let count = 0; count < 25; count++) before.push((await open(store, { userId: `user ${count}` })).sid);
    const moment = Date.now() + day;
    const ended: string[] = [];
    let place = "0";
    for (let isLast = false; !isLast; ) {
      const args = ["", moment, place, 4, "run", "logout", "", "", ""];
      const answer = await calls.run("end_all", args);
      expect(await calls.run("end_all", args)).toEqual(answer);
      const [next, last, shown] = listOf(answer);
      ended.push(...decodeSessions(shown).map(({ sid }) => sid));
      place = textOf(next);
      isLast = flagOf(last);
      if (ended.length < 20) await calls.run("sweep_sessions", ["", 3]);
      if (ended.length < 12) before.push((await open(store, { userId: "late" })).sid);
    }
    expect(ended.toSorted()).toEqual(before.toSorted());
    for (const sid of before) expect((await store.sessions.get(sid))?.end?.reason).toBe("logout");
  });

  it("S33 spares what was made after the moment, and ends more than one piece can hold", async () => {
    const store = openStore();
    const many = await Promise.all(Array.from({ length: 450 }, (_, index) => open(store, { userId: `user ${index}` })));
    const moment = Math.max(...many.map(({ createdAt }) => createdAt));
    await vi.waitUntil(() => Date.now() > moment + 1, { interval: 1 });
    const after = await open(store);
    const { ended } = await store.sessions.endAll(moment, logout);
    expect(new Set(ended.map(({ sid }) => sid))).toEqual(new Set(many.map(({ sid }) => sid)));
    expect((await store.sessions.get(after.sid))?.end).toBeNull();
  });
});
