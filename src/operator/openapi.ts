// The OpenAPI document of the operator's calls, made from the same table and schemas that serve them.
import { z } from "zod";
import { errorStatus, type LoginErrorCode } from "../errors.ts";
import { operatorScopes } from "../tokens/scopes.ts";
import { type CallHead, hasBody, paramNames } from "./operator-call.ts";

type Described = Record<string, unknown>;

/** Codes that any call may be refused with. */
const anyCall = ["TOKEN_INVALID", "TOKEN_EXPIRED", "FORBIDDEN", "STORE_UNAVAILABLE"] as const;

const errorWords: Readonly<Record<number, string>> = {
  400: "Something in the path, the query or the body is not as it should be; `message` names it",
  401: "No token of an operator or a partner, or one that has ended",
  403: "The token lacks the scope of this call",
  404: "There is no such thing",
  409: "Not possible as things stand",
  413: "The body exceeds 16 KiB",
  415: "The body is no application/json",
  503: "The store is out of reach: ask again after `retryAfterSeconds`",
};

/** `prefix`: under which the login's calls stand, such as `/auth`. */
export function describeCalls(
  calls: readonly CallHead[],
  prefix: string,
): Described & { openapi: string; paths: Described } {
  const paths: Record<string, Described> = {};
  for (const call of calls) {
    const path = `${prefix}/operator${call.path.replace(/:(\w+)/g, "{$1}")}`;
    paths[path] = { ...paths[path], [call.method.toLowerCase()]: describeCall(call) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "colyseus-login: the operator's side",
      version: "1",
      description:
        "Times are ms since the Unix epoch unless a name says otherwise. Bodies are JSON objects of at most 16 KiB.",
    },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: `A token of an operator or a partner, with the scope that the call asks for: ${operatorScopes.join(", ")}.`,
        },
      },
      schemas: { Error: describeError() },
      responses: Object.fromEntries(
        Object.keys(errorWords).map((status) => [`Error${status}`, errorAnswer(Number(status))]),
      ),
    },
  };
}

function describeCall(call: CallHead): Described {
  const { action, method, scope, summary, mediaType = "application/json" } = call;
  const answer = mediaType === "application/json" ? jsonSchemaOf(call.answer, "output") : { type: "string" };
  return {
    operationId: action,
    summary,
    description: `Scope: ${scope}.`,
    security: [{ token: [scope] }],
    ...parametersOf(call),
    ...(hasBody(method) ? bodyOf(call) : {}),
    responses: {
      200: { description: "Done", content: { [mediaType]: { schema: answer } } },
      ...Object.fromEntries(statusesOf(call).map((status) => [status, ref(`responses/Error${status}`)])),
    },
  };
}

/** Statuses of all refusals that a call may answer. */
function statusesOf({ method, refusals = [] }: CallHead): number[] {
  const ofBody: readonly LoginErrorCode[] = hasBody(method) ? ["PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"] : [];
  // Any query may have a name too many.
  const codes = ["INVALID_REQUEST" as const, ...anyCall, ...ofBody, ...refusals];
  return [...new Set(codes.map((code) => errorStatus[code]))].sort();
}

function parametersOf({ path, params, query }: CallHead): Described {
  const inPath = paramNames(path).map((name) => ({
    name,
    in: "path",
    required: true,
    schema: propertiesOf(params)[name],
  }));
  const inQuery = Object.entries(propertiesOf(query)).map(([name, schema]) => ({ name, in: "query", schema }));
  const parameters = [...inPath, ...inQuery];
  return parameters.length === 0 ? {} : { parameters };
}

function bodyOf({ body }: CallHead): Described {
  const schema = jsonSchemaOf(body, "input");
  const required = Array.isArray(schema["required"]) && schema["required"].length > 0;
  return { requestBody: { required, content: { "application/json": { schema } } } };
}

function propertiesOf(schema: z.ZodType): Described {
  return { ...Object(jsonSchemaOf(schema, "input")["properties"]) };
}

function jsonSchemaOf(schema: z.ZodType, io: "input" | "output"): Described {
  const { $schema: _dialect, ...described } = z.toJSONSchema(schema, { io });
  return described;
}

function describeError(): Described {
  const schema = z.looseObject({
    code: z.enum(Object.keys(errorStatus)),
    message: z.string(),
    retryAfterSeconds: z.number().exactOptional(),
  });
  return jsonSchemaOf(schema, "output");
}

function errorAnswer(status: number): Described {
  return {
    description: errorWords[status],
    content: { "application/json": { schema: ref("schemas/Error") } },
  };
}

function ref(path: string): Described {
  return { $ref: `#/components/${path}` };
}
