// `queueFirst`: the place before the login, so that a full server has nothing to refuse.
import { afterEach, beforeEach, expect, it } from "vitest";
import { memoryStorage } from "../../src/client/storage.ts";
import { admittedState, createHelper, FakeRoom, FakeSdk, waitingState } from "./support/fake-sdk.ts";
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

const open = (storage = memoryStorage()) => createHelper(sdk, time, { storage });

it("joins the queue before anything is tried, and sends one login, with the pass", async () => {
  const room = new FakeRoom("login_queue");
  sdk.answerJoins(room);
  const login = open().authenticate("anonymous", {}, { queueFirst: true, vars: { team: "red" } });
  await sdk.joined(1);
  room.push(waitingState(1));
  server.answer({ status: 200, body: loginAnswer(time.now()) });
  room.push(admittedState("pass-1"));
  expect((await login).userId).toBe("user-1");
  expect(server.calls.map((call) => call.body)).toEqual([{ vars: { team: "red" }, queuePass: "pass-1" }]);
});

it("uses a pass at hand instead of a second place", async () => {
  const room = new FakeRoom("login_queue");
  room.state = admittedState("pass-1");
  sdk.answerJoins(room);
  server.answer(refusal(401, "INVALID_CREDENTIALS"), { status: 200, body: loginAnswer(time.now()) });
  const login = open();
  await expect(login.authenticate("custom", {}, { queueFirst: true })).rejects.toMatchObject({
    code: "INVALID_CREDENTIALS",
  });
  await login.authenticate("custom", {}, { queueFirst: true });
  expect(sdk.joins).toHaveLength(1);
  expect(server.calls.map((call) => call.body["queuePass"])).toEqual(["pass-1", "pass-1"]);
});

it("says at once that the server cannot be reached, with an old ticket or without", async () => {
  const storage = memoryStorage();
  for (let tries = 1; tries <= 2; tries++) {
    sdk.answerJoins(Object.assign(new Error("fetch failed"), { name: "ServerError", code: "ECONNREFUSED" }));
    const login = open(storage).authenticate("anonymous", {}, { queueFirst: true });
    await expect(login).rejects.toMatchObject({ code: "NETWORK" });
    storage.setItem(`colyseus-login:127.0.0.1:${server.port}/auth:ticket`, '{"ticket":"ticket-1"}');
  }
  expect(server.calls).toEqual([]);
});

it("comes back to a place it has had, as any other wait", async () => {
  const first = new FakeRoom("login_queue");
  const second = new FakeRoom("login_queue");
  sdk.answerJoins(first, second);
  const login = open().authenticate("anonymous", {}, { queueFirst: true });
  await sdk.joined(1);
  first.push(waitingState(5));
  first.close(1006);
  await time.advance(5_000);
  const { options } = await sdk.joined(2);
  expect(options).toEqual({ ticket: "ticket-1" });
  server.answer({ status: 200, body: loginAnswer(time.now()) });
  second.push(admittedState("pass-1"));
  await login;
});
