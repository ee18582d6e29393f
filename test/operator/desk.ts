// An operator at the HTTP API: makes calls, and holds every answer to the OpenAPI document of the server that gave it.
import { expect } from "vitest";
import { z } from "zod";
import type { OperatorScope } from "../../src/tokens/scopes.ts";
import type { Answer } from "../login/player.ts";
import type { House } from "../login/server.ts";

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];
interface DescribedAnswer {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}
interface DescribedCall {
  readonly operationId: string;
  readonly security: readonly { readonly token: readonly string[] }[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: JsonSchema } } };
  readonly responses: Readonly<Record<string, DescribedAnswer>>;
}
export interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedCall>>>>;
  readonly components: {
    readonly schemas: { readonly Error: JsonSchema };
    readonly responses: Readonly<Record<string, DescribedAnswer>>;
  };
}

/** What a server says of its own calls. */
export class Description {
  readonly document: Document;

  constructor(document: Document) {
    this.document = document;
  }

  /** Every call as `METHOD /path/{param}`. */
  get calls(): string[] {
    return Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
  }

  find(method: string, path: string): DescribedCall | undefined {
    const template = Object.keys(this.document.paths).find((known) =>
      new RegExp(`^${known.replace(/\./g, "\\.").replace(/\{\w+\}/g, "[^/]+")}$`).test(path),
    );
    return template === undefined ? undefined : this.document.paths[template]?.[method.toLowerCase()];
  }

  /** Throws where an answer is not as the document says. */
  check(method: string, path: string, { status, headers, body }: Answer): void {
    const what = `${method} ${path} → ${status} ${JSON.stringify(body).slice(0, 300)}`;
    const call = this.find(method, path);
    if (call === undefined) throw new Error(`${what}: there is no such call in the document`);
    const described = this.#resolve(call.responses[String(status)]);
    if (described === undefined) throw new Error(`${what}: no such status in the document`);
    const type = headers.get("content-type")?.split(";")[0] ?? "";
    const schema = described.content?.[type]?.schema;
    if (schema === undefined) throw new Error(`${what}: ${type} is not in the document`);
    if (type === "application/json") {
      const { error } = z.fromJSONSchema(this.#inlined(schema)).safeParse(body);
      if (error !== undefined) throw new Error(`${what}: ${error.message}`);
    }
    expect(headers.get("cache-control"), what).toBe("no-store");
  }

  #resolve(answer: DescribedAnswer | undefined): DescribedAnswer | undefined {
    if (answer?.$ref === undefined) return answer;
    return this.document.components.responses[answer.$ref.slice("#/components/responses/".length)];
  }

  #inlined(schema: JsonSchema): JsonSchema {
    return Object(schema).$ref === "#/components/schemas/Error" ? this.document.components.schemas.Error : schema;
  }
}

interface Sent {
  readonly body?: unknown;
  readonly token?: string | null;
}

export class Desk {
  readonly house: House;
  readonly token: string;
  readonly description: Description;

  constructor(house: House, token: string, description: Description) {
    this.house = house;
    this.token = token;
    this.description = description;
  }

  /** An operator of that name with all scopes. */
  static async open(house: House, name = "Olga"): Promise<Desk> {
    const token = await house.login.tokens.issueOperatorToken({ name });
    return new Desk(house, token, await describe(house));
  }

  /** Somebody else at the same server. */
  async with(name: string, scopes: readonly OperatorScope[]): Promise<Desk> {
    const token = await this.house.login.tokens.issueOperatorToken({ name, scopes });
    return new Desk(this.house, token, this.description);
  }

  get(path: string, sent: Sent = {}): Promise<Answer> {
    return this.send("GET", path, sent);
  }

  patch(path: string, body: unknown): Promise<Answer> {
    return this.send("PATCH", path, { body });
  }

  post(path: string, body?: unknown): Promise<Answer> {
    return this.send("POST", path, { body });
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.send("PUT", path, { body });
  }

  delete(path: string): Promise<Answer> {
    return this.send("DELETE", path);
  }

  /** `path` below `/auth/operator`, with its query. */
  async send(method: string, path: string, { body, token = this.token }: Sent = {}): Promise<Answer> {
    const answer = await ask(`${this.house.url}/auth/operator${path}`, { method, token, body });
    this.description.check(method, `/auth/operator${path.split("?")[0]}`, answer);
    return answer;
  }

  /** What a call answers that succeeds. */
  async ok(answer: Promise<Answer>): Promise<Record<string, unknown>> {
    const { status, body } = await answer;
    expect(body).not.toHaveProperty("code");
    expect(status).toBe(200);
    return body;
  }

  /** The audit list without reads, the newest first. */
  async changes(): Promise<Record<string, unknown>[]> {
    const entries = await this.events();
    return entries.filter(({ action }) => !String(action).endsWith(".read"));
  }

  async events(): Promise<Record<string, unknown>[]> {
    const { events } = await this.ok(this.get("/events"));
    return z.array(z.record(z.string(), z.unknown())).parse(events);
  }
}

async function describe(house: House): Promise<Description> {
  const token = await house.login.tokens.issueOperatorToken({ name: "Reader", scopes: ["status:read"] });
  const { body } = await ask(`${house.url}/auth/operator/openapi.json`, { method: "GET", token });
  // The checks that follow rest on it being of this shape; `openapi.test.ts` shows that it is.
  return new Description(body as unknown as Document);
}

/** A body that is a string is sent as it is. */
export async function ask(
  url: string,
  { method, token, body }: { readonly method: string; readonly token: string | null; readonly body?: unknown },
): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json") ?? false;
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : { text } };
}
