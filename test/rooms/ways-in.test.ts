// Every way into a room, for every shape of room: who may get in does, and who may not reaches no hook.
import { matchMaker } from "@colyseus/core";
import type { Room as SdkRoom } from "@colyseus/sdk";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { drop, left, rawSocket, reconnectAtOnce, reconnectQuery, refusal } from "../support/room-clients.ts";
import { RoomServer } from "../support/room-server.ts";
import { Rooms } from "../support/rooms.ts";
import { shapes } from "./shapes.ts";

const server = new RoomServer();
let rooms: Rooms;

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => {
  rooms = new Rooms(server);
});
afterEach(() => rooms.stop());

describe.each(shapes)("$name", ({ make, hasDropHook }) => {
  /** Some shapes differ between the first instance of their class and the others. */
  let roomIds: string[];

  beforeEach(async () => {
    const name = `room-${crypto.randomUUID()}`;
    rooms.define(name, make(rooms));
    roomIds = [];
    for (let count = 0; count < 2; count += 1) roomIds.push((await matchMaker.createRoom(name, {})).roomId);
  });

  /** Plays a scene in either room, each with a session and a record of its own. */
  async function inEach(scene: (roomId: string, sid: string) => Promise<void>): Promise<void> {
    for (const roomId of roomIds) {
      rooms.calls.clear();
      await scene(roomId, await rooms.openSession());
    }
  }

  async function join(roomId: string, sid: string): Promise<SdkRoom> {
    const room = await rooms.sdk(sid).joinById(roomId);
    reconnectAtOnce(room);
    return room;
  }

  /** The hook that hears of a drop. */
  const dropped = hasDropHook ? "onDrop" : "onLeave";

  /** Joins and drops; resolves when the room holds the seat. */
  async function joinAndDrop(roomId: string, sid: string, options: { reconnect: boolean }): Promise<SdkRoom> {
    const room = await join(roomId, sid);
    room.reconnection.enabled = options.reconnect;
    drop(room);
    await rooms.calls.until(dropped);
    return room;
  }

  it("lets a live session in and out, once each", () =>
    inEach(async (roomId, sid) => {
      const room = await join(roomId, sid);
      expect(rooms.sockets.count(sid)).toBe(1);
      expect(rooms.sockets.connectedSids()).toEqual([sid]);
      const auth = rooms.room(roomId).clients[0]?.auth;
      expect(auth).toMatchObject({ sid, id: "ann", userId: "ann", vars: { colour: "red", rank: "7" } });
      expect(Object.isFrozen(auth) && Object.isFrozen(auth.vars)).toBe(true);

      await room.leave();
      await rooms.calls.until("gone");
      expect(rooms.calls.own).toEqual(["onJoin", "onLeave", "gone"]);
      expect(rooms.sockets.count(sid)).toBe(0);
      expect(rooms.sockets.connectedSids()).toEqual([]);
    }));

  it("lets a dropped client of a live session back, with fresh auth", () =>
    inEach(async (roomId, sid) => {
      const room = await join(roomId, sid);
      await rooms.refresh(sid, { colour: "blue" });
      const back = new Promise<void>((resolve) => room.onReconnect(resolve));
      drop(room);
      await back;
      expect((await matchMaker.driver.findOne({ roomId })).clients, "clients as the matchmaker counts them").toBe(1);
      expect(rooms.sockets.count(sid)).toBe(1);
      const auth = rooms.room(roomId).clients[0]?.auth;
      expect(auth).toMatchObject({ sid, vars: { colour: "blue", rank: "7" } });
      expect(Object.isFrozen(auth)).toBe(true);

      await room.leave();
      await rooms.calls.until("gone");
      expect(rooms.calls.own).toEqual(["onJoin", dropped, "onReconnect", "onLeave", "gone"]);
      expect(rooms.sockets.count(sid)).toBe(0);
    }));

  it("S23 refuses a seat that was reserved before the end", () =>
    inEach(async (roomId, sid) => {
      const reservation = await matchMaker.joinById(roomId, {}, { token: sid, headers: new Headers(), ip: undefined });
      await rooms.end(sid);
      const error = await refusal(rooms.sdk(sid).consumeSeatReservation(reservation));
      expect(error).toEqual({ code: 401, message: "SESSION_REVOKED" });
      expect(rooms.calls.seen).toEqual([]);
      expect(rooms.room(roomId).clients).toHaveLength(0);
      expect(rooms.sockets.count(sid)).toBe(0);
    }));

  it("S23 refuses an ended session at matchmaking", () =>
    inEach(async (roomId, sid) => {
      await rooms.end(sid);
      expect(await refusal(rooms.sdk(sid).joinById(roomId))).toEqual({ code: 401, message: "SESSION_REVOKED" });
      expect(rooms.calls.seen).toEqual([]);
    }));

  it("S30 refuses a seat that was reserved without a session, and lets none of its hooks run", () =>
    inEach(async (roomId) => {
      const reservation = await matchMaker.joinById(roomId, {});
      const { socket, closed } = rawSocket(server.port, roomId, { sessionId: reservation.sessionId });
      expect(await closed).toMatchObject({ code: 4002 });
      expect(socket.readyState).toBe(WebSocket.CLOSED);
      expect(rooms.calls.seen).toEqual([]);
      expect(rooms.room(roomId).clients).toHaveLength(0);
    }));

  it("S23 refuses an ended session on automatic reconnection", () =>
    inEach(async (roomId, sid) => {
      const room = await join(roomId, sid);
      const end = left(room);
      rooms.feedCut = true;
      await rooms.end(sid);
      drop(room);
      expect(await end).toEqual({ code: 4401, reason: "session ended" });
      await rooms.calls.until("gone");
      expect(rooms.calls.count("onReconnect")).toBe(0);
      expect(rooms.calls.count("gone")).toBe(1);
      expect(rooms.sockets.count(sid)).toBe(0);
    }));

  it("S23 refuses an ended session on manual reconnection", () =>
    inEach(async (roomId, sid) => {
      const room = await joinAndDrop(roomId, sid, { reconnect: false });
      rooms.feedCut = true;
      await rooms.end(sid);
      expect(await refusal(rooms.sdk(sid).reconnect(room.reconnectionToken))).toMatchObject({ code: 4401 });
      await rooms.calls.until("gone");
      expect(rooms.calls.count("onReconnect")).toBe(0);
      expect(rooms.calls.count("gone")).toBe(1);
    }));

  it("S23 refuses a banned session that reconnects over a raw socket", () =>
    inEach(async (roomId, sid) => {
      const room = await joinAndDrop(roomId, sid, { reconnect: false });
      rooms.feedCut = true;
      await rooms.store.access.ban("ann", { reason: "cheating", until: null });
      const { closed } = rawSocket(server.port, roomId, reconnectQuery(room));
      expect(await closed).toEqual({ code: 4403, reason: "cheating" });
      await rooms.calls.until("gone");
      expect(rooms.calls.count("onReconnect")).toBe(0);
      expect(rooms.calls.count("gone")).toBe(1);
      await rooms.store.access.unban("ann");
      rooms.feedCut = false;
    }));

  it("S30 gives up a held seat when the session ends", () =>
    inEach(async (roomId, sid) => {
      const room = await joinAndDrop(roomId, sid, { reconnect: false });
      expect(await rooms.end(sid)).toBe(0);
      await rooms.calls.until("gone");
      expect(await refusal(rooms.sdk(sid).reconnect(room.reconnectionToken))).toBeTruthy();
      expect(rooms.calls.count("onReconnect")).toBe(0);
      expect(rooms.calls.count("gone")).toBe(1);
    }));

  it("S30 closes for good: no seat is held for whom the server disconnects", () =>
    inEach(async (roomId, sid) => {
      const room = await join(roomId, sid);
      const end = left(room);
      expect(await rooms.store.sessions.disconnect(sid, "out with you")).toBe(1);
      expect(rooms.sockets.count(sid)).toBe(0);
      expect(await end).toEqual({ code: 4410, reason: "out with you" });
      await rooms.calls.until("gone");
      expect(rooms.calls.own.filter((call) => call !== "allowReconnection")).toEqual(
        hasDropHook ? ["onJoin", "onDrop", "onLeave", "gone"] : ["onJoin", "onLeave", "gone"],
      );
      const { closed } = rawSocket(server.port, roomId, reconnectQuery(room));
      expect(await closed).toMatchObject({ code: 4003 });
      expect(rooms.calls.count("onReconnect")).toBe(0);
      // The session lives on and may come in by the front door.
      await (await join(roomId, sid)).leave();
      await rooms.calls.until("gone", 2);
    }));
});
