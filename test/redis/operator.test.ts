// Operators of two processes on one Redis: whichever they ask, it is one system, with one audit list, and each thing is told once.
import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { LoginEvents } from "../../src/events-face.ts";
import { type Answer, type Player, untilAdmitted, untilState } from "../login/player.ts";
import { ask, Description, type Document } from "../operator/desk.ts";
import { type Exposition, readExposition, valueAt } from "../operator/metrics-setup.ts";
import { samples } from "../operator/samples.ts";
import { RedisProxy } from "../support/redis-proxy.ts";
import { useRedisServer } from "../support/redis-server.ts";
import { left } from "../support/room-clients.ts";
import { eventually, Game, type Member } from "./members/game.ts";

const server = useRedisServer();
const queue = { targetCcuLimit: 20, restoreSeconds: 0, playerGraceSeconds: 60 };
/** A call of the store has a second, and some calls of operators make two of them, one after the other. */
const longestCallMs = 5_000;

let game: Game;
let proxy: RedisProxy;
/** Its store goes to Redis straight; that of the other by the proxy. */
let here: Member;
let there: Member;
let token: string;
let description: Description;

beforeAll(async () => {
  // The SDK tells the console of every connection that ends.
  vi.spyOn(console, "info").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
  proxy = new RedisProxy(server.port);
  await proxy.start();
  game = new Game(server, { queue, concurrentSessions: "many" });
  [here, there] = await Promise.all([game.start(), game.start({ by: proxy })]);
  await Promise.all([here.call("listen"), there.call("listen")]);
  token = await here.call("operatorToken", "Olga");
  const { body } = await ask(`${here.url}/auth/operator/openapi.json`, { method: "GET", token });
  description = new Description(body as unknown as Document);
}, 60_000);

afterAll(async () => {
  server.resume();
  await game?.stop();
  await proxy?.stop();
});

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A call at a process, held to what the server says of its calls. */
async function operate(member: Member, method: Method, path: string, body?: unknown, as = token): Promise<Answer> {
  const answer = await ask(`${member.url}/auth/operator${path}`, { method, token: as, body });
  description.check(method, `/auth/operator${path.split("?")[0]}`, answer);
  return answer;
}

/** What a call answers that succeeds. */
async function ok(...call: Parameters<typeof operate>): Promise<Record<string, unknown>> {
  const { status, body } = await operate(...call);
  expect(body).not.toHaveProperty("code");
  expect(status).toBe(200);
  return body;
}

/** The audit list without reads as a process shows it, the newest first. */
async function changes(member: Member): Promise<Record<string, unknown>[]> {
  const { events } = await ok(member, "GET", "/events");
  return Array.from(Object(events), (entry) => Object(entry)).filter(({ action }) => !action.endsWith(".read"));
}

type Told = Partial<Record<keyof LoginEvents, readonly unknown[]>>;

const consumed = new Map<Member, number>();

/**
 * Resolves when both processes have told exactly this since the last time. What is told twice, or too late, fails here or the
 * next time. Reads of operators and outages, which a busy machine has by itself, are left out.
 */
async function told(expected: { readonly here: Told; readonly there: Told }): Promise<void> {
  for (const [member, its] of [
    [here, expected.here],
    [there, expected.there],
  ] as const) {
    await vi.waitFor(async () => {
      const all = await member.call("told");
      const news: Record<string, unknown[]> = {};
      for (const [name, event] of all.slice(consumed.get(member) ?? 0)) {
        const isRead = name === "operatorAction" && String(Object(event).action).endsWith(".read");
        const isOutage = name === "storeAvailable" || Object(event).code === "STORE_UNAVAILABLE";
        if (!isRead && !isOutage) news[name] = [...(news[name] ?? []), event];
      }
      expect(Object.keys(news).sort()).toEqual(Object.keys(its).sort());
      expect(news).toMatchObject(its);
      consumed.set(member, all.length);
    }, 10_000);
  }
}

const action = (name: string, outcome = "done") => ({ action: name, outcome });

function ticketIdOf(room: { readonly state: { readonly ticket: string } }): string {
  return decodeJwt(room.state.ticket).jti ?? "";
}

async function metricsOf(member: Member): Promise<{ metrics: Exposition; wholeSystem: string[] }> {
  const { body } = await operate(member, "GET", "/metrics");
  const text = String(body["text"]);
  const wholeSystem = text
    .split("\n")
    .filter((line) => /^colyseus_login_queue_(?!oldest_wait|admission_step_age)/.test(line));
  return { metrics: readExposition(text), wholeSystem };
}

let ann: Player;
let bob: Player;
let hal: Player;
let eve: Player;
/** Waits at the other process all the time. */
let waiting: Awaited<ReturnType<Player["queue"]>>;

it("what is set at one is in force at the other, told to who waits there, and by both; the list of what was done is one", async () => {
  [ann, bob, hal] = await Promise.all([here.loggedIn("Ann"), there.loggedIn("Bob"), there.loggedIn("Hal")]);
  const login = { provider: "device", repeated: false };
  await told({ here: { loggedIn: [login] }, there: { loggedIn: [login, login] } });

  const paused = await ok(here, "PATCH", "/queue", { mode: "paused" });
  const { settings, queue: overview } = await ok(there, "GET", "/status");
  expect(settings).toEqual(paused["settings"]);
  expect(overview).toMatchObject({ mode: "paused" });
  const news = { queueMode: [{ mode: "paused", previous: "auto" }], queueConfigured: [paused] };
  await told({ here: { ...news, operatorAction: [action("queue.configure")] }, there: news });

  waiting = await there.player("Cid").queue({ hint: "there" });
  const hears = untilState(waiting, ({ notice, mode }) => notice === "Soon." && mode === "paused");
  const noticed = await ok(here, "PATCH", "/queue", { notice: "Soon." });
  await hears;
  await told({
    here: { queueConfigured: [noticed], operatorAction: [action("queue.configure")] },
    there: { queueConfigured: [noticed] },
  });
  const raised = await ok(there, "PATCH", "/queue", { targetCcuLimit: 30 });
  expect((await ok(here, "GET", "/status"))["settings"]).toEqual(raised["settings"]);
  await told({
    here: { queueConfigured: [raised] },
    there: { queueConfigured: [raised], operatorAction: [action("queue.configure")] },
  });

  const list = await changes(there);
  const actor = { kind: "operator", name: "Olga", tokenId: decodeJwt(token).jti };
  expect(list).toMatchObject([
    { actor, before: { targetCcuLimit: 20 }, after: { targetCcuLimit: 30 } },
    { actor, before: { notice: "" }, after: { notice: "Soon." } },
    { actor, before: { mode: "auto" }, after: { mode: "paused" } },
  ]);
  const ids = list.map(({ id }) => Number(id));
  expect(ids).toEqual([...ids].sort((one, other) => other - one));
  expect(await changes(here)).toEqual(list);
});

it("a ban at one closes the sockets at the other with 4403 and the reason, and is lifted at the other", async () => {
  const room = await eventually(() => ann.play());
  const closed = left(room);
  const reason = "Two accounts – ü";
  const path = `/bans/${ann.userId}`;
  expect(await ok(there, "PUT", path, { reason })).toEqual({
    ban: { reason, until: null },
    previous: null,
    socketsClosed: 1,
  });
  expect(await closed).toEqual({ code: 4403, reason });
  const session = { userId: ann.userId, shortSid: ann.sid.slice(0, 8) };
  await told({
    here: {},
    there: {
      banned: [{ userId: ann.userId, reason, until: null }],
      sessionEnded: [{ session, reason: "banned" }],
      operatorAction: [{ ...action("user.ban"), target: ann.userId, reason }],
    },
  });
  expect((await changes(here))[0]).toMatchObject({ action: "user.ban", target: ann.userId, reason, before: null });
  expect(await ok(here, "GET", path)).toEqual({ ban: { reason, until: null } });

  expect(await ok(here, "DELETE", path)).toEqual({ previous: { reason, until: null } });
  expect((await operate(there, "GET", path)).status).toBe(404);
  expect((await operate(there, "DELETE", path)).status).toBe(404);
  await told({
    here: { unbanned: [{ userId: ann.userId }], operatorAction: [action("user.unban")] },
    there: { operatorAction: [action("user.unban", "NOT_FOUND")] },
  });
});

it("sessions of the other process are found, disconnected and logged out, and their sockets counted", async () => {
  const rooms = [await eventually(() => bob.play()), await eventually(() => bob.client.create("game"))];
  const { sessions } = await ok(here, "GET", `/sessions?userId=${encodeURIComponent(bob.userId)}`);
  expect(sessions).toMatchObject([{ sid: bob.sid, userId: bob.userId, ended: null }]);
  const closed = Promise.all(rooms.map(left));
  const reason = "A break.";
  expect(await ok(here, "POST", `/sessions/${bob.sid}/disconnect`, { reason })).toEqual({ socketsClosed: 2 });
  expect(await closed).toEqual(rooms.map(() => ({ code: 4410, reason })));

  const gone = left(await eventually(() => hal.play()));
  const [path, logout] = [`/sessions/${hal.sid}/logout`, { disconnectSockets: true, reason: "Good night." }];
  expect(await ok(here, "POST", path, logout)).toEqual({ ended: true });
  expect(await gone).toEqual({ code: 4401, reason: "Good night." });
  expect(await ok(there, "POST", path, logout)).toEqual({ ended: false });
  await told({
    here: {
      sessionEnded: [{ session: { userId: hal.userId }, reason: "logout" }],
      operatorAction: [action("session.disconnect"), action("session.logout")],
    },
    there: { operatorAction: [action("session.logout")] },
  });
});

it("tickets that a room of the one holds are moved, let in and removed at the other, and their holders see it", async () => {
  const [dan, fay] = [here.player("Dan"), here.player("Fay")];
  eve = here.player("Eve");
  const rooms = [];
  for (const player of [dan, eve, fay]) rooms.push(await player.queue({ hint: "here" }));
  const [first, second, third] = rooms;
  if (first === undefined || second === undefined || third === undefined) throw new Error("three wait");
  const [danId, eveId, fayId] = [ticketIdOf(first), ticketIdOf(second), ticketIdOf(third)];
  const { tickets } = await ok(there, "GET", "/tickets");
  expect(Array.from(Object(tickets), ({ id }) => id)).toEqual([ticketIdOf(waiting), danId, eveId, fayId]);

  const isNext = untilState(third, ({ position }) => position === 1);
  expect(await ok(there, "POST", `/tickets/${fayId}/move`, { position: 1 })).toEqual({ id: fayId, position: 1 });
  await isNext;

  const letIn = untilAdmitted(second);
  await ok(there, "POST", `/tickets/${eveId}/admit`);
  await ok(here, "POST", `/tickets/${eveId}/admit`);
  const { pass } = await letIn;
  await eve.logIn({ queuePass: pass });

  const [removed, gone] = [untilState(first, ({ status }) => status === "removed"), left(first)];
  await ok(there, "POST", `/tickets/${danId}/remove`, { reason: "Two places." });
  expect((await removed).notice).toBe("Two places.");
  expect(await gone).toEqual({ code: 4410, reason: "Two places." });
  expect((await operate(here, "POST", `/tickets/${danId}/remove`, { reason: "Again." })).status).toBe(404);

  await told({
    here: {
      loggedIn: [{ session: { userId: eve.userId } }],
      operatorAction: [action("ticket.admit"), action("ticket.remove", "NOT_FOUND")],
    },
    there: {
      admitted: [{ ticketId: eveId, lane: "default", userId: null, waitedMs: expect.any(Number) }],
      operatorAction: [action("ticket.move"), action("ticket.admit"), action("ticket.remove")],
    },
  });
  expect((await changes(here)).slice(0, 5)).toMatchObject([
    { action: "ticket.remove", outcome: "NOT_FOUND", target: danId },
    { action: "ticket.remove", outcome: "done", target: danId, reason: "Two places." },
    { action: "ticket.admit", before: { status: "admitted" } },
    { action: "ticket.admit", before: { status: "waiting" } },
    { action: "ticket.move", before: { position: 4 }, after: { position: 1 } },
  ]);
});

it("access rules that are set at one are told by both", async () => {
  const set = await ok(here, "PUT", "/access", { mode: "limited", allow: { userIds: [ann.userId] } });
  expect(await ok(there, "GET", "/access")).toEqual(set["access"]);
  await told({ here: { accessChanged: [{}], operatorAction: [action("access.set")] }, there: { accessChanged: [{}] } });
  const limited = { status: 403, body: { code: "ACCESS_LIMITED" } };
  expect(await there.visitedBy(eve).get("/auth/session")).toMatchObject(limited);
  expect(await there.player("Gus").tryLogIn()).toMatchObject({ status: 429, body: { code: "QUEUE_REQUIRED" } });
  await told({ here: {}, there: { loginRefused: [{ provider: "device", code: "QUEUE_REQUIRED" }] } });
  expect(await ok(there, "PUT", "/access", { mode: "open" })).toMatchObject({ previous: set["access"] });
  await told({
    here: { accessChanged: [{}] },
    there: { accessChanged: [{}], operatorAction: [action("access.set")] },
  });
});

it("metrics of both show the same of the whole, and each its own counters", async () => {
  await vi.waitFor(async () => {
    const [mine, its] = await Promise.all([metricsOf(here), metricsOf(there)]);
    expect(mine.wholeSystem).toEqual(its.wholeSystem);
  }, 10_000);
  const [mine, its] = [(await metricsOf(here)).metrics, (await metricsOf(there)).metrics];
  const both = (name: string, labels: Record<string, string> = {}) => [
    valueAt(mine, name, labels) ?? 0,
    valueAt(its, name, labels) ?? 0,
  ];
  expect(both("queue_waiting", { lane: "default" })).toEqual([2, 2]);
  expect(both("queue_admissions_total", { lane: "default" })).toEqual([1, 1]);
  expect(both("queue_abandoned_total", { lane: "default" })).toEqual([1, 1]);
  expect(both("queue_limit")).toEqual([30, 30]);
  expect(both("queue_mode", { mode: "paused" })).toEqual([1, 1]);
  expect(both("logins_total", { provider: "device", outcome: "known" })).toEqual([2, 2]);
  expect(both("sessions_ended_total", { reason: "banned" })).toEqual([0, 1]);
  expect(both("sessions_ended_total", { reason: "logout" })).toEqual([1, 0]);
  expect(both("sockets_closed_total", { code: "4403" })).toEqual([1, 0]);
  expect(both("sockets_closed_total", { code: "4410" })).toEqual([1, 2]);
  expect(both("operator_calls_total", { action: "ticket.admit", outcome: "done" })).toEqual([1, 1]);
  expect(both("store_up")).toEqual([1, 1]);
  for (const lag of both("feed_lag_seconds")) expect(lag).toBeLessThan(3);
});

it("history and forecast are of the whole, whichever is asked", async () => {
  for (const member of [here, there]) {
    const { waiting: waits, settings, neverEmptyBecause } = await ok(member, "GET", "/forecast");
    expect({ waits, settings, neverEmptyBecause }).toMatchObject({
      waits: 2,
      settings: { mode: "paused", targetCcuLimit: 30 },
      neverEmptyBecause: "mode",
    });
    const opened = await ok(member, "GET", "/forecast?mode=auto&targetCcuLimit=100&targetLoginRatePerSecond=1");
    expect(opened).toMatchObject({
      waiting: 2,
      settings: { mode: "auto" },
      emptyInSeconds: { low: expect.any(Number) },
    });
    // One sample every ten seconds: the first tells of the start, where nobody waited.
    const { samples: columns } = await ok(member, "GET", "/history");
    const { at, ...values } = Object(columns);
    for (const moment of at) expect(moment % 10_000).toBe(0);
    for (const column of Object.values(values)) expect(column).toHaveLength(at.length);
    expect([values.waiting[0], values.limit[0]]).toEqual([0, 20]);
  }
  expect((await ok(here, "GET", "/status"))["settings"]).toMatchObject({ mode: "paused", targetCcuLimit: 30 });
});

it("an entry that the store does not take is a warning, the change stands, and the list goes on", async () => {
  const before = await changes(here);
  const cut = proxy.refuse('"action":"queue.configure"');
  const [lost] = await Promise.all([ok(there, "PATCH", "/queue", { notice: "Lost." }), cut]);
  void proxy.refuse(null);
  expect(await changes(here)).toEqual(before);
  await told({ here: { queueConfigured: [lost] }, there: { queueConfigured: [lost] } });
  const warnings = (await there.call("logged")).filter(({ text }) => text.includes("the audit list could not take"));
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatchObject({ level: "warn", text: expect.stringContaining('"notice":"Lost."') });

  const kept = await vi.waitFor(() => ok(there, "PATCH", "/queue", { notice: "Kept." }), 10_000);
  await told({
    here: { queueConfigured: [kept] },
    there: { queueConfigured: [kept], operatorAction: [action("queue.configure")] },
  });
  expect((await changes(here)).slice(1)).toEqual(before);
});

it("while the store is away every call is 503 in time, the page is there, metrics say so; all come back by themselves", async () => {
  const ids = { ticketId: ticketIdOf(waiting), sid: bob.sid, userId: ann.userId };
  const calls = samples(ids).filter(({ action: name }) => name !== "metrics.read");
  const newcomer = await here.call("operatorToken", "Otto");
  const before = { list: await changes(here), settings: (await ok(here, "GET", "/status"))["settings"] };
  for (const member of [here, there]) await metricsOf(member);
  const outages = async (member: Member) =>
    (await member.call("told")).flatMap(([name, event]) =>
      name === "storeAvailable" ? [Object(event).available] : [],
    );
  const isAway = untilState(waiting, ({ mode }) => mode === "unavailable");

  server.pause();
  for (const member of [here, there]) {
    const startedAt = performance.now();
    const answers = await Promise.all(calls.map(({ method, path, body }) => operate(member, method, path, body)));
    expect(performance.now() - startedAt).toBeLessThan(longestCallMs);
    for (const answer of answers) expect(answer).toMatchObject({ status: 503, body: { code: "STORE_UNAVAILABLE" } });

    const page = await fetch(`${member.url}/auth/operator/`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<html")]);
    const { metrics, wholeSystem } = await metricsOf(member);
    expect(valueAt(metrics, "store_up")).toBe(0);
    expect(valueAt(metrics, "logins_total", { provider: "device", outcome: "known" })).toBeGreaterThan(0);
    expect(wholeSystem).toEqual([]);
    expect((await operate(member, "GET", "/metrics", undefined, newcomer)).status).toBe(503);
  }
  await isAway;
  const isBack = untilState(waiting, ({ mode }) => mode === "paused");
  server.resume();

  await isBack;
  for (const member of [here, there]) {
    await vi.waitFor(async () => expect((await operate(member, "GET", "/status")).status).toBe(200), 15_000);
    await vi.waitFor(async () => {
      const { metrics, wholeSystem } = await metricsOf(member);
      expect(valueAt(metrics, "store_up")).toBe(1);
      expect(wholeSystem).not.toEqual([]);
      expect(valueAt(metrics, "feed_lag_seconds")).toBeLessThan(1);
    }, 15_000);
    // Each outage has a beginning and an end; the test before may have made one of its own.
    await vi.waitFor(async () => {
      const heard = await outages(member);
      expect(heard.length).toBeGreaterThan(0);
      expect(heard).toEqual(heard.map((_, index) => index % 2 === 1));
      expect(heard.at(-1)).toBe(true);
    }, 20_000);
  }
  // Nothing of what was refused was done when Redis came to itself.
  expect(await changes(here)).toEqual(before.list);
  expect((await ok(there, "GET", "/status"))["settings"]).toEqual(before.settings);
  expect((await operate(there, "GET", `/bans/${ann.userId}`)).status).toBe(404);
  await told({ here: {}, there: {} });
  for (const member of [here, there]) {
    expect((await member.call("logged")).filter(({ level }) => level === "error")).toEqual([]);
  }
}, 60_000);
