// The calls of DESIGN 6 in both forms: what they ask of the login, what they answer, and what they leave to the host.
import { createEndpoint } from "@colyseus/core";
import { ColyseusSDK } from "@colyseus/sdk";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { errorStatus, LoginError } from "../../src/errors.ts";
import { goodBody } from "./abuse-table.ts";
import {
  allCodes,
  type FakeFace,
  fakeFace,
  goodToken,
  identity,
  listedSession,
  login,
  place,
  refuse,
  wireSession,
} from "./fake-face.ts";
import { forms, type Host, postJson, startHost, withToken } from "./hosts.ts";

describe.each(forms)("routes in the %s form", (form) => {
  let face: FakeFace;
  let host: Host;
  let url: string;

  beforeAll(async () => {
    face = fakeFace();
    host = await startHost(form, face, {
      mount: (app, routes) => {
        app.use(routes);
        app.use((_request, response) => void response.status(418).send("the host's"));
      },
      endpoints: {
        own: createEndpoint("/auth/own", { method: "GET" }, async () => new Response("the host's", { status: 418 })),
      },
    });
    url = `${host.url}/auth`;
  });
  afterAll(() => host.stop());
  afterEach(() => {
    face.asked.length = 0;
    face.list = [listedSession()];
    host.logged.length = 0;
    host.told.length = 0;
  });

  it("authenticates: our fields apart, everything else a credential", async () => {
    const answer = await postJson(
      `${url}/authenticate/device`,
      {
        id: "device-1",
        nested: { a: [1] },
        username: "Ada",
        create: false,
        vars: { skin: "red" },
        queuePass: "pass",
        gameShardId: "eu",
      },
      { "x-client": "7" },
    );
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(login);
    const [name, provider, body, context] = face.asked[0] as [
      string,
      string,
      unknown,
      { provider: string; headers: Headers },
    ];
    expect([name, provider]).toEqual(["authenticate", "device"]);
    expect(body).toEqual({
      credentials: { id: "device-1", nested: { a: [1] }, username: "Ada" },
      create: false,
      username: "Ada",
      vars: { skin: "red" },
      queuePass: "pass",
      gameShardId: "eu",
    });
    expect(context.provider).toBe("device");
    expect(context.headers.get("x-client")).toBe("7");
  });

  it("authenticates with nothing at all where the provider asks for nothing", async () => {
    const answer = await fetch(`${url}/authenticate/anonymous`, { method: "POST" });
    expect(answer.status).toBe(200);
    expect(face.asked[0]?.[2]).toEqual({
      credentials: {},
      create: true,
      username: null,
      vars: {},
      queuePass: null,
      gameShardId: null,
    });
  });

  it("reads the extras of the SDK's anonymous call from the body or its options", async () => {
    for (const body of [
      { options: { vars: { skin: "red" }, queuePass: "pass" } },
      { vars: { skin: "red" }, queuePass: "pass", options: null },
      { vars: { skin: "red" }, options: { vars: { skin: "blue" }, queuePass: "pass" } },
    ]) {
      expect((await postJson(`${url}/anonymous`, body)).status).toBe(200);
      expect(face.asked.pop()).toMatchObject([
        "authenticate",
        "anonymous",
        { vars: { skin: "red" }, queuePass: "pass" },
        {},
      ]);
    }
    for (const options of [[], "text", 7]) {
      expect((await postJson(`${url}/anonymous`, { options })).status).toBe(400);
    }
  });

  it("is what the stock SDK's client.auth speaks to", async () => {
    const { auth } = new ColyseusSDK(host.url);
    const vars = { skin: "red" };
    await expect(auth.signInAnonymously({ vars })).resolves.toEqual(login);
    await expect(auth.signInAnonymously()).resolves.toEqual(login);
    expect(face.asked[0]).toMatchObject(["authenticate", "anonymous", { vars, credentials: {} }, {}]);
    expect(auth.token).toBe(goodToken);
    await expect(auth.getUserData()).resolves.toEqual({ user: login.user });
    face.failNext(refuse("BANNED"));
    await expect(auth.signInAnonymously()).rejects.toThrow("refused with BANNED");
    await auth.signOut();
  });

  it("refreshes, and tells absent vars from empty ones", async () => {
    const attempt = "0123456789abcdef";
    expect(await (await postJson(`${url}/refresh`, { refreshToken: "refresh", attempt, vars: {} })).json()).toEqual(
      login,
    );
    expect((await postJson(`${url}/refresh`, { refreshToken: "refresh" })).status).toBe(200);
    expect(face.asked).toEqual([
      ["refresh", { refreshToken: "refresh", attempt, vars: {} }],
      ["refresh", { refreshToken: "refresh" }],
    ]);
  });

  it("logs out by either token", async () => {
    const answer = await postJson(
      `${url}/logout`,
      { refreshToken: "refresh", disconnectSockets: true, everywhere: false },
      withToken(goodToken).headers,
    );
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
    expect(face.asked).toEqual([
      ["logout", { refreshToken: "refresh", disconnectSockets: true, everywhere: false }, goodToken],
    ]);
  });

  it("answers the session, the sessions and the SDK's userdata to a bearer", async () => {
    expect(await (await fetch(`${url}/session`, withToken(goodToken))).json()).toEqual({ session: wireSession() });
    expect(await (await fetch(`${url}/sessions`, withToken(goodToken))).json()).toEqual({
      sessions: [listedSession()],
    });
    expect(await (await fetch(`${url}/userdata`, withToken(goodToken))).json()).toEqual({ user: login.user });
  });

  it("pages sessions by 200 and by 60 KiB", async () => {
    const bulky = { a: "é".repeat(256), b: "é".repeat(256), c: "é".repeat(256) };
    for (const vars of [{}, bulky]) {
      face.list = Array.from({ length: 450 }, (_, index) => listedSession(index, vars));
      const seen: unknown[] = [];
      let next: number | undefined = 0;
      while (next !== undefined) {
        const answer: Response = await fetch(`${url}/sessions?from=${next}`, withToken(goodToken));
        const text = await answer.text();
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60 * 1024);
        const page = JSON.parse(text) as { sessions: unknown[]; next?: number };
        expect(page.sessions.length).toBeLessThanOrEqual(200);
        expect(page.sessions.length).toBeGreaterThan(0);
        seen.push(...page.sessions);
        next = page.next;
      }
      expect(seen).toEqual(face.list);
    }
  });

  it("shows the keys, which alone may be cached", async () => {
    const answer = await fetch(`${url}/.well-known/jwks.json`);
    expect(await answer.json()).toEqual({ keys: [{ kty: "RSA", kid: "1" }] });
    expect(answer.headers.get("cache-control")).toBe("public, max-age=300");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("joins, polls and leaves the queue", async () => {
    const joined = await postJson(
      `${url}/queue`,
      { ticket: "ticket", hint: { party: 3 } },
      withToken(goodToken).headers,
    );
    expect(await joined.json()).toEqual(place);
    await postJson(`${url}/queue`, {});
    expect(await (await fetch(`${url}/queue`, withToken(goodToken))).json()).toEqual(place);
    const left = await fetch(`${url}/queue`, { method: "DELETE", ...withToken(goodToken) });
    expect([left.status, await left.text()]).toEqual([204, ""]);
    expect(face.asked).toEqual([
      ["join", { ticket: "ticket", hint: { party: 3 } }, goodToken],
      ["join", {}, null],
      ["poll", goodToken],
      ["leave", goodToken],
    ]);
  });

  it("marks every answer but the keys as not to be stored", async () => {
    const answers = await Promise.all([
      postJson(`${url}/authenticate/device`, {}),
      postJson(`${url}/refresh`, { refreshToken: "refresh" }),
      postJson(`${url}/refresh`, { refreshToken: "wrong" }),
      postJson(`${url}/logout`, {}),
      fetch(`${url}/session`, withToken(goodToken)),
    ]);
    for (const answer of answers) {
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    }
    expect(answers[0]?.headers.get("content-type")).toBe("application/json");
  });

  it.each(allCodes)("answers %s with its status and body", async (code) => {
    const details = { reason: "why", until: 5, room: "login_queue", queueLength: 2, etaMs: -1, retryAfterSeconds: 1.5 };
    face.failNext(refuse(code, details));
    const answer = await postJson(`${url}/authenticate/device`, {});
    expect(answer.status).toBe(errorStatus[code]);
    expect(await answer.json()).toEqual({ code, message: `refused with ${code}`, ...details });
    expect(answer.headers.get("retry-after")).toBe("2");
    expect(answer.headers.get("www-authenticate")).toBe(errorStatus[code] === 401 ? "Bearer" : null);
    expect(host.logged).toEqual([]);
    expect(host.told).toEqual([["refused", { door: "http", code }]]);
  });

  it("answers a fault of the server with 500 and logs it once, without the request", async () => {
    const fault = new TypeError("the host's hook is broken");
    face.failNext(fault);
    const answer = await postJson(`${url}/refresh`, { refreshToken: "secret-refresh" });
    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual({ code: "INTERNAL", message: expect.not.stringContaining("hook") });
    expect(host.logged).toEqual([["colyseus-login: POST /auth/refresh failed", fault]]);
    expect(host.told).toEqual([["refused", { door: "http", code: "INTERNAL" }]]);
  });

  it("logs in and registers by e-mail: what lies in `options` counts as if it stood beside them", async () => {
    const email = { email: "ada@example.org", password: "a horse" };
    const options = { vars: { skin: "red" }, queuePass: "pass", username: "Ada", email: "eve@example.org" };
    const asked = {
      create: true,
      username: "Ada",
      vars: { skin: "red" },
      queuePass: "pass",
      gameShardId: null,
    };
    for (const [path, register] of [
      ["login", false],
      ["register", true],
    ] as const) {
      const answer = await postJson(`${url}/${path}`, { ...email, register: !register, options });
      expect([answer.status, await answer.json()]).toEqual([200, login]);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      const credentials = { ...email, username: "Ada", register };
      expect(face.asked.at(-1)?.slice(0, 2)).toEqual([path, { ...asked, credentials }]);
    }
    await postJson(`${url}/register`, email, { authorization: `Bearer ${goodToken}` });
    expect(face.asked.map((call) => call[2])).toMatchObject([{ address: "127.0.0.1" }, null, goodToken]);
  });

  it("mails, confirms, and changes passwords", async () => {
    const authorization = `Bearer ${goodToken}`;
    const forgot = await postJson(`${url}/forgot-password`, { email: "ada@example.org" });
    expect([forgot.status, await forgot.json()]).toEqual([200, { accepted: true }]);
    const token = "mailed";
    for (const [path, body] of [
      ["reset-password", { token, password: "a horse" }],
      ["verify-email", { token }],
      ["change-password", { password: "a horse", newPassword: "another" }],
    ] as const) {
      expect((await postJson(`${url}/${path}`, { ...body, unknown: 1 }, { authorization })).status).toBe(204);
      expect(face.asked.at(-1)?.[1]).toEqual(body);
    }
  });

  it("links, unlinks and renames", async () => {
    const { headers } = withToken(goodToken);
    const identities = [identity];
    for (const [method, path, body, answered] of [
      ["GET", "/link", undefined, { identities }],
      ["POST", "/link/device", { id: "device-1" }, { identities }],
      ["DELETE", "/link/device", undefined, { identities }],
      ["PATCH", "/user", { username: "Countess" }, { user: { id: "user-1", username: "Countess" } }],
    ] as const) {
      const json = { "content-type": "application/json" };
      const answer = await fetch(url + path, {
        method,
        headers: { ...headers, ...(body !== undefined && json) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      expect([answer.status, await answer.json()]).toEqual([200, answered]);
    }
    expect(face.asked[1]).toMatchObject(["link", goodToken, { id: "device-1" }, { provider: "device" }]);
  });

  it("refuses to send an answer that would hang the framework", async () => {
    face.failNext(new LoginError("BANNED", "banned", { reason: "x".repeat(61 * 1024) }));
    const answer = await postJson(`${url}/refresh`, { refreshToken: "refresh" });
    expect(answer.status).toBe(500);
    expect(host.logged).toHaveLength(1);
  });

  it("leaves unknown paths and methods to the host", async () => {
    const own = form === "express" ? 418 : 404;
    for (const [method, path] of [
      ["GET", ""],
      ["GET", "/"],
      ["GET", "/nowhere"],
      ["PUT", "/session"],
      ["HEAD", "/session"],
      ["GET", "/refresh"],
      ["DELETE", "/logout"],
      ["GET", "/login"],
      ["POST", "/authenticate"],
      ["POST", "/authenticate/"],
      ["POST", "/authenticate/device/more"],
      ["POST", "/authenticate/device/"],
      ["GET", "//session"],
      ["GET", "/session/"],
      ["GET", "/Session"],
    ] as const) {
      expect([path, (await fetch(url + path, { method, ...withToken(goodToken) })).status]).toEqual([path, own]);
    }
    if (form === "router") expect((await fetch(`${url}/own`)).status).toBe(418);
    expect(face.asked).toEqual([]);
  });

  it("can be called by a page of another origin", async () => {
    const origin = "https://game.example";
    for (const [path, method] of [
      ["/refresh", "POST"],
      ["/queue", "DELETE"],
      ["/session", "GET"],
      ["/user", "PATCH"],
    ] as const) {
      const preflight = await fetch(url + path, {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": method,
          "access-control-request-headers": "authorization,content-type",
        },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get("access-control-allow-origin")).toBe(origin);
      expect(preflight.headers.get("access-control-allow-methods")).toContain(method);
      expect(preflight.headers.get("access-control-allow-headers")).toMatch(/content-type.*authorization/i);
    }
    for (const answer of [
      await postJson(`${url}/refresh`, { refreshToken: "refresh" }, { origin }),
      await postJson(`${url}/refresh`, "no json", { origin }),
      await fetch(`${url}/session`, { headers: { origin } }),
      await fetch(`${url}/queue`, { method: "DELETE", headers: { origin, authorization: `Bearer ${goodToken}` } }),
    ]) {
      expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
    }
  });
});

describe.each(forms)("options of the routes in the %s form", (form) => {
  it("stand under the prefix they were given", async () => {
    const host = await startHost(form, fakeFace(), { prefix: "/api/v1/players" });
    expect((await fetch(`${host.url}/api/v1/players/session`, withToken(goodToken))).status).toBe(200);
    expect((await fetch(`${host.url}/auth/session`, withToken(goodToken))).status).toBe(404);
    await host.stop();
  });

  it("leave the queue's paths to the host where there is no queue", async () => {
    const host = await startHost(form, fakeFace({ queue: false }));
    expect((await postJson(`${host.url}/auth/queue`, {})).status).toBe(404);
    expect((await fetch(`${host.url}/auth/queue`, withToken(goodToken))).status).toBe(404);
    expect((await postJson(`${host.url}/auth/anonymous`, {})).status).toBe(200);
    await host.stop();
  });

  it("leave the e-mail provider's paths to the host where there is none", async () => {
    const host = await startHost(form, fakeFace({ email: false }));
    for (const path of ["login", "register", "forgot-password", "reset-password", "verify-email", "change-password"]) {
      expect([path, (await postJson(`${host.url}/auth/${path}`, goodBody)).status]).toEqual([path, 404]);
    }
    expect((await fetch(`${host.url}/auth/link`, withToken(goodToken))).status).toBe(200);
    await host.stop();
  });
});
