// When a login must queue and when not, mode by mode.
import { describe, expect, it, vi } from "vitest";
import { customProvider } from "../../src/accounts/custom.ts";
import { drop, refusal } from "../support/room-clients.ts";
import { settled } from "../support/settled.ts";
import { newKey, refreshSecrets } from "./keys.ts";
import { untilAdmitted, untilState } from "./player.ts";
import { loginServer } from "./server.ts";

const server = loginServer();

describe("no wait, no queue", () => {
  it("lets logins straight in while there is room, and says where to wait when there is none", async () => {
    const house = server.open({ queue: { targetCcuLimit: 2, maxCheckTicketPollTimeSeconds: 20 } });
    await house.loggedIn("Ann");
    await house.loggedIn("Bob");
    await house.player("Cid").queue();
    await house.clock.advance(5_000);
    const { status, body, headers } = await house.player("Dan").tryLogIn();
    expect(status).toBe(429);
    expect(body).toEqual({
      code: "QUEUE_REQUIRED",
      message: expect.any(String),
      room: "login_queue",
      queueLength: 1,
      etaMs: -1,
      retryAfterSeconds: expect.any(Number),
    });
    expect(body["retryAfterSeconds"]).toBeGreaterThan(0);
    expect(body["retryAfterSeconds"]).toBeLessThanOrEqual(20);
    expect(headers.get("retry-after")).toBe(String(Math.ceil(Number(body["retryAfterSeconds"]))));
    expect(await house.liveSlots()).toBe(2);
  });

  it("keeps to the rate", async () => {
    const house = server.open({ queue: { targetLoginRatePerSecond: 1, loginBurst: 2 } });
    const statuses = async (names: readonly string[]) => {
      const seen: number[] = [];
      for (const name of names) seen.push((await house.player(name).tryLogIn()).status);
      return seen;
    };
    expect(await statuses(["Ann", "Bob", "Cid"])).toEqual([200, 200, 429]);
    await house.clock.advance(1_000);
    expect(await statuses(["Cid", "Dan"])).toEqual([200, 429]);
    // An idle queue banks no more than the burst.
    await house.clock.advance(60_000);
    expect(await statuses(["Dan", "Eve", "Fay"])).toEqual([200, 200, 429]);
  });

  it("lets nobody pass who is present and waits, though there is room", async () => {
    const house = server.open({ queue: { targetLoginRatePerSecond: 1, loginBurst: 1 } });
    await house.clock.advance(50);
    await house.loggedIn("Ann");
    const waiting = await house.player("Bob").queue();
    waiting.reconnection.enabled = false;
    // The rate allows a login now, and the next admission step is 100 ms away.
    await house.clock.advance(1_050);
    expect((await house.player("Cid").tryLogIn()).body).toMatchObject({ code: "QUEUE_REQUIRED", queueLength: 1 });
    drop(waiting);
    const isAway = async () => (await house.login.queue.status()).lanes["default"]?.away === 1;
    while (!(await isAway())) await new Promise(setImmediate);
    expect((await house.player("Cid").tryLogIn()).status).toBe(200);
  });

  it("S45 gives the slot of a failed login back at once", async () => {
    const secret = customProvider(({ word }) => (word === "sesame" ? { externalId: "ali" } : null));
    const house = server.open({ providers: { secret }, queue: { targetCcuLimit: 1 } });
    const logIn = (word: string) => house.player("Ali").post("/auth/authenticate/secret", { word });
    for (let times = 0; times < 10; times += 1) expect((await logIn("open")).status).toBe(401);
    expect(await house.liveSlots()).toBe(0);
    expect((await logIn("sesame")).status).toBe(200);
    expect(await house.liveSlots()).toBe(1);
    expect((await logIn("open")).body).toMatchObject({ code: "QUEUE_REQUIRED" });
  });

  it("asks for nothing where no queue is configured", async () => {
    const house = server.open();
    const ann = await house.loggedIn("Ann");
    await ann.play();
    expect((await ann.post("/auth/queue", {})).status).toBe(404);
    expect(() => house.login.QueueRoom).toThrow(TypeError);
    await expect(house.login.queue.status()).rejects.toThrow("option queue");
  });
});

describe("the mode", () => {
  it("always: everyone queues, be it empty", async () => {
    const house = server.open({ queue: { mode: "always" } });
    const ann = house.player("Ann");
    expect((await ann.tryLogIn()).body).toMatchObject({ code: "QUEUE_REQUIRED", queueLength: 0 });
    const room = await ann.queue();
    await house.clock.advance(200);
    const { pass } = await untilAdmitted(room);
    await ann.logIn({ queuePass: pass });
    await ann.play();
  });

  it("paused: takes places, and admits none", async () => {
    const house = server.open({ queue: { mode: "paused" } });
    const ann = house.player("Ann");
    expect((await ann.tryLogIn()).body).toMatchObject({ code: "QUEUE_REQUIRED", etaMs: -1 });
    const room = await ann.queue();
    await house.clock.advance(60_000);
    await settled(room);
    expect(room.state).toMatchObject({ status: "waiting", position: 1, etaMs: -1, mode: "paused", pass: "" });
  });

  it("open: admits all and counts only", async () => {
    const house = server.open({ queue: { mode: "open", targetCcuLimit: 1, targetLoginRatePerSecond: 1 } });
    for (const name of ["Ann", "Bob", "Cid"]) await (await house.loggedIn(name)).play();
    const dan = house.player("Dan");
    const room = await dan.queue();
    await house.clock.advance(200);
    await dan.logIn({ queuePass: (await untilAdmitted(room)).pass });
    expect(await house.login.queue.status()).toMatchObject({ mode: "open", liveSlots: 4, targetCcuLimit: 1 });
  });

  it("closed: refuses every newcomer, in the room, over HTTP and at the login", async () => {
    const house = server.open({ queue: { mode: "closed" } });
    const ann = house.player("Ann");
    expect(await refusal(ann.client.joinOrCreate("login_queue"))).toEqual({ code: 503, message: "QUEUE_CLOSED" });
    const answer = await ann.post("/auth/queue", {});
    expect(answer).toMatchObject({ status: 503, body: { code: "QUEUE_CLOSED" } });
    expect(await ann.tryLogIn()).toMatchObject({ status: 503, body: { code: "QUEUE_CLOSED" } });
    expect(await house.login.queue.status()).toMatchObject({ liveSlots: 0, lanes: { default: { waiting: 0 } } });
  });
});

describe("devLoginQueueBypass", () => {
  it("asks for no pass and no slot, and says so at the start", async () => {
    const house = server.open({ queue: { devLoginQueueBypass: true, targetCcuLimit: 0 } });
    const ann = await house.loggedIn("Ann", { queuePass: "no pass at all" });
    await ann.play();
    expect(await house.liveSlots()).toBe(0);
    expect(house.logged).toEqual([{ level: "warn", text: expect.stringContaining("devLoginQueueBypass is on") }]);
  });

  it("S46 is switched on in production by no change of settings and by no request", async () => {
    vi.stubEnv("NODE_ENV", "production");
    const tokens = { keys: { current: newKey() }, refreshSecrets };
    const house = server.open({ tokens, queue: { mode: "always" } });
    const names = { devLoginQueueBypass: true, bypass: true };
    for (const [name, value] of Object.entries(names)) {
      await expect(house.login.queue.configure({ [name]: value }), name).rejects.toThrow(name);
    }
    const ann = house.player("Ann");
    expect(await ann.tryLogIn(names)).toMatchObject({ status: 429, body: { code: "QUEUE_REQUIRED" } });
    expect(
      await ann.tryLogIn({ vars: { devLoginQueueBypass: "true" }, queuePass: "devLoginQueueBypass" }),
    ).toMatchObject({
      status: 403,
      body: { code: "PASS_INVALID" },
    });
    const place = await ann.takePlace(names);
    expect(place).toMatchObject({ status: "waiting" });
    expect(place).not.toHaveProperty("pass");
  });
});

it("pushes the place of those who wait, and polls the same queue", async () => {
  const house = server.open({ queue: { targetCcuLimit: 1 } });
  const ann = await house.loggedIn("Ann");
  const bob = house.player("Bob");
  const first = await bob.takePlace();
  const second = await house.player("Cid").queue();
  expect(first).toMatchObject({ status: "waiting", position: 1, queueLength: 1 });
  expect(second.state).toMatchObject({ status: "waiting", position: 2, queueLength: 2 });
  await ann.logOut();
  await house.clock.advance(1_000);
  const admitted = await bob.pollPlace(first.ticket);
  expect(admitted).toMatchObject({ status: "admitted", position: 0, passExpiresAt: expect.any(Number) });
  await bob.logIn({ queuePass: admitted.pass });
  expect(await untilState(second, ({ position }) => position === 1)).toMatchObject({ queueLength: 1 });
});
