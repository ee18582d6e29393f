// Every way in, tried with a session that has ended: matchmaking, a seat reserved before, reconnections, HTTP.
import { matchMaker } from "@colyseus/core";
import type { Room } from "@colyseus/sdk";
import { describe, expect, it } from "vitest";
import { drop, left, rawSocket, reconnectAtOnce, reconnectQuery, refusal } from "../support/room-clients.ts";
import { request } from "./player.ts";
import { type House, loginServer } from "./server.ts";

const server = loginServer();

const revoked = { code: 401, message: "SESSION_REVOKED" };

describe.each([
  ["static onAuth and the plugin", "game"],
  ["the guard", "guarded"],
])("S23 a logged-out session, a room with %s", (_form, roomName) => {
  /** Ann plays, and the room holds the seat of who drops. */
  async function playing() {
    const house = server.open();
    house.holdsSeats = true;
    const ann = await house.loggedIn("Ann");
    const room = await ann.play(roomName);
    return { house, ann, room };
  }

  async function dropped(house: House, room: Room): Promise<void> {
    room.reconnection.enabled = false;
    drop(room);
    await house.calls.until("onDrop");
  }

  it("is refused at matchmaking, whatever the call", async () => {
    const { house, ann, room } = await playing();
    await ann.logOut();
    house.calls.clear();
    expect(await refusal(ann.client.joinOrCreate(roomName))).toEqual(revoked);
    expect(await refusal(ann.client.join(roomName))).toEqual(revoked);
    expect(await refusal(ann.client.create(roomName))).toEqual(revoked);
    expect(await refusal(ann.client.joinById(room.roomId))).toEqual(revoked);
    expect(house.calls.seen).toEqual([]);
  });

  it("is refused at the socket, with a seat that was reserved before", async () => {
    const { house, ann } = await playing();
    const { data } = await ann.client.http.post(`/matchmake/joinOrCreate/${roomName}`, { body: {} });
    await ann.logOut();
    house.calls.clear();
    expect(await refusal(ann.client.consumeSeatReservation(data))).toEqual(revoked);
    expect(house.calls.seen).toEqual([]);
  });

  it("is refused at an automatic reconnection: its socket may stay, and once dropped does not come back", async () => {
    const { house, ann, room } = await playing();
    reconnectAtOnce(room);
    await ann.logOut();
    const said = new Promise((resolve) => room.onMessage("said", resolve));
    room.send("say", "still here");
    expect(await said).toBe("still here");
    const closed = left(room);
    drop(room);
    // No seat is held for it, so it is the framework that turns it away.
    expect((await closed).code).toBe(4003);
    await house.calls.until("onLeave");
    expect(house.calls.count("onReconnect")).toBe(0);
  });

  it("is refused at a manual reconnection", async () => {
    const { house, ann, room } = await playing();
    await dropped(house, room);
    await ann.logOut();
    await house.calls.until("onLeave");
    expect(await refusal(ann.client.reconnect(room.reconnectionToken))).toBeTruthy();
    expect(house.calls.count("onReconnect")).toBe(0);
  });

  it("is refused at a reconnection over a bare socket", async () => {
    const { house, ann, room } = await playing();
    await dropped(house, room);
    await ann.logOut();
    await house.calls.until("onLeave");
    const { closed } = rawSocket(house.port, room.roomId, reconnectQuery(room));
    expect((await closed).code).toBe(4003);
    expect(house.calls.count("onReconnect")).toBe(0);
  });

  it("was let in by each of these ways while it lived", async () => {
    const { house, ann, room } = await playing();
    const { data } = await ann.client.http.post(`/matchmake/joinOrCreate/${roomName}`, { body: {} });
    await ann.client.consumeSeatReservation(data);
    reconnectAtOnce(room);
    const back = new Promise<void>((resolve) => room.onReconnect(resolve));
    drop(room);
    await back;
    await dropped(house, room);
    await ann.client.reconnect(room.reconnectionToken);
    expect(house.calls.count("onReconnect")).toBe(2);
    expect(house.auths).toHaveLength(4);
  });

  it("S30 gets no seat that server code reserved without a session", async () => {
    const { house, room } = await playing();
    house.calls.clear();
    const { sessionId } = await matchMaker.joinById(room.roomId, {});
    const { closed } = rawSocket(house.port, room.roomId, { sessionId });
    expect((await closed).code).toBe(4002);
    expect(house.calls.seen).toEqual([]);
  });
});

describe("S23 over HTTP a logged-out session", () => {
  it("is refused by every call, and by the middleware of the game's own", async () => {
    const house = server.open({ queue: {} });
    const ann = await house.loggedIn("Ann");
    expect(await ann.get("/me")).toMatchObject({ status: 200, body: { sid: ann.sid } });
    await ann.logOut();
    for (const path of ["/auth/session", "/auth/sessions", "/auth/userdata", "/me"]) {
      expect(await ann.get(path), path).toMatchObject({ status: 401, body: { code: "SESSION_REVOKED" } });
    }
    expect(await ann.tryRefresh()).toMatchObject({ status: 401, body: { code: "SESSION_REVOKED" } });
    // To the queue its holder is a stranger.
    const place = await ann.takePlace({}, ann.login.token);
    expect(place.status).toBe("waiting");
  });

  it("S25 is logged out again with the same answer, as is anything else", async () => {
    const house = server.open();
    const ann = await house.loggedIn("Ann");
    const bob = await house.loggedIn("Bob");
    await ann.logOut();
    const [head, , mac] = bob.login.refreshToken.split(".");
    const bodies = [
      { refreshToken: ann.login.refreshToken },
      { refreshToken: "garbage" },
      { refreshToken: `${head}.1.${"A".repeat(mac?.length ?? 0)}`, everywhere: true },
      {},
    ];
    for (const body of bodies) {
      for (const token of [null, "garbage", ann.login.token]) {
        const answer = await request(`${house.url}/auth/logout`, { method: "POST", body, token });
        expect(answer.status).toBe(204);
        expect(answer.body).toEqual({ text: "" });
      }
    }
    await bob.play();
  });

  it("ends by its session token as well, and by a refresh token of an older generation", async () => {
    const house = server.open();
    const [ann, bob] = [await house.loggedIn("Ann"), await house.loggedIn("Bob")];
    expect((await ann.post("/auth/logout", {}, ann.login.token)).status).toBe(204);
    expect(await refusal(ann.play())).toEqual(revoked);
    const { refreshToken } = bob.login;
    await bob.refresh();
    expect((await bob.post("/auth/logout", { refreshToken })).status).toBe(204);
    expect(await refusal(bob.play())).toEqual(revoked);
  });
});

describe("S33 logging out everywhere", () => {
  it("by the player ends every session of the user, closes what is asked, and nobody else's", async () => {
    const house = server.open();
    const [phone, desktop] = [await house.loggedIn("Ann"), await house.loggedIn("Ann")];
    const bob = await house.loggedIn("Bob");
    const closed = left(await desktop.play());
    await phone.logOut({ everywhere: true, disconnectSockets: true });
    expect((await closed).code).toBe(4401);
    for (const player of [phone, desktop]) expect(await refusal(player.play())).toEqual(revoked);
    await bob.play();
    await (await house.loggedIn("Ann")).play();
  });

  it("by the server ends what was made before a moment, and nothing made after", async () => {
    const house = server.open();
    const ann = await house.loggedIn("Ann");
    const before = house.clock.now();
    await house.clock.advance(1);
    const bob = await house.loggedIn("Bob");
    expect(await house.login.sessions.logoutAll({ before })).toBe(1);
    expect(await refusal(ann.play())).toEqual(revoked);
    await bob.play();
    expect(await house.login.sessions.logoutUser(bob.userId, { disconnectSockets: true, reason: "Good night." })).toBe(
      1,
    );
  });
});

it("S17 a refresh and an end at the same moment never leave a live pair", async () => {
  const house = server.open();
  const ends = [
    (sid: string) => house.login.sessions.logout(sid),
    (_sid: string, userId: string) => house.login.sessions.logoutUser(userId),
    (_sid: string, userId: string) => house.login.bans.ban(userId, { reason: "cheating" }),
  ];
  for (const [index, end] of [...ends, ...ends, ...ends].entries()) {
    const ann = await house.loggedIn(`number ${index}`);
    const refreshing = ann.tryRefresh();
    // Once before, once after and once while the refresh is at work, as it happens.
    for (let turn = 0; turn < index; turn += 1) await new Promise(setImmediate);
    await end(ann.sid, ann.userId);
    const answer = await refreshing;
    if (answer.status === 200) ann.take(answer);
    expect([401, 403]).toContain((await ann.get("/auth/session")).status);
    expect([401, 403]).toContain((await ann.tryRefresh()).status);
    expect(await refusal(ann.play())).toMatchObject({ message: expect.stringMatching(/^(SESSION_REVOKED|BANNED)$/) });
  }
});

it("S26 an end in the moment of the login ends that session alone, and stays", async () => {
  const house = server.open();
  const first = await house.loggedIn("Ann");
  await first.logOut();
  const second = await house.loggedIn("Ann");
  await first.logOut({ everywhere: true, disconnectSockets: true });
  expect(await refusal(first.play())).toEqual(revoked);
  await second.play();
  await second.logOut();
  expect(await refusal(second.play())).toEqual(revoked);
  expect((await first.tryRefresh()).status).toBe(401);
});

it("closes sockets at logout where the option says so, and tells the words of the server", async () => {
  const house = server.open({ disconnectSockets: true });
  const [ann, bob] = [await house.loggedIn("Ann"), await house.loggedIn("Bob")];
  const closed = [left(await ann.play()), left(await bob.play())];
  await ann.logOut();
  expect(await house.login.sessions.logout(bob.sid, { reason: "Good night." })).toBe(true);
  expect(await Promise.all(closed)).toEqual([
    { code: 4401, reason: "session ended" },
    { code: 4401, reason: "Good night." },
  ]);
});

it("S54 takes a fresh login of the same device as a new session", async () => {
  const house = server.open();
  const ann = await house.loggedIn("Ann");
  const { sid, userId } = ann;
  await ann.logOut();
  await ann.logIn();
  expect(ann.sid).not.toBe(sid);
  expect(ann.userId).toBe(userId);
  await ann.play();
});
