// The queue's scripts where an answer was lost, options differ, or Redis was emptied.
import { describe, expect, it } from "vitest";
import { second } from "../contract/harness.ts";
import { useProcesses } from "./queue-setup.ts";

const processes = useProcesses();

describe("a call that is sent again because its answer was lost", () => {
  it("counts a failed login once", async () => {
    const h = processes.open();
    const { id } = await h.admitted();
    expect(await processes.send("fail_pass", "call", id, "5")).toBe(4);
    expect(await processes.send("fail_pass", "call", id, "5")).toBe(4);
    expect(await h.store.queue.failPass(id)).toBe(3);
  });

  it("changes settings once, and tells again what was before", async () => {
    const h = processes.open();
    await h.store.queue.configure({ targetCcuLimit: 5 });
    const first = await processes.send("configure", "call", "targetCcuLimit", "6");
    await h.store.queue.configure({ targetCcuLimit: 7 });
    expect(await processes.send("configure", "call", "targetCcuLimit", "6")).toEqual(first);
    expect((await h.store.queue.settings()).targetCcuLimit).toBe(7);
  });

  it("gives a pass on the spot once, and takes one slot", async () => {
    const h = processes.open();
    await h.store.queue.configure({ targetLoginRatePerSecond: 1, loginBurst: 1 });
    expect(await processes.send("admit_directly", "call", "direct", "0")).toEqual(["admitted"]);
    expect(await processes.send("admit_directly", "call", "direct", "0")).toEqual(["admitted"]);
    expect(await h.liveSlots()).toBe(1);
  });

  it("takes a session's slot once", async () => {
    const h = processes.open();
    const { sid } = await h.open();
    expect(await processes.send("take_slot", "call", sid, "0")).toEqual(["taken"]);
    expect(await processes.send("take_slot", "call", sid, "0")).toEqual(["held"]);
    expect(await h.liveSlots()).toBe(1);
  });

  it("admits nobody beyond rate and limit", async () => {
    const h = processes.open({ targetCcuLimit: 3 });
    await h.joinMany(5);
    await processes.send("configure", "limit", "targetCcuLimit", "3");
    await processes.send("admit", "call", "200");
    await processes.send("admit", "call", "200");
    expect(await h.liveSlots()).toBe(3);
  });
});

it("admits more than one call lets in, in their order", async () => {
  const h = processes.open({ targetCcuLimit: 1_000, loginBurst: 1_000, targetLoginRatePerSecond: 1_000 });
  const tickets = await h.joinMany(450);
  expect(await h.admit()).toEqual(tickets.map(({ id }) => id));
  expect(await h.liveSlots()).toBe(450);
});

it("whoever is let in to a slot that is counted already leaves room for the next", async () => {
  const h = processes.open({ targetCcuLimit: 2 });
  const { sid } = await h.open();
  await h.store.queue.takeSlot(sid);
  await h.store.queue.setSocketsOpen(sid, "host", true);
  await h.store.sessions.disconnect(sid, "idle");
  const [back, next] = [await h.join({ userId: "user", sid }), await h.join()];
  expect(await h.admit()).toEqual([back.id, next.id]);
  expect(await h.liveSlots()).toBe(2);
});

it("a pass that opened a session is spent until its end, and none from then on", async () => {
  const h = processes.open();
  const { id } = await h.admitted();
  await h.open({ ticketId: id });
  await h.advance(30 * second - 1);
  expect(await h.store.queue.passState(id)).toBe("spent");
  await h.advance(1);
  expect(await h.store.queue.passState(id)).toBe("none");
});

it("a pass that is bound to a session is not given back: its slot is the session's", async () => {
  const h = processes.open();
  const { sid } = await h.open();
  const { id } = await h.admitted({ userId: "user", sid });
  await h.store.queue.releasePass(id);
  expect((await h.standing(id)).status).toBe("admitted");
  expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "held" });
});

it("a refresh shortens no lease: that of a session with sockets is longer than a short player grace", async () => {
  const h = processes.open({ playerGraceSeconds: 2 });
  const { sid } = await h.open();
  await h.store.queue.takeSlot(sid);
  await h.store.queue.setSocketsOpen(sid, "host", true);
  await h.rotate(sid);
  await h.advance(4 * second);
  expect(await h.liveSlots()).toBe(1);
});

it("remembers how long the last hundred logins took, and no more", async () => {
  const h = processes.open();
  const times = `{${processes.prefix}}:logins`;
  await processes.server.client.rpush(times, ...Array.from({ length: 120 }, () => 7));
  const { id } = await h.join();
  await h.advance(second);
  await h.admit();
  await h.open({ ticketId: id });
  expect(await processes.server.client.llen(times)).toBe(100);
  expect((await h.store.queue.status()).secondsToLogin).toBe(7);
});

it("processes with other options go by their own, and by the same changes", async () => {
  const [one, other] = [processes.open({ targetCcuLimit: 10 }), processes.open({ targetCcuLimit: 20 })];
  await one.store.queue.configure({ notice: "Soon.", lanes: { "10": 2, "2": 1, vip: 0.1 } });
  expect(await one.store.queue.settings()).toMatchObject({ targetCcuLimit: 10, notice: "Soon." });
  expect(await other.store.queue.settings()).toMatchObject({ targetCcuLimit: 20, lanes: { vip: 0.1 } });
  await other.store.queue.configure({ targetCcuLimit: 0, lanes: null });
  expect(await one.store.queue.settings()).toMatchObject({ targetCcuLimit: 0, lanes: { default: 1 } });
  expect(await one.store.queue.admitDirectly("direct")).toMatchObject({ outcome: "queueRequired" });
});

it("an emptied Redis begins anew for every process: the wait for old tickets, the rate, the changes", async () => {
  const [one, other] = [processes.open({}, true), processes.open({}, true)];
  const begun = await one.store.queue.status();
  expect(begun.holdUntil).toBe(one.now() + 10 * second);
  await one.advance(60 * second);
  expect((await other.store.queue.status()).holdUntil).toBe(begun.holdUntil);
  await one.store.queue.configure({ targetCcuLimit: 1 });
  expect(await one.store.queue.admitDirectly("direct")).toEqual({ outcome: "admitted" });
  await processes.server.forgetKeys(processes.prefix);
  await other.join({ claim: { id: "old", lane: "default", order: 5, position: 1 } });
  expect(await one.admit()).toEqual([]);
  expect(await one.store.queue.status()).toMatchObject({
    holdUntil: one.now() + 10 * second,
    liveSlots: 0,
    targetCcuLimit: 100,
    tokens: 50,
  });
  await one.advance(10 * second);
  expect(await one.admit()).toEqual(["old"]);
});
