// Closing a socket really closes it: peers that do not listen, reasons that do not fit, checks that fail, hooks called by games.
import { type Client, type ClientPrivate, Protocol } from "@colyseus/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { closing } from "../../src/sessions/closing.ts";
import { drop, left, rawSocket, reconnectQuery, refusal } from "../support/room-clients.ts";
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

describe("a peer that does not listen", () => {
  it("S29 is cut after 2 s, and none of its messages is handled", async () => {
    const peer = await rooms.deafPeer(roomId, { sessionId: await rooms.reserve(roomId, sid) });
    await rooms.calls.until("joined");
    const say = [Protocol.ROOM_DATA, 0xa3, ...Buffer.from("say")];
    peer.send([Protocol.JOIN_ROOM]);
    peer.send(say);
    await rooms.calls.until("message");

    const { ref } = rooms.room(roomId).clients[0]!;
    expect(await rooms.store.sessions.disconnect(sid, "out")).toBe(1);
    await peer.toldToClose;
    peer.send(say);
    peer.ping();
    // The ping comes after the message: when it is here, the message is.
    await new Promise((resolve) => ref.once("ping", resolve));
    expect(rooms.calls.count("message")).toBe(1);
    await rooms.clock.advance(1_999);
    expect(Reflect.get(ref, "readyState")).toBe(WebSocket.CLOSING);
    await rooms.clock.advance(1);
    await peer.cut;
    expect(rooms.room(roomId).clients).toHaveLength(0);
    expect(rooms.calls.count("message")).toBe(1);
  });

  it("S29 is cut too when it was refused at the join", async () => {
    rooms.afterRead = async () => {
      await rooms.end(sid);
    };
    const peer = await rooms.deafPeer(roomId, { sessionId: await rooms.reserve(roomId, sid) });
    await peer.toldToClose;
    await rooms.clock.advance(2_000);
    await peer.cut;
    expect(rooms.calls.seen).toEqual([]);
  });

  it("S29 is cut too when it was refused on its return", async () => {
    const room = await rooms.joinAndDrop(roomId, sid);
    rooms.feedCut = true;
    await rooms.end(sid);
    const peer = await rooms.deafPeer(roomId, reconnectQuery(room));
    await peer.toldToClose;
    await rooms.calls.until("gone");
    await rooms.clock.advance(2_000);
    await peer.cut;
    expect(rooms.calls.count("onReconnect")).toBe(0);
  });

  it("a peer that does close is not waited for any more", async () => {
    const room = await rooms.join(roomId, sid);
    const { ref } = rooms.room(roomId).clients[0]!;
    const closed = new Promise((resolve) => ref.once("close", resolve));
    let terminated = false;
    Object.assign(ref, {
      terminate: () => {
        terminated = true;
      },
    });
    const end = left(room);
    await rooms.store.sessions.disconnect(sid, "");
    await Promise.all([end, closed]);
    await rooms.clock.advance(10_000);
    expect(terminated).toBe(false);
  });
});

describe("the reason", () => {
  it("S31 of 300 emoji closes cleanly", async () => {
    const end = left(await rooms.join(roomId, sid));
    expect(await rooms.store.sessions.disconnect(sid, "🚪".repeat(300))).toBe(1);
    expect(await end).toEqual({ code: 4410, reason: "🚪".repeat(30) });
  });

  it.each([
    ["letters to the byte", "x".repeat(200), "x".repeat(123)],
    ["no half character", `${"x".repeat(122)}é`, "x".repeat(122)],
    ["three bytes each", "語".repeat(50), "語".repeat(41)],
    ["half a pair, replaced", "a\ud83d", "a\ufffd"],
    ["short", "bye", "bye"],
    ["empty", "", ""],
  ])("S31 is cut to 123 bytes of valid UTF-8: %s", (_name, reason, cut) => {
    expect(closing(4410, reason)).toEqual({ code: 4410, reason: cut });
    expect(Buffer.byteLength(closing(4410, reason).reason)).toBeLessThanOrEqual(123);
  });
});

describe("when the check itself fails", () => {
  it("S28 store down: entry and return are refused, open sockets stay", async () => {
    const stays = await rooms.join(roomId, sid);
    const drops = await rooms.join(roomId, sid);
    const seatId = await rooms.reserve(roomId, sid);
    rooms.storeDown = true;
    expect(await refusal(rooms.join(roomId, sid))).toEqual({ code: 503, message: "STORE_UNAVAILABLE" });
    expect(await rawSocket(server.port, roomId, { sessionId: seatId }).closed).toMatchObject({ code: 4002 });

    const errors: unknown[] = [];
    drops.onError((code, message) => errors.push([code, message]));
    const end = left(drops);
    drop(drops);
    expect(await end).toMatchObject({ code: 4003 });
    expect(errors).toEqual([[503, "STORE_UNAVAILABLE"]]);
    await rooms.calls.until("gone");
    expect(rooms.calls.count("onReconnect")).toBe(0);
    expect(stays.connection.isOpen).toBe(true);
    expect(rooms.sockets.count(sid)).toBe(1);
  });

  it("an error of another kind refuses, is logged, and says nothing to the client", async () => {
    rooms.afterRead = () => {
      throw Object.assign(new Error("secret detail"), { code: "ECONNREFUSED" });
    };
    expect(await refusal(rooms.join(roomId, sid))).toEqual({ code: 525, message: "the entry could not be checked" });
    expect(rooms.calls.seen).toEqual([]);
    expect(rooms.logged).toHaveLength(1);
  });

  it("no slot: refused with the code of the queue, and no slot is asked to be kept", async () => {
    rooms.afterRead = () => {
      throw new LoginError("QUEUE_REQUIRED", "Others wait.");
    };
    expect(await refusal(rooms.join(roomId, sid))).toEqual({ code: 429, message: "QUEUE_REQUIRED" });
    expect(rooms.slots).toEqual([]);
  });
});

describe("what is none of ours", () => {
  it("hooks that a game calls itself, for bots say, go straight to the room's own", async () => {
    const sdkRoom = await rooms.join(roomId, sid);
    const room = rooms.room(roomId);
    const bot = { sessionId: "bot", _enqueuedMessages: [] } as Partial<Client & ClientPrivate> as Client;
    await room.onJoin?.(bot);
    await room.onDrop?.(bot);
    await room.onReconnect?.(bot);
    await room.onLeave?.(bot);
    expect(rooms.calls.seen.slice(2)).toEqual([
      ...["onJoin", "joined", "onDrop", "dropped"],
      ...["onReconnect", "reconnected", "onLeave", "gone"],
    ]);

    // Called for a client who stays, a hook changes nothing about its socket.
    const client = room.clients[0]!;
    await room.onJoin?.(client);
    await room.onReconnect?.(client);
    await room.onLeave?.(client);
    expect(rooms.sockets.count(sid)).toBe(1);
    const end = left(sdkRoom);
    expect(await rooms.store.sessions.disconnect(sid, "still ours")).toBe(1);
    expect(await end).toMatchObject({ code: 4410 });
  });

  it("a client that switches networks: the new connection takes the seat of the old one", async () => {
    const room = await rooms.join(roomId, sid);
    room.reconnection.enabled = false;
    const again = await rooms.sdk(sid).reconnect(room.reconnectionToken);
    await rooms.calls.until("reconnected");
    expect(rooms.sockets.count(sid)).toBe(1);
    const end = left(again);
    expect(await rooms.store.sessions.disconnect(sid, "both")).toBe(1);
    expect(await end).toEqual({ code: 4410, reason: "both" });
    await rooms.calls.until("gone");
    expect(rooms.calls.count("gone")).toBe(1);
  });
});
