// Two processes on one Redis: what ends on one is over on the other, by every way in.
import { Protocol, type Room, Client as SdkClient } from "@colyseus/sdk";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Player } from "../login/player.ts";
import { RedisProxy } from "../support/redis-proxy.ts";
import { useRedisServer } from "../support/redis-server.ts";
import { drop, left, reconnectAtOnce, reconnectQuery, refusal } from "../support/room-clients.ts";
import { settled } from "../support/settled.ts";
import { Game, type Member } from "./members/game.ts";

const server = useRedisServer();
let game: Game;
let here: Member;
let there: Member;

beforeAll(() => {
  // The SDK tells the console of every connection that ends.
  vi.spyOn(console, "info").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

let names = 0;
/** Somebody who has logged in where the rooms are. */
async function newcomer(): Promise<Player> {
  names += 1;
  return there.loggedIn(`player ${names}`);
}

function deviceName(device: string): string {
  return device.replace("the device of ", "");
}

/** Comes back to the seat that `room` lost, over a bare socket; resolves with the code it is closed with, or 0 where it is in. */
function comeBackRaw(room: Room): Promise<number> {
  const [base = ""] = (room.connection.url ?? "").split("?");
  const socket = new WebSocket(`${base}?${new URLSearchParams(reconnectQuery(room))}`);
  socket.binaryType = "arraybuffer";
  return new Promise((resolve) => {
    socket.addEventListener("message", ({ data }) => {
      if (new Uint8Array(data)[0] === Protocol.JOIN_ROOM) resolve(0);
    });
    socket.addEventListener("close", ({ code }) => resolve(code));
  });
}

/** What a player has who plays in four rooms: two seats are waiting for it, and one was never taken. */
async function playing(player: Player) {
  const room = async () => {
    const joined = await player.client.create("game");
    joined.onMessage("*", () => {});
    await settled(joined);
    return joined;
  };
  const [open, manual, raw] = [await room(), await room(), await room()];
  reconnectAtOnce(open);
  const drops = await there.call("drops");
  for (const dropped of [manual, raw]) {
    dropped.reconnection.enabled = false;
    drop(dropped);
  }
  await vi.waitFor(async () => expect(await there.call("drops")).toBe(drops + 2), 10_000);
  const { data: seat } = await player.client.http.post("/matchmake/create/game", { body: {} });
  for (const member of [here, there]) {
    expect((await member.visitedBy(player).get("/me")).status).toBe(200);
  }
  return { open, manual, raw, seat };
}

async function isRefusedAnew(player: Player, code: string, status: number): Promise<void> {
  for (const member of [here, there]) {
    const visitor = member.visitedBy(player);
    expect(await refusal(visitor.play())).toEqual({ code: status, message: code });
    expect(await refusal(visitor.client.create("game"))).toEqual({ code: status, message: code });
    for (const path of ["/auth/session", "/me"]) {
      expect(await visitor.get(path), path).toMatchObject({ status, body: { code } });
    }
    expect(await visitor.tryRefresh()).toMatchObject({ status, body: { code } });
  }
}

/** The refresh token of some generations ago is shown here. */
async function reuse(player: Player): Promise<void> {
  const { refreshToken } = player.login;
  const thief = here.visitedBy(player);
  for (let times = 0; times < 3; times += 1) await thief.refresh();
  expect(await thief.post("/auth/refresh", { refreshToken })).toMatchObject({ status: 401 });
}

describe.each(["strict", "cached"] as const)("verify: %s", (verify) => {
  beforeAll(async () => {
    game = new Game(server, { verify, tokens: { refreshGraceSeconds: 0 }, concurrentSessions: "many" });
    [here, there] = await game.startTwo();
  });
  afterAll(() => game.stop());

  it("S23 whoever lives gets in by every way, through any process", async () => {
    const player = await newcomer();
    const { open, manual, raw, seat } = await playing(player);
    const back = new Promise<void>((resolve) => open.onReconnect(resolve));
    drop(open);
    await back;
    await player.client.reconnect(manual.reconnectionToken);
    expect(await comeBackRaw(raw)).toBe(0);
    await player.client.consumeSeatReservation(seat);
    await here.visitedBy(player).play();
  });

  it.each([
    ["a logout", 401, "SESSION_REVOKED", ({ sid }: Player) => here.call("logout", sid)],
    ["a ban", 403, "BANNED", ({ userId }: Player) => here.call("ban", userId)],
    ["reuse", 401, "SESSION_REVOKED", reuse],
  ])("S23 S24 after %s on one process nobody gets in on any, in whatever way", async (_how, status, code, end) => {
    const player = await newcomer();
    const { open, manual, raw, seat } = await playing(player);
    const closed = left(open);
    await end(player);
    // First, for a reservation lasts 15 s alone.
    expect(await refusal(player.client.consumeSeatReservation(seat))).toEqual({ code: status, message: code });
    // A logout leaves it open, and once dropped it does not come back.
    drop(open);
    expect([4003, 4401, 4403]).toContain((await closed).code);
    await isRefusedAnew(player, code, status);
    expect(await refusal(new SdkClient(there.url).reconnect(manual.reconnectionToken))).toBeTruthy();
    expect([4003, 4401, 4403]).toContain(await comeBackRaw(raw));
  });

  it("S17 a refresh on one and an end on the other at the same moment never leave a live pair", async () => {
    const ends = [
      ({ sid }: Player) => here.call("logout", sid),
      ({ userId }: Player) => here.call("ban", userId),
      ({ login }: Player) =>
        here.player("").post("/auth/logout", { refreshToken: login.refreshToken, everywhere: true }),
    ];
    const races = Array.from({ length: 24 }, async (_, index) => {
      const player = await newcomer();
      const refreshing = player.tryRefresh();
      // Before it, while it is at work, and after it, as it happens.
      await new Promise((resolve) => setTimeout(resolve, index));
      await ends[index % ends.length]?.(player);
      const answer = await refreshing;
      if (answer.status === 200) player.take(answer);
      for (const member of [here, there]) {
        const visitor = member.visitedBy(player);
        expect([401, 403]).toContain((await visitor.get("/auth/session")).status);
        expect([401, 403]).toContain((await visitor.tryRefresh()).status);
      }
    });
    await Promise.all(races);
  });

  it("S32 a ban on one at the moment of a login on the other leaves no session", async () => {
    const players = await Promise.all(Array.from({ length: 6 }, newcomer));
    const logins = players.map(({ device }) => there.player(deviceName(device)).tryLogIn({ vars: { waits: "1" } }));
    // Their accounts were looked at, and no ban was there.
    await vi.waitFor(async () => expect(await there.call("heldLogins")).toBe(players.length), 10_000);
    const [early, late] = [players.slice(0, 3), players.slice(3)];
    await Promise.all(early.map(({ userId }) => here.call("ban", userId)));
    await Promise.all([there.call("letGo"), ...late.map(({ userId }) => here.call("ban", userId))]);
    const answers = await Promise.all(logins);
    for (const answer of answers.slice(0, 3)) expect(answer).toMatchObject({ status: 403, body: { code: "BANNED" } });
    for (const answer of answers) expect([200, 403]).toContain(answer.status);
    for (const { userId } of players) expect(await here.call("liveSessions", userId)).toBe(0);
  });

  it("a forced disconnect closes the sockets on every process, and counts them all", async () => {
    const player = await newcomer();
    const rooms = [await player.client.create("game"), await here.visitedBy(player).client.create("game")];
    const closed = rooms.map(left);
    expect(await here.call("disconnect", player.sid)).toBe(2);
    expect((await Promise.all(closed)).map(({ code }) => code)).toEqual([4410, 4410]);
    expect((await player.get("/me")).status).toBe(200);
  });
});

it("S24 with the feed cut, no cached yes is given after an ending call of another process returned", async () => {
  const proxy = new RedisProxy(server.port);
  await proxy.start();
  game = new Game(server, { verify: "cached", feedLeaseSeconds: 1 });
  here = await game.start();
  there = await game.start({ by: proxy });
  const player = await newcomer();
  const seen = () => there.visitedBy(player).get("/me");
  for (let times = 0; times < 2; times += 1) expect((await seen()).status).toBe(200);

  // It can read everything but the feed, and is never asked to by its own calls.
  await proxy.refuse("xread");
  expect((await seen()).status).toBe(200);
  await here.call("logout", player.sid);
  expect(await seen()).toMatchObject({ status: 401 });

  const other = await newcomer();
  expect((await there.visitedBy(other).get("/me")).status).toBe(200);
  await proxy.stop();
  await here.call("logout", other.sid);
  expect(await there.visitedBy(other).get("/me")).toMatchObject({ status: 503, body: { code: "STORE_UNAVAILABLE" } });
  expect(await refusal(other.play())).toMatchObject({ message: "STORE_UNAVAILABLE" });
  void proxy.refuse(null);
  await proxy.start();
  await vi.waitFor(async () => expect(await there.visitedBy(other).get("/me")).toMatchObject({ status: 401 }), 15_000);
  await game.stop();
  await proxy.stop();
});

it("S27 ends outlive a restart of every process", async () => {
  game = new Game(server);
  [here, there] = await game.startTwo();
  const [ann, bob, cid] = [await newcomer(), await newcomer(), await newcomer()];
  await here.call("logout", ann.sid);
  await here.call("ban", bob.userId);
  await game.shutDown();
  [here, there] = await game.startTwo();
  await isRefusedAnew(ann, "SESSION_REVOKED", 401);
  await isRefusedAnew(bob, "BANNED", 403);
  for (const member of [here, there]) await member.visitedBy(cid).play();
  await game.stop();
});
