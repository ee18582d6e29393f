// The HTTP calls of the package (DESIGN 6): what each reads from its request, asks of the login, and answers.
import type { Clock } from "../clock.ts";
import type { WireSessionEntry } from "../wire.ts";
import { accountRoutes, emailRoutes } from "./account-routes.ts";
import { readJsonObject } from "./body.ts";
import { bearerOf, callerOf, decodeParam, findBearer, queryCount } from "./call.ts";
import { type LoginRoutes, mountRoutes, type Route, type RoutesContext } from "./dual-mode.ts";
import type { LoginFace, QueueFace } from "./face.ts";
import { pageOf } from "./page.ts";
import { json, nothing } from "./reply.ts";
import { anonymousSchema, authenticateSchema, logoutSchema, parseBody, queueSchema, refreshSchema } from "./schemas.ts";

/** How long verifiers may keep the JWKS. A key should stand as `next` for longer than this before it signs. */
const jwksMaxAgeSeconds = 300;

/** The calls as one value: spread into `createRouter({ ...routes })`, or mounted by `app.use(routes)`. `more` joins the players' calls. */
export function createLoginRoutes(face: LoginFace, context: RoutesContext, more: readonly Route[] = []): LoginRoutes {
  const { clock } = context;
  const { accounts, email, queue } = face;
  const routes = [
    ...sessionRoutes(face, clock),
    ...accountRoutes(accounts, clock),
    ...(email === null ? [] : emailRoutes(email, clock)),
    ...(queue === null ? [] : queueRoutes(queue, clock)),
    ...more,
  ];
  return mountRoutes(routes, context);
}

function sessionRoutes(face: LoginFace, clock: Clock): Route[] {
  return [
    {
      name: "login-authenticate",
      method: "POST",
      path: "/authenticate/:provider",
      summary: "Log in with an identity provider",
      body: authenticateSchema,
      async handle(call) {
        const provider = decodeParam(call, "provider");
        const body = parseBody(authenticateSchema, await readJsonObject(call, clock));
        return json(await face.authenticate(provider, body, { provider, ...callerOf(call) }));
      },
    },
    {
      name: "login-anonymous",
      method: "POST",
      path: "/anonymous",
      summary: "Log in as a guest",
      body: anonymousSchema,
      async handle(call) {
        const body = parseBody(anonymousSchema, await readJsonObject(call, clock));
        return json(await face.authenticate("anonymous", body, { provider: "anonymous", ...callerOf(call) }));
      },
    },
    {
      name: "login-refresh",
      method: "POST",
      path: "/refresh",
      summary: "Trade a refresh token for the next pair of tokens",
      body: refreshSchema,
      handle: async (call) => json(await face.refresh(parseBody(refreshSchema, await readJsonObject(call, clock)))),
    },
    {
      name: "login-logout",
      method: "POST",
      path: "/logout",
      summary: "End a session",
      body: logoutSchema,
      async handle(call) {
        const body = parseBody(logoutSchema, await readJsonObject(call, clock));
        await face.logout(body, findBearer(call.header("authorization")));
        return nothing;
      },
    },
    {
      name: "login-session",
      method: "GET",
      path: "/session",
      summary: "The session of a token",
      handle: async (call) => json({ session: await face.session(bearerOf(call)) }),
    },
    {
      name: "login-sessions",
      method: "GET",
      path: "/sessions",
      summary: "All sessions of a token's user; `next` is the `from` of the next page",
      async handle(call) {
        const from = queryCount(call, "from");
        return json(pageOfSessions(await face.sessions(bearerOf(call)), from));
      },
    },
    {
      name: "login-userdata",
      method: "GET",
      path: "/userdata",
      summary: "The user of a token, as the stock SDK asks for it",
      handle: async (call) => json({ user: await face.userdata(bearerOf(call)) }),
    },
    {
      name: "login-jwks",
      method: "GET",
      path: "/.well-known/jwks.json",
      summary: "The public keys that tokens are verified with",
      handle: async () => json(face.jwks(), 200, { "cache-control": `public, max-age=${jwksMaxAgeSeconds}` }),
    },
  ];
}

function queueRoutes(queue: QueueFace, clock: Clock): Route[] {
  return [
    {
      name: "login-queue-join",
      method: "POST",
      path: "/queue",
      summary: "Take a place in the login queue, or come back to it",
      body: queueSchema,
      async handle(call) {
        const body = parseBody(queueSchema, await readJsonObject(call, clock));
        return json(await queue.join(body, findBearer(call.header("authorization")), callerOf(call)));
      },
    },
    {
      name: "login-queue-poll",
      method: "GET",
      path: "/queue",
      summary: "The place of a ticket",
      handle: async (call) => json(await queue.poll(bearerOf(call), callerOf(call))),
    },
    {
      name: "login-queue-leave",
      method: "DELETE",
      path: "/queue",
      summary: "Give the place of a ticket up",
      async handle(call) {
        await queue.leave(bearerOf(call));
        return nothing;
      },
    },
  ];
}

/** As many sessions as one answer may carry, and where the next page begins if there is one. */
function pageOfSessions(
  all: readonly WireSessionEntry[],
  from: number,
): { sessions: WireSessionEntry[]; next?: number } {
  const sessions = pageOf(all.slice(from), { sessions: [], next: all.length });
  const next = from + sessions.length;
  return next < all.length ? { sessions, next } : { sessions };
}
