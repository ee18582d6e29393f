// Holds the tables of bad requests to the routes: an endpoint that is added is one that they must hold.
import { expect, it } from "vitest";
import { Callers } from "../../src/callers.ts";
import { createLoginRoutes } from "../../src/http/routes.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";
import { bearerAbuse, bodyAbuse, bodyMethods, bodyPaths, pathAbuse } from "./abuse-table.ts";
import { fakeFace } from "./fake-face.ts";

interface Endpoint {
  readonly path: string;
  readonly options: { readonly method: string; readonly metadata: { readonly openapi: { requestBody?: unknown } } };
}

/** Read without a body, a token or a parameter. */
const takesNothing = ["GET /.well-known/jwks.json"];
/** A token is looked at where there is one, and a stranger is served as well. */
const tokenOptional = ["POST /logout", "POST /register", "POST /queue"];

function endpoints() {
  const others = { logger: recordingLogger(), callers: new Callers(0), emit: () => {} };
  const context = { prefix: "", clock: new ManualClock(), ...others };
  const values: Endpoint[] = Object.values({ ...createLoginRoutes(fakeFace(), context) });
  return values.map(({ path, options }) => ({
    name: `${options.method} ${path}`,
    sent: `${options.method} ${path.replace(":provider", "device")}`,
    hasBody: options.metadata.openapi.requestBody !== undefined,
  }));
}

it("S35 every endpoint that reads a body stands in the table of bad ones", () => {
  const withBody = endpoints().filter(({ hasBody }) => hasBody);
  const tabled = bodyPaths.map((path) => `${bodyMethods[path] ?? "POST"} ${path}`);
  expect(tabled.toSorted()).toEqual(withBody.map(({ sent }) => sent).toSorted());
  const sent = new Set(bodyAbuse.map(({ method, path }) => `${method} ${path}`));
  expect([...sent].toSorted()).toEqual(tabled.toSorted());
});

it("S37 every endpoint that asks for a token stands in the table of bad bearers, and every parameter in that of paths", () => {
  const open = ["/authenticate/device", "/anonymous", "/refresh", "/login", "/forgot-password", "/reset-password"];
  const asksForNone = new Set([
    ...takesNothing,
    ...tokenOptional,
    ...[...open, "/verify-email"].map((p) => `POST ${p}`),
  ]);
  const sent = new Set(bearerAbuse.map(({ method, path }) => `${method} ${path}`));
  const asking = endpoints().filter(({ sent }) => !asksForNone.has(sent));
  expect([...sent].toSorted()).toEqual(asking.map((endpoint) => endpoint.sent).toSorted());

  const withParameter = endpoints().filter(({ name }) => name.includes(":"));
  const shown = pathAbuse.map(({ method, path }) => `${method} ${path.slice(0, path.indexOf("/", 1))}/:provider`);
  expect(withParameter.filter(({ name }) => !shown.includes(name))).toEqual([]);
});
