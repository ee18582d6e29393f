// What game rooms tell of: whom they refused, and each socket that was closed, once.
import type { Client, Room } from "@colyseus/core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { left, rawSocket, reconnectQuery, refusal } from "../support/room-clients.ts";
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

it("every socket of a session that is closed, with the code", async () => {
  const [one, other] = [await rooms.join(roomId, sid), await rooms.join(roomId, sid)];
  const ends = [left(one), left(other)];
  expect(await rooms.store.sessions.disconnect(sid, "out")).toBe(2);
  expect((await Promise.all(ends)).map(({ code }) => code)).toEqual([4410, 4410]);
  await rooms.store.sessions.disconnect(sid, "out");
  expect(rooms.told).toEqual([
    ["socketClosed", { code: 4410 }],
    ["socketClosed", { code: 4410 }],
  ]);
});

it("one that left by itself is none of them", async () => {
  const room = await rooms.join(roomId, sid);
  await room.leave();
  await rooms.calls.until("gone");
  expect(rooms.told).toEqual([]);
});

it("a refusal at the socket, with its code; a fault as INTERNAL", async () => {
  rooms.afterRead = () => {
    throw new LoginError("QUEUE_REQUIRED", "Others wait.");
  };
  await refusal(rooms.join(roomId, sid));
  rooms.afterRead = () => {
    throw new Error("a fault");
  };
  await refusal(rooms.join(roomId, sid));
  expect(rooms.told).toEqual([
    ["refused", { door: "room", code: "QUEUE_REQUIRED" }],
    ["refused", { door: "room", code: "INTERNAL" }],
  ]);
});

it("who comes back to a session that ended is refused and closed, once each", async () => {
  const room = await rooms.joinAndDrop(roomId, sid);
  rooms.feedCut = true;
  await rooms.end(sid);
  expect((await rawSocket(server.port, roomId, reconnectQuery(room)).closed).code).toBe(4401);
  expect(rooms.told).toEqual([
    ["socketClosed", { code: 4401 }],
    ["refused", { door: "room", code: "SESSION_REVOKED" }],
  ]);
});

it("who is closed while coming back is counted once", async () => {
  const room = await rooms.joinAndDrop(roomId, sid);
  rooms.beforeRead = async () => {
    await rooms.store.sessions.disconnect(sid, "out");
  };
  expect((await rawSocket(server.port, roomId, reconnectQuery(room)).closed).code).toBe(4410);
  expect(rooms.told).toEqual([["socketClosed", { code: 4410 }]]);
});

it("who comes back to a seat that was closed while it was empty is counted then", async () => {
  class Bare extends rooms.SlowRoom {
    // As JavaScript may write it: the type asks for the framework's Deferred.
    override allowReconnection = (async (client: Client, seconds: number | "manual") =>
      super.allowReconnection(client, seconds)) as unknown as Room["allowReconnection"];
  }
  const bareId = await rooms.makeRoom(Bare);
  const room = await rooms.joinAndDrop(bareId, sid);
  expect(await rooms.store.sessions.disconnect(sid, "no way")).toBe(0);
  expect(rooms.told).toEqual([]);
  expect((await rawSocket(server.port, bareId, reconnectQuery(room)).closed).code).toBe(4410);
  expect(rooms.told).toEqual([["socketClosed", { code: 4410 }]]);
});
