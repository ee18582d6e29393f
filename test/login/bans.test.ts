// Bans over the whole login: every door closes at once, says why, and opens again by itself.
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import { drop, left, rawSocket, reconnectQuery, refusal, until } from "../support/room-clients.ts";
import { settled } from "../support/settled.ts";
import { loginServer } from "./server.ts";

const server = loginServer();

const day = 86_400_000;

describe("a ban", () => {
  it("closes every socket with 4403 and its reason, and ends every session", async () => {
    const ended: unknown[] = [];
    const house = server.open({ hooks: { onSessionEnd: ({ sid }, reason) => void ended.push([sid, reason]) } });
    const [phone, desktop] = [await house.loggedIn("Ann"), await house.loggedIn("Ann")];
    const closed = [left(await phone.play()), left(await desktop.play()), left(await desktop.play("guarded"))];
    expect(await house.login.bans.ban(phone.userId, { reason: "cheating" })).toBe(3);
    expect(await Promise.all(closed)).toEqual(closed.map(() => ({ code: 4403, reason: "cheating" })));
    expect(ended).toEqual([
      [phone.sid, "banned"],
      [desktop.sid, "banned"],
    ]);
    expect(await house.login.sessions.list(phone.userId)).toEqual([]);
  });

  it("S23 refuses login, refresh, join, a reserved seat, HTTP and the queue, each with the reason where it fits", async () => {
    const house = server.open({ queue: { targetCcuLimit: 5 } });
    const ann = await house.loggedIn("Ann");
    const { data: seat } = await ann.client.http.post("/matchmake/joinOrCreate/game", { body: {} });
    const until = house.clock.now() + day;
    await house.login.bans.ban(ann.userId, { reason: "cheating", until });

    const body = { code: "BANNED", message: expect.any(String), reason: "cheating", until };
    expect(await ann.tryLogIn()).toMatchObject({ status: 403, body });
    expect(await ann.tryRefresh()).toMatchObject({ status: 403, body });
    expect(await ann.get("/auth/session")).toMatchObject({ status: 403, body });
    expect(await ann.get("/me")).toMatchObject({ status: 403, body });
    expect(await ann.post("/auth/queue", {}, ann.login.token)).toMatchObject({ status: 403, body });
    const banned = { code: 403, message: "BANNED" };
    expect(await refusal(ann.play())).toEqual(banned);
    expect(await refusal(ann.client.joinOrCreate("login_queue"))).toEqual(banned);
    expect(await refusal(ann.client.consumeSeatReservation(seat))).toEqual(banned);
    expect(house.calls.seen).toEqual([]);
    // A failed login holds no slot, and the ended session lost its own.
    expect(await house.liveSlots()).toBe(0);
    expect(await house.login.bans.get(ann.userId)).toEqual({ reason: "cheating", until });
  });

  it("ends by itself, and what it ended stays ended", async () => {
    const house = server.open();
    const ann = await house.loggedIn("Ann");
    const { token } = ann.login;
    await house.login.bans.ban(ann.userId, { reason: "cheating", until: house.clock.now() + day });
    await house.clock.advance(day - 1);
    expect((await ann.tryLogIn()).status).toBe(403);
    await house.clock.advance(1);
    expect((await ann.tryRefresh()).body).toMatchObject({ code: "SESSION_REVOKED" });
    await ann.logIn();
    await ann.play();
    expect((await ann.get("/auth/session", token)).status).toBe(401);
    expect(await house.login.bans.get(ann.userId)).toBeNull();
  });

  it("can be lifted", async () => {
    const house = server.open();
    const ann = await house.loggedIn("Ann");
    await house.login.bans.ban(ann.userId, { reason: "by mistake" });
    expect(await house.login.bans.unban(ann.userId)).toBe(true);
    expect(await house.login.bans.unban(ann.userId)).toBe(false);
    await ann.logIn();
    await ann.play();
  });

  it("S32 at the moment of a login leaves no session", async () => {
    let ban = async () => {};
    const house = server.open({ hooks: { beforeAuthenticate: () => ban() } });
    const ann = await house.loggedIn("Ann");
    await ann.logOut();
    ban = async () => void (await house.login.bans.ban(ann.userId, { reason: "just now" }));
    expect(await ann.tryLogIn()).toMatchObject({ status: 403, body: { code: "BANNED", reason: "just now" } });
    expect(await house.login.sessions.list(ann.userId)).toEqual([]);
  });

  it("takes the place in the queue away, and says why", async () => {
    const house = server.open({ queue: { targetCcuLimit: 1, playerGraceSeconds: 60 } });
    const ann = await house.loggedIn("Ann");
    await house.clock.advance(60_000);
    await house.loggedIn("Bob");
    const waiting = await ann.queue();
    const next = await house.player("Cid").queue();
    expect(waiting.state).toMatchObject({ status: "waiting", position: 1 });
    const closed = left(waiting);
    await house.login.bans.ban(ann.userId, { reason: "cheating" });
    expect(await closed).toEqual({ code: 4403, reason: "cheating" });
    expect(waiting.state).toMatchObject({ status: "removed", notice: "cheating", pass: "" });
    await house.clock.advance(1_000);
    await settled(next);
    expect(next.state).toMatchObject({ position: 1, queueLength: 1 });
  });

  it("refuses what makes no sense with a TypeError", async () => {
    const house = server.open();
    await expect(house.login.bans.ban("", { reason: "x" })).rejects.toThrow(TypeError);
    await expect(house.login.bans.ban("ann", { reason: "x".repeat(257) })).rejects.toThrow("256");
    await expect(house.login.bans.ban("ann", { reason: "x", until: Number.NaN })).rejects.toThrow("until");
  });
});

describe("S23 a ban closes what is held open", () => {
  it("a seat that is held for a reconnection, however it is asked for", async () => {
    const house = server.open();
    house.holdsSeats = true;
    const ann = await house.loggedIn("Ann");
    const room = await ann.play();
    room.reconnection.enabled = false;
    const query = reconnectQuery(room);
    drop(room);
    await until(() => house.calls.count("onDrop") === 1);
    await house.login.bans.ban(ann.userId, { reason: "cheating" });
    expect((await rawSocket(house.port, room.roomId, query).closed).code).not.toBe(1000);
    expect(await refusal(ann.client.reconnect(room.reconnectionToken))).toMatchObject({ message: expect.any(String) });
    expect(house.calls.count("onReconnect")).toBe(0);
    expect(house.auths).toHaveLength(1);
  });

  it("the slot of who plays, and the pass of who was admitted and waits to log in", async () => {
    const house = server.open({ queue: { targetCcuLimit: 1 } });
    const ann = await house.loggedIn("Ann");
    const closed = left(await ann.play());
    expect(await house.liveSlots()).toBe(1);
    await house.login.bans.ban(ann.userId, { reason: "cheating" });
    await closed;
    await until(() => house.calls.count("onLeave") === 1);
    expect(await house.liveSlots()).toBe(0);

    // Admitted at once, because a slot is free, and bound to the session it came with.
    const bob = await house.loggedIn("Bob");
    await bob.takePlace({}, bob.login.token);
    expect(await house.liveSlots()).toBe(1);
    await house.login.bans.ban(bob.userId, { reason: "cheating" });
    expect(await house.liveSlots()).toBe(0);
  });

  it("a waiting socket on every process, with 4403 and the reason, even where the feed was missed", async () => {
    let hears = true;
    const house = server.open({
      store: (context) => {
        const store = memoryStore()(context);
        const subscribe: typeof store.subscribe = (listener) =>
          store.subscribe((event) => (event.type === "ticketRemoved" && !hears ? 0 : listener(event)));
        return {
          sessions: store.sessions,
          access: store.access,
          audit: store.audit,
          queue: store.queue,
          clock: store.clock,
          isLevel: () => true,
          feedLagMs: () => 0,
          subscribe,
          close: () => store.close(),
        };
      },
      queue: { targetCcuLimit: 1, playerGraceSeconds: 60 },
    });
    const ann = await house.loggedIn("Ann");
    await house.clock.advance(60_000);
    await house.loggedIn("Bob");
    const waiting = await ann.queue();
    const closed = left(waiting);
    hears = false;
    await house.login.bans.ban(ann.userId, { reason: "cheating" });
    for (let isOpen = true; isOpen; isOpen = waiting.connection.isOpen) {
      await house.clock.advance(1_000);
      await Promise.race([settled(waiting), closed]);
    }
    expect(await closed).toEqual({ code: 4403, reason: "cheating" });
  });
});
