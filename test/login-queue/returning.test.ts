// Coming back to the queue: dropped sockets, tickets, take-overs, known users, and a server that goes.
import { matchMaker } from "@colyseus/core";
import type { Room as SdkRoom } from "@colyseus/sdk";
import { describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { drop, left, reconnectAtOnce } from "../support/room-clients.ts";
import { settled } from "../support/settled.ts";
import { enter, positions, queueServer, takeSeatOnly } from "./room-setup.ts";
import { QueueHouse, stateOf, until } from "./setup.ts";

const server = queueServer();

function reconnected(room: SdkRoom): Promise<void> {
  return new Promise((resolve) => room.onReconnect.once(() => room.onStateChange.once(() => resolve())));
}

/** Resolves when the store has so many waiting tickets whose holders are away. */
async function untilAway(house: QueueHouse, away: number): Promise<void> {
  while ((await house.queue.outlook.status()).lanes["default"]?.away !== away) await new Promise(setImmediate);
}

async function idOf(house: QueueHouse, room: SdkRoom): Promise<string> {
  return (await house.queue.claimOf(stateOf(room).ticket))?.id ?? "";
}

describe("a dropped socket", () => {
  it("comes back by itself: the same room object, the same place, and patches go on", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const [first, second] = [await enter(sdk()), await enter(sdk())];
    reconnectAtOnce(first);
    const back = reconnected(first);
    drop(first);
    await back;
    expect(stateOf(first)).toMatchObject({ status: "waiting", position: 1, queueLength: 2 });
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 2, away: 0 });
    await enter(sdk());
    await house.clock.advance(1_000);
    expect(await until(first, ({ queueLength }) => queueLength === 3)).toMatchObject({ position: 1 });
    await house.letIn(1);
    expect(await until(first, ({ status }) => status === "admitted")).toMatchObject({
      pass: expect.stringMatching(/^ey/),
    });
    expect(positions([second])).toEqual([2]);
  });

  it("comes back time and again", async () => {
    const house = new QueueHouse();
    const room = await enter(server.serve(house)());
    reconnectAtOnce(room);
    const id = await idOf(house, room);
    for (let times = 0; times < 5; times += 1) {
      const back = reconnected(room);
      drop(room);
      await back;
      expect(await idOf(house, room)).toBe(id);
    }
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 0 });
  });

  it("comes back by the SDK's reconnect and its token", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const client = sdk();
    const room = await enter(client);
    room.reconnection.enabled = false;
    const id = await idOf(house, room);
    drop(room);
    await untilAway(house, 1);
    const again = await client.reconnect(room.reconnectionToken);
    await until(again, ({ position }) => position === 1);
    expect(await idOf(house, again)).toBe(id);
  });

  it("is passed by while it is away, keeps its order, and is first when it returns", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const [first, second, third] = [await enter(sdk()), await enter(sdk()), await enter(sdk())];
    first.reconnection.enabled = false;
    drop(first);
    await untilAway(house, 1);
    await house.letIn(1);
    await until(second, ({ status }) => status === "admitted");
    const back = await enter(sdk(), { ticket: stateOf(first).ticket });
    expect(stateOf(back)).toMatchObject({ position: 1, queueLength: 2 });
    await house.letIn(1);
    await until(back, ({ status }) => status === "admitted");
    expect(stateOf(third).status).toBe("waiting");
  });

  it("is dropped for good after its grace, and starts at the end", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const [first, second] = [await enter(sdk()), await enter(sdk())];
    first.reconnection.enabled = false;
    drop(first);
    await untilAway(house, 1);
    await house.clock.advance(89_000);
    expect(positions([second])).toEqual([2]);
    await house.clock.advance(2_000);
    await until(second, ({ position }) => position === 1);
    const back = await enter(sdk(), { ticket: stateOf(first).ticket });
    expect(stateOf(back)).toMatchObject({ position: 2, queueLength: 2 });
  });

  it("that comes back after its grace to the same seat starts at the end too", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const client = sdk();
    const [first] = [await enter(client), await enter(sdk())];
    first.reconnection.enabled = false;
    drop(first);
    await untilAway(house, 1);
    await house.clock.advance(200_000);
    const again = await client.reconnect(first.reconnectionToken);
    expect(await until(again, ({ position }) => position > 0)).toMatchObject({
      status: "waiting",
      position: 2,
      queueLength: 2,
    });
  });

  it("comes back while the store is away, and has its place when that is back", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const [first, second] = [await enter(sdk()), await enter(sdk())];
    reconnectAtOnce(first);
    const back = reconnected(first);
    house.storeFailure = new LoginError("STORE_UNAVAILABLE", "away");
    drop(first);
    await back;
    await house.clock.advance(5_000);
    house.storeFailure = null;
    house.queue.start();
    await house.clock.advance(5_000);
    await Promise.all([first, second].map(settled));
    expect(positions([first, second])).toEqual([1, 2]);
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 2, away: 0 });
    house.queue.stop();
  });

  it("keeps the pass that it was given before", async () => {
    const house = new QueueHouse();
    const room = await enter(server.serve(house)());
    reconnectAtOnce(room);
    await house.letIn(1);
    const { pass } = await until(room, ({ status }) => status === "admitted");
    const back = reconnected(room);
    drop(room);
    await back;
    await house.clock.advance(1_000);
    await settled(room);
    expect(stateOf(room)).toMatchObject({ status: "admitted", pass });
  });

  it("that comes back and does not confirm it is closed in time, and its place is kept", async () => {
    const house = new QueueHouse();
    const room = await enter(server.serve(house)());
    room.reconnection.enabled = false;
    await house.clock.advance(60_000);
    drop(room);
    await untilAway(house, 1);
    const [roomId, reconnectionToken] = room.reconnectionToken.split(":");
    const query = new URLSearchParams({ sessionId: room.sessionId, reconnectionToken: reconnectionToken ?? "" });
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/${matchMaker.processId}/${roomId}?${query}`);
    const closed = new Promise<number>((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
    await untilAway(house, 0);
    await house.clock.advance(14_000);
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 0 });
    await house.clock.advance(2_000);
    expect(await closed).toBe(4002);
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 1 });
  });

  it("gives up a place that its client never saw", async () => {
    const house = new QueueHouse();
    server.serve(house);
    const socket = await takeSeatOnly(server.url);
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 0 });
    socket.close();
    while ((await house.queue.outlook.status()).lanes["default"]?.waiting !== 0) await new Promise(setImmediate);
  });
});

describe("a client that is counted as away while it is here", () => {
  /** The store lost sight of the room's client, and the room's attempt to take the place again hangs until released. */
  async function losingSight(
    house: QueueHouse,
    room: SdkRoom,
  ): Promise<{ release: () => void; refreshed: Promise<void> }> {
    const id = await idOf(house, room);
    const [place] = await house.queue.places([id]);
    if (place?.ticket?.holder?.kind !== "socket") throw new Error("expected a socket");
    await house.store.queue.drop(id, place.ticket.holder.id);
    let release = () => {};
    const joining = new Promise<void>((resolve) => {
      house.beforeCall = (verb) => {
        if (verb !== "join") return undefined;
        resolve();
        return new Promise((go) => {
          release = () => go();
        });
      };
    });
    const refreshed = house.clock.advance(1_000);
    await joining;
    return { release: () => release(), refreshed };
  }

  it("takes its place again by the next look", async () => {
    const house = new QueueHouse();
    const room = await enter(server.serve(house)());
    const { release, refreshed } = await losingSight(house, room);
    release();
    await refreshed;
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 0 });
    await settled(room);
    expect(stateOf(room)).toMatchObject({ status: "waiting", position: 1 });
  });

  it("is away all the same where it drops in that moment", async () => {
    const house = new QueueHouse();
    const room = await enter(server.serve(house)());
    room.reconnection.enabled = false;
    const { release, refreshed } = await losingSight(house, room);
    drop(room);
    while (house.storeCalls.at(-1) !== "drop") await new Promise(setImmediate);
    release();
    await refreshed;
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 1 });
  });

  it("gives its place up all the same where it leaves in that moment", async () => {
    const house = new QueueHouse();
    const room = await enter(server.serve(house)());
    const { release, refreshed } = await losingSight(house, room);
    await room.leave();
    release();
    await refreshed;
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 0, away: 0 });
  });
});

describe("a place taken over", () => {
  it("S41 has one holder: of a ticket copied to two sockets the first is told and closed", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const first = await enter(sdk());
    reconnectAtOnce(first);
    const closed = left(first);
    const second = await enter(sdk(), { ticket: stateOf(first).ticket });
    expect((await closed).code).toBe(4409);
    expect(stateOf(first)).toMatchObject({ status: "removed", pass: "", position: 0 });
    expect(stateOf(first).notice).not.toBe("");
    expect(stateOf(second)).toMatchObject({ status: "waiting", position: 1, queueLength: 1 });
    await house.clock.advance(2_000);
    await settled(second);
    expect(stateOf(second).status).toBe("waiting");
  });

  it("S42 is the user's one place: a second device takes it over and does not add one", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const { token } = await house.openSession("ann");
    await enter(sdk());
    const phone = await enter(sdk(token));
    await enter(sdk());
    const closed = left(phone);
    const desktop = await enter(sdk(token));
    expect((await closed).code).toBe(4409);
    expect(stateOf(desktop)).toMatchObject({ position: 2, queueLength: 3 });
  });

  it("S41 is noticed though the feed said nothing", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const first = await enter(sdk());
    const closed = left(first);
    house.isFeedCut = true;
    await house.polling.join({ ticket: stateOf(first).ticket, session: null, lane: "default" });
    await house.clock.advance(1_000);
    expect((await closed).code).toBe(4409);
  });

  it("by a poller leaves the socket closed, and by a socket the poller goes on", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const room = await enter(sdk());
    const closed = left(room);
    const polled = await house.polling.poll(stateOf(room).ticket);
    expect(polled).toMatchObject({ status: "waiting", position: 1 });
    expect((await closed).code).toBe(4409);
    const again = await enter(sdk(), { ticket: polled.ticket });
    expect(stateOf(again)).toMatchObject({ position: 1, queueLength: 1 });
  });

  it("frees the seat that was held for the dropped socket", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const client = sdk();
    const first = await enter(client);
    first.reconnection.enabled = false;
    drop(first);
    await untilAway(house, 1);
    const second = await enter(sdk(), { ticket: stateOf(first).ticket });
    await expect(client.reconnect(first.reconnectionToken)).rejects.toThrow();
    expect(stateOf(second)).toMatchObject({ position: 1, queueLength: 1 });
  });
});

describe("a known player", () => {
  it("with an expired or made-up token counts as a stranger", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const rooms = [await enter(sdk("made up")), await enter(sdk("made up"))];
    expect(positions(rooms)).toEqual([1, 2]);
  });

  it("who is banned is refused at matchmaking, with BANNED", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const { token, sid } = await house.openSession("ann");
    house.sessionErrors.set(sid, new LoginError("BANNED", "Banned.", { reason: "cheating" }));
    await expect(sdk(token).joinOrCreate("login_queue")).rejects.toMatchObject({ code: 403, message: "BANNED" });
    expect(matchMaker.stats.local.roomCount).toBe(0);
  });

  it("whose session ended between matchmaking and the socket is a stranger there", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const { token } = await house.openSession("ann");
    const client = sdk(token);
    const seat = await client.http.post("/matchmake/joinOrCreate/login_queue", { body: {} });
    house.sessions.clear();
    const room = await client.consumeSeatReservation(seat.data);
    await until(room, ({ position }) => position === 1);
    const [place] = await house.queue.places([await idOf(house, room)]);
    expect(place?.ticket).toMatchObject({ userId: null, sid: null });
  });

  it("who was banned between matchmaking and the socket is refused there", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const { token } = await house.openSession("ann");
    const client = sdk(token);
    const seat = await client.http.post("/matchmake/joinOrCreate/login_queue", { body: {} });
    await house.store.access.ban("ann", { reason: "cheating", until: null });
    await expect(client.consumeSeatReservation(seat.data)).rejects.toMatchObject({ message: "BANNED" });
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 0, away: 0 });
  });

  it("who is banned while waiting is removed with the reason", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const { token } = await house.openSession("ann");
    const room = await enter(sdk(token));
    const closed = left(room);
    await house.store.access.ban("ann", { reason: "cheating", until: null });
    expect(await closed).toMatchObject({ reason: "cheating" });
    expect(stateOf(room)).toMatchObject({ status: "removed", notice: "cheating" });
  });

  it("who is banned while away may not come back to the seat", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const { token, sid } = await house.openSession("ann");
    const room = await enter(sdk(token));
    reconnectAtOnce(room);
    const closed = left(room);
    house.sessionErrors.set(sid, new LoginError("BANNED", "Banned.", { reason: "cheating" }));
    drop(room);
    expect(await closed).toEqual({ code: 4403, reason: "cheating" });
  });

  it("is admitted like any other, and the slot is then the session's", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const { token, sid } = await house.openSession("ann");
    const room = await enter(sdk(token));
    await house.letIn(1);
    await until(room, ({ status }) => status === "admitted");
    await house.queue.slots.requireSlot({ userId: "ann", sid });
    expect((await house.queue.outlook.status()).liveSlots).toBe(1);
  });

  it("whose slot is still in player grace is admitted at once", async () => {
    const house = new QueueHouse({ settings: { targetCcuLimit: 1 } });
    const sdk = server.serve(house);
    const { token, sid } = await house.openSession("ann");
    await house.queue.slots.requireSlot({ userId: "ann", sid });
    await house.queue.slots.socketsOpened(sid);
    await house.queue.slots.socketsClosed(sid);
    await enter(sdk());
    const room = await enter(sdk(token));
    expect(stateOf(room)).toMatchObject({ status: "admitted", position: 0, pass: expect.stringMatching(/^ey/) });
  });
});

describe("a server that goes", () => {
  it("keeps the places: they are away, and their tickets bring them back in order", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const rooms = [await enter(sdk()), await enter(sdk()), await enter(sdk())];
    const gone = rooms.map(left);
    const tickets = rooms.map((room) => stateOf(room).ticket);
    await Promise.all(matchMaker.disconnectAll());
    await Promise.all(gone);
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 3, away: 3 });
    const back: SdkRoom[] = [];
    for (const ticket of tickets.toReversed()) back.push(await enter(sdk(), { ticket }));
    expect(positions(back)).toEqual([3, 2, 1]);
  });

  it("keeps the places as well where it closes with a code of its own, or while clients are away", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const rooms = [await enter(sdk()), await enter(sdk())];
    const [first] = rooms;
    if (first === undefined) throw new Error("no room");
    first.reconnection.enabled = false;
    drop(first);
    await untilAway(house, 1);
    await Promise.all(matchMaker.disconnectAll(4001));
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 2, away: 2 });
  });
});
