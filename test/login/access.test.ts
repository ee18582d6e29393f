// Limited access over the whole login: every way in is shut to those whom the rules do not name, and to nobody else.
import { describe, expect, it } from "vitest";
import { left, refusal } from "../support/room-clients.ts";
import { keptStore } from "./kept-store.ts";
import { untilAdmitted } from "./player.ts";
import { loginServer } from "./server.ts";

const server = loginServer();

const limited = { status: 403, body: { code: "ACCESS_LIMITED", message: expect.any(String) } };
const closed = { status: 503, body: { code: "QUEUE_CLOSED", message: expect.any(String) } };

describe("S19 while access is limited", () => {
  it("login, refresh, HTTP, matchmaking, a reserved seat and the queue refuse who is not named", async () => {
    const house = server.open({ queue: { targetCcuLimit: 5 } });
    const ann = await house.loggedIn("Ann");
    const { data: seat } = await ann.client.http.post("/matchmake/joinOrCreate/game", { body: {} });
    const state = await house.login.access.set({ mode: "limited" });
    expect(state).toEqual({
      mode: "limited",
      allow: { userIds: [], groups: [], rule: null },
      opensAt: null,
      closesAt: null,
      modeNow: "limited",
    });
    expect(await house.login.access.get()).toEqual(state);

    expect(await house.player("Ann").tryLogIn()).toMatchObject(limited);
    expect(await house.player("somebody new").tryLogIn({ username: "Newcomer" })).toMatchObject(limited);
    expect(await ann.tryRefresh()).toMatchObject(limited);
    expect(await ann.get("/auth/session")).toMatchObject(limited);
    expect(await ann.get("/me")).toMatchObject(limited);
    expect(await ann.post("/auth/queue", {}, ann.login.token)).toMatchObject(limited);
    const refused = { code: 403, message: "ACCESS_LIMITED" };
    expect(await refusal(ann.play())).toEqual(refused);
    expect(await refusal(ann.client.joinOrCreate("login_queue"))).toEqual(refused);
    expect(await refusal(ann.client.consumeSeatReservation(seat))).toEqual(refused);
    expect(house.calls.seen).toEqual([]);
    // Neither of the two refused logins holds a slot.
    expect(await house.liveSlots()).toBe(1);

    await house.login.access.set({ mode: "open" });
    await ann.refresh();
    await ann.play();
    // The account of the refused newcomer was taken back, and its name is free.
    expect((await house.loggedIn("Bob", { username: "newcomer" })).login.created).toBe(true);
  });

  it("who is in the game stays, may log out, and is refused when the connection comes back", async () => {
    const house = server.open();
    house.holdsSeats = true;
    const ann = await house.loggedIn("Ann");
    const room = await ann.play();
    room.reconnection.minUptime = 0;
    room.reconnection.delay = 0;
    room.reconnection.minDelay = 0;
    await house.login.access.set({ mode: "limited" });
    const said = new Promise((resolve) => room.onMessage("said", resolve));
    room.send("say", "still here");
    expect(await said).toBe("still here");
    const gone = left(room);
    room.connection.close();
    expect(await gone).toEqual({ code: 4410, reason: "The game is not open to everybody now." });
    expect(house.calls.count("onReconnect")).toBe(0);
    await ann.logOut();
  });

  it("user ids, groups of the account or a hook, and a rule let in", async () => {
    const house = server.open({
      hooks: {
        beforeAuthenticate: ({ username }) => (username === "Bob" ? { groups: ["testers"] } : undefined),
        beforeRefresh: ({ username }) => (username === "Bob" ? { groups: ["testers"] } : undefined),
      },
      accessRules: { friends: ({ session, account }) => session.vars["code"] === "42" && account.username === "Cid" },
    });
    const ann = await house.loggedIn("Ann", { username: "Ann" });
    await house.login.access.set({
      mode: "limited",
      allow: { userIds: [ann.userId], groups: ["testers"], rule: "friends" },
    });
    const bob = await house.loggedIn("Bob", { username: "Bob" });
    const cid = await house.loggedIn("Cid", { username: "Cid", vars: { code: "42" } });
    expect(await house.player("Dan").tryLogIn({ username: "Dan", vars: { code: "42" } })).toMatchObject(limited);
    for (const player of [ann, bob, cid]) {
      await player.refresh();
      await player.play();
    }
    // By the vars that it would have from then on.
    expect(await cid.tryRefresh({ vars: { code: "41" } })).toMatchObject(limited);
    expect((await cid.get("/auth/session")).status).toBe(200);
  });

  it("a ban is told before it", async () => {
    const house = server.open();
    const ann = await house.loggedIn("Ann");
    await house.login.access.set({ mode: "limited" });
    await house.login.bans.ban(ann.userId, { reason: "cheating" });
    expect((await ann.tryLogIn()).body).toMatchObject({ code: "BANNED" });
    expect((await ann.tryRefresh()).body).toMatchObject({ code: "BANNED" });
  });
});

describe("opening and closing times", () => {
  it("hold by themselves, and are told to who comes too early", async () => {
    const house = server.open();
    const ann = await house.loggedIn("Ann");
    const opensAt = house.clock.now() + 60_000;
    const closesAt = opensAt + 60_000;
    await house.login.access.set({ mode: "limited", opensAt, closesAt });
    expect((await ann.tryLogIn()).body).toMatchObject({ code: "ACCESS_LIMITED", until: opensAt });
    await house.clock.advance(60_000);
    await ann.logIn();
    expect((await house.login.access.get()).modeNow).toBe("open");
    await house.clock.advance(60_000);
    expect((await ann.tryLogIn()).body).not.toHaveProperty("until");
    expect(await ann.get("/auth/session")).toMatchObject(limited);
  });
});

it("the rules are the store's: they hold after a restart of the process", async () => {
  const house = server.open({ store: keptStore() });
  await house.login.access.set({ mode: "limited", allow: { groups: ["testers"] } });
  await house.restart();
  expect((await house.login.access.get()).allow.groups).toEqual(["testers"]);
  expect(await house.player("Ann").tryLogIn()).toMatchObject(limited);
});

describe("a queue that is closed", () => {
  it("lets exactly those in whom the rules name, with a session or without", async () => {
    const house = server.open({ queue: { targetCcuLimit: 5, playerGraceSeconds: 60 } });
    const [ann, bob] = [await house.loggedIn("Ann"), await house.loggedIn("Bob")];
    await house.clock.advance(60_000);
    await house.login.queue.configure({ mode: "closed" });
    await house.login.access.set({ mode: "open", allow: { userIds: [ann.userId] } });
    await house.clock.advance(1_000);

    expect(await bob.takePlace({}, bob.login.token).catch(() => "refused")).toBe("refused");
    expect(await bob.tryLogIn()).toMatchObject(closed);
    expect(await refusal(bob.play())).toEqual({ code: 503, message: "QUEUE_CLOSED" });
    expect(await house.player("somebody new").tryLogIn()).toMatchObject(closed);
    expect(await house.liveSlots()).toBe(0);

    await ann.play();
    expect(await house.liveSlots()).toBe(1);
    await ann.logOut({ disconnectSockets: true });
    await ann.logIn();
    expect(await house.liveSlots()).toBe(1);
  });

  it("looks at nobody's credentials where the rules name nobody", async () => {
    const house = server.open({ queue: { mode: "closed" } });
    const answer = await house.player("Ann").post("/auth/authenticate/device", { id: "no" });
    expect(answer).toMatchObject(closed);
  });

  it("lets in who waits as soon as the rules name them, and refuses who is named no more", async () => {
    const house = server.open({ queue: { targetCcuLimit: 1, playerGraceSeconds: 60 } });
    const [ann, bob, cid] = [await house.loggedIn("Ann"), house.player("Bob"), house.player("Cid")];
    await house.clock.advance(60_000);
    await bob.logIn();
    await house.clock.advance(60_000);
    await cid.logIn();
    const rooms = [await bob.queue(), await ann.queue()] as const;
    await house.login.queue.configure({ mode: "closed", targetCcuLimit: 5 });
    await house.login.access.set({ mode: "open", allow: { userIds: [bob.userId, ann.userId] } });
    await house.login.access.set({ mode: "open", allow: { userIds: [ann.userId] } });
    // Bob, who comes first, is passed over.
    let isAdmitted = false;
    const admitted = untilAdmitted(rooms[1]).then(() => {
      isAdmitted = true;
    });
    while (!isAdmitted) {
      await house.clock.advance(200);
      // Not a ping in the room, which takes so many a second.
      await cid.get("/auth/session");
    }
    await admitted;
    expect(rooms[0].state).toMatchObject({ status: "waiting" });
    const gone = left(rooms[0]);
    await house.login.access.set({ mode: "limited", allow: { userIds: [ann.userId] } });
    expect(await gone).toMatchObject({ code: 4410, reason: "The game is not open to everybody now." });
  });
});

it("a queue that is closed judges who polls anew at each poll", async () => {
  const house = server.open({ queue: { playerGraceSeconds: 60 } });
  const [ann, bob] = [await house.loggedIn("Ann"), await house.loggedIn("Bob")];
  await house.clock.advance(60_000);
  await house.login.queue.configure({ mode: "paused" });
  await house.login.access.set({ mode: "open", allow: { userIds: [bob.userId] } });
  const tickets = [
    (await ann.takePlace({}, ann.login.token)).ticket,
    (await bob.takePlace({}, bob.login.token)).ticket,
  ] as const;
  await house.login.access.set({ mode: "open", allow: { userIds: [ann.userId] } });
  await house.login.queue.configure({ mode: "closed" });
  for (const ticket of tickets) expect(await ann.pollPlace(ticket)).toMatchObject({ status: "waiting" });
  await house.clock.advance(1_000);
  expect(await ann.pollPlace(tickets[0])).toMatchObject({ status: "admitted" });
  expect(await bob.pollPlace(tickets[1])).toMatchObject({ status: "waiting" });
});

describe("login.access.set", () => {
  const house = () => server.open({ accessRules: { friends: () => true } }).login.access;
  it.each<[unknown, string]>([
    [undefined, "login.access.set: expected an object of access rules, got undefined"],
    [{}, 'option mode: expected one of "open", "limited", got undefined'],
    [{ mode: "shut" }, 'option mode: expected one of "open", "limited", got "shut"'],
    [{ mode: "limited", allow: ["ann"] }, "option allow: expected an object of userIds, groups and rule"],
    [
      { mode: "limited", allow: { userIds: "ann" } },
      "option allow.userIds: expected an array of at most 10000 user ids",
    ],
    [{ mode: "limited", allow: { groups: Array(101).fill("g") } }, "at most 100 groups"],
    [{ mode: "limited", allow: { users: [] } }, "there is no option allow.users"],
    [{ mode: "limited", allow: { rule: "foes" } }, 'expected the name of one of accessRules (friends), got "foes"'],
    [
      { mode: "limited", opensAt: "tomorrow" },
      "option opensAt: expected ms since the epoch up to the year 9999, or null",
    ],
    [{ mode: "limited", opensAt: 5, closesAt: 5 }, "option closesAt: expected another moment than opensAt, got 5"],
  ])("refuses %j with a TypeError, and changes nothing", async (change, words) => {
    const access = house();
    const before = await access.get();
    const set = async () => Reflect.apply(access.set, access, [change]);
    await expect(set()).rejects.toThrow(TypeError);
    await expect(set()).rejects.toThrow(words);
    expect(await access.get()).toEqual(before);
  });
});
