// The sockets of a session in this process: how many there may be, what they mean for its slot, and how its end closes them.
import { type Client, matchMaker, Room } from "@colyseus/core";
import type { Room as SdkRoom } from "@colyseus/sdk";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { drop, left, rawSocket, refusal } from "../support/room-clients.ts";
import { RoomServer } from "../support/room-server.ts";
import { lifetimes, Rooms, type RoomsOptions } from "../support/rooms.ts";

const server = new RoomServer();
let rooms: Rooms;
let roomId: string;

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => open());
afterEach(() => rooms.stop());

async function open(options?: RoomsOptions): Promise<void> {
  rooms = new Rooms(server, options);
  const { calls } = rooms;
  class HoldingRoom extends Room {
    override autoDispose = false;
    override onJoin = (): void => calls.add("onJoin");
    override onDrop = (client: Client): void => {
      this.allowReconnection(client, "manual");
      calls.add("onDrop");
    };
    override onLeave = (): void => calls.add("onLeave");
  }
  rooms.define("room", rooms.guard(HoldingRoom));
  roomId = (await matchMaker.createRoom("room", {})).roomId;
}

async function join(sid: string): Promise<SdkRoom> {
  const room = await rooms.sdk(sid).joinById(roomId);
  room.reconnection.enabled = false;
  return room;
}

describe("how many", () => {
  it("S48 a session may have eight sockets, whatever seats are reserved for it", async () => {
    const sid = await rooms.openSession();
    const seats = await Promise.all(Array.from({ length: 100 }, () => rooms.reserve(roomId, sid)));
    const sockets = seats.map((sessionId) => rawSocket(server.port, roomId, { sessionId }));
    const refused = sockets.map(({ closed }) => closed);
    const first92 = await new Promise<unknown[]>((resolve) => {
      const seen: unknown[] = [];
      for (const closed of refused) {
        void closed.then((how) => {
          if (seen.push(how.code) === 92) resolve(seen);
        });
      }
    });
    expect(new Set(first92)).toEqual(new Set([4002]));
    expect(rooms.sockets.count(sid)).toBe(8);
    expect(rooms.calls.count("onJoin")).toBe(8);
    expect(rooms.calls.count("onLeave")).toBe(0);
    expect(await refusal(join(sid))).toEqual({ code: 429, message: "TOO_MANY_REQUESTS" });
  });

  it("S48 counts the sockets of a session alone, and those that are open alone", async () => {
    await rooms.stop();
    await open({ maxSocketsPerSession: 2 });
    const sid = await rooms.openSession();
    const other = await rooms.openSession();
    const first = await join(sid);
    const second = await join(sid);
    await join(other);
    expect(await refusal(join(sid))).toEqual({ code: 429, message: "TOO_MANY_REQUESTS" });

    await first.leave();
    await rooms.calls.until("onLeave");
    await join(sid);
    drop(second);
    await rooms.calls.until("onDrop");
    const third = await join(sid);
    expect(rooms.sockets.count(sid)).toBe(2);

    // Its place was taken meanwhile: refused, and the seat is free again.
    expect(await refusal(rooms.sdk(sid).reconnect(second.reconnectionToken))).toMatchObject({ code: 429 });
    await rooms.calls.until("onLeave", 2);
    expect(rooms.sockets.count(sid)).toBe(2);
    await third.leave();
    await rooms.calls.until("onLeave", 3);
    expect(rooms.sockets.count(sid)).toBe(1);
  });
});

describe("the slot", () => {
  it("is told of the first socket that was let in and of the last one that is gone", async () => {
    const sid = await rooms.openSession();
    const first = await join(sid);
    const second = await join(sid);
    expect(rooms.slots).toEqual([`first ${sid}`]);
    await first.leave();
    await rooms.calls.until("onLeave");
    expect(rooms.slots).toEqual([`first ${sid}`]);
    drop(second);
    await rooms.calls.until("onDrop");
    expect(rooms.slots).toEqual([`first ${sid}`, `last ${sid}`]);
    expect(rooms.sockets.connectedSids()).toEqual([]);
    await rooms.sdk(sid).reconnect(second.reconnectionToken);
    expect(rooms.slots).toEqual([`first ${sid}`, `last ${sid}`, `first ${sid}`]);
    expect(rooms.sockets.connectedSids()).toEqual([sid]);
    await rooms.store.sessions.disconnect(sid, "");
    expect(rooms.slots).toEqual([`first ${sid}`, `last ${sid}`, `first ${sid}`, `last ${sid}`]);
  });

  it("hears nothing of a socket that is refused", async () => {
    const sid = await rooms.openSession();
    const sessionId = await rooms.reserve(roomId, sid);
    await rooms.end(sid);
    await rawSocket(server.port, roomId, { sessionId }).closed;
    expect(rooms.slots).toEqual([]);
  });
});

describe("expiry", () => {
  it("closes the sockets within a second of the end, on every room", async () => {
    const sid = await rooms.openSession();
    const ends = [left(await join(sid)), left(await join(sid))];
    await rooms.clock.advance(lifetimes.tokenMs - 1);
    expect(rooms.sockets.count(sid)).toBe(2);
    await rooms.clock.advance(1_000);
    expect(rooms.sockets.count(sid)).toBe(0);
    expect(await Promise.all(ends)).toEqual(Array(2).fill({ code: 4408, reason: "session expired" }));
    await rooms.calls.until("onLeave", 2);
  });

  it("a refresh prolongs an open socket without rejoining", async () => {
    const sid = await rooms.openSession();
    const end = left(await join(sid));
    await rooms.clock.advance(lifetimes.tokenMs / 2);
    await rooms.refresh(sid);
    await rooms.clock.advance(lifetimes.tokenMs - 1);
    expect(rooms.sockets.count(sid)).toBe(1);
    await rooms.clock.advance(1_000);
    expect(rooms.sockets.count(sid)).toBe(0);
    expect(await end).toMatchObject({ code: 4408 });
  });

  it("leaves sockets open with closeSocketsOnExpiry: false, but lets nobody back", async () => {
    await rooms.stop();
    await open({ closeSocketsOnExpiry: false });
    const sid = await rooms.openSession();
    const room = await join(sid);
    await rooms.clock.advance(lifetimes.tokenMs * 2);
    expect(rooms.sockets.count(sid)).toBe(1);
    drop(room);
    await rooms.calls.until("onDrop");
    expect(await refusal(rooms.sdk(sid).reconnect(room.reconnectionToken))).toEqual({
      code: 4408,
      message: "session expired",
    });
    await rooms.calls.until("onLeave");
  });

  it.each(["storeDown", "storeLost"] as const)(
    "S28 closes nothing on the word of a store that is %s",
    async (state) => {
      const sid = await rooms.openSession();
      const end = left(await join(sid));
      rooms[state] = true;
      await rooms.clock.advance(lifetimes.tokenMs + 10_000);
      expect(rooms.sockets.count(sid)).toBe(1);
      expect(rooms.logged).toHaveLength(1);
      rooms[state] = false;
      await rooms.clock.advance(30_000);
      expect(rooms.sockets.count(sid)).toBe(0);
      expect(await end).toMatchObject({ code: 4408 });
    },
  );

  it("closes what a logout left open when its time is over, even if the store has forgotten it", async () => {
    const sid = await rooms.openSession();
    const end = left(await join(sid));
    await rooms.end(sid);
    rooms.storeLost = true;
    await rooms.clock.advance(lifetimes.tokenMs - 1);
    expect(rooms.sockets.count(sid)).toBe(1);
    await rooms.clock.advance(1_000);
    expect(await end).toMatchObject({ code: 4408 });
  });
});

describe("what the feed says", () => {
  it.each([
    ["logout", 4401, "session ended"],
    ["reuse", 4401, "session ended"],
    ["expired", 4408, "session expired"],
    ["banned", 4403, "banned"],
    ["replaced", 4409, "replaced by a newer login"],
  ] as const)("%s closes with %i", async (reason, code, words) => {
    const sid = await rooms.openSession();
    const end = left(await join(sid));
    expect(await rooms.end(sid, { reason, closeSockets: true })).toBe(1);
    expect(await end).toEqual({ code, reason: words });
  });

  it("closes the sockets of that session alone", async () => {
    const sid = await rooms.openSession("ann");
    const other = await rooms.openSession("ann");
    await Promise.all([join(sid), join(sid), join(other)]);
    expect(await rooms.end(sid, { closeSockets: true })).toBe(2);
    expect(rooms.sockets.count(sid)).toBe(0);
    expect(rooms.sockets.count(other)).toBe(1);
    expect(await rooms.store.sessions.disconnect("nobody", "")).toBe(0);
  });
});
