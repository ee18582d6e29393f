// The queue of one process on the memory store: admission over time, passes, slots, and a store that fails.
import { describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import type { JoinedPlace } from "../../src/login-queue/queue.ts";
import { QueueHouse } from "./setup.ts";

const unavailable = new LoginError("STORE_UNAVAILABLE", "the store cannot be reached");

async function refusal(call: Promise<unknown>): Promise<LoginError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof LoginError) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

function join(house: QueueHouse, session = null as { userId: string; sid: string } | null): Promise<JoinedPlace> {
  return house.queue.join({ claim: null, session, lane: "default", holder: house.queue.newSocketHolder() });
}

describe("admission", () => {
  it("comes evenly, and in no second beyond rate and burst", async () => {
    const house = new QueueHouse({
      settings: { targetCcuLimit: 10_000, targetLoginRatePerSecond: 50, loginBurst: 1, passSeconds: 600 },
    });
    house.queue.start();
    for (let count = 0; count < 500; count += 1) await join(house);
    const admittedAt: number[] = [];
    house.store.subscribe((event) => {
      if (event.type === "ticketsAdmitted") admittedAt.push(...event.ticketIds.map(() => house.clock.now()));
      return 0;
    });
    for (let step = 0; step < 50; step += 1) await house.clock.advance(100);
    expect(admittedAt.length).toBeGreaterThanOrEqual(245);
    expect(admittedAt.length).toBeLessThanOrEqual(251);
    for (const from of admittedAt) {
      expect(admittedAt.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(51);
      expect(admittedAt.filter((at) => at >= from && at < from + 200).length).toBeLessThanOrEqual(11);
    }
    house.queue.stop();
  });

  it("stops and starts with the queue", async () => {
    const house = new QueueHouse();
    house.queue.start();
    house.queue.start();
    await house.clock.advance(1_000);
    expect(house.storeCalls.filter((verb) => verb === "admit")).toHaveLength(5);
    expect(house.storeCalls.filter((verb) => verb === "renewHost")).toHaveLength(1);
    house.queue.stop();
    house.storeCalls.length = 0;
    await house.clock.advance(10_000);
    expect(house.storeCalls).toEqual([]);
  });

  it("keeps the tickets of this process present for as long as it renews its lease", async () => {
    const house = new QueueHouse();
    house.queue.start();
    await join(house);
    await house.clock.advance(300_000);
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 0 });
    house.queue.stop();
    await house.clock.advance(20_000);
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 1 });
  });
});

describe("a place", () => {
  it("has an estimate by the rate while slots are free, and by the pace when they are not", async () => {
    const house = new QueueHouse({ settings: { targetLoginRatePerSecond: 10, loginBurst: 1, mode: "always" } });
    house.queue.start();
    const { place: first } = await join(house);
    expect(first).toMatchObject({ status: "waiting", position: 1, queueLength: 1, etaMs: -1, mode: "always" });
    for (let count = 0; count < 99; count += 1) await join(house);

    house.settings.targetCcuLimit = 1_000;
    await house.clock.advance(1_000);
    const { place: last } = await join(house);
    expect(last.etaMs).toBe((last.position / 10 + 10) * 1000);

    // From now on one slot is freed every second, and taken at once.
    house.settings.targetCcuLimit = (await house.queue.outlook.status()).liveSlots;
    for (let second = 0; second < 60; second += 1) {
      house.settings.targetCcuLimit += 1;
      await house.clock.advance(1_000);
    }
    const [place] = await house.queue.places([last.ticketId]);
    const waitSeconds = ((place?.etaMs ?? 0) - 10_000) / 1000;
    expect(waitSeconds / (place?.position ?? 0)).toBeCloseTo(1, 0);
    house.queue.stop();
  });

  it("is the user's one: a second device takes it over and adds none (S42)", async () => {
    const house = new QueueHouse();
    const ann = { userId: "ann", sid: "sid-of-ann" };
    const { place: first, how } = await join(house, ann);
    const { place: second, how: again } = await join(house, ann);
    expect([how, again]).toEqual(["new", "returned"]);
    expect(second.ticketId).toBe(first.ticketId);
    expect(second.queueLength).toBe(1);
  });

  it("is refused to a banned user, with the reason", async () => {
    const house = new QueueHouse();
    await house.store.access.ban("ann", { reason: "cheating", until: house.clock.now() + 5_000 });
    const error = await refusal(join(house, { userId: "ann", sid: "sid-of-ann" }));
    expect(error.toJSON()).toMatchObject({
      code: "BANNED",
      reason: "cheating",
      until: house.clock.now() + 5_000,
    });
  });

  it("is refused where the queue is full or closed, and kept by those who have one", async () => {
    const house = new QueueHouse({ settings: { maxQueueLength: 1 } });
    house.queue.start();
    const { place } = await join(house);
    expect((await refusal(join(house))).code).toBe("QUEUE_FULL");
    house.settings.mode = "closed";
    await house.clock.advance(1_000);
    expect((await refusal(join(house))).code).toBe("QUEUE_CLOSED");
    const holder = house.queue.newSocketHolder();
    const back = await house.queue.join({ claim: place.ticket, session: null, lane: "default", holder });
    expect(back).toMatchObject({ how: "returned", place: { ticketId: place.ticketId, mode: "closed", etaMs: -1 } });
    house.queue.stop();
  });

  it("S41 a ticket that is no good counts as none", async () => {
    const house = new QueueHouse();
    const { place } = await join(house);
    if (place.ticket === null) throw new Error("expected a ticket");
    const token = await house.queue.tickets.signTicket(place.ticket);
    expect(await house.queue.claimOf(token)).toEqual({
      id: place.ticketId,
      lane: "default",
      order: place.ticket.order,
      position: 1,
    });
    for (const bad of [null, "", "garbage", "x".repeat(5_000), `${token}x`])
      expect(await house.queue.claimOf(bad)).toBeNull();
    await house.clock.advance(150_000);
    expect(await house.queue.claimOf(token)).toBeNull();
  });
});

describe("passes and slots", () => {
  it("lets a login through while nobody waits and there is room, else says where to wait", async () => {
    const house = new QueueHouse({ settings: { targetCcuLimit: 1, targetLoginRatePerSecond: 2 } });
    const ticketId = await house.queue.slots.directPass();
    const error = await refusal(house.queue.slots.directPass());
    expect(error.status).toBe(429);
    expect(error.toJSON()).toEqual({
      code: "QUEUE_REQUIRED",
      message: expect.any(String),
      room: "login_queue",
      queueLength: 0,
      // Full, and nobody was seen to leave.
      etaMs: -1,
      retryAfterSeconds: expect.any(Number),
    });
    await house.queue.slots.releasePass(ticketId);
    await expect(house.queue.slots.directPass()).resolves.toEqual(expect.any(String));
  });

  it("lets nobody past those who wait", async () => {
    const house = new QueueHouse({ settings: { targetCcuLimit: 0 } });
    await join(house);
    house.settings.targetCcuLimit = 100;
    expect((await refusal(house.queue.slots.directPass())).details).toMatchObject({ queueLength: 1 });
    const ann = await house.openSession("ann");
    expect((await refusal(house.queue.slots.requireSlot(ann))).details).toMatchObject({ queueLength: 1 });
  });

  it("S47 sends a session without a slot to the queue, and takes one slot for it however often it asks", async () => {
    const house = new QueueHouse({ settings: { targetCcuLimit: 1 } });
    const [ann, ben] = [await house.openSession("ann"), await house.openSession("ben")];
    await house.queue.slots.requireSlot(ann);
    await house.queue.slots.requireSlot(ann);
    expect((await house.queue.outlook.status()).liveSlots).toBe(1);
    expect((await refusal(house.queue.slots.requireSlot(ben))).code).toBe("QUEUE_REQUIRED");
  });

  it("S39 a pass ends with its fifth failed login, and its slot goes on", async () => {
    const house = new QueueHouse({ settings: { targetCcuLimit: 1 } });
    const ticketId = await house.queue.slots.directPass();
    for (let tries = 0; tries < 4; tries += 1) await house.queue.slots.failPass(ticketId);
    expect((await house.queue.outlook.status()).liveSlots).toBe(1);
    await house.queue.slots.failPass(ticketId);
    expect((await house.queue.outlook.status()).liveSlots).toBe(0);
  });

  it("asks for no slot with devLoginQueueBypass", async () => {
    const house = new QueueHouse({ settings: { devLoginQueueBypass: true } });
    expect(house.queue.bypass).toBe(true);
    await house.queue.slots.requireSlot({ userId: "ann", sid: "sid-1" });
    await house.queue.slots.socketsOpened("sid-1");
    expect(house.storeCalls).toEqual([]);
  });
});

describe("a store that fails", () => {
  it("neither spins nor floods the log, and all goes on when it is back", async () => {
    const house = new QueueHouse({ settings: { targetCcuLimit: 100 } });
    house.queue.start();
    const { place } = await join(house);
    house.storeFailure = unavailable;
    house.storeCalls.length = 0;
    await house.clock.advance(60_000);
    expect(house.storeCalls.length).toBeLessThan(60 * 5);
    expect(house.logger.lines.map(({ level }) => level)).toEqual(["warn"]);
    expect((await refusal(join(house))).code).toBe("STORE_UNAVAILABLE");
    expect((await refusal(house.queue.places([place.ticketId]))).code).toBe("STORE_UNAVAILABLE");
    expect((await refusal(house.queue.slots.directPass())).code).toBe("STORE_UNAVAILABLE");
    expect((await refusal(house.queue.slots.requireSlot({ userId: "ann", sid: "sid-1" }))).code).toBe(
      "STORE_UNAVAILABLE",
    );

    house.storeFailure = null;
    await house.clock.advance(10_000);
    expect(house.logger.lines.map(({ level }) => level)).toEqual(["warn", "info"]);
    expect((await house.queue.places([place.ticketId]))[0]?.status).toBe("admitted");
    house.queue.stop();
  });

  it("and took a join whose answer was lost, keeps no place for a socket that was refused", async () => {
    const house = new QueueHouse();
    house.queue.start();
    const { place } = await join(house);
    const claim = { id: place.ticketId, lane: "default", order: place.ticket?.order ?? 0, position: 1 };
    // The place is taken, and then the store goes.
    house.storeFailure = unavailable;
    house.failingVerbs = ["standings"];
    expect((await refusal(join(house))).code).toBe("STORE_UNAVAILABLE");
    const again = { claim, session: null, lane: "default", holder: house.queue.newSocketHolder() };
    expect((await refusal(house.queue.join(again))).code).toBe("STORE_UNAVAILABLE");
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 1 });
    house.failingVerbs = null;
    expect((await refusal(join(house))).code).toBe("STORE_UNAVAILABLE");
    house.storeFailure = null;
    await house.clock.advance(5_000);
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 1 });
    house.queue.stop();
  });

  it("does not gather work without bound from those who are refused", async () => {
    const house = new QueueHouse();
    house.storeFailure = unavailable;
    for (let times = 0; times < 12_000; times += 1) await refusal(join(house));
    house.storeFailure = null;
    house.storeCalls.length = 0;
    house.queue.start();
    await house.clock.advance(2_000);
    expect(house.storeCalls.filter((verb) => verb === "leave")).toHaveLength(10_000);
    house.queue.stop();
  });

  it("hears of drops, leaves and closed sockets when it is back", async () => {
    const house = new QueueHouse();
    house.queue.start();
    const { place: dropped } = await join(house);
    const { place: left } = await join(house);
    await house.queue.slots.socketsOpened("sid-1");
    house.storeFailure = unavailable;
    const holders = [dropped, left].map(({ ticket }) => (ticket?.holder?.kind === "socket" ? ticket.holder.id : ""));
    await house.queue.drop(dropped.ticketId, holders[0] ?? "");
    await house.queue.leave(left.ticketId, holders[1] ?? "");
    await house.queue.slots.socketsClosed("sid-1");
    await house.clock.advance(5_000);
    house.storeFailure = null;
    await house.clock.advance(5_000);
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 1 });
    expect(house.storeCalls.filter((verb) => verb === "setSocketsOpen").length).toBeGreaterThan(1);
    house.queue.stop();
  });
});

it("S61 no line of the log carries a ticket, a pass or a session", async () => {
  const house = new QueueHouse();
  house.queue.start();
  house.storeFailure = new Error("boom");
  await house.queue.slots.socketsOpened("a-secret-sid");
  await house.queue.drop("a-secret-ticket", "a-holder");
  await house.clock.advance(10_000);
  house.storeFailure = null;
  await house.clock.advance(10_000);
  expect(house.logger.lines.map(({ text }) => text).join()).not.toMatch(/secret/);
  house.queue.stop();
});
