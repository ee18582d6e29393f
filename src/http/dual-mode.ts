// Makes one value of a list of calls, for both forms in which Colyseus serves HTTP: its own router, and an express app.
import { createEndpoint, dualModeEndpoints, type Endpoint, type ExpressMiddleware, type Router } from "@colyseus/core";
import { z } from "zod";
import type { Callers } from "../callers.ts";
import type { Clock } from "../clock.ts";
import { LoginError } from "../errors.ts";
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
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the prefix; `:name` is a parameter. */
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
  readonly callers: Pick<Callers, "addressOf" | "currentAddress">;
}

export function mountRoutes(routes: readonly Route[], { prefix, clock, logger, callers }: RoutesContext): LoginRoutes {
  const serve = async (route: Route, call: Call): Promise<Answer> => {
    try {
      return await handleOrRefuse(route, call);
    } catch (error) {
      logger.error(`login: ${route.method} ${prefix}${route.path} failed`, error);
      return failure();
    } finally {
      discardBody(call.body, clock);
    }
  };

  const routeOf = new Map<unknown, Route>();
  const endpoints: Record<string, Endpoint> = {};
  for (const route of routes) {
    const endpoint = createEndpoint(`${prefix}${route.path}`, endpointOptions(route), async (context) =>
      toResponse(await serve(route, callOfRequest(context.request, context.params ?? {}, callers.currentAddress))),
    );
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
        serve(route, callOfMessage(request, found.params ?? {}, callers.addressOf(request)))
          .then((answer) => sendAnswer(response, answer))
          .catch(next);
      },
  });
}

async function handleOrRefuse(route: Route, call: Call): Promise<Answer> {
  try {
    return await route.handle(call);
  } catch (error) {
    if (error instanceof LoginError) return refusal(error);
    throw error;
  }
}

/** What core's router finds, as it really is: its types promise a match for every path. */
type Found = { readonly data: unknown; readonly params?: Readonly<Record<string, string>> } | undefined;

/**
 * The endpoint a request of the express app means. Endpoints carry the prefix in their paths. A mount at a path cuts that
 * path off and takes the prefix's place, as with Colyseus's own panels; a mount at the root of a nested router does not.
 */
function findEndpoint(router: Pick<Router, "findRoute">, request: HostMessage, prefix: string): Found {
  const path = pathOf(request);
  const paths = request.baseUrl ? [path, prefix + path] : [path];
  // Core's router forgives a trailing slash when it looks a path up, and refuses it when it serves one.
  const served = paths.filter((candidate) => !candidate.endsWith("/"));
  return served
    .map((candidate): Found => router.findRoute(request.method ?? "GET", candidate))
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
