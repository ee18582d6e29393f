// Idle slots: while somebody waits, who says nothing for too long is warned and sent away, and comes back behind those who waited.
import type { Room as SdkRoom } from "@colyseus/sdk";
import { describe, expect, it } from "vitest";
import { left, refusal } from "../support/room-clients.ts";
import { settled } from "../support/settled.ts";
import { keptStore } from "./kept-store.ts";
import { type Player, untilAdmitted } from "./player.ts";
import { type House, loginServer } from "./server.ts";

const server = loginServer();

const second = 1_000;
const minute = 60 * second;

const small = { targetCcuLimit: 1, idleMinutes: 5, updateIntervalSeconds: 60, heartbeatSeconds: 120 } as const;

function open(queue: Record<string, unknown> = {}): House {
  return server.open({ maxSocketsPerSession: 4, queue: { ...small, ...queue } });
}

/** What a room was warned of, in order. */
function warnings(room: SdkRoom): number[] {
  const seen: number[] = [];
  room.onMessage("login:idle", ({ secondsLeft }: { secondsLeft: number }) => seen.push(secondsLeft));
  return seen;
}

/** Moves the time on, with a ping on every room twice a minute: it keeps nobody from being idle. */
async function pass(house: House, milliseconds: number, ...rooms: readonly SdkRoom[]): Promise<void> {
  for (let left = milliseconds; left > 0; left -= 30 * second) {
    await house.clock.advance(Math.min(left, 30 * second));
    await Promise.all(rooms.map(settled));
  }
}

async function say(room: SdkRoom): Promise<void> {
  const said = new Promise<void>((resolve) => room.onMessage("said", () => resolve()));
  room.send("say", "here");
  await said;
}

/** Waits over HTTP, where nothing need be sent for a long time. */
async function waitInLine(house: House, player: Player): Promise<() => Promise<unknown>> {
  const { ticket } = await player.takePlace();
  await house.clock.advance(second);
  return () => player.pollPlace(ticket);
}

async function liveSlots(house: House): Promise<number> {
  return (await house.login.queue.status()).liveSlots;
}

describe("while somebody waits", () => {
  it("an idle player is warned a minute before, sent away with 4411, and comes back behind who waited", async () => {
    const house = open();
    const ann = await house.loggedIn("Ann");
    const room = await ann.play();
    const warned = warnings(room);
    const closed = left(room);
    const bob = await house.player("Bob").queue();
    await pass(house, 4 * minute - second, room);
    expect(warned).toEqual([]);
    await pass(house, 2 * second, room);
    expect(warned).toEqual([60]);
    await pass(house, minute - 3 * second, room);
    expect(room.connection.isOpen).toBe(true);
    await house.clock.advance(4 * second);
    expect(await closed).toEqual({ code: 4411, reason: "idle" });
    expect(warned).toEqual([60]);

    expect(await refusal(ann.play())).toEqual({ code: 429, message: "QUEUE_REQUIRED" });
    expect((await ann.get("/auth/session")).status).toBe(200);
    await house.clock.advance(second);
    await untilAdmitted(bob);
    expect(await liveSlots(house)).toBe(1);
    expect(await ann.takePlace({}, ann.login.token)).toMatchObject({ status: "waiting", position: 1 });
  });

  it("a message of the game keeps the slot and takes the warning back; a ping does not", async () => {
    const house = open();
    const room = await (await house.loggedIn("Ann")).play();
    const warned = warnings(room);
    await house.player("Bob").queue();
    await pass(house, 4 * minute + 30 * second, room);
    expect(warned).toEqual([60]);
    await say(room);
    await pass(house, 3 * minute, room);
    expect(room.connection.isOpen).toBe(true);
    expect(warned).toEqual([60]);
    await pass(house, minute + second, room);
    expect(warned).toEqual([60, 60]);
    const closed = left(room);
    await house.clock.advance(minute);
    expect((await closed).code).toBe(4411);
  });

  it("one socket that speaks keeps them all, and all of a session are warned and closed together", async () => {
    const house = open();
    const ann = await house.loggedIn("Ann");
    const rooms = [await ann.play("game"), await ann.play("guarded")] as const;
    const warned = rooms.map(warnings);
    const closed = rooms.map(left);
    const bob = await house.player("Bob").queue();
    await pass(house, 3 * minute, ...rooms);
    await say(rooms[1]);
    await pass(house, 3 * minute, ...rooms);
    expect(warned).toEqual([[], []]);
    await pass(house, minute + second, ...rooms);
    expect(warned).toEqual([[60], [60]]);
    await house.clock.advance(minute);
    expect((await Promise.all(closed)).map(({ code }) => code)).toEqual([4411, 4411]);
    await untilAdmitted(bob);
    expect(await liveSlots(house)).toBe(1);
  });

  it("a lost connection that comes back by itself is no sign of life", async () => {
    const house = open();
    house.holdsSeats = true;
    const room = await (await house.loggedIn("Ann")).play();
    room.reconnection.minUptime = 0;
    room.reconnection.delay = 0;
    room.reconnection.minDelay = 0;
    await house.player("Bob").queue();
    await pass(house, 4 * minute - 30 * second, room);
    const back = new Promise<void>((resolve) => room.onReconnect.once(() => resolve()));
    room.connection.close();
    await back;
    await settled(room);
    const warned = warnings(room);
    await pass(house, 40 * second, room);
    expect(warned).toEqual([60]);
    const closed = left(room);
    await house.clock.advance(minute);
    expect((await closed).code).toBe(4411);
    expect(house.calls.count("onReconnect")).toBe(1);
  });

  it("who was idle for long before has a whole minute from the warning on", async () => {
    const house = open();
    const room = await (await house.loggedIn("Ann")).play();
    const warned = warnings(room);
    await pass(house, 60 * minute, room);
    expect(warned).toEqual([]);
    const closed = left(room);
    await house.player("Bob").queue();
    await pass(house, 2 * second, room);
    expect(warned).toEqual([60]);
    await pass(house, minute - 3 * second, room);
    expect(room.connection.isOpen).toBe(true);
    await house.clock.advance(3 * second);
    expect((await closed).code).toBe(4411);
  });
});

describe("nobody is sent away", () => {
  it("while nobody waits, and a warning is void when the line is gone", async () => {
    const house = open();
    const room = await (await house.loggedIn("Ann")).play();
    const warned = warnings(room);
    await pass(house, 10 * minute, room);
    expect(warned).toEqual([]);
    const bob = await house.player("Bob").queue();
    await pass(house, 30 * second, room);
    expect(warned).toEqual([60]);
    await bob.leave();
    await pass(house, 10 * minute, room);
    expect(warned).toEqual([60]);
    // The next line begins a new minute.
    await house.player("Cid").queue();
    await pass(house, 50 * second, room);
    expect(warned).toEqual([60, 60]);
    expect(room.connection.isOpen).toBe(true);
  });

  it("for those who only left a ticket behind", async () => {
    const house = open();
    const room = await (await house.loggedIn("Ann")).play();
    const warned = warnings(room);
    await pass(house, 10 * minute, room);
    const poll = await waitInLine(house, house.player("Bob"));
    await poll();
    // Present for fifteen seconds after the poll, and away from then on.
    await pass(house, 30 * second, room);
    expect(warned).toEqual([60]);
    await pass(house, minute, room);
    expect(room.connection.isOpen).toBe(true);
  });

  it("by default", async () => {
    const house = open({ idleMinutes: 0 });
    const room = await (await house.loggedIn("Ann")).play();
    const warned = warnings(room);
    await house.player("Bob").queue();
    await pass(house, 120 * minute, room);
    expect(warned).toEqual([]);
    expect(room.connection.isOpen).toBe(true);
  });
});

it("half of an allowance of less than two minutes is the notice", async () => {
  const house = open({ idleMinutes: 1 });
  const room = await (await house.loggedIn("Ann")).play();
  const warned = warnings(room);
  await house.player("Bob").queue();
  await pass(house, 29 * second, room);
  expect(warned).toEqual([]);
  await pass(house, 2 * second, room);
  expect(warned).toEqual([30]);
  const closed = left(room);
  await house.clock.advance(30 * second);
  expect((await closed).code).toBe(4411);
});

it("a store that cannot be asked leaves everybody where they are", async () => {
  const kept = keptStore();
  let isDown = false;
  const house = server.open({
    queue: small,
    store: (context) => {
      const store = kept(context);
      const queue = new Proxy(store.queue, {
        get(target, verb) {
          const member: unknown = Reflect.get(target, verb);
          if (typeof member !== "function") return member;
          return async (...values: unknown[]) => {
            if (isDown && verb === "reportQuiet") throw new Error("away");
            return Reflect.apply(member, target, values);
          };
        },
      });
      return { ...store, queue };
    },
  });
  const room = await (await house.loggedIn("Ann")).play();
  const warned = warnings(room);
  await house.player("Bob").queue();
  isDown = true;
  await pass(house, 6 * minute, room);
  expect(warned).toEqual([]);
  expect(room.connection.isOpen).toBe(true);
  isDown = false;
  await pass(house, 2 * second, room);
  expect(warned).toEqual([60]);
  expect(house.logger.lines.splice(0).some(({ text }) => text.includes("idle"))).toBe(true);
});
