// Every error the package answers with: its code, its HTTP status, and the close codes a socket can end with (DESIGN 4 and 6).
import { ErrorCode, ServerError } from "@colyseus/core";
import type { Emit } from "./emitter.ts";
import type { Logger } from "./logger.ts";

/** Error codes of the wire, each with its HTTP status. */
export const errorStatus = {
  INVALID_REQUEST: 400,
  INVALID_CREDENTIALS: 401,
  TOKEN_INVALID: 401,
  TOKEN_EXPIRED: 401,
  SESSION_REVOKED: 401,
  BANNED: 403,
  ACCESS_LIMITED: 403,
  FORBIDDEN: 403,
  PASS_INVALID: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  QUEUE_REQUIRED: 429,
  TOO_MANY_REQUESTS: 429,
  QUEUE_FULL: 503,
  QUEUE_CLOSED: 503,
  LOGIN_DATA_UNAVAILABLE: 503,
  PROVIDER_UNAVAILABLE: 503,
  STORE_UNAVAILABLE: 503,
} as const;

export type LoginErrorCode = keyof typeof errorStatus;

/** What a refusal is counted under: `INTERNAL` is a fault of ours, or of the game's own code. */
export type RefusalCode = LoginErrorCode | "INTERNAL";

/** Where somebody was refused: a call over HTTP, the matchmaker, the socket of a game room, the queue room. */
export type Door = "http" | "matchmaking" | "room" | "queue";

export interface RefusalSignals {
  refused: { readonly door: Door; readonly code: RefusalCode };
}

/** Fields that some codes carry beside `code` and `message`; they travel in the HTTP answer as they are. */
export interface LoginErrorDetails {
  /** BANNED: why, in words for the player. */
  reason?: string;
  /** BANNED: when it ends, ms since the epoch; absent for ever. ACCESS_LIMITED: when access opens; absent where no time is set. */
  until?: number;
  /** QUEUE_REQUIRED: the room to wait in. */
  room?: string;
  /** QUEUE_REQUIRED: how many wait. */
  queueLength?: number;
  /** QUEUE_REQUIRED: estimated wait in ms, -1 when not known. */
  etaMs?: number;
  /** QUEUE_REQUIRED, TOO_MANY_REQUESTS, over HTTP also STORE_UNAVAILABLE: when to ask again. */
  retryAfterSeconds?: number;
  /** FORBIDDEN: the address has to be confirmed first, by the mail that is on its way. */
  verifyEmail?: true;
}

/** What every refusal of this package is. `code` is stable and a closed union, `status` the HTTP status that goes with it. */
export class LoginError extends Error {
  override readonly name = "LoginError";
  readonly code: LoginErrorCode;
  readonly details: LoginErrorDetails;

  constructor(code: LoginErrorCode, message: string, details: LoginErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return errorStatus[this.code];
  }

  /** The body of the HTTP answer. */
  toJSON(): { code: LoginErrorCode; message: string } & LoginErrorDetails {
    return { code: this.code, message: this.message, ...this.details };
  }
}

/** A ban in force. Ends by itself at `until`. */
export interface Ban {
  /** Words for the player. */
  readonly reason: string;
  /** ms since the epoch, or null for one without end. */
  readonly until: number | null;
}

/** How a ban is told to the player it keeps out. */
export function bannedError({ reason, until }: Ban): LoginError {
  return new LoginError("BANNED", "You are banned.", until === null ? { reason } : { reason, until });
}

/** Answered to whoever must confirm an e-mail address before they get in, and to a registration of a known one alike. */
export function unverifiedError(): LoginError {
  return new LoginError("FORBIDDEN", "Confirm the address first: a mail is on its way.", { verifyEmail: true });
}

/** The code of a failure, whatever it is. */
export function refusalCode(error: unknown): RefusalCode {
  return error instanceof LoginError ? error.code : "INTERNAL";
}

/** A way in through the framework. */
export interface Entry {
  readonly door: Door;
  readonly emit: Emit<RefusalSignals>;
  readonly logger: Pick<Logger, "error">;
}

/**
 * The form in which Colyseus can carry a refusal. Its matchmaker passes on status and message alone, and answers 200 to an
 * error whose `code` is a string, so no other error must reach it raw. A LoginError's code becomes the message; any other
 * failure is logged, and its words are told to nobody.
 */
export function toServerError(error: unknown, { door, emit, logger }: Entry): ServerError {
  if (error instanceof ServerError) return error;
  emit("refused", { door, code: refusalCode(error) });
  if (error instanceof LoginError) return new ServerError(error.status, error.code, { cause: error });
  logger.error("colyseus-login: an entry could not be checked, and was refused", error);
  return new ServerError(ErrorCode.AUTH_FAILED, "the entry could not be checked");
}

/** Close codes of sockets (DESIGN 4). The stock SDK does not reconnect on any of them. */
export const LoginCloseCode = {
  SESSION_ENDED: 4401,
  BANNED: 4403,
  EXPIRED: 4408,
  REPLACED: 4409,
  DISCONNECTED: 4410,
  IDLE: 4411,
} as const;

export type LoginCloseCode = (typeof LoginCloseCode)[keyof typeof LoginCloseCode];

export interface SocketSignals {
  /** This package closed a player's socket, in a game room or in the queue. */
  socketClosed: { readonly code: number };
}

/** A close frame carries at most 125 bytes, two of which are the code (RFC 6455, section 5.5). */
const maxReasonBytes = 123;

/** As much of `reason` as a close frame can carry, never half a character. */
export function fitCloseReason(reason: string): string {
  const text = reason.toWellFormed();
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxReasonBytes));
  return text.slice(0, read);
}
