// What a host's compiler sees of the routes and the middleware: checked by tsc, run once so that it is counted.
import { createEndpoint, createRouter } from "@colyseus/core";
import express from "express";
import { expectTypeOf, it } from "vitest";
import type { LoginRoutes } from "../../src/http/dual-mode.ts";
import type { LoginMiddleware } from "../../src/http/middleware.ts";
import type { SessionAuth } from "../../src/sessions/session.ts";

declare const routes: LoginRoutes;
declare const middleware: LoginMiddleware<{ skin: string }>;

/** Never run: only its types matter. */
function hostOf() {
  const app = express();
  app.use(routes);
  app.use("/auth", routes);
  app.use(middleware);
  app.get("/me/:id", middleware, (request, response) => {
    expectTypeOf(request.session).toEqualTypeOf<SessionAuth | undefined>();
    expectTypeOf(request.params).toEqualTypeOf<{ id: string }>();
    response.json(request.session);
  });

  const me = createEndpoint("/me", { method: "GET", use: [middleware] }, async ({ context }) => {
    expectTypeOf(context).not.toBeAny();
    return { context, id: 1 };
  });
  const router = createRouter({ ...routes, me });
  expectTypeOf(router.endpoints).toEqualTypeOf<{ me: typeof me }>();
  return { app, router: createRouter({ ...routes }), me };
}

it("routes and middleware have types that express and the router take", () => {
  type Me = Awaited<ReturnType<ReturnType<typeof hostOf>["me"]>>;
  expectTypeOf<Me["context"]["session"]>().toEqualTypeOf<SessionAuth<{ skin: string }>>();
});
