// Tickets in Redis: what is kept of them in records and sets, beyond what every store answers.
import { describe, expect, it } from "vitest";
import { claimOf, type Harness, minute, poller, second, socket } from "../contract/harness.ts";
import { useProcesses } from "./queue-setup.ts";

const processes = useProcesses();

async function lane(h: Harness): Promise<unknown> {
  return (await h.store.queue.status()).lanes["default"];
}

describe("a place given back to a process that is dead", () => {
  /** Dead since then, with one ticket whose pass reached nobody, and one that waits. */
  async function givenBack(): Promise<{ h: Harness; late: string; other: string }> {
    const h = processes.open({ targetLoginRatePerSecond: 1, loginBurst: 1 });
    const late = await h.join({ as: socket("a", "dead"), mayEnterClosed: true });
    const other = await h.join({ as: socket("b", "dead") });
    expect(await h.admit()).toEqual([late.id]);
    await h.store.queue.configure({ mode: "paused" });
    await h.advanceAlive(30 * second);
    expect(await lane(h)).toMatchObject({ waiting: 2, away: 2, entered: 3, returned: 0 });
    return { h, late: late.id, other: other.id };
  }

  it("is present when the process comes back, and first", async () => {
    const { h, late, other } = await givenBack();
    expect(await processes.count("late:dead:default")).toBe(1);
    await h.store.queue.renewHost("dead", []);
    expect(await lane(h)).toMatchObject({ waiting: 2, away: 0, returned: 2 });
    expect(await processes.count("late:dead:default")).toBe(0);
    await h.store.queue.configure({ mode: "closed" });
    expect(await h.admit()).toEqual([late]);
    await h.store.queue.configure({ mode: "auto" });
    await h.advance(second);
    expect(await h.admit()).toEqual([other]);
  });

  it("has a grace of its own, from the end of its pass", async () => {
    const { h, late, other } = await givenBack();
    // The process has been dead for 15 seconds.
    await h.advanceAlive(75 * second);
    expect(await h.standing(other)).toEqual({ status: "gone", reason: "lapsed" });
    await h.advanceAlive(15 * second - 1);
    expect(await h.standing(late)).toMatchObject({ status: "waiting", position: 1 });
    await h.advance(1);
    expect(await h.standing(late)).toEqual({ status: "gone", reason: "lapsed" });
    for (const left of ["late:dead:default", "hostlapse", "deadline", "wait:default"]) {
      expect(await processes.count(left)).toBe(0);
    }
  });

  it("lapses with the others should the process come back and die again", async () => {
    const { h, late, other } = await givenBack();
    await h.store.queue.renewHost("dead", []);
    await h.advanceAlive((15 + 90) * second - 1);
    for (const id of [late, other]) expect((await h.standing(id)).status).toBe("waiting");
    await h.advance(1);
    for (const id of [late, other]) expect(await h.standing(id)).toEqual({ status: "gone", reason: "lapsed" });
  });
});

describe("a join that is sent again because its answer was lost", () => {
  const holder = ["socket", "host-1", "host"] as const;

  it("takes one ticket", async () => {
    const h = processes.open({ mode: "paused" });
    const request = ["new", "default", "", "", ...holder, "192.0.2.1", "1", ""] as const;
    const first = await processes.send("join", "call", ...request, "");
    expect(await processes.send("join", "call", ...request, "")).toEqual(first);
    expect(await lane(h)).toMatchObject({ waiting: 1, entered: 1, returned: 0 });
    await h.store.queue.configure({ maxTicketsPerIp: 2 });
    await h.join({ address: "192.0.2.1" });
    expect(await h.tryJoin({ address: "192.0.2.1" })).toMatchObject({ outcome: "tooManyTickets" });
  });

  it("takes one ticket for a user", async () => {
    const h = processes.open({ mode: "paused" });
    const { sid } = await h.open();
    const request = ["new", "default", "user", sid, ...holder, "", "1", ""] as const;
    const first = await processes.send("join", "call", ...request, "");
    expect(await processes.send("join", "call", ...request, "")).toEqual(first);
    expect(await lane(h)).toMatchObject({ waiting: 1, entered: 1 });
  });

  it("and so is a leave, which answers the same", async () => {
    const h = processes.open({ mode: "paused" });
    const { id } = await h.join();
    expect(await processes.send("leave", "one", id)).toBe(1);
    expect(await processes.send("leave", "one", id)).toBe(1);
    expect(await processes.send("leave", "two", id)).toBe(0);
  });
});

describe("a record", () => {
  it("keeps whatever text there is, and tells apart who is alike", async () => {
    const odd = "a\tb%09c:%";
    const h = processes.open({ mode: "paused", lanes: { [odd]: 1, "a:b": 1 } });
    const { sid } = await h.open({ userId: odd });
    const as = socket(`${odd}-1`, odd.replace(":", ""));
    const joined = await h.join({ lane: odd, userId: odd, sid, as, address: odd });
    expect(joined).toMatchObject({ lane: odd, userId: odd, sid, holder: as, position: 1 });
    expect(await h.ticket(joined.id)).toEqual(joined);
    await h.join({ lane: "a:b", as: poller(2.5) });
    expect(await h.join({ lane: odd, userId: odd, sid, as: poller(2.5) })).toMatchObject({
      id: joined.id,
      holder: poller(2.5),
    });
    expect((await h.store.queue.status()).lanes).toMatchObject({ [odd]: { waiting: 1 }, "a:b": { waiting: 1 } });
    await h.store.queue.configure({ maxTicketsPerIp: 1 });
    expect(await h.tryJoin({ address: odd })).toMatchObject({ outcome: "tooManyTickets" });
  });

  it("knows the least position that any process showed", async () => {
    const h = processes.open({ mode: "paused" }, true);
    const other = processes.open({ mode: "paused" }, true);
    const order = (h.now() - minute) * 1000;
    const [first, last] = await h.joinMany(2);
    await h.store.queue.leave(first!.id);
    expect(await other.position(last!.id)).toBe(1);
    await other.join({ claim: { id: "old", lane: "default", order, position: 1 } });
    expect(await h.standing(last!.id)).toMatchObject({ position: 1, rank: 2 });
  });

  it("is gone with the ticket, as is all else of it", async () => {
    const h = processes.open({ mode: "paused" });
    const { sid } = await h.open();
    const { id } = await h.join({ userId: "user", sid, address: "192.0.2.1", as: poller() });
    await h.store.queue.leave(id);
    const keys = await processes.server.client.keys(`{${processes.prefix}}:*`);
    const left = keys.filter((key) => /}:(ticket|usr|deadline|admitted|wait:|ready:|exempt:|ip:)/.test(key));
    expect(left).toEqual([]);
  });
});

describe("what is left of finished tickets", () => {
  it("is over when nobody can have a valid JWT any more", async () => {
    const h = processes.open({ mode: "paused" });
    const { id } = await h.join();
    await h.store.queue.leave(id);
    await h.advance((60 + 300 + 90) * second - 1);
    expect(await h.standing(id)).toEqual({ status: "gone", reason: "left" });
    await h.advance(1);
    expect(await h.standing(id)).toEqual({ status: "gone", reason: null });
  });

  it("is forgotten early, the first first, of those that were given up, and of no others", async () => {
    const h = processes.open({ mode: "paused" });
    const { client } = processes.server;
    const [left, removed, last] = await h.joinMany(3);
    await h.store.queue.leave(left!.id);
    await h.store.queue.remove(removed!.id, "idle");
    const list = `{${processes.prefix}}:givenup`;
    const others = Array.from({ length: 99_999 }, (_, index) => `${h.now() + minute} other-${index}`);
    for (let from = 0; from < others.length; from += 5_000)
      await client.rpush(list, ...others.slice(from, from + 5_000));
    expect(await h.standing(left!.id)).toMatchObject({ reason: "left" });
    await h.store.queue.leave(last!.id);
    expect(await client.llen(list)).toBe(100_000);
    expect(await h.standing(left!.id)).toMatchObject({ reason: null });
    expect(await h.standing(removed!.id)).toMatchObject({ reason: "removed" });
    expect(await h.standing(last!.id)).toMatchObject({ reason: "left" });
  });
});

it("positions of more tickets than one call asks for come in the order asked", async () => {
  const h = processes.open({ mode: "paused" });
  const tickets = await h.joinMany(1_100);
  const asked = [...tickets].reverse();
  const standings = await h.store.queue.standings(asked.map(claimOf).map(({ id }) => id));
  expect(standings.map((standing) => standing.status === "waiting" && standing.rank)).toEqual(
    asked.map((_, index) => 1_100 - index),
  );
});
