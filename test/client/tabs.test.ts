// Several tabs on one storage: one refresh for all, and every tab in step.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { exclusively } from "../../src/client/lock.ts";
import type { LoginSession } from "../../src/client/session.ts";
import { memoryStorage } from "../../src/client/storage.ts";
import { createHelper, FakeRoom, FakeSdk } from "./support/fake-sdk.ts";
import { FakeServer, loginAnswer, MINUTE, refusal } from "./support/fake-server.ts";
import { ManualTime } from "./support/manual-time.ts";

let server: FakeServer;
let time: ManualTime;
let storage: ReturnType<typeof memoryStorage>;
let listeners: Set<(event: Record<string, unknown>) => void>;

beforeEach(async () => {
  server = await FakeServer.start();
  time = new ManualTime();
  storage = memoryStorage();
  listeners = new Set();
  vi.stubGlobal(
    "addEventListener",
    (type: string, listener: () => void) => type === "storage" && listeners.add(listener),
  );
  vi.stubGlobal("removeEventListener", (_type: string, listener: () => void) => listeners.delete(listener));
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await server.stop();
});

const sessionKey = () => `colyseus-login:127.0.0.1:${server.port}/auth:session`;
const answer = (more: Parameters<typeof loginAnswer>[1] = {}) => ({ status: 200, body: loginAnswer(time.now(), more) });

function openTab() {
  const sdk = new FakeSdk(server);
  const login = createHelper(sdk, time, { storage });
  const sessions: (LoginSession | null)[] = [];
  login.on("session", (session) => sessions.push(session));
  const change = () =>
    new Promise<LoginSession | null>((resolve) => {
      const off = login.on("session", (session) => {
        off();
        resolve(session);
      });
    });
  return { sdk, login, sessions, change };
}

/** What a browser tells the tabs that did not write. */
function tellOtherTabs(event: { key?: string | null; storageArea?: unknown } = {}): void {
  for (const listener of listeners) listener({ key: sessionKey(), storageArea: storage, ...event });
}

async function twoTabs() {
  const one = openTab();
  server.answer(answer());
  await one.login.authenticate("anonymous");
  const two = openTab();
  await two.login.restore();
  return { one, two };
}

describe("refresh", () => {
  it("is done by one tab when the time has come for all", async () => {
    const { one, two } = await twoTabs();
    server.answer(answer({ generation: 2 }));
    const changes = [one.change(), two.change()];
    time.advance(45 * MINUTE);
    await Promise.all(changes);
    expect(server.calls).toHaveLength(2);
    expect(one.sdk.auth.token).toBe("token-sid-1-2");
    expect(two.sdk.auth.token).toBe("token-sid-1-2");
  });

  it("is done by one tab when both are asked to", async () => {
    const { one, two } = await twoTabs();
    server.answer(answer({ generation: 2 }));
    const [first, second] = await Promise.all([one.login.refresh(), two.login.refresh()]);
    expect(server.calls).toHaveLength(2);
    expect(second.expiresIn()).toBe(first.expiresIn());
    expect(two.sdk.auth.token).toBe("token-sid-1-2");
  });

  it("finishes what a tab that is gone began, with its attempt", async () => {
    const { one, two } = await twoTabs();
    server.answer("lost", "lost", "lost", "lost");
    await expect(one.login.refresh()).rejects.toMatchObject({ code: "NETWORK" });
    one.login.dispose();
    server.answer(answer({ generation: 2 }));
    await two.login.refresh();
    expect(server.calls[5]?.body).toEqual(server.calls[1]?.body);
  });

  it("holds the browser's lock, named after the stored session, around the one request", async () => {
    const requests: string[] = [];
    let held = 0;
    const locks = {
      request: async (name: string, _options: object, task: () => Promise<unknown>) => {
        requests.push(name);
        held++;
        try {
          return await task();
        } finally {
          held--;
        }
      },
    };
    vi.stubGlobal("navigator", { locks });
    const { one } = await twoTabs();
    let heldAtRequest = 0;
    server.answer(() => {
      heldAtRequest = held;
      return answer({ generation: 2 });
    });
    await one.login.refresh();
    expect(requests).toEqual([sessionKey()]);
    expect(heldAtRequest).toBe(1);
    expect(held).toBe(0);
  });

  it("goes on without a lock that another tab never gives back", async () => {
    let requested = () => {};
    const waiting = new Promise<void>((resolve) => {
      requested = resolve;
    });
    const locks = {
      request: (_name: string, { signal }: { signal: AbortSignal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
          requested();
        }),
    };
    vi.stubGlobal("navigator", { locks });
    const { one } = await twoTabs();
    server.answer(answer({ generation: 2 }));
    const refresh = one.login.refresh();
    await waiting;
    time.advance(30_000);
    await refresh;
    expect(one.sdk.auth.token).toBe("token-sid-1-2");
  });

  it("works where there are no locks", async () => {
    vi.stubGlobal("navigator", undefined);
    const { one, two } = await twoTabs();
    server.answer(answer({ generation: 2 }));
    await Promise.all([one.login.refresh(), two.login.refresh()]);
    expect(server.calls).toHaveLength(2);
  });

  it("rejects with the refusal under a lock, once", async () => {
    const { one } = await twoTabs();
    server.answer(refusal(401, "SESSION_REVOKED"));
    await expect(one.login.refresh()).rejects.toMatchObject({ code: "SESSION_REVOKED", status: 401 });
    expect(server.calls).toHaveLength(2);
  });
});

describe("another tab", () => {
  it("refreshes: this one takes the pair over", async () => {
    const { one, two } = await twoTabs();
    server.answer(answer({ generation: 2, vars: { team: "blue" } }));
    await one.login.refresh({ team: "blue" });
    const changed = two.change();
    tellOtherTabs();
    expect((await changed)?.vars).toEqual({ team: "blue" });
    expect(two.sdk.auth.token).toBe("token-sid-1-2");
    expect(one.sessions).toHaveLength(2);
  });

  it("logs out: this one has no session any more", async () => {
    const { one, two } = await twoTabs();
    server.answer({ status: 204 });
    await one.login.logout();
    const changed = two.change();
    tellOtherTabs();
    expect(await changed).toBeNull();
    expect(two.login.session).toBeNull();
    expect(two.sdk.auth.token).toBeUndefined();
  });

  it("logs in: this one has the session, too", async () => {
    const one = openTab();
    const two = openTab();
    server.answer(answer());
    await one.login.authenticate("anonymous");
    const changed = two.change();
    tellOtherTabs();
    expect((await changed)?.userId).toBe("user-1");
    expect(two.sdk.auth.token).toBe("token-sid-1-1");
  });

  it("logs in anew, and this one is closed for its old session: the new one stays", async () => {
    const { one, two } = await twoTabs();
    const room = new FakeRoom("game");
    two.sdk.answerJoins(room);
    await two.login.join("game");
    server.answer(answer({ sid: "sid-2" }));
    await one.login.authenticate("anonymous");
    const ended = two.change();
    room.close(4409, "replaced");
    expect(await ended).toBeNull();
    const changed = two.change();
    tellOtherTabs();
    expect((await changed)?.sid).toBe("sid-2");
  });

  it("clears the storage: this one has no session any more", async () => {
    const { two } = await twoTabs();
    await storage.removeItem(sessionKey());
    const changed = two.change();
    tellOtherTabs({ key: null });
    expect(await changed).toBeNull();
  });

  it("writes something else: nothing happens here", async () => {
    const { two } = await twoTabs();
    await storage.removeItem(sessionKey());
    tellOtherTabs({ key: "something else" });
    tellOtherTabs({ storageArea: {} });
    await new Promise((resolve) => setImmediate(resolve));
    expect(two.login.session).not.toBeNull();
  });

  it("is not listened to after dispose", async () => {
    const { one, two } = await twoTabs();
    one.login.dispose();
    two.login.dispose();
    expect(listeners.size).toBe(0);
  });
});

describe("exclusively", () => {
  it("lets one in at a time, in order, whatever becomes of the others", async () => {
    const place = { storage: {}, name: "name", shared: false, time };
    const log: string[] = [];
    const task =
      (name: string, fails = false) =>
      async () => {
        log.push(`${name} in`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`${name} out`);
        if (fails) throw new Error(name);
        return name;
      };
    const results = await Promise.allSettled([
      exclusively(place, task("one", true)),
      exclusively(place, task("two")),
      exclusively({ ...place, name: "other" }, task("three")),
    ]);
    expect(results.map((result) => result.status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    const ofOneName = log.filter((line) => !line.startsWith("three"));
    expect(ofOneName).toEqual(["one in", "one out", "two in", "two out"]);
    expect(log.indexOf("three in")).toBeLessThan(log.indexOf("one out"));
  });
});
