// Waiting in the queue room: the road to a session, the way back to a lost place, and the ways out.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { QueueUpdate } from "../../src/client/queue-visit.ts";
import { memoryStorage } from "../../src/client/storage.ts";
import {
  admittedState,
  createHelper,
  FakeRoom,
  FakeSdk,
  matchmakingRefusal,
  waitingState,
} from "./support/fake-sdk.ts";
import { FakeServer, loginAnswer, refusal } from "./support/fake-server.ts";
import { ManualTime } from "./support/manual-time.ts";

let server: FakeServer;
let time: ManualTime;

beforeEach(async () => {
  server = await FakeServer.start();
  time = new ManualTime();
});

afterEach(async () => {
  await server.stop();
});

const queueRequired = () => refusal(429, "QUEUE_REQUIRED", { room: "login_queue", queueLength: 10, etaMs: 5000 });
const answer = () => ({ status: 200, body: loginAnswer(time.now()) });

function open(storage = memoryStorage()) {
  const sdk = new FakeSdk(server);
  const login = createHelper(sdk, time, { storage });
  const updates: QueueUpdate[] = [];
  login.on("queue", (update) => updates.push(update));
  return { sdk, login, storage, updates };
}

/** A player who waits: the room is at hand, the login under way. */
async function startWaiting(page = open(), options = {}) {
  const room = new FakeRoom("login_queue");
  server.answer(queueRequired());
  page.sdk.answerJoins(room);
  const login = page.login.authenticate("device", { id: "a-device-of-mine" }, options);
  login.catch(() => {});
  const join = await page.sdk.joined(page.sdk.joins.length + 1);
  return { ...page, room, join, session: login };
}

/** The next join of a waiting player, answered with a new room. */
async function comeBack(sdk: FakeSdk) {
  const room = new FakeRoom("login_queue");
  sdk.answerJoins(room);
  const join = await sdk.joined(sdk.joins.length + 1);
  return { room, join };
}

describe("the straight road", () => {
  it("waits until it is admitted, logs in with the pass, and leaves the room", async () => {
    const told: QueueUpdate[] = [];
    const { room, join, session, login, updates, storage } = await startWaiting(open(), {
      hint: { lane: "friends" },
      vars: { team: "red" },
      onQueue: (update: QueueUpdate) => told.push(update),
    });
    expect(join).toMatchObject({ method: "joinOrCreate", name: "login_queue" });
    expect(join.options).toEqual({ hint: { lane: "friends" } });
    room.push(waitingState(3));
    room.push(waitingState(3));
    room.push(waitingState(1, { notice: "Soon." }));
    server.answer(answer());
    room.push(admittedState("pass-1"));
    expect((await session).userId).toBe("user-1");
    expect(login.session).toBe(await session);
    expect(server.calls[0]?.body).toEqual({ id: "a-device-of-mine", vars: { team: "red" } });
    expect(server.calls[1]?.body).toEqual({ id: "a-device-of-mine", vars: { team: "red" }, queuePass: "pass-1" });
    expect(told).toEqual([
      { status: "waiting", position: 3, queueLength: 10, etaMs: 3000, mode: "auto", notice: "", asOf: 999_997 },
      { status: "waiting", position: 1, queueLength: 10, etaMs: 1000, mode: "auto", notice: "Soon.", asOf: 999_999 },
      { status: "admitted", position: 0, queueLength: 10, etaMs: 0, mode: "auto", notice: "", asOf: 1_000_000 },
    ]);
    expect(updates).toEqual(told);
    expect(room.left).toEqual([true]);
    const ticketKey = `colyseus-login:127.0.0.1:${server.port}/auth:ticket`;
    expect(await storage.getItem(ticketKey)).toBeNull();
  });

  it("waits for the pass where the status comes first", async () => {
    const { room, session } = await startWaiting();
    room.push(admittedState(""));
    server.answer(answer());
    room.push({ pass: "pass-1" });
    await session;
    expect(server.calls[1]?.body["queuePass"]).toBe("pass-1");
  });

  it("finds a state that was there before anybody listened", async () => {
    const page = open();
    const room = new FakeRoom("login_queue");
    room.state = admittedState("pass-1");
    server.answer(queueRequired(), answer());
    page.sdk.answerJoins(room);
    await page.login.authenticate("anonymous");
    expect(page.updates).toHaveLength(1);
  });

  it("goes to the room that the server names", async () => {
    const page = open();
    const room = new FakeRoom("the_other_queue");
    room.state = admittedState("pass-1");
    server.answer(refusal(429, "QUEUE_REQUIRED", { room: "the_other_queue" }), answer());
    page.sdk.answerJoins(room);
    await page.login.authenticate("anonymous");
    expect(page.sdk.joins[0]?.name).toBe("the_other_queue");
  });

  it("is not told of anything where there is no wait", async () => {
    const { sdk, login, updates } = open();
    server.answer(answer());
    await login.authenticate("anonymous");
    expect(updates).toEqual([]);
    expect(sdk.joins).toEqual([]);
  });

  it("goes on when a listener fails", async () => {
    const failures: unknown[] = [];
    const others = process.rawListeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => failures.push(error));
    try {
      const { room, session, updates } = await startWaiting(open(), {
        onQueue: () => {
          throw new Error("a listener's own");
        },
      });
      server.answer(answer());
      room.push(admittedState("pass-1"));
      await session;
      expect(updates).toHaveLength(1);
      await new Promise((resolve) => setImmediate(resolve));
      expect(failures).toHaveLength(1);
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of others) process.on("uncaughtException", listener as () => void);
    }
  });
});

describe("a place", () => {
  it("is come back to with its latest ticket after a reload", async () => {
    const { room, storage } = await startWaiting();
    room.push(waitingState(3, { ticket: "ticket-1" }));
    room.push(waitingState(3, { ticket: "ticket-2" }));
    const reloaded = await startWaiting(open(storage));
    expect(reloaded.join.options).toEqual({ ticket: "ticket-2" });
  });

  it.each([1001, 1005, 1006, 4001, 4002, 4003, 4010, 4401, 4408])(
    "is come back to when the socket closes with %i",
    async (code) => {
      const { sdk, room, session, updates } = await startWaiting();
      expect(room.reconnection.enabled).toBe(false);
      room.push(waitingState(3));
      room.close(code);
      const back = await comeBack(sdk);
      expect(back.join.options).toEqual({ ticket: "ticket-1" });
      server.answer(answer());
      back.room.push(admittedState("pass-1"));
      await session;
      expect(updates.map((update) => update.position)).toEqual([3, 0]);
      expect(time.sleeps).toHaveLength(1);
    },
  );

  it("is come back to while joins fail on the way, ever more slowly, and not for ever", async () => {
    const { sdk, room, session } = await startWaiting();
    room.push(waitingState(3));
    const failures = [
      matchmakingRefusal(503, ""),
      matchmakingRefusal(524, "seat reservation expired."),
      matchmakingRefusal(1006, ""),
      Object.assign(matchmakingRefusal(0, "fetch failed"), { code: "ECONNREFUSED" }),
    ];
    sdk.answerJoins(...Array.from({ length: 20 }, (_, index) => failures[index % failures.length] ?? new Error()));
    room.close(1006);
    await expect(session).rejects.toMatchObject({ code: "NETWORK" });
    expect(sdk.joins).toHaveLength(21);
    expect(time.sleeps[0]).toBeLessThanOrEqual(500);
    expect(time.sleeps.at(-1)).toBeGreaterThanOrEqual(2_500);
    expect(time.sleeps.reduce((sum, sleep) => sum + sleep, 0)).toBeLessThan(90_000);
  });

  it("is waited for while the store is away, however long that takes, and the player is told", async () => {
    const { sdk, room, session, updates } = await startWaiting();
    room.push(waitingState(3));
    const { length } = sdk.joins;
    sdk.answerJoins(...Array.from({ length: 60 }, () => matchmakingRefusal(503, "STORE_UNAVAILABLE")));
    const back = new FakeRoom("login_queue");
    sdk.answerJoins(back);
    room.close(1006);
    expect((await sdk.joined(length + 61)).options).toEqual({ ticket: "ticket-1" });
    expect(updates.at(-1)).toMatchObject({ status: "waiting", position: 3, mode: "unavailable", etaMs: -1 });
    expect(updates).toHaveLength(2);
    expect(Math.max(...time.sleeps)).toBeLessThanOrEqual(10_000);
    expect(time.sleeps.slice(10).every((slept) => slept >= 5_000)).toBe(true);
    back.push(waitingState(3));
    expect(updates.at(-1)).toMatchObject({ position: 3, mode: "auto" });
    server.answer(answer());
    back.push(admittedState("pass-1"));
    await session;
  });

  it("is asked for again where the first try meets a store that is away", async () => {
    const { sdk, login, updates } = open();
    const room = new FakeRoom("login_queue");
    sdk.answerJoins(matchmakingRefusal(503, "STORE_UNAVAILABLE"), matchmakingRefusal(1006, ""), room);
    const session = login.authenticate("anonymous", {}, { queueFirst: true });
    await sdk.joined(3);
    expect(updates).toEqual([
      expect.objectContaining({ status: "waiting", position: 0, mode: "unavailable", etaMs: -1 }),
    ]);
    server.answer(answer());
    room.push(admittedState("pass-1"));
    await session;
  });

  it("moves with a process that shuts down, some moments later, with the ticket it was given last", async () => {
    const { sdk, room, session, updates } = await startWaiting();
    room.push(waitingState(3));
    const next = new FakeRoom("login_queue");
    sdk.answerJoins(next);
    room.push({ ticket: "ticket-2" });
    room.close(4001);
    expect((await sdk.joined(2)).options).toEqual({ ticket: "ticket-2" });
    expect(time.sleeps).toHaveLength(1);
    expect(time.sleeps[0]).toBeGreaterThanOrEqual(500);
    expect(time.sleeps[0]).toBeLessThanOrEqual(5_000);
    next.push(waitingState(3, { ticket: "ticket-2" }));
    server.answer(answer());
    next.push(admittedState("pass-1"));
    await session;
    expect(updates.map(({ status, position }) => [status, position])).toEqual([
      ["waiting", 3],
      ["waiting", 3],
      ["admitted", 0],
    ]);
  });

  it("counts its losses anew after a connection that lasted", async () => {
    const { sdk, room, session } = await startWaiting();
    let current = room;
    for (let losses = 0; losses < 30; losses++) {
      current.push(waitingState(3));
      time.advance(10_000);
      current.push(waitingState(3, { asOf: 1_000_000 + losses }));
      time.advance(10_000);
      current.close(1006);
      ({ room: current } = await comeBack(sdk));
    }
    server.answer(answer());
    current.push(admittedState("pass-1"));
    await session;
  });

  it("starts at the end with a ticket that the server does not take", async () => {
    const page = open();
    page.storage.setItem(`colyseus-login:127.0.0.1:${server.port}/auth:ticket`, '{"ticket":"of another key"}');
    const room = new FakeRoom("login_queue");
    room.state = admittedState("pass-1");
    server.answer(queueRequired(), answer());
    page.sdk.answerJoins(matchmakingRefusal(401, "TOKEN_INVALID"), room);
    await page.login.authenticate("anonymous");
    expect(page.sdk.joins.map((join) => join.options)).toEqual([{ ticket: "of another key" }, {}]);
  });

  it("is told to be stale after three silent heartbeats, and come back to", async () => {
    const { sdk, login, room, session } = await startWaiting();
    const stale: number[] = [];
    login.on("stale", ({ since }) => stale.push(since));
    room.push(waitingState(3));
    const lastWord = time.now();
    time.advance(14_999);
    room.push(waitingState(3, { asOf: 1_000_001 }));
    time.advance(14_999);
    expect(stale).toEqual([]);
    time.advance(1);
    expect(stale).toEqual([lastWord + 14_999]);
    expect(room.left).toEqual([false]);
    const back = await comeBack(sdk);
    expect(back.join.options).toEqual({ ticket: "ticket-1" });
    room.push(admittedState("a pass that came too late"));
    server.answer(answer());
    back.room.push(admittedState("pass-1"));
    await session;
    expect(server.calls[1]?.body["queuePass"]).toBe("pass-1");
  });

  it("is stale, too, if the room never says a word", async () => {
    const { sdk, login } = await startWaiting();
    const stale: number[] = [];
    login.on("stale", ({ since }) => stale.push(since));
    time.advance(15_000);
    expect(stale).toHaveLength(1);
    await comeBack(sdk);
    login.dispose();
  });
});

describe("a refusal", () => {
  it.each([
    [503, "QUEUE_FULL"],
    [503, "QUEUE_CLOSED"],
    [403, "BANNED"],
    [403, "ACCESS_LIMITED"],
    [429, "TOO_MANY_REQUESTS"],
  ])("%i %s at the queue room is the caller's", async (status, code) => {
    const page = open();
    server.answer(queueRequired());
    page.sdk.answerJoins(matchmakingRefusal(status, code));
    await expect(page.login.authenticate("anonymous")).rejects.toMatchObject({
      name: "LoginClientError",
      code,
      status,
    });
    expect(page.sdk.joins).toHaveLength(1);
  });

  it("of the framework's own is passed on as it is", async () => {
    const page = open();
    server.answer(queueRequired());
    const noHandler = matchmakingRefusal(520, 'provided room name "login_queue" not defined');
    page.sdk.answerJoins(noHandler);
    await expect(page.login.authenticate("anonymous")).rejects.toBe(noHandler);
  });

  it("by removal says why, and does not come back", async () => {
    const { sdk, room, session, updates, storage } = await startWaiting();
    room.push(waitingState(3));
    room.push({ status: "removed", position: 0 });
    room.close(4410, "by an operator");
    await expect(session).rejects.toMatchObject({ code: "REMOVED", status: 0, reason: "by an operator" });
    expect(updates.at(-1)?.status).toBe("removed");
    expect(sdk.joins).toHaveLength(1);
    expect(await storage.getItem(`colyseus-login:127.0.0.1:${server.port}/auth:ticket`)).toBeNull();
  });

  it("by removal without a close says what the notice says", async () => {
    const { room, session } = await startWaiting();
    room.push(waitingState(3, { status: "removed", notice: "maintenance" }));
    time.advance(2_000);
    await expect(session).rejects.toMatchObject({ code: "REMOVED", reason: "maintenance" });
    expect(room.left).toEqual([false]);
  });

  it("because another tab took the place over leaves that tab its ticket", async () => {
    const { room, session, storage } = await startWaiting();
    room.push(waitingState(3));
    room.push({ status: "removed" });
    room.close(4409, "taken over");
    await expect(session).rejects.toMatchObject({ code: "REMOVED", reason: "taken over" });
    expect(await storage.getItem(`colyseus-login:127.0.0.1:${server.port}/auth:ticket`)).toContain("ticket-1");
  });

  it.each([4409, 4410, 4411])("by a close with %i is one, whatever the state said last", async (code) => {
    const { sdk, room, session } = await startWaiting();
    room.push(waitingState(3));
    room.close(code, "because");
    await expect(session).rejects.toMatchObject({ code: "REMOVED", reason: "because" });
    expect(sdk.joins).toHaveLength(1);
  });

  it("by a ban while waiting is one", async () => {
    const { room, session } = await startWaiting();
    room.push(waitingState(3));
    room.close(4403, "cheating");
    await expect(session).rejects.toMatchObject({ code: "BANNED", reason: "cheating" });
  });
});

describe("giving up", () => {
  it("leaves the queue by the caller's signal", async () => {
    const giveUp = new AbortController();
    const { sdk, room, session, storage } = await startWaiting(open(), { signal: giveUp.signal });
    room.push(waitingState(3));
    giveUp.abort();
    await expect(session).rejects.toMatchObject({ name: "AbortError" });
    expect(room.left).toEqual([true]);
    expect(await storage.getItem(`colyseus-login:127.0.0.1:${server.port}/auth:ticket`)).toBeNull();
    time.advance(60_000);
    expect(sdk.joins).toHaveLength(1);
  });

  it("leaves the queue by leaveQueue", async () => {
    const { login, room, session } = await startWaiting();
    room.push(waitingState(3));
    login.leaveQueue();
    await expect(session).rejects.toMatchObject({ name: "AbortError" });
    expect(room.left).toEqual([true]);
  });

  it("leaves a room whose join came through too late", async () => {
    const page = open();
    let arrive = (_room: FakeRoom) => {};
    const arriving = new Promise<FakeRoom>((resolve) => {
      arrive = resolve;
    });
    const giveUp = new AbortController();
    server.answer(queueRequired());
    page.sdk.answerJoins(arriving);
    const session = page.login.authenticate("anonymous", {}, { signal: giveUp.signal });
    session.catch(() => {});
    await page.sdk.joined(1);
    giveUp.abort();
    await expect(session).rejects.toMatchObject({ name: "AbortError" });
    const room = new FakeRoom("login_queue");
    arrive(room);
    await new Promise((resolve) => setImmediate(resolve));
    expect(room.left).toEqual([true]);
  });
});

describe("a pass", () => {
  it("is kept for the next try where the credentials were wrong", async () => {
    const { sdk, login, room, session } = await startWaiting();
    server.answer(refusal(401, "INVALID_CREDENTIALS"), answer());
    room.push(admittedState("pass-1"));
    await expect(session).rejects.toMatchObject({ code: "INVALID_CREDENTIALS" });
    expect(room.left).toEqual([false]);
    await login.authenticate("device", { id: "the right device now" });
    expect(server.calls[2]?.body).toEqual({ id: "the right device now", queuePass: "pass-1" });
    expect(sdk.joins).toHaveLength(1);
  });

  it("is used though its room closes meanwhile, which is not left then", async () => {
    const { room, session } = await startWaiting();
    server.answer(() => {
      room.close(1006);
      return answer();
    });
    room.push(admittedState("pass-1"));
    await session;
    expect(room.left).toEqual([]);
  });

  it("is not tried again once its time is over by the server's count", async () => {
    const { login, room, session } = await startWaiting();
    server.answer(refusal(401, "INVALID_CREDENTIALS"), answer());
    room.push(admittedState("pass-1", { asOf: 1_000_000, passExpiresAt: 1_020_000 }));
    await expect(session).rejects.toMatchObject({ code: "INVALID_CREDENTIALS" });
    time.advance(20_000);
    await login.authenticate("device", { id: "the right device now" });
    expect(server.calls[2]?.body).not.toHaveProperty("queuePass");
  });

  it("repeats a login whose answer was lost: the same pass answers the same session", async () => {
    const { room, session } = await startWaiting();
    server.answer("lost", refusal(503, "STORE_UNAVAILABLE"), answer());
    room.push(admittedState("pass-1"));
    await session;
    expect(server.calls.slice(1).map((call) => call.body["queuePass"])).toEqual(["pass-1", "pass-1", "pass-1"]);
  });

  it("that lapsed sends back to the queue, or straight in where nobody waits any more", async () => {
    const { sdk, room, session } = await startWaiting();
    server.answer(refusal(403, "PASS_INVALID"), queueRequired());
    room.push(admittedState("pass-1"));
    const back = await comeBack(sdk);
    server.answer(refusal(403, "PASS_INVALID"), answer());
    back.room.push(admittedState("pass-2"));
    await session;
    expect(server.calls.map((call) => call.body["queuePass"])).toEqual([
      undefined,
      "pass-1",
      undefined,
      "pass-2",
      undefined,
    ]);
  });

  it("may lapse three times, no more", async () => {
    const { sdk, room, session } = await startWaiting();
    let current = room;
    for (let waits = 1; waits <= 3; waits++) {
      server.answer(refusal(403, "PASS_INVALID"), queueRequired());
      current.push(admittedState(`pass-${waits}`));
      if (waits < 3) ({ room: current } = await comeBack(sdk));
    }
    await expect(session).rejects.toMatchObject({ code: "QUEUE_REQUIRED" });
    expect(sdk.joins).toHaveLength(3);
  });
});

it("waits once at a time: the second login tries again when the first is through", async () => {
  const page = await startWaiting();
  server.answer(queueRequired());
  const second = page.login.authenticate("device", { id: "the other device" });
  second.catch(() => {});
  page.room.push(waitingState(1));
  while (server.calls.length < 2) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(page.sdk.joins).toHaveLength(1);
  server.answer(answer(), answer());
  page.room.push(admittedState("pass-1"));
  await Promise.all([page.session, second]);
  expect(page.sdk.joins).toHaveLength(1);
  expect(server.calls[3]?.body).toEqual({ id: "the other device" });
});
