// Makes one value of a list of calls, for both forms in which Colyseus serves HTTP: its own router, and an express app.
import { createEndpoint, dualModeEndpoints, type Endpoint, type ExpressMiddleware, type Router } from "@colyseus/core";
import { z } from "zod";
import type { Callers } from "../callers.ts";
import type { Clock } from "../clock.ts";
import type { Emit } from "../emitter.ts";
import { LoginError, type RefusalSignals } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { discardBody } from "./body.ts";
import type { Call } from "./call.ts";
import { callOfMessage, type HostMessage, pathOf, sendAnswer } from "./node-call.ts";
import { type Answer, failure, refusal } from "./reply.ts";
import { callOfRequest, toResponse } from "./router-call.ts";

/** One call of the wire. */
export interface Route {
  /** Its key in the router. */
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the prefix; `:name` is a parameter. One that ends in a slash is a folder's: without the slash it answers the way there. */
  readonly path: string;
  readonly summary: string;
  /** Documents the body; `handle` reads it by itself. */
  readonly body?: z.ZodType;
  handle(call: Call): Promise<Answer>;
}

/**
 * `createRouter({ ...routes })` or `app.use(routes)`. The endpoints are spread at run time and left out of the type: their
 * paths hang on the prefix, and a path that is any string would blur the types of the host's own routes.
 */
export type LoginRoutes = ExpressMiddleware;

export interface RoutesContext {
  /** Path under which the calls stand, such as "/auth". */
  readonly prefix: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly callers: Pick<Callers, "addressOf" | "currentAddress" | "currentPathIsFolder">;
  readonly emit: Emit<RefusalSignals>;
}

export function mountRoutes(routes: readonly Route[], context: RoutesContext): LoginRoutes {
  const { prefix, clock, logger, callers, emit } = context;
  /** `target`: path and query as they were sent. */
  const serve = async (route: Route, call: Call, target: string): Promise<Answer> => {
    try {
      return wayToFolder(route, target) ?? (await handleOrRefuse(route, call, emit));
    } catch (error) {
      emit("refused", { door: "http", code: "INTERNAL" });
      logger.error(`colyseus-login: ${route.method} ${prefix}${route.path} failed`, error);
      return failure();
    } finally {
      discardBody(call.body, clock);
    }
  };

  const routeOf = new Map<unknown, Route>();
  const endpoints: Record<string, Endpoint> = {};
  for (const route of routes) {
    const endpoint = createEndpoint(`${prefix}${route.path}`, endpointOptions(route), async ({ request, params }) => {
      const { pathname, search } = new URL(request.url);
      const call = callOfRequest(request, params ?? {}, callers.currentAddress);
      return toResponse(await serve(route, call, pathname + search));
    });
    if (isFolder(route.path)) answerWithoutSlash(endpoint, callers);
    endpoints[route.name] = endpoint;
    routeOf.set(endpoint, route);
  }

  return dualModeEndpoints(endpoints, {
    prefix,
    buildMiddleware:
      ({ specificRouter }) =>
      (request, response, next) => {
        const found = findEndpoint(specificRouter, request, prefix);
        const route = routeOf.get(found?.data);
        if (found === undefined || route === undefined) return next();
        serve(route, callOfMessage(request, found.params ?? {}, callers.addressOf(request)), request.url ?? "/")
          .then((answer) => sendAnswer(response, answer))
          .catch(next);
      },
  });
}

async function handleOrRefuse(route: Route, call: Call, emit: RoutesContext["emit"]): Promise<Answer> {
  try {
    return await route.handle(call);
  } catch (error) {
    if (!(error instanceof LoginError)) throw error;
    const answer = refusal(error);
    emit("refused", { door: "http", code: error.code });
    return answer;
  }
}

function isFolder(path: string): boolean {
  return path.endsWith("/");
}

/**
 * Links of a folder's page are relative, and lead astray without the slash: whoever left it out is sent after it. The way is
 * relative too, for nobody here knows what a proxy or a mount put before the path.
 */
function wayToFolder(route: Route, target: string): Answer | null {
  const path = pathOf({ url: target });
  if (!isFolder(route.path) || isFolder(path)) return null;
  const location = `./${path.slice(path.lastIndexOf("/") + 1)}/${target.slice(path.length)}`;
  return { status: 302, headers: { "cache-control": "no-store", location }, body: null };
}

/**
 * Core's router finds an endpoint with or without the trailing slash, and then refuses the request unless the two agree on
 * it; of two endpoints that differ in it alone, it finds the first. So this one agrees with the request at hand.
 */
function answerWithoutSlash(endpoint: Endpoint, callers: Pick<Callers, "currentPathIsFolder">): void {
  const path = String(endpoint.path);
  const get = (): string => (callers.currentPathIsFolder === false ? path.slice(0, -1) : path);
  Object.defineProperty(endpoint, "path", { get });
}

/** What core's router finds, as it really is: its types promise a match for every path. */
type Found =
  | { readonly data: { readonly path?: string }; readonly params?: Readonly<Record<string, string>> }
  | undefined;

/**
 * The endpoint a request of the express app means. Endpoints carry the prefix in their paths. A mount at a path cuts that
 * path off and takes the prefix's place, as with Colyseus's own panels; a mount at the root of a nested router does not.
 */
function findEndpoint(router: Pick<Router, "findRoute">, request: HostMessage, prefix: string): Found {
  const path = pathOf(request);
  const paths = request.baseUrl ? [path, prefix + path] : [path];
  return paths
    .map((candidate): Found => {
      const found: Found = router.findRoute(request.method ?? "GET", candidate);
      // Core's router forgives a trailing slash when it looks a path up, and refuses it when it serves one.
      const isServed = !isFolder(candidate) || (isFolder(found?.data.path ?? "") && !candidate.endsWith("//"));
      return isServed ? found : undefined;
    })
    .find((found) => found !== undefined);
}

/** `disableBody`: core's router would read a body of any size, and refuse it in words of its own. */
function endpointOptions({ method, summary, body }: Route) {
  return {
    method,
    disableBody: true,
    requireRequest: true,
    metadata: { openapi: { description: summary, ...(body !== undefined && { requestBody: describeBody(body) }) } },
  } as const;
}

function describeBody(schema: z.ZodType) {
  return {
    content: {
      "application/json": { schema: { ...z.toJSONSchema(schema, { io: "input" }), type: "object" as const } },
    },
  };
}
