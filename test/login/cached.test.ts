// `verify: "cached"`: a process believes what it remembers of a session only while it is level with the feed, and never a no.
import { matchMaker } from "@colyseus/core";
import { describe, expect, it } from "vitest";
import { createLogin, type Login } from "../../src/login.ts";
import { resolveOptions } from "../../src/options/options.ts";
import { drop, left, reconnectAtOnce, refusal } from "../support/room-clients.ts";
import { keptAccounts, keptStore } from "./kept-store.ts";
import { newKey, refreshSecrets } from "./keys.ts";
import { ProcessStore } from "./process-store.ts";
import { type House, loginServer } from "./server.ts";

const server = loginServer();
const revoked = { code: 401, message: "SESSION_REVOKED" };

/** Two processes on one store: the house, where rooms are and records are remembered, and another one. */
function twoProcesses(changes: Parameters<typeof server.open>[0] = {}) {
  const shared = keptStore();
  const store = new ProcessStore(shared);
  const common = { tokens: { keys: { current: newKey() }, refreshSecrets }, accounts: keptAccounts(), ...changes };
  const house = server.open({ ...common, store: store.open, verify: "cached" });
  const other = createLogin(resolveOptions({ ...common, store: shared, logger: house.logger }), house.clock);
  return { house, store, other };
}

/** Every way in that is asked by a token or a seat. */
async function refusedEverywhere(house: House, ann: Awaited<ReturnType<House["loggedIn"]>>, seat: unknown) {
  expect(await refusal(ann.play())).toEqual(revoked);
  expect(await refusal(ann.play("guarded"))).toEqual(revoked);
  expect(await refusal(ann.client.consumeSeatReservation(seat as never))).toEqual(revoked);
  for (const path of ["/auth/session", "/me"]) {
    expect(await ann.get(path), path).toMatchObject({ status: 401, body: { code: "SESSION_REVOKED" } });
  }
  expect(house.calls.seen).toEqual([]);
}

describe("a level process", () => {
  it("reads a session once and confirms its generation once, however often it is asked", async () => {
    const { house, store } = twoProcesses();
    const ann = await house.loggedIn("Ann");
    for (let times = 0; times < 3; times += 1) {
      await ann.play();
      expect((await ann.get("/auth/session")).status).toBe(200);
    }
    expect(store.reads).toEqual([ann.sid]);
    expect(store.confirmations).toEqual([ann.sid]);
    expect((await house.login.sessions.get(ann.sid))?.ended).toBeNull();

    await ann.refresh();
    store.reads.length = 0;
    await ann.play();
    await ann.play();
    expect(store.reads).toEqual([ann.sid]);
    expect(store.confirmations).toEqual([ann.sid, ann.sid]);
  });

  it("shows the vars of the generation that is presented, whichever process refreshed it", async () => {
    const { house, other } = twoProcesses();
    const ann = await house.loggedIn("Ann", { vars: { skin: "red" } });
    await ann.play();
    // So far the house remembers the first generation; the clock moves, or both would end at the same moment.
    await house.clock.advance(1_000);
    const { refreshToken } = ann.login;
    const next = await other.sessions.refresh({ refreshToken, vars: { skin: "blue" } });
    // The seat comes from the other process, where the token was looked at.
    const auth = await other.onAuth(next.token, {}, {} as never);
    const [listing] = await matchMaker.query({ name: "game" });
    if (listing === undefined) throw new Error("there is no room");
    const seat = await matchMaker.reserveSeatFor(listing, {}, auth);
    await ann.client.consumeSeatReservation(seat);
    expect(await house.login.sessions.verify(next.token)).toMatchObject({ vars: { skin: "blue" } });
    expect(house.auths.map(({ vars }) => vars)).toEqual([{ skin: "red" }, { skin: "blue" }]);
  });

  it("reads again before it says that a session has expired", async () => {
    const { house, other } = twoProcesses({ closeSocketsOnExpiry: false });
    const ann = await house.loggedIn("Ann");
    const { data: seat } = await ann.client.http.post("/matchmake/joinOrCreate/game", { body: {} });
    await house.clock.advance(24 * 3_600_000 - 1_000);
    await other.sessions.refresh({ refreshToken: ann.login.refreshToken });
    await house.clock.advance(2_000);
    // What is remembered has ended; the session itself goes on.
    await ann.client.consumeSeatReservation(seat);
  });

  it("S24 lets an ended session in nowhere", async () => {
    const { house, other } = twoProcesses();
    const ann = await house.loggedIn("Ann");
    await ann.get("/auth/session");
    const { data: seat } = await ann.client.http.post("/matchmake/joinOrCreate/game", { body: {} });
    await other.sessions.logout(ann.sid);
    await refusedEverywhere(house, ann, seat);
  });

  it("S24 does not remember what it read while the session ended", async () => {
    const { house, store, other } = twoProcesses();
    const ann = await house.loggedIn("Ann");
    // The end falls between the read and its answer.
    store.afterRead = async () => {
      store.afterRead = null;
      await other.sessions.logout(ann.sid);
    };
    await ann.get("/auth/session");
    expect(await ann.get("/auth/session")).toMatchObject({ status: 401 });
  });
});

describe("S24 with the feed cut", () => {
  it("a process that is level no more reads, and lets an ended session in nowhere", async () => {
    const { house, store, other } = twoProcesses();
    const ann = await house.loggedIn("Ann");
    await ann.get("/auth/session");
    const { data: seat } = await ann.client.http.post("/matchmake/joinOrCreate/game", { body: {} });
    store.isFeedCut = true;
    store.isLevel = false;
    await other.sessions.logout(ann.sid);
    await refusedEverywhere(house, ann, seat);
  });

  it("what was read meanwhile is not remembered, and what was missed is heard before anything is believed", async () => {
    const { house, store, other } = twoProcesses();
    const ann = await house.loggedIn("Ann");
    const [bob, cid] = [await house.loggedIn("Bob"), await house.loggedIn("Cid")];
    await bob.get("/auth/session");
    store.isFeedCut = true;
    store.isLevel = false;
    for (const player of [ann, bob, cid]) expect((await player.get("/auth/session")).status).toBe(200);
    await other.sessions.logout(ann.sid);
    await other.bans.ban(bob.userId, { reason: "cheating" });
    store.catchUp();
    expect(await ann.get("/auth/session")).toMatchObject({ status: 401 });
    store.reads.length = 0;
    expect((await cid.get("/auth/session")).status).toBe(200);
    expect(store.reads).toEqual([cid.sid]);
    expect(await bob.get("/auth/session")).toMatchObject({ status: 403, body: { code: "BANNED" } });
  });

  it("after a gap nothing that was remembered counts", async () => {
    const { house, store, other } = twoProcesses();
    const ann = await house.loggedIn("Ann");
    await ann.get("/auth/session");
    store.isFeedCut = true;
    store.isLevel = false;
    await other.sessions.logout(ann.sid);
    store.loseMissed();
    expect(await ann.get("/auth/session")).toMatchObject({ status: 401 });
  });
});

describe("after a gap in the feed", () => {
  it("sockets of sessions that were ended are closed with the code of the end; a logout leaves its own open", async () => {
    const { house, store, other } = twoProcesses();
    const [ann, bob] = [await house.loggedIn("Ann"), await house.loggedIn("Bob")];
    const [cid, dan] = [await house.loggedIn("Cid"), await house.loggedIn("Dan")];
    const [annsRoom, bobsRoom] = [await ann.play(), await bob.play()];
    const [cidsRoom, dansRoom] = [await cid.play(), await dan.play()];
    const [annsEnd, bobsEnd, cidsEnd] = [left(annsRoom), left(bobsRoom), left(cidsRoom)];
    store.isFeedCut = true;
    await other.bans.ban(ann.userId, { reason: "cheating" });
    await other.sessions.logout(bob.sid);
    await reuse(other, house, cid);
    store.loseMissed();
    expect((await annsEnd).code).toBe(4403);
    expect((await cidsEnd).code).toBe(4401);
    // Bob plays on, and does not come back once he dropped; Dan's session never ended.
    for (const room of [bobsRoom, dansRoom]) {
      const said = new Promise((resolve) => room.onMessage("said", resolve));
      room.send("say", "still here");
      expect(await said).toBe("still here");
    }
    house.holdsSeats = true;
    reconnectAtOnce(bobsRoom);
    drop(bobsRoom);
    expect((await bobsEnd).code).toBe(4003);
    await dan.play();
  });

  it("a logout closes the sockets where the option disconnectSockets says so", async () => {
    const { house, store, other } = twoProcesses({ disconnectSockets: true });
    const ann = await house.loggedIn("Ann");
    const closed = left(await ann.play());
    store.isFeedCut = true;
    await other.sessions.logout(ann.sid);
    store.loseMissed();
    expect((await closed).code).toBe(4401);
  });

  it("those who wait are judged by the access rules that were set meanwhile", async () => {
    const { house, store, other } = twoProcesses({
      queue: { targetCcuLimit: 1, playerGraceSeconds: 60, restoreSeconds: 0 },
    });
    const ann = await house.loggedIn("Ann");
    await house.clock.advance(60_000);
    await house.loggedIn("Bob");
    const gone = left(await ann.queue());
    store.isFeedCut = true;
    await other.access.set({ mode: "limited", allow: { userIds: [] } });
    store.loseMissed();
    expect(await gone).toMatchObject({ code: 4410, reason: "The game is not open to everybody now." });
  });

  it("sessions that could not be read are read when the store is back", async () => {
    const { house, store, other } = twoProcesses();
    const ann = await house.loggedIn("Ann");
    const closed = left(await ann.play());
    store.isFeedCut = true;
    await other.bans.ban(ann.userId, { reason: "cheating" });
    store.isDown = true;
    store.loseMissed();
    for (let second = 0; second < 10; second += 1) await house.clock.advance(1_000);
    store.isDown = false;
    let code = 0;
    void closed.then((how) => {
      code = how.code;
    });
    while (code === 0) {
      await house.clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(code).toBe(4403);
    expect(house.logged.filter(({ text }) => text.includes("after a gap in the feed"))).toHaveLength(1);
  });
});

/** Ends the session as stolen: its refresh token is shown again when its successor was used and confirmed. */
async function reuse(other: Login, house: House, cid: Awaited<ReturnType<House["loggedIn"]>>): Promise<void> {
  const { refreshToken } = cid.login;
  for (let times = 0, token = refreshToken; times < 3; times += 1) {
    token = (await other.sessions.refresh({ refreshToken: token })).refreshToken;
  }
  await house.clock.advance(11_000);
  await expect(other.sessions.refresh({ refreshToken })).rejects.toMatchObject({ code: "SESSION_REVOKED" });
}
