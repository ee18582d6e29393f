// A store out of reach under the whole login: endings fail loudly, entries are refused, open sockets stay.
import { describe, expect, it } from "vitest";
import { drop, left, refusal } from "../support/room-clients.ts";
import { settled } from "../support/settled.ts";
import { FragileStore } from "./fragile-store.ts";
import { untilState } from "./player.ts";
import { loginServer } from "./server.ts";

const server = loginServer();

const unavailable = { code: 503, message: "STORE_UNAVAILABLE" };

describe("S28 a store out of reach", () => {
  it("refuses every entry with 503, and nobody is logged out by it", async () => {
    const store = new FragileStore();
    const house = server.open({ store: store.open, queue: {} });
    const ann = await house.loggedIn("Ann");
    const game = await ann.play();
    const { data: seat } = await ann.client.http.post("/matchmake/joinOrCreate/game", { body: {} });
    await house.player("Dan").takePlace();
    const waiting = await house.player("Cid").queue();
    store.isDown = true;

    expect(await refusal(ann.play())).toEqual(unavailable);
    expect(await refusal(ann.play("guarded"))).toEqual(unavailable);
    expect(await refusal(ann.client.consumeSeatReservation(seat))).toEqual(unavailable);
    expect(await refusal(house.player("Bob").client.joinOrCreate("login_queue"))).toEqual(unavailable);
    for (const path of ["/auth/session", "/auth/sessions", "/auth/userdata", "/me"]) {
      expect(await ann.get(path), path).toMatchObject({ status: 503, body: { code: "STORE_UNAVAILABLE" } });
    }
    expect((await ann.tryRefresh()).status).toBe(503);
    expect((await house.player("Bob").tryLogIn()).status).toBe(503);
    const { ticket } = waiting.state;
    for (const answer of [await ann.post("/auth/queue", {}), await ann.get("/auth/queue", ticket)]) {
      expect(answer).toMatchObject({ status: 503, body: { code: "STORE_UNAVAILABLE" } });
      expect(answer.body["retryAfterSeconds"]).toBeGreaterThanOrEqual(1);
      expect(answer.body["retryAfterSeconds"]).toBeLessThanOrEqual(5);
      expect(answer.headers.get("retry-after")).toBe(String(answer.body["retryAfterSeconds"]));
    }

    // Who plays goes on playing.
    await house.clock.advance(30_000);
    const said = new Promise((resolve) => game.onMessage("said", resolve));
    game.send("say", "still here");
    expect(await said).toBe("still here");

    store.isDown = false;
    await ann.refresh();
    await ann.play();
    expect(house.calls.seen).toEqual(["onJoin", "onJoin"]);
  });

  it("makes every ending throw, and ends nothing halfway", async () => {
    const store = new FragileStore();
    const house = server.open({ store: store.open });
    const ann = await house.loggedIn("Ann");
    const game = await ann.play();
    store.isDown = true;
    const { refreshToken } = ann.login;
    expect(await ann.post("/auth/logout", { refreshToken })).toMatchObject({ status: 503 });
    expect(await ann.post("/auth/logout", {}, ann.login.token)).toMatchObject({ status: 503 });
    const { sessions, bans } = house.login;
    const endings = [
      () => sessions.logout(ann.sid, { disconnectSockets: true }),
      () => sessions.logoutUser(ann.userId),
      () => sessions.logoutAll({ before: house.clock.now() }),
      () => sessions.disconnect(ann.sid),
      () => sessions.disconnectUser(ann.userId),
      () => bans.ban(ann.userId, { reason: "cheating" }),
    ];
    for (const end of endings) await expect(end()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await settled(game);
    store.isDown = false;
    await ann.play();
  });

  it("keeps the slot of who drops and comes back meanwhile, and the places of those who wait", async () => {
    const store = new FragileStore();
    const house = server.open({ store: store.open, queue: { targetCcuLimit: 1, playerGraceSeconds: 60 } });
    const ann = await house.loggedIn("Ann");
    const game = await ann.play();
    const first = await house.player("Bob").queue();
    const second = await house.player("Cid").queue();
    store.isDown = true;
    await first.leave();
    game.reconnection.enabled = false;
    drop(game);
    await house.calls.until("onLeave");
    await house.clock.advance(30_000);
    await settled(second);
    expect(second.state).toMatchObject({ status: "waiting", position: 2, etaMs: -1, mode: "unavailable" });
    store.isDown = false;
    await house.clock.advance(5_000);
    await untilState(second, ({ position }) => position === 1);
    await ann.play();
    expect(await house.liveSlots()).toBe(1);
    house.logger.lines.length = 0;
  });
});

describe("an outage in the log", () => {
  it("is one line, and its end another, whatever there was to do meanwhile", async () => {
    const store = new FragileStore();
    const house = server.open({
      store: store.open,
      tokens: { tokenExpirationMinutes: 1 },
      queue: { targetCcuLimit: 1, idleMinutes: 0.1 },
    });
    const ann = await house.loggedIn("Ann");
    await ann.play();
    const bob = await house.player("Bob").queue();
    await house.clock.advance(2_000);
    store.isDown = true;
    for (let second = 0; second < 120; second += 1) {
      await house.clock.advance(1_000);
      if (second % 10 === 0) await refusal(house.player("Cid").client.joinOrCreate("login_queue"));
    }
    await settled(bob);
    const levels = () => house.logged.map(({ level }) => level);
    expect(levels()).toEqual(["warn"]);
    expect(house.logged[0]?.text).toMatch(/^colyseus-login: .* failed \(STORE_UNAVAILABLE\)/);
    store.isDown = false;
    for (let second = 0; second < 15; second += 1) await house.clock.advance(1_000);
    expect(levels()).toEqual(["warn", "info"]);
    house.logger.lines.length = 0;
  });
});

describe("S38 a store that throws what it should not", () => {
  it.each([
    ["a TypeError", new TypeError("row 7 of users")],
    // Colyseus would answer 200 to a string, and end in a fault of its own at a number that is no status.
    ["an error with a string for code", Object.assign(new Error("row 7 of users"), { code: "ECONNRESET" })],
    ["an error with a small number for code", Object.assign(new Error("row 7 of users"), { code: 7 })],
  ])("%s: the entry is refused, the fault is logged, and its words are told to nobody", async (_what, error) => {
    const store = new FragileStore();
    const house = server.open({ store: store.open, queue: {} });
    const ann = await house.loggedIn("Ann");
    await ann.play();
    const { data: seat } = await ann.client.http.post("/matchmake/joinOrCreate/game", { body: {} });
    const { data: queueSeat } = await ann.client.http.post("/matchmake/joinOrCreate/login_queue", { body: {} });
    store.broken.set("*", error);
    const refused = { code: 525, message: "the entry could not be checked" };
    expect(await refusal(ann.client.joinOrCreate("game"))).toEqual(refused);
    expect(await refusal(ann.client.joinOrCreate("login_queue"))).toEqual(refused);
    expect(await refusal(ann.client.consumeSeatReservation(seat))).toEqual(refused);
    expect(await refusal(ann.client.consumeSeatReservation(queueSeat))).toEqual(refused);
    const { status, body } = await ann.get("/auth/session");
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain("row 7");
    expect(house.logged.filter(({ level, text }) => level === "error" && text.includes("row 7"))).toHaveLength(5);
    house.logger.lines.length = 0;
    store.broken.clear();
    await ann.play();
  });
});

describe("S21 a store that fails at one step of a refresh", () => {
  it.each(["sessions.get", "sessions.refresh"])("%s leaves a session that its owner can refresh", async (verb) => {
    const store = new FragileStore();
    const house = server.open({ store: store.open });
    const ann = await house.loggedIn("Ann");
    await ann.refresh();
    store.broken.set(verb, new Error("a fault of the store's"));
    // A failure that is no LoginError is a fault of ours: told to the log, not to the player.
    expect((await ann.tryRefresh()).status).toBe(500);
    house.logger.lines.length = 0;
    store.broken.clear();
    await ann.refresh();
    await ann.play();
  });
});

describe("S45 a store that fails at one step of a login", () => {
  it("gives the slot on when the pass would have ended", async () => {
    const store = new FragileStore();
    const house = server.open({ store: store.open, queue: { targetCcuLimit: 1 } });
    store.isDown = false;
    for (const verb of ["sessions.open", "queue.releasePass"]) {
      store.broken.set(verb, new Error("a fault of the store's"));
    }
    expect((await house.player("Ann").tryLogIn()).status).toBe(500);
    store.broken.clear();
    house.logger.lines.length = 0;
    expect((await house.player("Ann").tryLogIn()).status).toBe(429);
    await house.clock.advance(31_000);
    await house.loggedIn("Ann");
  });

  it("a presented pass does not pay for the store", async () => {
    const store = new FragileStore();
    const house = server.open({ store: store.open, queue: { mode: "always" } });
    const ann = house.player("Ann");
    const room = await ann.queue();
    await house.clock.advance(200);
    const { pass } = await untilState(room, ({ pass }) => pass !== "");
    store.isDown = true;
    for (let times = 0; times < 6; times += 1) {
      expect(await ann.tryLogIn({ queuePass: pass })).toMatchObject({ status: 503 });
    }
    store.isDown = false;
    await ann.logIn({ queuePass: pass });
    const closed = left(await ann.play());
    await ann.logOut({ disconnectSockets: true });
    expect((await closed).code).toBe(4401);
  });
});

it("a login that was shut down after its rooms asks nothing of its store any more", async () => {
  const store = new FragileStore();
  const house = server.open({ store: store.open, queue: {}, tokens: { tokenExpirationMinutes: 1 } });
  await (await house.loggedIn("Ann")).play();
  await house.player("Bob").queue();
  await house.clock.advance(1_000);
  expect(store.calls.length).toBeGreaterThan(0);
  await house.close();
  store.calls.length = 0;
  await house.clock.advance(120_000);
  expect(store.calls).toEqual([]);
});
