// The OpenAPI document against the server: the same calls, the same scopes, every status it names and no other, bodies as they are taken.
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { LoginError } from "../../src/errors.ts";
import { operatorScopes } from "../../src/tokens/scopes.ts";
import { FragileStore } from "../login/fragile-store.ts";
import { type House, loginServer } from "../login/server.ts";
import { ask, Desk } from "./desk.ts";
import { type Sample, type Scene, samples, setScene } from "./samples.ts";

const server = loginServer();
const nobody: Scene = { ticketId: "nobody", sid: "nobody", userId: "nobody" };
const everyCall = samples(nobody);
const template = ({ path }: Sample): string => `/auth/operator${path.split("?")[0]?.replace("nobody", "{id}")}`;

interface Mounted {
  readonly path: string;
  readonly options: { readonly method: string };
}

/** Calls of the operator's side that the routes really have, in the document's words; the dashboard's files aside. */
function mounted(house: House): string[] {
  const endpoints: Mounted[] = Object.entries({ ...house.login.routes() }).flatMap(([name, endpoint]) =>
    name.startsWith("login-operator-") && !name.startsWith("login-operator-page")
      ? [endpoint as unknown as Mounted]
      : [],
  );
  return endpoints.map(({ path, options }) => `${options.method} ${path.replace(/:(\w+)/g, "{$1}")}`).sort();
}

describe("the document", () => {
  it("is OpenAPI 3.1 below 60 KiB, and every reference in it leads somewhere", async () => {
    const desk = await Desk.open(server.open({ queue: {} }));
    const { document } = desk.description;
    const text = JSON.stringify(document);
    expect(document.openapi).toBe("3.1.0");
    expect(Buffer.byteLength(text)).toBeLessThan(60 * 1024);
    const refs = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
    expect(refs).not.toEqual([]);
    expect(text.match(/\$ref/g)).toHaveLength(refs.length);
    for (const [, kind = "", name = ""] of refs) expect(Object(document.components)[kind]).toHaveProperty(name);
  });

  it("has the calls that are mounted, and those are the ones that the tables of these tests go through", async () => {
    const house = server.open({ queue: {} });
    const { calls, document } = (await Desk.open(house)).description;
    expect([...calls].sort()).toEqual(mounted(house));
    const described = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(described.map(({ operationId }) => operationId).sort()).toEqual(
      everyCall.map(({ action }) => action).sort(),
    );
  });

  it("has nothing of the queue where there is none, whose paths are then the host's", async () => {
    const house = server.open();
    const desk = await Desk.open(house);
    expect([...desk.description.calls].sort()).toEqual(mounted(house));
    for (const path of ["queue", "forecast", "history", "tickets"]) {
      expect(desk.description.calls.filter((call) => call.includes(`/operator/${path}`))).toEqual([]);
      const { status, body } = await ask(`${house.url}/auth/operator/${path}`, { method: "GET", token: desk.token });
      expect([status, body]).toEqual([404, { text: expect.stringContaining("Cannot GET") }]);
    }
  });

  it("goes by the prefix", async () => {
    const house = server.open({ prefix: "/players/auth" });
    const token = await house.login.tokens.issueOperatorToken({ name: "Olga" });
    const { body } = await ask(`${house.url}/players/auth/operator/openapi.json`, { method: "GET", token });
    expect(Object.keys(Object(body["paths"]))).toContain("/players/auth/operator/status");
  });

  it("names the scope of each call and the parameters of its path, and knows every scope", async () => {
    const { description } = await Desk.open(server.open({ queue: {} }));
    for (const sample of everyCall) {
      const call = description.find(sample.method, template(sample));
      expect(call?.operationId).toBe(sample.action);
      expect(call?.security).toEqual([{ token: [sample.scope] }]);
      const inPath = call?.parameters?.filter((parameter) => parameter.in === "path") ?? [];
      expect(inPath).toHaveLength(sample.path.includes("nobody") && !sample.path.includes("?") ? 1 : 0);
    }
    const { securitySchemes } = Object(description.document.components);
    expect(securitySchemes.token).toMatchObject({ type: "http", scheme: "bearer" });
    for (const scope of operatorScopes) expect(securitySchemes.token.description).toContain(scope);
  });

  it("takes the bodies that the calls take, and no other names", async () => {
    const { description } = await Desk.open(server.open({ queue: {} }));
    for (const sample of everyCall.filter(({ method }) => method !== "GET" && method !== "DELETE")) {
      const schema = description.find(sample.method, template(sample))?.requestBody?.content["application/json"].schema;
      const body = z.fromJSONSchema(schema ?? false);
      expect(body.safeParse(sample.body ?? {}).success, sample.action).toBe(true);
      expect(body.safeParse({ ...sample.body, nothing: 1 }).success, sample.action).toBe(false);
    }
  });
});

describe("every status of the document is answered, and no other", () => {
  const provoke = {
    200: (desk: Desk, { method, path, body }: Sample) => desk.send(method, path, { body }),
    400: (desk: Desk, { method, path, body }: Sample) => desk.send(method, `${path.split("?")[0]}?nothing=1`, { body }),
    401: (desk: Desk, { method, path, body }: Sample) => desk.send(method, path, { body, token: null }),
    413: (desk: Desk, { method, path }: Sample) => desk.send(method, path, { body: { reason: "x".repeat(17_000) } }),
  };

  it.each(everyCall)("$action", async ({ action, scope }) => {
    const store = new FragileStore();
    const house = server.open({ store: store.open, queue: {} });
    const desk = await Desk.open(house);
    const scene = await setScene(house);
    const [good, unknown] = [scene, nobody].map((of) => samples(of).find((sample) => sample.action === action));
    if (good === undefined || unknown === undefined) throw new Error(`no sample of ${action}`);
    const hasBody = good.method !== "GET" && good.method !== "DELETE";
    const seen = new Set<number>();
    const answered = async (answer: Promise<{ status: number }>): Promise<void> => void seen.add((await answer).status);

    await answered(provoke[400](desk, good));
    await answered(provoke[401](desk, good));
    const poor = await desk.with(
      "Otto",
      operatorScopes.filter((other) => other !== scope),
    );
    await answered(provoke[200](poor, good));
    if (hasBody) {
      await answered(provoke[413](desk, good));
      const { url } = house;
      const headers = { authorization: `Bearer ${desk.token}`, "content-type": "text/plain" };
      await answered(fetch(`${url}/auth/operator${good.path}`, { method: good.method, headers, body: "{}" }));
    }
    // A user need not be known to be banned.
    if (action !== "user.ban") await answered(provoke[200](desk, unknown));
    if (action === "ticket.admit") {
      await house.login.queue.configure({ targetCcuLimit: 0 });
      await answered(provoke[200](desk, good));
      await house.login.queue.configure({ targetCcuLimit: null });
    }
    // Who read the metrics lately may go on while the store is away.
    const newcomer = await Desk.open(house, "New");
    store.isDown = true;
    await answered(provoke[200](newcomer, good));
    store.isDown = false;
    await answered(provoke[200](desk, good));

    const described = desk.description.find(good.method, `/auth/operator${good.path.split("?")[0]}`);
    expect([...seen].sort()).toEqual(Object.keys(described?.responses ?? {}).map(Number));
  });
});

describe("with the store away no call fails", () => {
  const away = new LoginError("STORE_UNAVAILABLE", "The store is out of reach.");
  const refused = { status: 503, body: { code: "STORE_UNAVAILABLE", retryAfterSeconds: expect.any(Number) } };

  async function open(action: string) {
    const store = new FragileStore();
    const house = server.open({ store: store.open, queue: {} });
    const desk = await Desk.open(house);
    const sample = samples(await setScene(house)).find((one) => one.action === action);
    if (sample === undefined) throw new Error(`no sample of ${action}`);
    store.calls.length = 0;
    return { store, house, ask: () => desk.send(sample.method, sample.path, { body: sample.body }) };
  }

  /** What fails without harm: the settings are changed, and the metrics of this process are there. */
  const harmless: Readonly<Record<string, readonly string[]>> = {
    "queue.configure": ["queue.status", "queue.settings"],
    "metrics.read": ["queue.status"],
  };

  it.each(everyCall)("$action is refused with 503 at whichever of its steps it goes away", async ({ action }) => {
    const whole = await open(action);
    await whole.ask();
    const steps = new Set(whole.store.calls);
    await whole.house.close();
    expect(steps).toContain("access.isTokenRevoked");
    for (const step of steps) {
      const { store, house, ask } = await open(action);
      store.broken.set(step, away);
      const answer = await ask();
      if (step === "audit.append" || harmless[action]?.includes(step)) expect(answer.status, step).toBe(200);
      else expect(answer, step).toMatchObject(refused);
      store.broken.clear();
      await house.close();
      expect(house.logged.filter(({ level }) => level === "error")).toEqual([]);
    }
  });
});
