// `login.middleware()` before the handlers of a host, in both forms.
import { createEndpoint, createRouter, type Router } from "@colyseus/core";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { createMiddleware } from "../../src/http/middleware.ts";
import type { SessionAuth } from "../../src/sessions/session.ts";
import { fakeFace, goodToken } from "./fake-face.ts";
import { forms, type Host, startHost, withToken } from "./hosts.ts";

const session: SessionAuth<{ skin: string }> = Object.freeze({
  id: "user-1",
  userId: "user-1",
  sid: "sid",
  username: "Ada",
  vars: { skin: "red" },
  serverVars: {},
  kind: "player",
  groups: [],
  expiresAt: 1,
});

const refusals = new Map([
  ["expired", new LoginError("TOKEN_EXPIRED", "over")],
  ["banned", new LoginError("BANNED", "banned", { reason: "cheating", until: 5 })],
  ["down", new LoginError("STORE_UNAVAILABLE", "the store is down")],
]);

describe.each(forms)("middleware in the %s form", (form) => {
  let host: Host;
  let handled = 0;
  const seen: unknown[] = [];
  const told: unknown[][] = [];

  beforeAll(async () => {
    const middleware = createMiddleware<{ skin: string }>({
      async verify(token) {
        if (token === goodToken) return session;
        if (token === "fault") throw new TypeError("a fault of the server");
        throw refusals.get(token) ?? new LoginError("TOKEN_INVALID", "unknown");
      },
      emit: (...signal) => void told.push(signal),
    });
    host = await startHost(form, fakeFace(), {
      mount: (app) => {
        app.get("/me", middleware, (request, response) => {
          handled += 1;
          seen.push(request.session);
          response.json({ skin: request.session?.vars["skin"] });
        });
      },
      endpoints: {
        me: createEndpoint("/me", { method: "GET", use: [middleware] }, async ({ context }) => {
          handled += 1;
          seen.push(context.session);
          return { skin: context.session.vars.skin };
        }),
      },
    });
  });
  afterAll(() => host.stop());
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("puts the session on the request", async () => {
    const answer = await fetch(`${host.url}/me`, withToken(goodToken));
    expect([answer.status, await answer.json()]).toEqual([200, { skin: "red" }]);
    expect(seen.pop()).toBe(session);
  });

  it("answers the refusal and tells of it, and its handler never runs", async () => {
    handled = 0;
    told.length = 0;
    for (const [headers, status, body] of [
      [{}, 401, { code: "TOKEN_INVALID", message: "A bearer token is required." }],
      [{ authorization: "Basic x" }, 401, { code: "TOKEN_INVALID", message: "A bearer token is required." }],
      [
        { authorization: `Bearer ${"x".repeat(5_000)}` },
        401,
        { code: "TOKEN_INVALID", message: "A bearer token is required." },
      ],
      [withToken("garbage").headers, 401, { code: "TOKEN_INVALID", message: "unknown" }],
      [withToken("expired").headers, 401, { code: "TOKEN_EXPIRED", message: "over" }],
      [withToken("banned").headers, 403, { code: "BANNED", message: "banned", reason: "cheating", until: 5 }],
      [
        withToken("down").headers,
        503,
        { code: "STORE_UNAVAILABLE", message: "the store is down", retryAfterSeconds: expect.any(Number) },
      ],
    ] as const) {
      const answer = await fetch(`${host.url}/me`, { headers });
      expect([answer.status, await answer.json()]).toEqual([status, body]);
      expect(answer.headers.get("www-authenticate")).toBe(status === 401 ? "Bearer" : null);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(told.splice(0)).toEqual([["refused", { door: "http", code: body.code }]]);
    }
    expect(handled).toBe(0);
  });

  it("leaves a fault to the host's own handling of errors", async () => {
    handled = 0;
    vi.spyOn(console, "error").mockReturnValue();
    expect((await fetch(`${host.url}/me`, withToken("fault"))).status).toBe(500);
    expect(handled).toBe(0);
  });
});

it("refuses to work where the router shares one context among all requests", async () => {
  vi.spyOn(console, "error").mockReturnValue();
  const middleware = createMiddleware({ verify: async (token) => ({ ...session, userId: token }), emit: () => {} });
  const me = createEndpoint(
    "/me",
    { method: "GET", use: [middleware, middleware] },
    async ({ context }) => context.session.userId,
  );
  const ask = async (router: Pick<Router, "handler">, token: string): Promise<unknown> => {
    const answer = await router.handler(new Request("http://localhost/me", withToken(token)));
    return [answer.status, await answer.text()];
  };
  const own = createRouter({ me });
  expect([await ask(own, "ada"), await ask(own, "bob")]).toEqual([
    [200, "ada"],
    [200, "bob"],
  ]);
  const shared = createRouter({ me }, { routerContext: {} });
  expect([await ask(shared, "ada"), await ask(shared, "bob")]).toEqual([
    [200, "ada"],
    [500, ""],
  ]);
  vi.restoreAllMocks();
});
