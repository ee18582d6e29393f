// The body of every call as one schema that checks, types and documents it. Unknown fields are credentials or are ignored.
import { z } from "zod";
import { LoginError } from "../errors.ts";
import { parseVars } from "../sessions/vars.ts";

/** Tokens, passes and tickets are JWTs of at most so many characters (DESIGN 4). */
export const maxTokenLength = 4_096;

const token = z.string().max(maxTokenLength);

const vars = z
  .record(z.string(), z.unknown())
  .transform((value) => parseVars(value, "vars"))
  .exactOptional()
  .describe("Client vars of the session: at most 32 pairs of strings.");

/** Fields of a login that are ours; every other field is a credential, which the identity provider checks. */
export const loginFields = {
  create: z.boolean().exactOptional().describe("Whether an unknown identity gets an account. Default true."),
  username: z.string().exactOptional().describe("The name wished for a new account."),
  vars,
  queuePass: token.exactOptional().describe("The pass that the login queue gave."),
  gameShardId: z.string().min(1).max(64).exactOptional().describe("The shard to play on."),
};

export const loginBody = z.looseObject(loginFields);

/** `username` stays among the credentials: to a provider of one's own it may be one. */
export function toLogin({ create, vars, queuePass, gameShardId, ...credentials }: z.output<typeof loginBody>) {
  return {
    credentials: Object.freeze(credentials) as Readonly<Record<string, unknown>>,
    create: create ?? true,
    username: credentials.username ?? null,
    vars: vars ?? {},
    queuePass: queuePass ?? null,
    gameShardId: gameShardId ?? null,
  };
}

/** `POST /auth/authenticate/:provider` */
export const authenticateSchema = loginBody.transform(toLogin);
export type AuthenticateBody = z.output<typeof authenticateSchema>;

/** `POST /auth/anonymous`, the stock SDK's `signInAnonymously(options)`: what it sends sits in `options`. */
export const anonymousSchema = z
  .looseObject({ ...loginFields, options: loginBody.nullish() })
  .transform(({ options, ...body }) => toLogin({ ...options, ...body }));

/** `POST /auth/refresh` */
export const refreshSchema = z.object({
  refreshToken: token,
  vars,
  attempt: z
    .string()
    .min(16)
    .max(64)
    .exactOptional()
    .describe("Chosen by the client and kept until the answer is stored, so that a retry is known as one."),
});
export type RefreshBody = z.output<typeof refreshSchema>;

/** `POST /auth/logout`. A refresh token of any length: one that is wrong is answered like one that is right. */
export const logoutSchema = z.object({
  refreshToken: z.string().exactOptional(),
  disconnectSockets: z.boolean().exactOptional().describe("Whether open sockets are closed too."),
  everywhere: z.boolean().exactOptional().describe("Whether all sessions of the user end."),
  others: z.boolean().exactOptional().describe("Whether the user's other sessions end, and this one stays."),
});
export type LogoutBody = z.output<typeof logoutSchema>;

/** `POST /auth/queue` */
export const queueSchema = z.object({
  ticket: token.exactOptional().describe("A ticket to come back to."),
  hint: z.unknown().exactOptional().describe("Whatever the game's choice of a lane asks for; not checked by anybody."),
});
export type QueueBody = z.output<typeof queueSchema>;

/**
 * Checks a body. The refusal names the field and what is wrong with it, never its value: it may be a secret.
 * @throws LoginError `INVALID_REQUEST`
 */
export function parseBody<T extends z.ZodType>(schema: T, body: Record<string, unknown>): z.output<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.map(String).join(".");
  throw new LoginError("INVALID_REQUEST", field ? `${field}: ${issue?.message}` : "The request body is not valid.");
}
