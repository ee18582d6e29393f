// `login.on` over the whole login: each event once, where it happened, with nothing in it that opens a door.
import { describe, expect, it } from "vitest";
import type { LoginEvents } from "../../src/events-face.ts";
import type { Login } from "../../src/login.ts";
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import { reconnectAtOnce } from "../support/room-clients.ts";
import { FragileStore } from "./fragile-store.ts";
import { untilAdmitted } from "./player.ts";
import { type House, loginServer } from "./server.ts";

const server = loginServer();

const names: readonly (keyof LoginEvents)[] = [
  "loggedIn",
  "loginRefused",
  "refreshed",
  "reuseDetected",
  "sessionEnded",
  "admitted",
  "queueMode",
  "queueConfigured",
  "banned",
  "unbanned",
  "accessChanged",
  "storeAvailable",
  "operatorAction",
];

type Heard = [name: keyof LoginEvents, event: unknown];

/** Everything that a login tells from now on, in order. */
function listen(login: Login): { heard: Heard[]; of: (name: keyof LoginEvents) => unknown[]; stop: () => void } {
  const heard: Heard[] = [];
  const stops = names.map((name) => login.on(name, (event) => void heard.push([name, event])));
  const of = (name: keyof LoginEvents) => heard.filter(([told]) => told === name).map(([, event]) => event);
  return { heard, of, stop: () => stops.map((stop) => stop()) };
}

/** One slot, which nobody loses while these tests look. */
const oneSlot = { targetCcuLimit: 1, playerGraceSeconds: 60, restoreSeconds: 0 } as const;

/** Whoever waits in the queue, logged in and out of the way. */
async function fullHouse(house: House) {
  const ann = await house.loggedIn("Ann");
  const waiting = await house.player("Bob").queue();
  reconnectAtOnce(waiting);
  return { ann, waiting };
}

describe("players", () => {
  it("a login is told once, with its session and its provider", async () => {
    const house = server.open({
      hooks: { beforeAuthenticate: () => ({ serverVars: { rank: "7" }, groups: ["beta"] }) },
    });
    const { heard } = listen(house.login);
    const ann = await house.loggedIn("Ann", { vars: { skin: "red" } });
    const session = {
      userId: ann.userId,
      username: ann.login.user.username,
      kind: "player",
      groups: ["beta"],
      vars: { skin: "red", rank: "7" },
      serverVars: { rank: "7" },
      shortSid: ann.sid.slice(0, 8),
    };
    expect(heard).toEqual([["loggedIn", { session, provider: "device", created: true, repeated: false }]]);
    await ann.logIn();
    expect(heard).toHaveLength(2);
    expect(heard[1]).toMatchObject(["loggedIn", { created: false, repeated: false }]);
  });

  it("a login that its pass repeats says so", async () => {
    const house = server.open({ queue: oneSlot });
    const { ann, waiting } = await fullHouse(house);
    await ann.logOut();
    const { of } = listen(house.login);
    await house.clock.advance(1_000);
    const { pass } = await untilAdmitted(waiting);
    const bob = house.player("Bob");
    await bob.logIn({ queuePass: pass });
    await bob.logIn({ queuePass: pass });
    expect(of("loggedIn")).toMatchObject([
      { created: true, repeated: false },
      { created: false, repeated: true },
    ]);
  });

  it("a refused login is told with its code, and with no name that the asker made up", async () => {
    const house = server.open();
    const ann = await house.loggedIn("Ann");
    const { heard } = listen(house.login);
    await house.login.bans.ban(ann.userId, { reason: "cheating" });
    heard.length = 0;
    await ann.tryLogIn();
    await ann.post("/auth/authenticate/device", { id: "short" });
    await ann.post("/auth/authenticate/toString", {});
    expect(heard).toEqual([
      ["loginRefused", { provider: "device", code: "BANNED" }],
      ["loginRefused", { provider: "device", code: "INVALID_REQUEST" }],
      ["loginRefused", { provider: "unknown", code: "NOT_FOUND" }],
    ]);
  });

  it("a login that fails by a fault is refused as INTERNAL", async () => {
    const store = new FragileStore();
    const house = server.open({ store: store.open });
    const { heard } = listen(house.login);
    store.broken.set("sessions.open", new TypeError("a fault of the store's"));
    expect((await house.player("Ann").tryLogIn()).status).toBe(500);
    expect(heard).toEqual([["loginRefused", { provider: "device", code: "INTERNAL" }]]);
    house.logger.lines.length = 0;
  });

  it("a refresh and its repetition are told; a thief's ends the session, in this order", async () => {
    const house = server.open();
    const ann = await house.loggedIn("Ann");
    const { heard } = listen(house.login);
    const first = ann.login.refreshToken;
    await ann.refresh({ attempt: "an-attempt-of-hers" });
    await ann.post("/auth/refresh", { refreshToken: first, attempt: "an-attempt-of-hers" });
    expect(heard).toMatchObject([
      ["refreshed", { session: { userId: ann.userId }, repeated: false }],
      ["refreshed", { session: { userId: ann.userId }, repeated: true }],
    ]);
    heard.length = 0;
    await ann.get("/auth/session");
    await house.clock.advance(20_000);
    await ann.post("/auth/refresh", { refreshToken: first, attempt: "an-attempt-of-a-thief" });
    await ann.tryRefresh();
    expect(heard).toMatchObject([
      ["reuseDetected", { session: { shortSid: ann.sid.slice(0, 8) } }],
      ["sessionEnded", { session: { shortSid: ann.sid.slice(0, 8) }, reason: "reuse" }],
    ]);
    house.logger.lines.length = 0;
  });

  it("every way to end a session is told once", async () => {
    const house = server.open({
      concurrentSessions: "one",
      tokens: { tokenExpirationMinutes: 1, refreshTokenExpirationMinutes: 2 },
    });
    const { of } = listen(house.login);
    const first = await house.loggedIn("Ann");
    const ann = await house.loggedIn("Ann");
    await ann.logOut();
    await ann.logOut();
    await ann.logIn();
    await house.login.bans.ban(ann.userId, { reason: "cheating" });
    const bob = await house.loggedIn("Bob");
    await house.clock.advance(180_000);
    await bob.tryRefresh();
    await bob.tryRefresh();
    const ends = of("sessionEnded");
    expect(ends).toMatchObject(
      ["replaced", "logout", "banned", "expired"].map((reason) => ({ reason, session: { kind: "player" } })),
    );
    expect(ends[0]).toMatchObject({ session: { shortSid: first.sid.slice(0, 8) } });
  });

  it("a ban and its end are told by the process that was asked", async () => {
    const house = server.open();
    const { heard } = listen(house.login);
    const until = house.clock.now() + 1_000;
    await house.login.bans.ban("ann", { reason: "cheating", until });
    await house.login.bans.ban("bob", { reason: "" });
    expect([await house.login.bans.unban("bob"), await house.login.bans.unban("bob")]).toEqual([true, false]);
    expect(heard).toEqual([
      ["banned", { userId: "ann", reason: "cheating", until }],
      ["banned", { userId: "bob", reason: "", until: null }],
      ["unbanned", { userId: "bob" }],
    ]);
  });
});

describe("the queue", () => {
  it("a ticket that the step admits is told once, with its wait", async () => {
    const house = server.open({ queue: oneSlot });
    const { ann, waiting } = await fullHouse(house);
    const { of } = listen(house.login);
    await house.clock.advance(3_000);
    expect(of("admitted")).toEqual([]);
    await ann.logOut();
    await house.clock.advance(1_000);
    await untilAdmitted(waiting);
    await house.clock.advance(2_000);
    expect(of("admitted")).toEqual([
      { ticketId: expect.any(String), lane: "default", userId: null, waitedMs: expect.any(Number) },
    ]);
    const [{ waitedMs }] = of("admitted") as [{ waitedMs: number }];
    expect(waitedMs).toBeGreaterThanOrEqual(3_000);
    expect(waitedMs).toBeLessThanOrEqual(4_000);
  });

  it("one that an operator admits is told once, however often he asks", async () => {
    const house = server.open({ queue: { ...oneSlot, mode: "paused" } });
    const place = await house.player("Bob").takePlace();
    const { of } = listen(house.login);
    await house.clock.advance(2_000);
    const [ticketId] = await ticketIdsOf(place.ticket);
    await house.login.queue.admit(ticketId);
    await house.login.queue.admit(ticketId);
    await house.clock.advance(2_000);
    expect(of("admitted")).toEqual([{ ticketId, lane: "default", userId: null, waitedMs: 2_000 }]);
  });

  it("one that another process lets in just before the operator is told there, and not here", async () => {
    const openStore = memoryStore();
    const house = server.open({
      queue: { ...oneSlot, mode: "paused" },
      store: (context) => {
        const store = openStore(context);
        const admitTicket = store.queue.admitTicket.bind(store.queue);
        store.queue.admitTicket = async (ticketId) => {
          // What an operator at another process does at the same moment.
          await admitTicket(ticketId);
          return admitTicket(ticketId);
        };
        return store;
      },
    });
    const place = await house.player("Bob").takePlace();
    const { of } = listen(house.login);
    const [ticketId] = await ticketIdsOf(place.ticket);
    await house.login.queue.admit(ticketId);
    expect(of("admitted")).toEqual([]);
    expect((await house.login.queue.status()).liveSlots).toBe(1);
  });

  it("one that is let in as it joins, because its session has a slot, is told", async () => {
    const house = server.open({ queue: { targetCcuLimit: 1 } });
    const ann = await house.loggedIn("Ann");
    const { of } = listen(house.login);
    expect(await ann.takePlace({}, ann.login.token)).toMatchObject({ status: "admitted" });
    expect(of("admitted")).toEqual([
      { ticketId: expect.any(String), lane: "default", userId: ann.userId, waitedMs: 0 },
    ]);
  });

  it("a login past the queue is no admission of a ticket", async () => {
    const house = server.open({ queue: {} });
    const { heard } = listen(house.login);
    await house.loggedIn("Ann");
    await house.clock.advance(1_000);
    expect(heard.map(([name]) => name)).toEqual(["loggedIn"]);
  });

  it("changed settings are told whole, and the mode by itself where it changed", async () => {
    const house = server.open({ queue: { targetCcuLimit: 5 } });
    await house.clock.advance(1_000);
    const { heard } = listen(house.login);
    const paused = await house.login.queue.configure({ mode: "paused", targetCcuLimit: 7 });
    expect(heard).toEqual([
      ["queueMode", { mode: "paused", previous: "auto" }],
      ["queueConfigured", paused],
    ]);
    await house.clock.advance(5_000);
    await house.login.queue.notice("Soon.");
    await house.login.queue.notice("Soon.");
    await house.clock.advance(5_000);
    expect(heard.map(([name]) => name)).toEqual(["queueMode", "queueConfigured", "queueConfigured"]);
  });
});

describe("the whole", () => {
  it("new access rules are told", async () => {
    const house = server.open();
    const { heard } = listen(house.login);
    await house.login.access.set({ mode: "limited" });
    expect(heard).toEqual([["accessChanged", {}]]);
  });

  it("a store that goes and comes back is told once each", async () => {
    const store = new FragileStore();
    const house = server.open({ store: store.open, queue: {} });
    await house.clock.advance(2_000);
    const { heard } = listen(house.login);
    store.isDown = true;
    await house.clock.advance(30_000);
    expect(heard).toEqual([["storeAvailable", { available: false }]]);
    store.isDown = false;
    await house.clock.advance(30_000);
    expect(heard).toEqual([
      ["storeAvailable", { available: false }],
      ["storeAvailable", { available: true }],
    ]);
  });

  it("an operator's call is told, as the audit list keeps it", async () => {
    const house = server.open({ queue: {} });
    const token = await house.login.tokens.issueOperatorToken({ name: "Olga", scopes: ["bans:write"] });
    const { of } = listen(house.login);
    const answer = await fetch(`${house.url}/auth/operator/bans/ann`, {
      method: "PUT",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ reason: "cheating" }),
    });
    expect(answer.status).toBe(200);
    expect(of("banned")).toHaveLength(1);
    expect(of("operatorAction")).toMatchObject([
      {
        actor: { kind: "operator", name: "Olga" },
        action: "user.ban",
        target: "ann",
        outcome: "done",
        reason: "cheating",
      },
    ]);
    expect(JSON.stringify(of("operatorAction"))).not.toContain(token);
  });
});

describe("what events carry", () => {
  it("is frozen all the way down, and holds no token, address or whole sid", async () => {
    const house = server.open({ queue: { targetCcuLimit: 2, playerGraceSeconds: 60, lanes: { vip: 2, default: 1 } } });
    const { heard } = listen(house.login);
    const ann = await house.loggedIn("Ann", { vars: { skin: "red" } });
    const secrets = [ann.sid, ann.login.token, ann.login.refreshToken, ann.device, "127.0.0.1"];
    await ann.refresh();
    secrets.push(ann.login.token, ann.login.refreshToken);
    await ann.takePlace({}, ann.login.token);
    await house.login.queue.configure({ lanes: { vip: 3 } });
    await house.login.bans.ban(ann.userId, { reason: "cheating" });
    expect(new Set(heard.map(([name]) => name))).toEqual(
      new Set(["loggedIn", "refreshed", "admitted", "queueConfigured", "banned", "sessionEnded"]),
    );
    for (const [, event] of heard) expect(isFrozen(event)).toBe(true);
    const told = JSON.stringify(heard);
    for (const secret of secrets) expect(told).not.toContain(secret);
  });
});

describe("a listener", () => {
  it("that throws, rejects, never ends or asks back breaks nothing, and is heard of in the log", async () => {
    const house = server.open({ queue: oneSlot });
    const { login } = house;
    let asked = 0;
    for (const name of names) {
      login.on(name, () => {
        throw new Error(`thrown at ${name}`);
      });
      login.on(name, () => Promise.reject(new Error(`rejected at ${name}`)));
      login.on(name, () => new Promise(() => {}));
      // Asks the very flow that tells it.
      login.on(name, async () => {
        asked += 1;
        if (asked < 50) await Promise.all([login.bans.ban(`user ${asked}`, { reason: "" }), login.queue.status()]);
      });
    }
    const { of } = listen(login);
    const { ann, waiting } = await fullHouse(house);
    await ann.refresh();
    await ann.logOut();
    await house.clock.advance(1_000);
    const { pass } = await untilAdmitted(waiting);
    const bob = await house.loggedIn("Bob", { queuePass: pass });
    await login.queue.configure({ mode: "always" });
    expect((await bob.get("/auth/session")).status).toBe(200);
    for (const name of ["loggedIn", "refreshed", "sessionEnded", "admitted", "queueMode", "queueConfigured"] as const)
      expect(of(name)).not.toEqual([]);
    expect(asked).toBeGreaterThan(10);

    const errors = house.logger.lines.filter(({ level }) => level === "error");
    const said = errors.map(({ text }) => text).join("\n");
    expect(said).toMatch(/colyseus-login: a listener of the event loggedIn failed.*thrown at loggedIn/s);
    expect(said).toContain("rejected at admitted");
    for (const { text } of errors) expect(text).toMatch(/a listener of the event|more lines in one minute/);
    house.logger.lines.length = 0;
  });

  it("hears nothing after it stopped, and nothing of a login that shut down", async () => {
    const house = server.open();
    const { login } = house;
    const { heard, stop } = listen(login);
    await house.loggedIn("Ann");
    stop();
    await house.loggedIn("Bob");
    expect(heard).toHaveLength(1);
    const later = listen(login);
    await house.shutDownAlone();
    const afterwards = listen(login);
    await login.bans.ban("ann", { reason: "" });
    expect([later.heard, afterwards.heard]).toEqual([[], []]);
  });

  it("that comes to a login that shut down hears nothing", async () => {
    const house = server.open();
    await house.shutDownAlone();
    const { heard, stop } = listen(house.login);
    await house.login.bans.ban("ann", { reason: "" });
    expect(heard).toEqual([]);
    stop();
  });

  it("of an event that does not exist is a mistake that names those that do, and so is one that is no function", () => {
    const { login } = server.open();
    const on: (...values: unknown[]) => unknown = Object.assign(login.on);
    expect(() => on("logedIn", () => {})).toThrow(
      new TypeError(`login.on: name: expected one of ${names.join(", ")}, got logedIn`),
    );
    expect(() => on("toString", () => {})).toThrow(TypeError);
    expect(() => on(Symbol("loggedIn"), () => {})).toThrow(TypeError);
    expect(() => on("loggedIn", {})).toThrow(new TypeError("login.on: listener: expected a function, got object"));
  });
});

async function ticketIdsOf(...tickets: string[]): Promise<[string]> {
  const ids = tickets.map((ticket) => JSON.parse(Buffer.from(ticket.split(".")[1] ?? "", "base64url").toString()).jti);
  return ids as [string];
}

function isFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}
