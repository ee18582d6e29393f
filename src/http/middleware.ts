// `login.middleware()`: lets a request through with a live session and puts the session on it, in express and in core's router.
import type { IncomingMessage, ServerResponse } from "node:http";
import { createMiddleware as createRouterMiddleware } from "@colyseus/core";
import type { Emit } from "../emitter.ts";
import { errorStatus, LoginError, type RefusalSignals } from "../errors.ts";
import type { SessionAuth, Vars } from "../sessions/session.ts";
import { requireBearer } from "./call.ts";
import { sendAnswer } from "./node-call.ts";
import { refusal, refusalBody } from "./reply.ts";

declare global {
  // biome-ignore lint/style/noNamespace: the way to tell express's own typings what stands on a request
  namespace Express {
    interface Request {
      /** The session of the request's bearer token, where `login.middleware()` stands before the handler. */
      session?: SessionAuth;
    }
  }
}

/**
 * One value for both forms. Without a bearer token of a live session the request is answered with the refusal (401, 403 or
 * 503) and its handler never runs.
 *
 * - express: `app.get("/me", login.middleware(), (request, response) => response.json(request.session))`
 * - router: `createEndpoint("/me", { method: "GET", use: [login.middleware()] }, async ({ context }) => context.session)`
 */
export interface LoginMiddleware<V extends object = Vars> {
  (request: IncomingMessage, response: ServerResponse, next: Next): void;
  (context: RouterContext): Promise<{ session: SessionAuth<V> }>;
  /** Asked for by the router's `use`. */
  readonly options: Record<never, never>;
}

type Next = (error?: unknown) => void;
type RouterMiddleware = ReturnType<typeof createRouterMiddleware>;
type RouterContext = Parameters<RouterMiddleware>[0];

/** `verify` answers the session of a token, or throws the LoginError to answer with. */
export function createMiddleware<V extends object = Vars>({
  verify,
  emit,
}: {
  readonly verify: (token: string) => Promise<SessionAuth<V>>;
  readonly emit: Emit<RefusalSignals>;
}): LoginMiddleware<V> {
  const requestOf = new WeakMap<object, unknown>();

  const inRouter = createRouterMiddleware(async (context) => {
    // Core lays what a middleware returns into `context`. Where the host gave its router a `routerContext`, that is one
    // object for all requests, and one player's handler could see another's session: better none sees any.
    const owner = requestOf.get(context.context) ?? context.request;
    if (owner !== context.request)
      throw new Error("login.middleware() cannot work in a router that has a routerContext");
    requestOf.set(context.context, context.request);
    try {
      return { session: await verify(requireBearer(context.getHeader("authorization"))) };
    } catch (error) {
      if (!(error instanceof LoginError)) throw error;
      emit("refused", { door: "http", code: error.code });
      throw context.error(errorStatus[error.code], refusalBody(error), refusal(error).headers);
    }
  });

  async function inExpress(request: IncomingMessage, response: ServerResponse, next: Next): Promise<void> {
    let session: SessionAuth<V>;
    try {
      session = await verify(requireBearer(request.headers.authorization ?? null));
    } catch (error) {
      if (!(error instanceof LoginError)) return next(error);
      emit("refused", { door: "http", code: error.code });
      return sendAnswer(response, refusal(error));
    }
    Object.assign(request, { session });
    next();
  }

  function middleware(request: IncomingMessage, response: ServerResponse, next: Next): Promise<void>;
  function middleware(context: RouterContext): Promise<{ session: SessionAuth<V> }>;
  function middleware(...args: Parameters<typeof inExpress> | [RouterContext]): Promise<unknown> {
    return args.length === 1 ? inRouter(args[0]) : inExpress(...args);
  }
  return Object.assign(middleware, { options: {} });
}
