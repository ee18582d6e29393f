// The session of the client helper: login, restore, refresh with its attempt, logout, expiry.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LoginClientError } from "../../src/client/errors.ts";
import type { LoginSession } from "../../src/client/session.ts";
import { memoryStorage } from "../../src/client/storage.ts";
import { createHelper, FakeSdk } from "./support/fake-sdk.ts";
import { DAY, FakeServer, loginAnswer, MINUTE, refusal } from "./support/fake-server.ts";
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

type SessionEvent = [LoginSession | null, LoginClientError | null];

/** A helper as a page makes it; `storage` is what an earlier page left. */
function open(storage = memoryStorage()) {
  const sdk = new FakeSdk(server);
  const login = createHelper(sdk, time, { storage });
  const events: SessionEvent[] = [];
  const waiters: (() => void)[] = [];
  login.on("session", (...event) => {
    events.push(event);
    for (const wake of waiters.splice(0)) wake();
  });
  const eventNumber = async (count: number): Promise<SessionEvent> => {
    while (events.length < count) await new Promise<void>((resolve) => waiters.push(resolve));
    return events[count - 1] as SessionEvent;
  };
  return { sdk, login, storage, events, eventNumber };
}

const answer = (more: Parameters<typeof loginAnswer>[1] = {}) => ({ status: 200, body: loginAnswer(time.now(), more) });

async function logIn(storage = memoryStorage()) {
  const page = open(storage);
  server.answer(answer({ vars: { team: "red" }, loginData: { coins: 3 } }));
  const session = await page.login.authenticate("device", { id: "a-device-of-mine" });
  return { ...page, session };
}

const stored = async (storage: ReturnType<typeof memoryStorage>, end: string) => {
  const key = `colyseus-login:127.0.0.1:${server.port}/auth:${end}`;
  return JSON.parse((await storage.getItem(key)) ?? "null");
};

describe("authenticate", () => {
  it("sends credentials, vars, username and create, and answers the session", async () => {
    const { sdk, login, events } = open();
    server.answer(answer({ vars: { team: "red" }, loginData: { coins: 3 } }));
    const session = await login.authenticate(
      "my/own?",
      { id: "a-device-of-mine" },
      { vars: { team: "red" }, username: "Ada", create: true },
    );
    expect(server.calls[0]?.path).toBe("POST /auth/authenticate/my%2Fown%3F");
    expect(server.calls[0]?.body).toEqual({
      id: "a-device-of-mine",
      vars: { team: "red" },
      username: "Ada",
      create: true,
    });
    expect(session).toMatchObject({
      sid: "sid-1",
      userId: "user-1",
      username: "name of user-1",
      vars: { team: "red" },
      serverVars: {},
      loginData: { coins: 3 },
      created: true,
    });
    expect(login.session).toBe(session);
    expect(Object.isFrozen(session)).toBe(true);
    expect(sdk.auth.token).toBe("token-sid-1-1");
    expect(events).toEqual([[session, null]]);
  });

  it("uses the prefix of the server", async () => {
    const sdk = new FakeSdk(server);
    server.answer(answer());
    await createHelper(sdk, time, { prefix: "/game/login" }).authenticate("anonymous");
    expect(server.calls[0]?.path).toBe("POST /game/login/authenticate/anonymous");
  });

  it("rejects with the server's code, status and fields", async () => {
    const { login, events } = open();
    server.answer(refusal(403, "BANNED", { reason: "cheating", until: 99 }));
    const error = await login.authenticate("anonymous").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LoginClientError);
    expect(error).toMatchObject({
      code: "BANNED",
      status: 403,
      reason: "cheating",
      until: 99,
      message: "refused: BANNED",
    });
    expect(login.session).toBeNull();
    expect(events).toEqual([]);
  });

  it("does not repeat a login without a pass whose answer was lost: it may have opened a session", async () => {
    const { login } = open();
    server.answer("lost");
    await expect(login.authenticate("anonymous")).rejects.toMatchObject({ code: "NETWORK", status: 0 });
    expect(server.calls).toHaveLength(1);
  });

  it("gives up on a server that does not answer", async () => {
    const { login } = open();
    let asked = () => {};
    const called = new Promise<void>((resolve) => {
      asked = resolve;
    });
    server.answer(() => {
      asked();
      return "silent";
    });
    const failure = expect(login.authenticate("anonymous")).rejects.toMatchObject({
      code: "NETWORK",
      message: "no answer in time",
    });
    await called;
    time.advance(20_000);
    await failure;
  });

  it("names an answer that is none of ours", async () => {
    const { login } = open();
    server.answer({ status: 404, text: "<h1>Not found</h1>" }, { status: 200, body: { hello: "world" } });
    await expect(login.authenticate("anonymous")).rejects.toMatchObject({ code: "UNEXPECTED_ANSWER", status: 404 });
    await expect(login.authenticate("anonymous")).rejects.toMatchObject({ code: "UNEXPECTED_ANSWER", status: 200 });
    server.answer({ status: 502, text: "<h1>Bad gateway</h1>" });
    await expect(login.authenticate("anonymous")).rejects.toMatchObject({ code: "NETWORK", status: 502 });
  });

  it("logs out again when it was given up and the login still came through", async () => {
    const { sdk, login } = open();
    const giveUp = new AbortController();
    let loggedOut = () => {};
    const logout = new Promise<void>((resolve) => {
      loggedOut = resolve;
    });
    server.answer(
      () => {
        giveUp.abort(new Error("enough"));
        return answer();
      },
      () => {
        loggedOut();
        return { status: 204 };
      },
    );
    await expect(login.authenticate("anonymous", {}, { signal: giveUp.signal })).rejects.toThrow("enough");
    await logout;
    expect(server.calls[1]).toMatchObject({
      path: "POST /auth/logout",
      body: { refreshToken: "refresh-sid-1-1" },
    });
    expect(login.session).toBeNull();
    expect(sdk.auth.token).toBeUndefined();
  });

  it("takes a provider's name only, and a signal that is not aborted", async () => {
    const { sdk, login } = open();
    const post = vi.spyOn(sdk.http, "post");
    await expect(login.authenticate("")).rejects.toThrow(TypeError);
    await expect(login.authenticate("anonymous", {}, { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(post).not.toHaveBeenCalled();
  });
});

describe("the session object", () => {
  it("counts by the server's clock, which need not be that of the machine", async () => {
    const { login } = open();
    const machineIsAheadBy = 3 * DAY;
    const serverNow = time.now() - machineIsAheadBy;
    server.answer({ status: 200, body: loginAnswer(serverNow) });
    const session = await login.authenticate("anonymous");
    expect(session.isExpired()).toBe(false);
    expect(session.expiresIn()).toBe(DAY);
    time.advance(DAY - 1);
    expect(session.isExpired()).toBe(false);
    expect(session.expiresIn()).toBe(1);
    time.advance(1);
    expect(session.isExpired()).toBe(true);
    expect(session.expiresIn()).toBe(0);
    expect(session.expiresIn(serverNow + 2 * DAY)).toBe(0);
    expect(session.isRefreshExpired()).toBe(false);
    expect(session.isExpired(serverNow + DAY - 1)).toBe(false);
    expect(session.isRefreshExpired(serverNow + 30 * DAY)).toBe(true);
    expect(session.expiresIn(serverNow + DAY - 5)).toBe(5);
    login.dispose();
  });
});

describe("restore", () => {
  it("has nothing on a first visit", async () => {
    const { sdk, login, events } = open();
    expect(await login.restore()).toBeNull();
    expect(sdk.auth.token).toBeUndefined();
    expect(events).toEqual([]);
  });

  it("brings the session back without asking the server", async () => {
    const { storage } = await logIn();
    const page = open(storage);
    const session = await page.login.restore();
    expect(session).toMatchObject({ userId: "user-1", vars: { team: "red" } });
    expect(page.login.session).toBe(session);
    expect(page.sdk.auth.token).toBe("token-sid-1-1");
    expect(server.calls).toHaveLength(1);
  });

  it("refreshes when the token has ended, and shows no session before", async () => {
    const { storage, login } = await logIn();
    login.dispose();
    time.advance(2 * DAY);
    const page = open(storage);
    let shown: LoginSession | null | undefined;
    server.answer(() => {
      shown = page.login.session;
      return answer({ generation: 2 });
    });
    const session = await page.login.restore();
    expect(shown).toBeNull();
    expect(server.calls[1]).toMatchObject({ path: "POST /auth/refresh", body: { refreshToken: "refresh-sid-1-1" } });
    expect(session?.isExpired()).toBe(false);
    expect(page.sdk.auth.token).toBe("token-sid-1-2");
    expect(page.events).toEqual([[session, null]]);
  });

  it("finds the session ended when the refresh token has, too", async () => {
    const { storage, login } = await logIn();
    login.dispose();
    time.advance(30 * DAY);
    const page = open(storage);
    expect(await page.login.restore()).toBeNull();
    expect(server.calls).toHaveLength(1);
    expect(await stored(storage, "session")).toBeNull();
  });

  it("finds the session ended when the server says so", async () => {
    const { storage, login } = await logIn();
    login.dispose();
    time.advance(2 * DAY);
    const page = open(storage);
    server.answer(refusal(401, "SESSION_REVOKED"));
    expect(await page.login.restore()).toBeNull();
    expect(page.events).toEqual([[null, expect.objectContaining({ code: "SESSION_REVOKED" })]]);
    expect(await stored(storage, "session")).toBeNull();
  });

  it("rejects while the server cannot be reached, and goes on trying by itself", async () => {
    const { storage, login } = await logIn();
    login.dispose();
    time.advance(2 * DAY);
    const page = open(storage);
    server.answer("lost", "lost", "lost", "lost", answer({ generation: 2 }));
    await expect(page.login.restore()).rejects.toMatchObject({ code: "NETWORK" });
    expect(server.calls).toHaveLength(5);
    expect(page.login.session).toBeNull();
    time.advance(MINUTE);
    const [session] = await page.eventNumber(1);
    expect(session?.isExpired()).toBe(false);
    const attempts = server.calls.slice(1).map((call) => call.body["attempt"]);
    expect(new Set(attempts).size).toBe(1);
  });

  it("passes over what is not a session of ours", async () => {
    for (const junk of ["", "{", "null", "[]", '{"login":{"token":"x"}}', '{"login":null,"pending":3}']) {
      const storage = memoryStorage();
      storage.setItem(`colyseus-login:127.0.0.1:${server.port}/auth:session`, junk);
      expect(await open(storage).login.restore()).toBeNull();
    }
  });

  it("keeps the sessions of two servers of one origin apart", async () => {
    const { storage } = await logIn();
    const other = await FakeServer.start();
    const login = createHelper(new FakeSdk(other), time, { storage });
    expect(await login.restore()).toBeNull();
    await other.stop();
  });
});

describe("refresh", () => {
  it("brings the next pair, and keeps what came with the login", async () => {
    const { sdk, login, events, session } = await logIn();
    server.answer(answer({ generation: 2, vars: { team: "blue" } }));
    const refreshed = await login.refresh({ team: "blue" });
    expect(server.calls[1]?.body).toEqual({
      refreshToken: "refresh-sid-1-1",
      vars: { team: "blue" },
      attempt: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(refreshed.vars).toEqual({ team: "blue" });
    expect(refreshed.loginData).toEqual({ coins: 3 });
    expect(session.vars).toEqual({ team: "red" });
    expect(sdk.auth.token).toBe("token-sid-1-2");
    expect(events.at(-1)).toEqual([refreshed, null]);
  });

  it("leaves vars out when none are given, and sends an empty set when one is", async () => {
    const { login } = await logIn();
    server.answer(answer({ generation: 2 }), answer({ generation: 3 }));
    await login.refresh();
    await login.refresh({});
    expect(server.calls[1]?.body).not.toHaveProperty("vars");
    expect(server.calls[2]?.body["vars"]).toEqual({});
  });

  it("happens by itself at refreshAt, again and again", async () => {
    const { sdk, login, eventNumber } = await logIn();
    server.answer(
      () => answer({ generation: 2 }),
      () => answer({ generation: 3 }),
    );
    time.advance(45 * MINUTE - 1);
    expect(server.calls).toHaveLength(1);
    time.advance(1);
    await eventNumber(2);
    expect(sdk.auth.token).toBe("token-sid-1-2");
    time.advance(45 * MINUTE);
    await eventNumber(3);
    expect(sdk.auth.token).toBe("token-sid-1-3");
    expect(login.session?.expiresIn()).toBe(DAY);
  });

  it("goes on after a restore", async () => {
    const { storage, login } = await logIn();
    login.dispose();
    const page = open(storage);
    time.advance(40 * MINUTE);
    await page.login.restore();
    server.answer(answer({ generation: 2 }));
    time.advance(5 * MINUTE);
    await page.eventNumber(2);
    expect(page.sdk.auth.token).toBe("token-sid-1-2");
  });

  it("repeats a lost answer with the same token and the same attempt, and then takes a new one", async () => {
    const { login } = await logIn();
    server.answer("lost", { status: 503, text: "upstream" }, answer({ generation: 2 }), answer({ generation: 3 }));
    await login.refresh({ team: "blue" });
    await login.refresh();
    const [, first, second, third, fourth] = server.calls.map((call) => call.body);
    expect(first?.["attempt"]).toMatch(/^[0-9a-f]{32}$/);
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(fourth?.["attempt"]).not.toBe(first?.["attempt"]);
    expect(fourth?.["refreshToken"]).toBe("refresh-sid-1-2");
    expect(time.sleeps).toHaveLength(2);
  });

  it("keeps the attempt over a reload until its answer is stored", async () => {
    const { storage, login } = await logIn();
    let seen: unknown;
    server.answer(
      async () => {
        seen = await stored(storage, "session");
        return "lost" as const;
      },
      "lost",
      "lost",
      "lost",
    );
    await expect(login.refresh({ team: "blue" })).rejects.toMatchObject({ code: "NETWORK" });
    login.dispose();
    expect(seen).toMatchObject({ pending: { attempt: server.calls[1]?.body["attempt"], vars: { team: "blue" } } });

    const page = open(storage);
    server.answer(answer({ generation: 2, vars: { team: "blue" } }));
    await page.login.restore();
    time.advance(0);
    await page.eventNumber(2);
    expect(server.calls[5]?.body).toEqual(server.calls[1]?.body);
    expect(await stored(storage, "session")).toMatchObject({
      login: { refreshToken: "refresh-sid-1-2" },
      pending: null,
    });
  });

  it("finishes a begun refresh before one with other vars", async () => {
    const { login } = await logIn();
    server.answer("lost", "lost", "lost", "lost");
    await expect(login.refresh({ team: "blue" })).rejects.toThrow();
    server.answer(
      answer({ generation: 2, vars: { team: "blue" } }),
      answer({ generation: 3, vars: { team: "green" } }),
    );
    const session = await login.refresh({ team: "green" });
    expect(session.vars).toEqual({ team: "green" });
    expect(server.calls[5]?.body).toEqual(server.calls[1]?.body);
    expect(server.calls[6]?.body).toMatchObject({ refreshToken: "refresh-sid-1-2", vars: { team: "green" } });
  });

  it("asks once for many that refresh at the same time", async () => {
    const { login } = await logIn();
    server.answer(answer({ generation: 2 }));
    const sessions = await Promise.all(Array.from({ length: 20 }, () => login.refresh()));
    expect(new Set(sessions).size).toBe(1);
    expect(server.calls).toHaveLength(2);
  });

  it.each(["SESSION_REVOKED", "TOKEN_INVALID", "TOKEN_EXPIRED", "BANNED"])("ends the session on %s", async (code) => {
    const { sdk, login, storage, events } = await logIn();
    server.answer(refusal(code === "BANNED" ? 403 : 401, code, { reason: "why" }));
    await expect(login.refresh()).rejects.toMatchObject({ code, reason: "why" });
    expect(login.session).toBeNull();
    expect(sdk.auth.token).toBeUndefined();
    expect(events.at(-1)).toEqual([null, expect.objectContaining({ code, reason: "why" })]);
    expect(await stored(storage, "session")).toBeNull();
    time.advance(DAY);
    expect(server.calls).toHaveLength(2);
  });

  it.each(["INVALID_REQUEST", "ACCESS_LIMITED", "FORBIDDEN"])("keeps the session on %s", async (code) => {
    const { sdk, login, storage } = await logIn();
    server.answer(refusal(code === "INVALID_REQUEST" ? 400 : 403, code), answer({ generation: 2 }));
    await expect(login.refresh({ team: "blue" })).rejects.toMatchObject({ code });
    expect(login.session?.sid).toBe("sid-1");
    expect(sdk.auth.token).toBe("token-sid-1-1");
    expect(await stored(storage, "session")).toMatchObject({ pending: null });
    await login.refresh();
    expect(server.calls[2]?.body).not.toHaveProperty("vars");
    expect(server.calls[2]?.body["attempt"]).not.toBe(server.calls[1]?.body["attempt"]);
  });

  /** The delay that the helper chooses once its request is answered: nothing else is armed between the two. */
  function delayAfterEachAnswer(sdk: FakeSdk): () => Promise<number> {
    const delays: Promise<number>[] = [];
    const waiters: (() => void)[] = [];
    const post = sdk.http.post.bind(sdk.http);
    sdk.http.post = (async (path: string, options?: object) => {
      try {
        return await post(path, options);
      } finally {
        delays.push(time.nextDelay());
        for (const wake of waiters.splice(0)) wake();
      }
    }) as typeof sdk.http.post;
    return async () => {
      while (delays.length === 0) await new Promise<void>((resolve) => waiters.push(resolve));
      return delays.shift() ?? 0;
    };
  }

  it("backs off while the server cannot be reached", async () => {
    const { sdk, login, eventNumber } = await logIn();
    const nextDelay = delayAfterEachAnswer(sdk);
    server.answer(...Array.from({ length: 12 }, () => "lost" as const), () => answer({ generation: 2 }));
    time.advance(45 * MINUTE);
    for (let failures = 1; failures <= 12; failures++) {
      const delay = await nextDelay();
      const longest = Math.min(600_000, 2_000 * 2 ** (failures - 1));
      expect(delay).toBeGreaterThanOrEqual(longest / 2);
      expect(delay).toBeLessThanOrEqual(longest);
      time.advance(delay);
    }
    await eventNumber(2);
    expect(new Set(server.calls.slice(1).map((call) => call.body["attempt"])).size).toBe(1);
    expect(login.session?.isExpired()).toBe(false);
    const untilNext = await nextDelay();
    expect(untilNext).toBeGreaterThan(40 * MINUTE);
    server.answer("lost");
    time.advance(untilNext);
    expect(await nextDelay()).toBeLessThanOrEqual(2_000);
  });

  it("does not run away where the clock was set ahead", async () => {
    const { sdk } = await logIn();
    const nextDelay = delayAfterEachAnswer(sdk);
    const serverTime = time.now();
    time.set(serverTime + 3 * DAY);
    let generation = 1;
    const next = () => ({ status: 200, body: loginAnswer(serverTime, { generation: ++generation }) });
    server.answer(...Array.from({ length: 12 }, () => next));
    time.advance(0);
    for (let count = 1; count <= 12; count++) {
      const delay = await nextDelay();
      expect(delay).toBeGreaterThanOrEqual(Math.min(600_000, 2_000 * 2 ** (count - 1)) / 2);
      time.advance(delay);
    }
    expect(sdk.auth.token).toBe("token-sid-1-13");
  });

  it("rejects where there is no session", async () => {
    await expect(open().login.refresh()).rejects.toMatchObject({ code: "SESSION_REVOKED", status: 0 });
    expect(server.calls).toEqual([]);
  });

  /** A refresh whose answer the test holds back: resolves when the request has arrived. */
  async function heldRefresh(login: { refresh(): Promise<unknown> }) {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    server.answer(async () => {
      arrive();
      await held;
      return answer({ generation: 2 });
    });
    const refresh = login.refresh();
    await arrived;
    return { refresh, release };
  }

  it("does not bring back a session that a new login replaced", async () => {
    const { sdk, login, storage } = await logIn();
    const { refresh, release } = await heldRefresh(login);
    server.answer(answer({ sid: "sid-2", userId: "user-2" }));
    const second = await login.authenticate("anonymous");
    release();
    expect(await refresh).toBe(second);
    expect(login.session?.userId).toBe("user-2");
    expect(sdk.auth.token).toBe("token-sid-2-1");
    expect(await stored(storage, "session")).toMatchObject({ login: { session: { sid: "sid-2" } } });
  });

  it("does not bring back a session that another tab took out of the storage", async () => {
    const { login, storage } = await logIn();
    const { refresh, release } = await heldRefresh(login);
    await storage.removeItem(`colyseus-login:127.0.0.1:${server.port}/auth:session`);
    release();
    await expect(refresh).rejects.toMatchObject({ code: "SESSION_REVOKED" });
    expect(login.session).toBeNull();
    expect(await stored(storage, "session")).toBeNull();
  });
});

describe("logout", () => {
  it("ends the session at the server and here", async () => {
    const { sdk, login, storage, events } = await logIn();
    server.answer({ status: 204 });
    await login.logout({ disconnectSockets: true, everywhere: true });
    expect(server.calls[1]).toMatchObject({
      path: "POST /auth/logout",
      body: { refreshToken: "refresh-sid-1-1", disconnectSockets: true, everywhere: true },
    });
    expect(login.session).toBeNull();
    expect(sdk.auth.token).toBeUndefined();
    expect(events.at(-1)).toEqual([null, null]);
    expect(await stored(storage, "session")).toBeNull();
    time.advance(DAY);
    expect(server.calls).toHaveLength(2);
  });

  it("ends nothing while the server cannot be told", async () => {
    const { login } = await logIn();
    server.answer(refusal(503, "STORE_UNAVAILABLE"), "lost");
    await expect(login.logout()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", status: 503 });
    await expect(login.logout()).rejects.toMatchObject({ code: "NETWORK" });
    expect(login.session).not.toBeNull();
  });

  it("waits for a refresh that is under way, and logs out what it brought", async () => {
    const { login } = await logIn();
    server.answer(answer({ generation: 2 }), { status: 204 });
    await Promise.all([login.refresh(), login.logout()]);
    expect(server.calls[2]?.body["refreshToken"]).toBe("refresh-sid-1-2");
    expect(login.session).toBeNull();
  });

  it("is quiet without a session", async () => {
    await open().login.logout();
    expect(server.calls).toEqual([]);
  });
});

describe("storage", () => {
  it("may be asynchronous", async () => {
    const items = new Map<string, string>();
    const inATurn = async <T>(act: () => T) => {
      await new Promise((resolve) => setImmediate(resolve));
      return act();
    };
    const storage = {
      getItem: (key: string) => inATurn(() => items.get(key) ?? null),
      setItem: (key: string, value: string) => inATurn(() => items.set(key, value)),
      removeItem: (key: string) => inATurn(() => items.delete(key)),
    };
    await logIn(storage);
    const page = open(storage);
    expect(await page.login.restore()).toMatchObject({ userId: "user-1" });
    server.answer(answer({ generation: 2 }), { status: 204 });
    await page.login.refresh();
    await page.login.logout();
    expect(await open(storage).login.restore()).toBeNull();
  });

  it("may refuse to write: the helper goes on with what it knows", async () => {
    const storage = {
      getItem: () => null,
      setItem: () => {
        throw new Error("the quota has been exceeded");
      },
      removeItem: () => {},
    };
    const { login, sdk } = await logIn(storage);
    server.answer(answer({ generation: 2 }), { status: 204 });
    await login.refresh();
    expect(sdk.auth.token).toBe("token-sid-1-2");
    await login.logout();
    expect(await login.restore()).toBeNull();
  });

  it("is memory outside of browsers, one for each helper", async () => {
    const login = createHelper(new FakeSdk(server), time);
    server.answer(answer());
    await login.authenticate("anonymous");
    expect(await login.restore()).toMatchObject({ userId: "user-1" });
    expect(await createHelper(new FakeSdk(server), time).restore()).toBeNull();
  });
});

it("stops at dispose", async () => {
  const { login } = await logIn();
  login.dispose();
  time.advance(DAY);
  await new Promise((resolve) => setImmediate(resolve));
  expect(server.calls).toHaveLength(1);
  expect(time.waiting).toBe(0);
  server.answer(answer({ generation: 2 }));
  await login.refresh();
  expect(time.waiting).toBe(0);
});

it("lets a listener fail alone", async () => {
  const { login, events } = open();
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => failures.push(error);
  process.on("uncaughtException", onFailure);
  const others = process.rawListeners("uncaughtException").filter((listener) => listener !== onFailure);
  for (const listener of others) process.off("uncaughtException", listener as () => void);
  try {
    login.on("session", () => {
      throw new Error("a listener's own");
    });
    const seen: unknown[] = [];
    const off = login.on("session", (session) => seen.push(session?.sid));
    server.answer(answer(), answer({ generation: 2 }));
    await login.authenticate("anonymous");
    off();
    await login.refresh();
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(["sid-1"]);
    expect(events).toHaveLength(2);
    expect(failures).toHaveLength(2);
  } finally {
    process.off("uncaughtException", onFailure);
    for (const listener of others) process.on("uncaughtException", listener as () => void);
  }
});
