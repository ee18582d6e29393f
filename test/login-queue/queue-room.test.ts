// The queue room on a real server, seen by the stock SDK: what a waiting player is told, and when.

import type { Room as SdkRoom } from "@colyseus/sdk";
import { describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { newSession } from "../support/new-session.ts";
import { left } from "../support/room-clients.ts";
import { settled } from "../support/settled.ts";
import { countPatches, enter, positions, queueServer, takeSeatOnly } from "./room-setup.ts";
import { QueueHouse, stateOf, until } from "./setup.ts";

const server = queueServer();

async function openWith(house: QueueHouse, pass: string): Promise<void> {
  const hour = 3_600_000;
  await house.store.sessions.open({
    session: newSession({ sid: "sid-of-ann", userId: "ann", tokenId: "token" }),
    lifetimes: { tokenMs: hour, idleMs: hour, absoluteMs: hour, refreshGraceMs: 0 },
    ticketId: (await house.queue.slots.verifyPass(pass)).ticketId,
    concurrent: { limit: 100, onExceeded: "replace" },
  });
}

describe("a waiting player", () => {
  it("reads the place from the root of the state, with every field and type", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    await enter(sdk());
    const room = await enter(sdk());
    expect(Object.fromEntries(Object.entries(stateOf(room)))).toEqual({
      status: "waiting",
      position: 2,
      queueLength: 2,
      etaMs: -1,
      mode: "auto",
      notice: "",
      ticket: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      pass: "",
      passExpiresAt: 0,
      asOf: house.clock.now(),
    });
  });

  it("moves up, is admitted at once, and has a pass that opens one session", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const [first, second] = [await enter(sdk()), await enter(sdk())];
    await house.letIn(1);
    const admitted = await until(first, ({ status }) => status === "admitted");
    expect(admitted).toMatchObject({ position: 0, etaMs: 0, passExpiresAt: house.clock.now() + 30_000 });
    expect(await house.queue.slots.verifyPass(admitted.pass)).toEqual({
      ticketId: expect.any(String),
      isSpent: false,
      isOfOneUser: false,
    });
    expect(positions([second])).toEqual([2]);
    await house.clock.advance(1_000);
    expect(await until(second, ({ position }) => position === 1)).toMatchObject({ queueLength: 1, pass: "" });
  });

  it("is told of nobody else's place, ticket or pass", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const rooms: SdkRoom[] = [];
    for (let count = 0; count < 20; count += 1) rooms.push(await enter(sdk()));
    expect(positions(rooms)).toEqual(rooms.map((_, index) => index + 1));
    await house.letIn(5);
    await house.clock.advance(1_000);
    await Promise.all(rooms.map(settled));
    expect(positions(rooms)).toEqual(rooms.map((_, index) => (index < 5 ? 0 : index - 4)));
    expect(new Set(rooms.map((room) => stateOf(room).ticket)).size).toBe(20);
    expect(rooms.map((room) => stateOf(room).pass !== "")).toEqual(rooms.map((_, index) => index < 5));
    expect(new Set(rooms.slice(0, 5).map((room) => stateOf(room).pass)).size).toBe(5);
  });

  it("hears at most once a second while the queue moves, and every five seconds while it stands", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const ahead: SdkRoom[] = [];
    for (let count = 0; count < 10; count += 1) ahead.push(await enter(sdk()));
    const room = await enter(sdk());
    const patches = countPatches(room);
    for (let step = 0; step < 10; step += 1) {
      await ahead[step]?.leave();
      await house.clock.advance(500);
    }
    await settled(room);
    expect(stateOf(room).position).toBe(1);
    expect(patches.count).toBeGreaterThanOrEqual(4);
    expect(patches.count).toBeLessThanOrEqual(5);

    const heard = [stateOf(room).asOf];
    room.onStateChange(() => heard.push(stateOf(room).asOf));
    for (let second = 0; second < 60; second += 1) await house.clock.advance(1_000);
    await settled(room);
    const silences = heard.map((at, index) => (heard[index + 1] ?? house.clock.now()) - at);
    expect(Math.max(...silences)).toBeLessThanOrEqual(5_000);
    expect(heard.length).toBeLessThanOrEqual(17);
  });

  it("hears nothing new within a second of its first state", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    await enter(sdk());
    await house.clock.advance(500);
    const room = await enter(sdk());
    await enter(sdk());
    const patches = countPatches(room);
    await house.clock.advance(500);
    await settled(room);
    expect(patches.count).toBe(0);
    await house.clock.advance(1_000);
    expect(await until(room, ({ queueLength }) => queueLength === 3)).toMatchObject({ position: 2 });
    expect(patches.count).toBe(1);
  });

  it("is given a fresh ticket every minute, which always brings it back", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const room = await enter(sdk());
    const seen = new Set([stateOf(room).ticket]);
    for (let second = 0; second < 300; second += 1) {
      await house.clock.advance(1_000);
      if (second % 20 !== 0) continue;
      await settled(room);
      seen.add(stateOf(room).ticket);
      const { expiresAt } = await house.queue.tickets.readTicket(stateOf(room).ticket);
      expect(expiresAt - house.clock.now()).toBeGreaterThanOrEqual(85_000);
    }
    expect(seen.size).toBeGreaterThanOrEqual(5);
    expect(seen.size).toBeLessThanOrEqual(8);
  });

  it("waits in the lane that the game chose for it", async () => {
    const house = new QueueHouse({
      settings: { lanes: { member: 3, guest: 1 } },
      lane: ({ session, hint }) => (session !== null || hint === "please" ? "member" : "guest"),
    });
    const sdk = server.serve(house);
    const { token } = await house.openSession("ann");
    const rooms = [
      await enter(sdk()),
      await enter(sdk()),
      await enter(sdk(token)),
      await enter(sdk(), { hint: "please" }),
    ];
    expect(positions(rooms)).toEqual([1, 2, 1, 2]);
  });
});

describe("the end of a place", () => {
  it("comes at once with a consented leave, and the next ones move up", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const [first, second] = [await enter(sdk()), await enter(sdk())];
    const { ticket } = stateOf(first);
    await first.leave();
    await house.clock.advance(1_000);
    await until(second, ({ position }) => position === 1);
    const back = await enter(sdk(), { ticket });
    expect(stateOf(back)).toMatchObject({ status: "waiting", position: 2, queueLength: 2 });
  });

  it("does not come with a consented leave once the pass was seen: the pass lives on until it ends", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const room = await enter(sdk());
    await house.letIn(1);
    const { pass, ticket } = await until(room, ({ status }) => status === "admitted");
    await room.leave();
    const back = await enter(sdk(), { ticket });
    expect(stateOf(back)).toMatchObject({ status: "admitted", pass });
    await back.leave();
    await house.clock.advance(29_000);
    expect(await house.queue.outlook.status()).toMatchObject({ liveSlots: 1, lanes: { default: { waiting: 0 } } });
    await house.clock.advance(1_000);
    expect(await house.queue.outlook.status()).toMatchObject({ liveSlots: 0, lanes: { default: { waiting: 0 } } });
  });

  it("comes with a consented leave that was faster than the pass", async () => {
    const house = new QueueHouse();
    const room = await enter(server.serve(house)());
    house.isFeedCut = true;
    await house.letIn(1);
    await room.leave();
    expect((await house.queue.outlook.status()).liveSlots).toBe(0);
  });

  it("is told with its reason when an operator removes it", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const room = await enter(sdk());
    const closed = left(room);
    const { claim } = await house.queue.tickets.readTicket(stateOf(room).ticket);
    await house.store.queue.remove(claim.id, "No bots here.");
    expect(await closed).toEqual({ code: 4410, reason: "No bots here." });
    expect(stateOf(room)).toMatchObject({ status: "removed", position: 0, etaMs: -1, notice: "No bots here." });
  });

  it("S31 closes cleanly with a reason of 300 emoji", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const room = await enter(sdk());
    const closed = left(room);
    const { claim } = await house.queue.tickets.readTicket(stateOf(room).ticket);
    await house.store.queue.remove(claim.id, "🎮".repeat(300));
    expect(await closed).toEqual({ code: 4410, reason: "🎮".repeat(30) });
    expect(stateOf(room).notice).toBe("🎮".repeat(300));
  });

  it("is noticed though the feed said nothing", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const room = await enter(sdk());
    const closed = left(room);
    house.isFeedCut = true;
    const { claim } = await house.queue.tickets.readTicket(stateOf(room).ticket);
    await house.store.queue.remove(claim.id, "unheard");
    await house.clock.advance(1_000);
    expect((await closed).code).toBe(4410);
    expect(stateOf(room).status).toBe("removed");
  });

  it("comes with the pass that nobody used", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const room = await enter(sdk());
    const closed = left(room);
    await house.letIn(1);
    const { pass } = await until(room, ({ status }) => status === "admitted");
    await house.clock.advance(29_000);
    await settled(room);
    expect(stateOf(room).status).toBe("admitted");
    await house.clock.advance(2_000);
    expect((await closed).code).toBe(4408);
    expect(stateOf(room)).toMatchObject({ status: "removed", pass: "", passExpiresAt: 0 });
    await expect(house.queue.slots.verifyPass(pass)).rejects.toMatchObject({ code: "PASS_INVALID" });
  });

  it("of a pass that was used is a closed socket, and still a success", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const room = await enter(sdk());
    const closed = left(room);
    await house.letIn(1);
    const { pass } = await until(room, ({ status }) => status === "admitted");
    await openWith(house, pass);
    await house.clock.advance(29_000);
    await settled(room);
    await house.clock.advance(2_000);
    expect((await closed).code).toBe(4000);
    expect(stateOf(room)).toMatchObject({ status: "admitted", pass });
    expect((await house.queue.outlook.status()).liveSlots).toBe(1);
  });
});

describe("an admission", () => {
  it("is found by the next look where the feed said nothing", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const room = await enter(sdk());
    house.isFeedCut = true;
    await house.letIn(1);
    await settled(room);
    expect(stateOf(room).status).toBe("waiting");
    await house.clock.advance(1_000);
    expect(await until(room, ({ status }) => status === "admitted")).toMatchObject({ position: 0 });
    await house.clock.advance(40_000);
    expect(await house.queue.places([])).toEqual([]);
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 0, away: 0 });
  });

  it("that reached nobody gives its ticket back its place", async () => {
    const house = new QueueHouse({ settings: { queueGraceSeconds: 600 } });
    const sdk = server.serve(house);
    const [room] = [await enter(sdk()), await enter(sdk())];
    const { ticket } = stateOf(room);
    // The signing of the pass fails, so that it is never handed over.
    const sign = house.jwt.sign.bind(house.jwt);
    house.jwt.sign = async (kind, ...rest) => {
      if (kind.typ === "pass+jwt") throw new Error("no pass today");
      return sign(kind, ...rest);
    };
    await house.letIn(1);
    house.settings.targetCcuLimit = 0;
    await house.clock.advance(31_000);
    await settled(room);
    expect(stateOf(room)).toMatchObject({ status: "waiting", position: 1, queueLength: 2, pass: "" });
    const { claim } = await house.queue.tickets.readTicket(ticket);
    expect((await house.queue.places([claim.id]))[0]).toMatchObject({ status: "waiting", position: 1 });
  });

  it("whose arrival the store could not be told is taken back when it ends", async () => {
    const house = new QueueHouse();
    const room = await enter(server.serve(house)());
    house.storeFailure = new LoginError("STORE_UNAVAILABLE", "away");
    house.failingVerbs = ["markDelivered"];
    await house.letIn(1);
    await until(room, ({ pass }) => pass !== "");
    house.settings.targetCcuLimit = 0;
    await house.clock.advance(31_000);
    expect(await until(room, ({ status }) => status === "waiting")).toMatchObject({
      position: 1,
      pass: "",
      passExpiresAt: 0,
    });
  });

  it("does not count as arrived at a client that has not confirmed its join, and that is closed soon", async () => {
    const house = new QueueHouse();
    server.serve(house);
    const socket = await takeSeatOnly(server.url);
    const closed = new Promise<number>((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
    await house.letIn(1);
    await house.clock.advance(14_000);
    expect((await house.queue.outlook.status()).liveSlots).toBe(1);
    await house.clock.advance(2_000);
    expect(await closed).toBe(4002);
    expect(await house.queue.outlook.status()).toMatchObject({ liveSlots: 0, lanes: { default: { waiting: 0 } } });
  });
});

describe("a store that fails", () => {
  it("is told of within a second, and so is its return, to everybody however far back", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    // Somebody at place 1 500 is told of nothing but every few seconds.
    const holder = { kind: "socket", id: "crowd", hostId: "other" } as const;
    for (let place = 1; place < 1_500; place += 1) {
      const id = `ticket-${place}`;
      await house.store.queue.join({ claim: null, newTicketId: id, lane: "default", userId: null, sid: null, holder });
    }
    const rooms = [await enter(sdk())];
    await house.clock.advance(2_000);
    rooms.push(await enter(sdk()));
    const modes = () => rooms.map((room) => stateOf(room).mode);
    house.storeFailure = new LoginError("STORE_UNAVAILABLE", "away");
    // The first look that fails is that of whoever has a turn first.
    while (!modes().includes("unavailable")) {
      await house.clock.advance(1_000);
      await Promise.all(rooms.map(settled));
    }
    for (const room of rooms) expect(stateOf(room)).toMatchObject({ mode: "unavailable", etaMs: -1 });
    expect(rooms.map((room) => stateOf(room).position)).toEqual([1_500, 1_501]);
    house.storeCalls.length = 0;
    await house.clock.advance(10_000);
    // One place is asked for, once a second.
    expect(house.storeCalls.length).toBeLessThanOrEqual(10);
    house.storeFailure = null;
    await house.clock.advance(1_000);
    await Promise.all(rooms.map(settled));
    for (const room of rooms) expect(stateOf(room)).toMatchObject({ mode: "auto" });
    expect(rooms.map((room) => stateOf(room).position)).toEqual([1_500, 1_501]);
  });

  it("and has nothing left when it is back, gets every place again from those who wait, in their order", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const rooms = [await enter(sdk()), await enter(sdk()), await enter(sdk())];
    const tickets = rooms.map((room) => stateOf(room).ticket);
    house.queue.start();
    house.storeFailure = new LoginError("STORE_UNAVAILABLE", "away");
    await house.clock.advance(10_000);
    house.loseStore();
    house.storeFailure = null;
    await house.clock.advance(2_000);
    await Promise.all(rooms.map(settled));
    expect(rooms.map((room) => stateOf(room).position)).toEqual([1, 2, 3]);
    expect(rooms.map((room) => stateOf(room).mode)).toEqual(["auto", "auto", "auto"]);
    const claims = await Promise.all(tickets.map((ticket) => house.queue.claimOf(ticket)));
    const places = await house.queue.places(claims.map((claim) => claim?.id ?? ""));
    expect(places.map(({ status, position }) => [status, position])).toEqual(
      [1, 2, 3].map((place) => ["waiting", place]),
    );
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 3, away: 0 });
    house.queue.stop();
  });

  it("keeps everybody connected and told, and places go on when it is back", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const [first, second] = [await enter(sdk()), await enter(sdk())];
    house.storeFailure = new LoginError("STORE_UNAVAILABLE", "away");
    const patches = countPatches(second);
    for (let second = 0; second < 60; second += 1) await house.clock.advance(1_000);
    await settled(second);
    expect(patches.count).toBeGreaterThanOrEqual(12);
    expect(stateOf(second)).toMatchObject({ status: "waiting", position: 2, etaMs: -1, mode: "unavailable" });
    await expect(sdk().joinOrCreate("login_queue")).rejects.toMatchObject({ message: "STORE_UNAVAILABLE" });
    await first.leave();
    house.storeFailure = null;
    house.queue.start();
    await house.clock.advance(5_000);
    expect(await until(second, ({ position }) => position === 1)).toMatchObject({ mode: "auto" });
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 0 });
    house.queue.stop();
  });

  it("and comes back empty has the old order within a second", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const rooms: SdkRoom[] = [];
    for (let count = 0; count < 10; count += 1) rooms.push(await enter(sdk()));
    await rooms[0]?.leave();
    await house.clock.advance(1_000);
    house.loseStore();
    const late = await enter(sdk());
    await house.clock.advance(2_000);
    const here = [...rooms.slice(1), late];
    await Promise.all(here.map(settled));
    expect(here.map((room) => stateOf(room).status)).toEqual(here.map(() => "waiting"));
    // The late one was told 1 before the others were back, and keeps what it was told.
    expect(positions(here)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 1]);
    const ids = await Promise.all(
      here.map(async (room) => (await house.queue.claimOf(stateOf(room).ticket))?.id ?? ""),
    );
    house.settings.targetCcuLimit = 3;
    await house.store.queue.admit();
    const places = await house.queue.places(ids);
    expect(places.map(({ status }) => status === "admitted")).toEqual(here.map((_, index) => index < 3));
  });
});
