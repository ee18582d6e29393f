// The pass of an admitted player: what it opens, how often, for whom, and how it ends.
import { describe, expect, it } from "vitest";
import type { AccountStoreFactory } from "../../src/accounts/account-store.ts";
import { customProvider } from "../../src/accounts/custom.ts";
import { deviceProvider } from "../../src/accounts/device.ts";
import { memoryAccounts } from "../../src/accounts/memory-accounts.ts";
import { LoginError } from "../../src/errors.ts";
import type { SessionAuth } from "../../src/sessions/session.ts";
import { settled } from "../support/settled.ts";
import { untilAdmitted, untilState } from "./player.ts";
import { type House, loginServer } from "./server.ts";

const server = loginServer();

const secret = customProvider(({ word, name }) => (word === "sesame" ? { externalId: String(name) } : null));

function openHouse(targetCcuLimit = 1): House {
  return server.open({
    providers: { device: deviceProvider(), secret },
    queue: { mode: "always", targetCcuLimit },
  });
}

/** Somebody new queues and is admitted. */
async function admitted(house: House) {
  const player = house.player("nobody yet");
  const room = await player.queue();
  await house.clock.advance(200);
  return { player, room, ...(await untilAdmitted(room)) };
}

describe("S39 a pass", () => {
  it("opens one session, and answers the same one again to the same account", async () => {
    const opened: SessionAuth[] = [];
    const house = server.open({
      queue: { mode: "always" },
      hooks: { afterAuthenticate: (session) => void opened.push(session) },
    });
    const { pass } = await admitted(house);
    const ann = house.player("Ann");
    const { refreshAt, created, ...first } = await ann.logIn({ queuePass: pass, vars: { skin: "red" } });
    expect(created).toBe(true);
    // The first answer may have been lost on its way.
    const { refreshAt: _, ...again } = await ann.logIn({ queuePass: pass, vars: { skin: "blue" } });
    expect(again).toEqual({ ...first, created: false });
    expect(opened.map(({ sid }) => sid)).toEqual([first.session.sid]);
    expect(await house.login.sessions.list(ann.userId)).toHaveLength(1);
    expect(await house.liveSlots()).toBe(1);
    await ann.play();
  });

  it("is refused to every other account, and stays good for its own", async () => {
    const house = openHouse();
    const { pass } = await admitted(house);
    const ann = await house.loggedIn("Ann", { queuePass: pass });
    for (const name of ["Bob", "Cid", "Dan", "Eve", "Fay", "Gus"]) {
      const answer = await house.player(name).tryLogIn({ queuePass: pass });
      expect(answer).toMatchObject({ status: 403, body: { code: "PASS_INVALID" } });
    }
    expect((await ann.logIn({ queuePass: pass })).session.sid).toBe(ann.sid);
    expect(await house.liveSlots()).toBe(1);
  });

  it("makes nobody else an account, not even for a moment, be it spent or its place taken with a session", async () => {
    const made: string[] = [];
    const accounts: AccountStoreFactory = (context) => {
      const store = memoryAccounts()(context);
      const findOrCreate = store.findOrCreate.bind(store);
      store.findOrCreate = (identity, wishes) => {
        made.push(identity.externalId);
        return findOrCreate(identity, wishes);
      };
      return store;
    };
    const house = server.open({ accounts, queue: { playerGraceSeconds: 60 } });
    const ann = await house.loggedIn("Ann");
    await house.clock.advance(60_000);
    const { ticket } = await ann.takePlace({}, ann.login.token);
    await house.clock.advance(1_000);
    const { pass: queuePass } = await ann.pollPlace(ticket);
    const refused = { status: 403, body: { code: "PASS_INVALID" } };
    expect(await house.player("Bob").tryLogIn({ queuePass })).toMatchObject(refused);
    await ann.logIn({ queuePass });
    expect(await house.player("Cid").tryLogIn({ queuePass })).toMatchObject(refused);
    expect(new Set(made).size).toBe(1);
  });

  it("survives four failed tries", async () => {
    const house = openHouse();
    const { pass: queuePass, player } = await admitted(house);
    const logIn = (word: string) => player.post("/auth/authenticate/secret", { word, name: "Ali", queuePass });
    for (let times = 0; times < 4; times += 1) expect((await logIn("open")).status).toBe(401);
    expect((await logIn("sesame")).status).toBe(200);
  });

  it("ends with the fifth failed try, and its slot goes on", async () => {
    const house = openHouse();
    const { pass: queuePass, player } = await admitted(house);
    const next = await house.player("Bob").queue();
    const logIn = (word: string) => player.post("/auth/authenticate/secret", { word, name: "Ali", queuePass });
    for (let times = 0; times < 5; times += 1) expect((await logIn("open")).status).toBe(401);
    // From here on it says nothing about credentials any more, right or wrong.
    expect((await logIn("open")).body).toMatchObject({ code: "PASS_INVALID" });
    expect((await logIn("sesame")).body).toMatchObject({ code: "PASS_INVALID" });
    await house.clock.advance(200);
    await untilAdmitted(next);
    expect(await house.liveSlots()).toBe(1);
  });

  it("that is spent makes no account", async () => {
    const house = openHouse();
    const { pass: queuePass, player } = await admitted(house);
    expect((await player.tryLogIn({ queuePass })).status).toBe(200);
    for (const name of ["Zoe", "Zed"]) {
      const stranger = { word: "sesame", name, username: "Taken by nobody", queuePass };
      expect((await player.post("/auth/authenticate/secret", stranger)).body).toMatchObject({ code: "PASS_INVALID" });
    }
  });

  it("ends with its time, and its slot goes on", async () => {
    const house = openHouse();
    const { pass, passExpiresAt } = await admitted(house);
    const next = await house.player("Bob").queue();
    expect(passExpiresAt).toBe(house.clock.now() + 30_000);
    await house.clock.advance(29_900);
    await settled(next);
    expect(next.state.status).toBe("waiting");
    await house.clock.advance(300);
    expect((await house.player("Ann").tryLogIn({ queuePass: pass })).body).toMatchObject({ code: "PASS_INVALID" });
    await untilAdmitted(next);
  });

  it("is used up with its session: a logout leaves nothing to come back by", async () => {
    const house = openHouse();
    const { pass } = await admitted(house);
    const ann = await house.loggedIn("Ann", { queuePass: pass });
    await ann.logOut();
    expect((await ann.tryLogIn({ queuePass: pass })).body).toMatchObject({ code: "PASS_INVALID" });
    expect(await house.liveSlots()).toBe(0);
  });

  it("is nothing else than a pass of this server", async () => {
    const otherHouse = openHouse();
    const { pass: other } = await admitted(otherHouse);
    await otherHouse.close();

    const house = openHouse(2);
    const { pass, ticket } = await admitted(house);
    const ann = await house.loggedIn("Ann", { queuePass: pass });
    const second = await admitted(house);
    const altered = `${second.pass.slice(0, -4)}AAAA`;
    const wrong = { ticket, token: ann.login.token, other, altered, garbage: "garbage", empty: "" };
    for (const [what, queuePass] of Object.entries(wrong)) {
      const answer = await house.player("Bob").tryLogIn({ queuePass });
      expect(answer, what).toMatchObject({ status: 403, body: { code: "PASS_INVALID" } });
    }
    await house.loggedIn("Bob", { queuePass: second.pass });
  });
});

describe("S40 twenty logins at once with one pass", () => {
  it("by one account are one session, answered twenty times", async () => {
    const house = openHouse();
    const { pass } = await admitted(house);
    const ann = house.player("Ann");
    const answers = await Promise.all(Array.from({ length: 20 }, () => ann.tryLogIn({ queuePass: pass })));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ body }) => body["token"])).size).toBe(1);
    expect(await house.login.sessions.list(ann.userId)).toHaveLength(1);
    expect(await house.liveSlots()).toBe(1);
  });

  it("by twenty accounts are one session, and nineteen refusals", async () => {
    const house = openHouse(20);
    const { pass } = await admitted(house);
    const players = Array.from({ length: 20 }, (_, index) => house.player(`number ${index}`));
    const answers = await Promise.all(players.map((player) => player.tryLogIn({ queuePass: pass })));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 19 }, () => 403)]);
    expect(await house.liveSlots()).toBe(1);
  });
});

describe("S45 a failed login", () => {
  it.each([
    ["credentials of the wrong form", "device", { id: 7 }, 400, "INVALID_REQUEST"],
    ["wrong credentials", "secret", { word: "open" }, 401, "INVALID_CREDENTIALS"],
    ["no account, and none wished", "secret", { word: "sesame", name: "Eve", create: false }, 404, "NOT_FOUND"],
    ["a name that is taken", "secret", { word: "sesame", name: "Eve", username: "taken" }, 409, "CONFLICT"],
    ["a refusal of the game's", "secret", { word: "sesame", name: "refused" }, 403, "ACCESS_LIMITED"],
    ["a fault of the game's", "secret", { word: "sesame", name: "fault" }, 403, "FORBIDDEN"],
  ])("for %s leaves pass and slot as they were", async (_what, provider, body, status, code) => {
    const house = server.open({
      providers: { device: deviceProvider(), secret },
      queue: { mode: "always", targetCcuLimit: 2 },
      hooks: {
        beforeAuthenticate({ username }) {
          if (username === "refused") throw new LoginError("ACCESS_LIMITED", "not today");
          if (username === "fault") throw new TypeError("a fault of the game's");
        },
      },
    });
    const first = await admitted(house);
    await house.loggedIn("Ann", { queuePass: first.pass, username: "taken" });
    const { player, pass: queuePass } = await admitted(house);
    const named = "name" in body && !("username" in body) ? { username: body.name } : {};
    const answer = await player.post(`/auth/authenticate/${provider}`, { ...named, ...body, queuePass });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(await house.liveSlots()).toBe(2);
    house.logger.lines.length = 0;
    await player.logIn({ queuePass });
    await player.play();
    expect(await house.liveSlots()).toBe(2);
  });
});

describe("leaving the queue with a pass", () => {
  it("keeps it: a client may leave first and log in then", async () => {
    const house = openHouse();
    const { player, room, pass } = await admitted(house);
    const next = await house.player("Bob").queue();
    expect(await room.leave()).toBe(4000);
    await house.clock.advance(29_000);
    await settled(next);
    expect(next.state.status).toBe("waiting");
    await player.logIn({ queuePass: pass });
    await player.play();
    expect(await house.liveSlots()).toBe(1);
  });

  it("and never using it frees the slot when the pass ends", async () => {
    const house = openHouse();
    const { room } = await admitted(house);
    const next = await house.player("Bob").queue();
    await room.leave();
    await house.clock.advance(29_800);
    await settled(next);
    expect(next.state.status).toBe("waiting");
    await house.clock.advance(400);
    await untilAdmitted(next);
  });

  it("over HTTP gives it up at once", async () => {
    const house = openHouse();
    const { player, pass, ticket } = await admitted(house);
    const next = await house.player("Bob").queue();
    expect((await player.delete("/auth/queue", ticket)).status).toBe(204);
    expect((await player.tryLogIn({ queuePass: pass })).body).toMatchObject({ code: "PASS_INVALID" });
    await house.clock.advance(200);
    await untilAdmitted(next);
  });

  it("without one gives the place up", async () => {
    const house = openHouse(0);
    const [first, second] = [await house.player("Ann").queue(), await house.player("Bob").queue()];
    const { ticket } = first.state;
    await first.leave();
    await house.clock.advance(1_000);
    await untilState(second, ({ position }) => position === 1);
    const back = await house.player("Ann").queue({ ticket });
    expect(back.state).toMatchObject({ status: "waiting", position: 2 });
  });
});
