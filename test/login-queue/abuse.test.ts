// What clients may not do to the queue room: make rooms without bound, tickets without sockets, or trouble by what they send.
import { logger, matchMaker } from "@colyseus/core";
import type { Room as SdkRoom } from "@colyseus/sdk";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { left } from "../support/room-clients.ts";
import { settled } from "../support/settled.ts";
import { enter, positions, queueServer } from "./room-setup.ts";
import { QueueHouse, stateOf } from "./setup.ts";

const server = queueServer();

interface Answer {
  readonly status: number;
  readonly body: { readonly code?: number; readonly error?: string; readonly roomId?: string };
}

async function matchmake(call: string, body = "{}", contentType = "application/json"): Promise<Answer> {
  const answer = await fetch(`${server.url}/matchmake/${call}`, {
    method: "POST",
    body,
    headers: { "content-type": contentType },
  });
  return { status: answer.status, body: (await answer.json().catch(() => ({}))) as Answer["body"] };
}

describe("rooms", () => {
  it("S44 cannot be created, by whatever spelling of the call", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    await expect(sdk().create("login_queue")).rejects.toMatchObject({ code: 403, message: "FORBIDDEN" });
    await enter(sdk());
    await expect(sdk().create("login_queue")).rejects.toMatchObject({ code: 403, message: "FORBIDDEN" });
    for (const call of [
      "create/login_queue/",
      "create/login_queue?a=/joinOrCreate/x",
      "%63reate/login_queue",
      "create/login%5Fqueue",
      "Create/login_queue",
    ]) {
      expect((await matchmake(call)).status, call).toBeGreaterThanOrEqual(400);
    }
    expect(matchMaker.stats.local.roomCount).toBe(1);
  });

  it("S44 are one for all until it is full, and then one more", async () => {
    const house = new QueueHouse({ settings: { maxClientsPerQueueRoom: 3 } });
    const sdk = server.serve(house);
    const rooms = await Promise.all(Array.from({ length: 8 }, () => enter(sdk())));
    expect(new Set(rooms.map((room) => room.roomId)).size).toBe(3);
    expect(matchMaker.stats.local.roomCount).toBe(3);
    expect(positions(rooms).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    await house.clock.advance(2_000);
    await Promise.all(rooms.map(settled));
    expect(rooms.map((room) => stateOf(room).queueLength)).toEqual(rooms.map(() => 8));
  });

  it("can be joined by name and by id where there is one", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    await expect(sdk().join("login_queue")).rejects.toThrow();
    const room = await enter(sdk());
    await sdk().join("login_queue");
    await sdk().joinById(room.roomId);
    expect(matchMaker.stats.local.roomCount).toBe(1);
  });

  it("S44 take no ticket by matchmaking alone", async () => {
    const house = new QueueHouse();
    server.serve(house);
    for (let count = 0; count < 20; count += 1) expect((await matchmake("joinOrCreate/login_queue")).status).toBe(200);
    expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 0, away: 0 });
    expect(matchMaker.stats.local.roomCount).toBe(1);
  });
});

it("S43 an address has its tickets still when the store lost them and their holders brought them back", async () => {
  const house = new QueueHouse({ settings: { maxTicketsPerIp: 1 } });
  const sdk = server.serve(house);
  house.callers.currentAddress = "2001:db8:0:7::1";
  await enter(sdk());
  house.loseStore();
  await house.clock.advance(2_000);
  expect((await house.queue.outlook.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 0 });
  house.callers.currentAddress = "2001:db8:0:7::2";
  await expect(sdk().joinOrCreate("login_queue")).rejects.toMatchObject({ code: 429, message: "TOO_MANY_REQUESTS" });
  house.callers.currentAddress = "2001:db8:0:8::1";
  await enter(sdk());
});

describe("join options", () => {
  it.each<[string, string]>([
    ["null", "null"],
    ["an array", "[]"],
    ["a string", '"ticket"'],
    ["a number", "1"],
    ["a ticket of another type", '{"ticket":{"a":1}}'],
    ["a ticket of 10 000 characters", JSON.stringify({ ticket: "x".repeat(10_000) })],
    ["a hint of a megabyte", JSON.stringify({ hint: "x".repeat(1_000_000) })],
    ["a hint nested ten thousand times", `{"hint":${"[".repeat(10_000)}${"]".repeat(10_000)}}`],
    ["a shadowed method", '{"hasOwnProperty":1}'],
    ["__proto__", '{"__proto__":{"ticket":1}}'],
  ])("S36 refuses %s before a seat is reserved", async (_name, body) => {
    const house = new QueueHouse();
    server.serve(house);
    const answer = await matchmake("joinOrCreate/login_queue", body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(matchMaker.stats.local.roomCount).toBe(0);
  });

  it.each(["garbage", "a.b.c", "\u0000", "🎮".repeat(100), "__proto__"])(
    "S36 S41 takes the ticket %j for none",
    async (ticket) => {
      const house = new QueueHouse();
      const sdk = server.serve(house);
      expect(stateOf(await enter(sdk(), { ticket }))).toMatchObject({ status: "waiting", position: 1 });
    },
  );

  it("S36 are checked again at the socket, for seats that the server reserved", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const room = await enter(sdk());
    const [listing] = await matchMaker.query({ roomId: room.roomId });
    if (listing === undefined) throw new Error("no room");
    const seat = await matchMaker.reserveSeatFor(listing, { ticket: 7 });
    await expect(sdk().consumeSeatReservation(seat)).rejects.toMatchObject({ message: "INVALID_REQUEST" });
    const good = await matchMaker.reserveSeatFor(listing, {});
    await expect(sdk().consumeSeatReservation(good)).resolves.toBeDefined();
  });
});

describe("messages", () => {
  // Where the framework writes; the server of the tests gave it a silent one.
  let logged: string[] = [];
  beforeEach(() => {
    logged = [];
    for (const level of ["info", "warn", "error"] as const) {
      vi.spyOn(logger, level).mockImplementation((...parts: unknown[]) => void logged.push(`${level} ${parts.join()}`));
    }
  });

  it("S36 of any type and shape are ignored, without a line in the log", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const room = await enter(sdk());
    for (const type of ["hello", "__proto__", "constructor", "toString", "*", ""]) room.send(type, { a: [type] });
    room.send(7, null);
    room.sendBytes("bytes", new Uint8Array(100));
    await settled(room);
    expect(stateOf(room)).toMatchObject({ status: "waiting", position: 1 });
    expect([...logged, ...house.logger.lines]).toEqual([]);
  });

  it("S36 are answered to a request that waits for an answer", async () => {
    const house = new QueueHouse();
    const room = await enter(server.serve(house)());
    await expect(room.request("anything", {})).rejects.toThrow();
    await settled(room);
  });

  it("S36 that come too fast close the socket, and the place is kept for its grace", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const room = await enter(sdk());
    const closed = left(room);
    for (let count = 0; count < 100; count += 1) room.send("spam", count);
    expect((await closed).code).toBe(4002);
    const back = await enter(sdk(), { ticket: stateOf(room).ticket });
    expect(stateOf(back)).toMatchObject({ position: 1, queueLength: 1 });
  });

  it("are counted by the second: a few now and then close nothing", async () => {
    const house = new QueueHouse();
    const room = await enter(server.serve(house)());
    const { clock } = matchMaker.getLocalRoomById(room.roomId);
    for (let times = 0; times < 3; times += 1) {
      for (let count = 0; count < 15; count += 1) room.send("hello");
      await settled(room);
      const from = clock.currentTime;
      await vi.waitUntil(() => clock.currentTime > from + 1_000, { timeout: 10_000 });
    }
    expect(room.connection.isOpen).toBe(true);
  });

  it("S36 S38 that no client would send harm nobody else", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const bystander = await enter(sdk());
    const fault = vi.fn<(error: unknown) => void>();
    process.on("uncaughtException", fault);
    process.on("unhandledRejection", fault);
    const frames = [
      [],
      [0],
      [255],
      [13],
      [13, 0xd9],
      [13, 0xa5, 1],
      [17],
      [18, 18],
      [19, 1, 2],
      [20],
      [21],
      [21, 0xff],
      [21, 1, 0xa1],
      [16, 1],
    ];
    for (const frame of frames) {
      const room: SdkRoom = await enter(sdk());
      room.reconnection.enabled = false;
      room.connection.send(new Uint8Array(frame));
      room.connection.send(new Uint8Array([18]));
      await new Promise((resolve) => {
        room.onLeave.once(resolve);
        room.ping(resolve);
      });
    }
    await settled(bystander);
    process.off("uncaughtException", fault);
    process.off("unhandledRejection", fault);
    expect(fault.mock.calls).toEqual([]);
    expect(stateOf(bystander)).toMatchObject({ status: "waiting", position: 1 });
  });
});
