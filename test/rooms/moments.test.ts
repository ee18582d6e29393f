// Ends and disconnects at whatever moment of a socket's life: while its record is read, while a hook runs, while it is away.
import { type Client, Deferred, Room } from "@colyseus/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { drop, left, rawSocket, reconnectQuery, refusal, until } from "../support/room-clients.ts";
import { RoomServer } from "../support/room-server.ts";
import { SlowRooms } from "./slow-room.ts";

const server = new RoomServer();
let rooms: SlowRooms;
let roomId: string;
let sid: string;

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(async () => {
  rooms = new SlowRooms(server);
  roomId = await rooms.makeRoom();
  sid = await rooms.openSession();
});
afterEach(() => rooms.stop());

/** What a player's whole stay looks like to the room when the return was none. */
const droppedForGood = ["onJoin", "joined", "onDrop", "dropped", "onLeave", "gone"];

/** Lets the next read of a record find its session live, and `act` happen before the answer is used. */
function afterNextRead(act: () => Promise<unknown>): void {
  rooms.afterRead = async () => {
    rooms.afterRead = null;
    await act();
  };
}

describe("while the record is read", () => {
  it("S23 an end that closes sockets is seen, and no hook runs", async () => {
    afterNextRead(async () => expect(await rooms.end(sid, { closeSockets: true })).toBe(1));
    expect(await refusal(rooms.join(roomId, sid))).toEqual({ code: 4401, message: "session ended" });
    await until(() => rooms.room(roomId).clients.length === 0);
    expect(rooms.calls.seen).toEqual([]);
    expect(rooms.sockets.size).toBe(0);
    expect(rooms.slots).toEqual([]);
  });

  it("S23 an end that leaves sockets open is seen as well: this one is not open yet", async () => {
    afterNextRead(async () => expect(await rooms.end(sid)).toBe(0));
    expect(await refusal(rooms.join(roomId, sid))).toEqual({ code: 401, message: "SESSION_REVOKED" });
    expect(rooms.calls.seen).toEqual([]);
  });

  it("S23 an end is seen by a client that comes back", async () => {
    const room = await rooms.join(roomId, sid);
    const end = left(room);
    afterNextRead(() => rooms.end(sid));
    drop(room);
    expect(await end).toEqual({ code: 4401, reason: "session ended" });
    await rooms.calls.until("gone");
    expect(rooms.calls.seen).toEqual(droppedForGood);
  });

  it("a disconnect is seen by a client that comes back", async () => {
    const room = await rooms.join(roomId, sid);
    const end = left(room);
    afterNextRead(async () => expect(await rooms.store.sessions.disconnect(sid, "enough")).toBe(1));
    drop(room);
    expect(await end).toEqual({ code: 4410, reason: "enough" });
    await rooms.calls.until("gone");
    expect(rooms.calls.seen).toEqual(droppedForGood);
  });

  /** Stops the next read until told to go on. */
  function holdRead(): { reading: Deferred<void>; goOn: Deferred<void> } {
    const reading = new Deferred<void>();
    const goOn = new Deferred<void>();
    afterNextRead(async () => {
      reading.resolve();
      await goOn;
    });
    return { reading, goOn };
  }

  async function closeAndWait(socket: WebSocket): Promise<void> {
    const gone = new Promise((resolve) => rooms.room(roomId).clients[0]!.ref.once("close", resolve));
    socket.close();
    await gone;
    expect(rooms.sockets.count(sid)).toBe(0);
  }

  it("a client that leaves reaches no hook", async () => {
    const { reading, goOn } = holdRead();
    const { socket } = rawSocket(server.port, roomId, { sessionId: await rooms.reserve(roomId, sid) });
    await reading;
    await closeAndWait(socket);
    goOn.resolve();
    await until(() => rooms.room(roomId).clients.length === 0);
    expect(rooms.calls.seen).toEqual([]);
  });

  it("a client that came back and drops again: the room hears of one drop and one leave", async () => {
    const room = await rooms.joinAndDrop(roomId, sid);
    const { reading, goOn } = holdRead();
    const { socket } = rawSocket(server.port, roomId, reconnectQuery(room));
    await reading;
    await closeAndWait(socket);
    goOn.resolve();
    await rooms.calls.until("gone");
    expect(rooms.calls.seen).toEqual(droppedForGood);
  });
});

describe("while a hook of the room runs", () => {
  it("onJoin: it comes to its end, then the room hears of the leave", async () => {
    rooms.gates.onJoin = new Deferred<void>();
    const joining = refusal(rooms.join(roomId, sid));
    await rooms.calls.until("onJoin");
    expect(await rooms.store.sessions.disconnect(sid, "not now")).toBe(1);
    expect(await rooms.store.sessions.disconnect(sid, "again")).toBe(0);
    expect(await joining).toEqual({ code: 4410, message: "not now" });
    rooms.gates.onJoin.resolve();
    await rooms.calls.until("gone");
    expect(rooms.calls.seen).toEqual(droppedForGood);
    expect(rooms.room(roomId).clients).toHaveLength(0);
  });

  it("S29 onJoin: a peer that ignores the close is out of the room all the same", async () => {
    rooms.gates.onJoin = new Deferred<void>();
    const peer = await rooms.deafPeer(roomId, { sessionId: await rooms.reserve(roomId, sid) });
    await rooms.calls.until("onJoin");
    expect(await rooms.store.sessions.disconnect(sid, "not now")).toBe(1);
    await peer.toldToClose;
    rooms.gates.onJoin.resolve();
    await rooms.calls.until("gone");
    expect(rooms.room(roomId).clients).toHaveLength(0);
    await rooms.clock.advance(2_000);
    await peer.cut;
  });

  it("onReconnect: the same", async () => {
    const room = await rooms.join(roomId, sid);
    const end = left(room);
    rooms.gates.onReconnect = new Deferred<void>();
    drop(room);
    await rooms.calls.until("onReconnect");
    expect(await rooms.end(sid, { closeSockets: true, reason: "replaced" })).toBe(1);
    expect(await end).toEqual({ code: 4409, reason: "replaced by a newer login" });
    rooms.gates.onReconnect.resolve();
    await rooms.calls.until("gone");
    expect(rooms.calls.count("onReconnect")).toBe(1);
    expect(rooms.calls.count("onLeave")).toBe(1);
    expect(rooms.room(roomId).clients).toHaveLength(0);
  });

  it("onLeave: the peer need not wait for it", async () => {
    rooms.gates.onLeave = new Deferred<void>();
    const end = left(await rooms.join(roomId, sid));
    expect(await rooms.end(sid, { closeSockets: true, message: "bye" })).toBe(1);
    expect(await end).toEqual({ code: 4401, reason: "bye" });
    expect(rooms.calls.count("gone")).toBe(0);
  });

  it("onDrop that has not asked for the seat yet: it gets none", async () => {
    const room = await rooms.join(roomId, sid);
    room.reconnection.enabled = false;
    rooms.gates.onDrop = new Deferred<void>();
    drop(room);
    await rooms.calls.until("onDrop");
    expect(await rooms.store.sessions.disconnect(sid, "too late")).toBe(0);
    rooms.gates.onDrop.resolve();
    await rooms.calls.until("gone");
    expect(await rawSocket(server.port, roomId, reconnectQuery(room)).closed).toMatchObject({ code: 4003 });
    expect(rooms.calls.seen).toEqual(droppedForGood);
  });
});

describe("while the client is away", () => {
  it.each([
    ["disconnect", () => rooms.store.sessions.disconnect(sid, "gone for good")],
    ["end", () => rooms.end(sid)],
    ["end that closes sockets", () => rooms.end(sid, { closeSockets: true })],
  ])("S23 its seat is given up (%s) and counts as no socket", async (_name, act) => {
    const room = await rooms.joinAndDrop(roomId, sid);
    expect(await act()).toBe(0);
    await rooms.calls.until("gone");
    expect(await rawSocket(server.port, roomId, reconnectQuery(room)).closed).toMatchObject({ code: 4003 });
    expect(rooms.calls.seen).toEqual(droppedForGood);
  });

  it("S23 who drops after a logout that left its socket open comes back no more", async () => {
    const room = await rooms.join(roomId, sid);
    room.reconnection.enabled = false;
    expect(await rooms.end(sid)).toBe(0);
    expect(room.connection.isOpen).toBe(true);
    drop(room);
    await rooms.calls.until("gone");
    expect(await rawSocket(server.port, roomId, reconnectQuery(room)).closed).toMatchObject({ code: 4003 });
  });

  it("code that awaits the seat hears why it was refused", async () => {
    const heard = new Deferred<unknown>();
    class Awaiting extends rooms.SlowRoom {
      override async onDrop(client: Client): Promise<void> {
        rooms.calls.add("dropped");
        await this.allowReconnection(client, 60).catch((error: unknown) => heard.resolve(error));
      }
    }
    await rooms.joinAndDrop(await rooms.makeRoom(Awaiting), sid);
    await rooms.store.sessions.disconnect(sid, "no");
    expect(await heard).toMatchObject({ code: 4410, message: "no" });
  });

  it("a seat that is held when the room's last hook is through already is given up, and given back", async () => {
    const { calls } = rooms;
    class Leaving extends Room {
      override autoDispose = false;
      override onLeave(client: Client): void {
        this.allowReconnection(client, "manual");
        calls.add("dropped");
      }
    }
    const leavingId = await rooms.makeRoom(Leaving);
    const room = await rooms.joinAndDrop(leavingId, sid);
    await rooms.calls.until("dropped");
    expect(rooms.sockets.size).toBe(1);
    await rooms.store.sessions.disconnect(sid, "no");
    await until(() => rooms.sockets.size === 0);
    expect(await rawSocket(server.port, leavingId, reconnectQuery(room)).closed).toMatchObject({ code: 4003 });
  });

  it("a room whose allowReconnection answers a bare promise: the return is refused at the gate", async () => {
    class Bare extends rooms.SlowRoom {
      // As JavaScript may write it: the type asks for the framework's Deferred.
      override allowReconnection = (async (client: Client, seconds: number | "manual") =>
        super.allowReconnection(client, seconds)) as unknown as Room["allowReconnection"];
    }
    const bareId = await rooms.makeRoom(Bare);
    const room = await rooms.joinAndDrop(bareId, sid);
    expect(await rooms.store.sessions.disconnect(sid, "no way")).toBe(0);
    const { closed } = rawSocket(server.port, bareId, reconnectQuery(room));
    expect(await closed).toEqual({ code: 4410, reason: "no way" });
    await rooms.calls.until("gone");
    expect(rooms.calls.seen).toEqual(droppedForGood);
  });

  it("a room that is disposed of gives every seat up, and nothing goes unhandled", async () => {
    await rooms.joinAndDrop(roomId, sid);
    await rooms.join(roomId, sid);
    await rooms.room(roomId).disconnect();
    await rooms.calls.until("gone", 2);
    await until(() => rooms.sockets.size === 0);
  });
});
