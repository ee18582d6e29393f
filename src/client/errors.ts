// What the helper rejects with, and how the SDK's two ways of refusing are read.
import type { WireError } from "../wire.ts";

/** The codes that this package's server answers with (DESIGN 6), to tell its refusals from other people's. */
export const serverCodes: ReadonlySet<string> = new Set([
  "INVALID_REQUEST",
  "INVALID_CREDENTIALS",
  "TOKEN_INVALID",
  "TOKEN_EXPIRED",
  "SESSION_REVOKED",
  "BANNED",
  "ACCESS_LIMITED",
  "FORBIDDEN",
  "PASS_INVALID",
  "NOT_FOUND",
  "CONFLICT",
  "PAYLOAD_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "QUEUE_REQUIRED",
  "TOO_MANY_REQUESTS",
  "QUEUE_FULL",
  "QUEUE_CLOSED",
  "LOGIN_DATA_UNAVAILABLE",
  "PROVIDER_UNAVAILABLE",
  "STORE_UNAVAILABLE",
]);

/** Fields of a refusal beside code, status and message. Absent where the server did not send them. */
export interface LoginClientErrorDetails {
  reason?: string;
  until?: number;
  retryAfterSeconds?: number;
  room?: string;
}

/**
 * A refusal, or a failure on the way. `code` is one of the server's codes, or one of the helper's own:
 * - `NETWORK`: no answer came (status 0), or a proxy answered for a server it could not reach (502, 503, 504);
 * - `UNEXPECTED_ANSWER`: something that is not a colyseus-login server answered (a wrong `prefix`, say);
 * - `REMOVED`: the place in the queue was taken away, or taken over by the same player elsewhere.
 */
export class LoginClientError extends Error {
  override readonly name = "LoginClientError";
  readonly code: string;
  /** The HTTP status that came with it; 0 where there was none. */
  readonly status: number;
  /** Why, in words for the player (`BANNED`, `REMOVED`). */
  readonly reason?: string;
  /** When a ban ends, ms since the epoch; absent for ever. */
  readonly until?: number;
  /** When to ask again. */
  readonly retryAfterSeconds?: number;
  /** `QUEUE_REQUIRED`: the room to wait in. */
  readonly room?: string;

  constructor(
    code: string,
    status: number,
    message: string,
    details: LoginClientErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.status = status;
    if (details.reason !== undefined) this.reason = details.reason;
    if (details.until !== undefined) this.until = details.until;
    if (details.retryAfterSeconds !== undefined) this.retryAfterSeconds = details.retryAfterSeconds;
    if (details.room !== undefined) this.room = details.room;
  }
}

/** Codes after which the tokens at hand are of no more use. */
const endingCodes: ReadonlySet<string> = new Set(["SESSION_REVOKED", "TOKEN_INVALID", "TOKEN_EXPIRED", "BANNED"]);

/** Whether a refused refresh means that the session is over. */
export function endsSession(error: LoginClientError): boolean {
  return endingCodes.has(error.code);
}

const passingCodes: ReadonlySet<string> = new Set([
  "NETWORK",
  "UNEXPECTED_ANSWER",
  "TOO_MANY_REQUESTS",
  "LOGIN_DATA_UNAVAILABLE",
  "PROVIDER_UNAVAILABLE",
  "STORE_UNAVAILABLE",
]);

/** Whether asking again may be answered otherwise. The first request may or may not have been carried out. */
export function isPassing(error: LoginClientError): boolean {
  return passingCodes.has(error.code) || error.status === 500;
}

/** Reads what `client.http` threw: an SDK `ServerError` has `status` and `data` only if the server answered. */
export function fromHttp(error: unknown): LoginClientError {
  if (error instanceof LoginClientError) return error;
  const { status, data, message } = asRecord(error);
  const options = { cause: error };
  if (typeof status !== "number") {
    // A body that was cut or mangled: the answer is lost either way.
    return new LoginClientError("NETWORK", 0, typeof message === "string" ? message : "no answer", {}, options);
  }
  const body = readWireError(data);
  if (body !== null) return new LoginClientError(body.code, status, body.message, body, options);
  const unreachable = status === 502 || status === 503 || status === 504;
  return new LoginClientError(
    unreachable ? "NETWORK" : "UNEXPECTED_ANSWER",
    status,
    `the answer (status ${status}) is not one of a colyseus-login server`,
    {},
    options,
  );
}

/**
 * Reads what a join rejected with. Matchmaking carries status and message alone, the message being our code; a refusal at
 * the socket looks the same. Null for what is not ours: the room's own refusals, no such room, a full room.
 */
export function fromMatchmaking(error: unknown): LoginClientError | null {
  if (error instanceof LoginClientError) return error;
  const { name, code, message } = asRecord(error);
  if (name !== "MatchMakeError" && name !== "ServerError") return null;
  const text = typeof message === "string" ? message : "";
  if (typeof code !== "number") return new LoginClientError("NETWORK", 0, text || "no answer", {}, { cause: error });
  if (serverCodes.has(text) && code >= 400 && code <= 599) {
    return new LoginClientError(text, code, `the room refused: ${text}`, {}, { cause: error });
  }
  const lostOnTheWay = code === 502 || code === 503 || code === 504 || lostSocketCodes.has(code);
  return lostOnTheWay ? new LoginClientError("NETWORK", 0, text || `closed (${code})`, {}, { cause: error }) : null;
}

/** Close codes of a socket that was cut rather than refused: gone away, no status, abnormal, shutting down, may reconnect. */
const lostSocketCodes: ReadonlySet<number> = new Set([1001, 1005, 1006, 4001, 4010]);

function readWireError(data: unknown): WireError | null {
  const { code, message, reason, until, retryAfterSeconds, room } = asRecord(data);
  // Any code in our spelling: a server newer than this helper may know more of them.
  if (typeof code !== "string" || !/^[A-Z][A-Z_]*$/.test(code)) return null;
  return {
    code,
    message: typeof message === "string" ? message : code,
    ...(typeof reason === "string" ? { reason } : {}),
    ...(typeof until === "number" ? { until } : {}),
    ...(typeof retryAfterSeconds === "number" ? { retryAfterSeconds } : {}),
    ...(typeof room === "string" ? { room } : {}),
  };
}

/** The members of any value, to be looked at one by one; none where it has none. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
