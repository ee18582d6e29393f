// Joining rooms through the helper: queueing when the room asks for it, refreshing, and what the server's close codes mean.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LoginClientError } from "../../src/client/errors.ts";
import type { LoginSession } from "../../src/client/session.ts";
import { LoginCloseCode } from "../../src/errors.ts";
import {
  admittedState,
  createHelper,
  FakeRoom,
  FakeSdk,
  matchmakingRefusal,
  waitingState,
} from "./support/fake-sdk.ts";
import { DAY, FakeServer, loginAnswer, refusal } from "./support/fake-server.ts";
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

const answer = (more: Parameters<typeof loginAnswer>[1] = {}) => ({ status: 200, body: loginAnswer(time.now(), more) });

async function logIn() {
  const sdk = new FakeSdk(server);
  const login = createHelper(sdk, time);
  server.answer(answer());
  await login.authenticate("anonymous");
  const sessions: [LoginSession | null, LoginClientError | null][] = [];
  login.on("session", (...event) => sessions.push(event));
  return { sdk, login, sessions };
}

describe("a join", () => {
  it.each(["joinOrCreate", "create", "join", "joinById"] as const)(
    "%s passes everything on, with the token",
    async (method) => {
      const { sdk, login } = await logIn();
      const room = new FakeRoom("game");
      sdk.answerJoins(room);
      expect(await login[method]("game", { team: "red" })).toBe(room);
      expect(sdk.joins).toEqual([{ method, name: "game", options: { team: "red" }, token: "token-sid-1-1" }]);
    },
  );

  it("waits in the queue where the room asks for it, and tries again with its slot", async () => {
    const { sdk, login } = await logIn();
    const updates: number[] = [];
    login.on("queue", (update) => updates.push(update.position));
    const queue = new FakeRoom("login_queue");
    const game = new FakeRoom("game");
    sdk.answerJoins(matchmakingRefusal(429, "QUEUE_REQUIRED"), queue, game);
    const joining = login.joinOrCreate("game", { team: "red" });
    await sdk.joined(2);
    queue.push(waitingState(2));
    expect(queue.left).toEqual([]);
    queue.push(admittedState(""));
    expect(await joining).toBe(game);
    expect(sdk.joins.map((join) => join.name)).toEqual(["game", "login_queue", "game"]);
    expect(sdk.joins[1]?.token).toBe("token-sid-1-1");
    expect(sdk.joins[2]).toEqual(sdk.joins[0]);
    expect(updates).toEqual([2, 0]);
    expect(queue.left).toEqual([true]);
    expect(server.calls).toHaveLength(1);
  });

  it("of two rooms at once waits once", async () => {
    const { sdk, login } = await logIn();
    const queue = new FakeRoom("login_queue");
    const required = () => matchmakingRefusal(429, "QUEUE_REQUIRED");
    const [one, two] = [new FakeRoom("one"), new FakeRoom("two")];
    sdk.answerJoins(required(), required(), queue, one, two);
    const joining = [login.join("one"), login.join("two")];
    await sdk.joined(3);
    queue.push(admittedState("pass-1"));
    expect(await Promise.all(joining)).toEqual([one, two]);
    expect(sdk.joins.map((join) => join.name)).toEqual(["one", "two", "login_queue", "one", "two"]);
  });

  it("rejects with our codes, and with the framework's errors as they are", async () => {
    const { sdk, login } = await logIn();
    sdk.answerJoins(matchmakingRefusal(403, "ACCESS_LIMITED"));
    await expect(login.join("game")).rejects.toMatchObject({
      name: "LoginClientError",
      code: "ACCESS_LIMITED",
      status: 403,
    });
    const full = matchmakingRefusal(403, "the team is full");
    sdk.answerJoins(full);
    await expect(login.join("game")).rejects.toBe(full);
    const bug = new TypeError("a bug");
    sdk.answerJoins(bug);
    await expect(login.join("game")).rejects.toBe(bug);
    sdk.answerJoins(Object.assign(matchmakingRefusal(0, "fetch failed"), { code: undefined }));
    await expect(login.join("game")).rejects.toMatchObject({ name: "LoginClientError", code: "NETWORK" });
    expect(login.session).not.toBeNull();
  });

  it("refreshes first where the token has ended", async () => {
    const { sdk, login } = await logIn();
    server.answer("lost", "lost", "lost", "lost");
    login.dispose();
    time.advance(2 * DAY);
    await expect(login.join("game")).rejects.toMatchObject({ code: "NETWORK" });
    expect(sdk.joins).toEqual([]);
    server.answer(answer({ generation: 2 }));
    sdk.answerJoins(new FakeRoom("game"));
    await login.join("game");
    expect(sdk.joins[0]?.token).toBe("token-sid-1-2");
  });

  it("refreshes where the server finds the token ended, once", async () => {
    const { sdk, login } = await logIn();
    server.answer(answer({ generation: 2 }));
    const expired = () => matchmakingRefusal(401, "TOKEN_EXPIRED");
    sdk.answerJoins(expired(), new FakeRoom("game"));
    await login.join("game");
    expect(sdk.joins.map((join) => join.token)).toEqual(["token-sid-1-1", "token-sid-1-2"]);
    server.answer(answer({ generation: 3 }));
    sdk.answerJoins(expired(), expired());
    await expect(login.join("game")).rejects.toMatchObject({ code: "TOKEN_EXPIRED" });
    expect(sdk.joins).toHaveLength(4);
  });

  it.each([
    [401, "SESSION_REVOKED"],
    [403, "BANNED"],
  ])("refused with %i %s ends the session", async (status, code) => {
    const { sdk, login, sessions } = await logIn();
    sdk.answerJoins(matchmakingRefusal(status, code));
    await expect(login.join("game")).rejects.toMatchObject({ code });
    expect(login.session).toBeNull();
    expect(sdk.auth.token).toBeUndefined();
    expect(sessions).toEqual([[null, expect.objectContaining({ code })]]);
  });
});

describe("a closed room", () => {
  async function play() {
    const page = await logIn();
    const room = new FakeRoom("game");
    page.sdk.answerJoins(room);
    await page.login.join("game");
    const events: { code: number; reason: string; room: unknown }[] = [];
    page.login.on("disconnected", (event) => events.push(event));
    return { ...page, room, events };
  }

  it.each(Object.values(LoginCloseCode))("%i tells why", async (code) => {
    const { room, events } = await play();
    server.answer(answer({ generation: 2 }));
    room.close(code, "because");
    expect(events).toEqual([{ code, reason: "because", room }]);
  });

  it.each([1000, 1001, 1006, 4000, 4001, 4002, 4003])("%i is no business of the server's", async (code) => {
    const { room, events, login } = await play();
    room.close(code);
    expect(events).toEqual([]);
    expect(login.session).not.toBeNull();
  });

  it.each([
    [4401, "SESSION_REVOKED"],
    [4403, "BANNED"],
    [4409, "SESSION_REVOKED"],
  ])("%i ends the session with %s", async (closeCode, code) => {
    const { room, login, sdk, sessions } = await play();
    room.close(closeCode, "because");
    await new Promise((resolve) => setImmediate(resolve));
    expect(login.session).toBeNull();
    expect(sdk.auth.token).toBeUndefined();
    expect(sessions).toEqual([[null, expect.objectContaining({ code, reason: "because" })]]);
  });

  it.each([4410, 4411])("%i leaves the session alive", async (closeCode) => {
    const { room, login } = await play();
    room.close(closeCode);
    await new Promise((resolve) => setImmediate(resolve));
    expect(login.session).not.toBeNull();
  });

  it("does not end the session that came after its own", async () => {
    const { room, login } = await play();
    server.answer(answer({ sid: "sid-2", userId: "user-2" }));
    await login.authenticate("anonymous");
    room.close(4401, "ended");
    await new Promise((resolve) => setImmediate(resolve));
    expect(login.session?.sid).toBe("sid-2");
  });

  it("4408 has the session refreshed, or ended where it can not be", async () => {
    const first = await play();
    const refreshed = new Promise((resolve) => first.login.on("session", resolve));
    server.answer(answer({ generation: 2 }));
    first.room.close(4408);
    expect(await refreshed).toMatchObject({ sid: "sid-1" });

    const second = await play();
    const ended = new Promise((resolve) => second.login.on("session", resolve));
    server.answer(refusal(401, "TOKEN_EXPIRED"));
    second.room.close(4408);
    expect(await ended).toBeNull();
  });
});

describe("a room that asks whether the player is there", () => {
  it("is passed on, with the seconds left", async () => {
    const { sdk, login } = await logIn();
    const room = new FakeRoom("game");
    sdk.answerJoins(room);
    await login.joinOrCreate("game");
    const warnings: unknown[] = [];
    login.on("idle", (warning) => warnings.push(warning));
    room.say("login:idle", { secondsLeft: 60 });
    for (const nonsense of [undefined, null, 60, {}, { secondsLeft: "60" }]) room.say("login:idle", nonsense);
    expect(warnings).toEqual([{ secondsLeft: 60, room }]);
  });
});
