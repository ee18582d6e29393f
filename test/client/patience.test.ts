// What the helper does when the server asks for patience (429, 503 with retryAfterSeconds), or says nothing at all.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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
let sdk: FakeSdk;

beforeEach(async () => {
  server = await FakeServer.start();
  time = new ManualTime();
  sdk = new FakeSdk(server);
});

afterEach(async () => {
  await server.stop();
});

const answer = (generation = 1) => ({ status: 200, body: loginAnswer(time.now(), { generation }) });
const busy = [
  [429, "TOO_MANY_REQUESTS"],
  [503, "STORE_UNAVAILABLE"],
] as const;

async function logIn() {
  const login = createHelper(sdk, time);
  server.answer(answer());
  await login.authenticate("anonymous");
  return login;
}

/** A player with a place, in this room. */
async function wait() {
  const login = createHelper(sdk, time);
  const room = new FakeRoom("login_queue");
  sdk.answerJoins(room);
  const session = login.authenticate("anonymous", {}, { queueFirst: true });
  session.catch(() => {});
  await sdk.joined(1);
  room.push(waitingState(3));
  return { login, room, session };
}

describe("a refusal with retryAfterSeconds", () => {
  it.each(busy)("%i %s to a login without a pass is the caller's, who is told how long", async (status, code) => {
    server.answer(refusal(status, code, { retryAfterSeconds: 4 }));
    const login = createHelper(sdk, time).authenticate("anonymous");
    await expect(login).rejects.toMatchObject({ code, retryAfterSeconds: 4 });
    expect(server.calls).toHaveLength(1);
  });

  it.each(busy)("%i %s to a login with a pass is waited out", async (status, code) => {
    const { room, session } = await wait();
    server.answer(refusal(status, code, { retryAfterSeconds: 6 }), answer());
    room.push(admittedState("pass-1"));
    await session;
    expect(time.sleeps).toEqual([6_000]);
    expect(server.calls.map((call) => call.body["queuePass"])).toEqual(["pass-1", "pass-1"]);
  });

  it.each(busy)("%i %s to a refresh is waited out", async (status, code) => {
    const login = await logIn();
    server.answer(refusal(status, code, { retryAfterSeconds: 10 }), answer(2));
    await login.refresh();
    expect(time.sleeps).toEqual([10_000]);
  });

  it("is the caller's where it asks for more patience than ten seconds", async () => {
    const login = await logIn();
    server.answer(refusal(429, "TOO_MANY_REQUESTS", { retryAfterSeconds: 11 }));
    await expect(login.refresh()).rejects.toMatchObject({ code: "TOO_MANY_REQUESTS", retryAfterSeconds: 11 });
    expect(time.sleeps).toEqual([]);
    expect(login.session).not.toBeNull();
  });

  it("holds the helper's own refresh back for as long as it says", async () => {
    const login = await logIn();
    server.answer(refusal(429, "TOO_MANY_REQUESTS", { retryAfterSeconds: 700 }));
    const retry = time.nextDelay();
    time.advance(46 * 60_000);
    // The first delay after the refresh falls due is that of the call's own patience.
    expect(await retry).toBe(20_000);
    expect(await time.nextDelay()).toBe(700_000);
    server.answer(answer(2));
    time.advance(700_000);
    await new Promise<void>((resolve) => login.on("session", () => resolve()));
    expect(server.calls).toHaveLength(3);
    login.dispose();
  });
});

describe("coming back to a place", () => {
  it("goes on where the server has had too many tries from here", async () => {
    const { room, session } = await wait();
    const back = new FakeRoom("login_queue");
    back.state = admittedState("pass-1");
    sdk.answerJoins(matchmakingRefusal(429, "TOO_MANY_REQUESTS"), back);
    server.answer(answer());
    room.close(1006);
    await session;
    expect(time.sleeps).toHaveLength(2);
  });

  it.each([
    [503, "QUEUE_FULL"],
    [503, "QUEUE_CLOSED"],
    [403, "BANNED"],
  ])("ends with %i %s: the place is gone", async (status, code) => {
    const { room, session } = await wait();
    sdk.answerJoins(matchmakingRefusal(status, code));
    room.close(1006);
    await expect(session).rejects.toMatchObject({ code, status });
  });
});

describe("silence", () => {
  it("is told once, however many connections fail, and again after the next word", async () => {
    const { login, room, session } = await wait();
    const stale: number[] = [];
    login.on("stale", ({ since }) => stale.push(since));
    const since = time.now();
    // Each fails at once; the backoff between them is time that passes.
    sdk.answerJoins(...Array.from({ length: 12 }, () => matchmakingRefusal(1006, "")));
    const back = new FakeRoom("login_queue");
    sdk.answerJoins(back);
    room.close(1006);
    await sdk.joined(14);
    expect(stale).toEqual([since]);
    expect(time.now() - since).toBeGreaterThan(15_000);
    back.push(waitingState(3, { asOf: 2_000_000 }));
    const word = time.now();
    time.advance(14_999);
    expect(stale).toHaveLength(1);
    time.advance(1);
    expect(stale).toEqual([since, word]);
    login.dispose();
    await expect(session).rejects.toMatchObject({ name: "AbortError" });
  });

  it("is nobody's concern after the wait", async () => {
    const { login, room, session } = await wait();
    const stale: unknown[] = [];
    login.on("stale", (event) => stale.push(event));
    server.answer(answer());
    room.push(admittedState("pass-1"));
    await session;
    time.advance(60_000);
    expect(stale).toEqual([]);
  });
});
