// What a client may say when it joins the queue room, and by which call of the matchmaker.
import type { AuthContext } from "@colyseus/core";
import { LoginError } from "../errors.ts";

/** As JSON. A ticket has at most 4 096 characters; the rest is for the hint. */
const maxOptionsLength = 8_192;

export interface QueueJoinOptions {
  /** A ticket JWT as it came, not yet looked at; null without one. */
  readonly ticket: string | null;
  /** Anything: handed to the option `queue.lane`. */
  readonly hint: unknown;
}

/** @throws LoginError INVALID_REQUEST; a ticket that is merely no good is not refused here. */
export function parseJoinOptions(options: unknown): QueueJoinOptions {
  // A seat reserved by server code without options carries `true`.
  if (options === undefined || options === true) return { ticket: null, hint: undefined };
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new LoginError("INVALID_REQUEST", "The join options must be an object.");
  }
  if (Object.keys(options).some((key) => key in Object.prototype)) {
    throw new LoginError("INVALID_REQUEST", "The join options have a key that is not allowed.");
  }
  if (jsonLength(options) > maxOptionsLength)
    throw new LoginError("INVALID_REQUEST", "The join options are too large.");
  const ticket: unknown = "ticket" in options ? options.ticket : null;
  if (ticket !== undefined && ticket !== null && typeof ticket !== "string") {
    throw new LoginError("INVALID_REQUEST", "The option ticket must be a string.");
  }
  return { ticket: ticket || null, hint: "hint" in options ? options.hint : undefined };
}

/** Infinity for what cannot be written at all, such as a thousand nested arrays. */
function jsonLength(value: object): number {
  try {
    return JSON.stringify(value).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Calls by which a client may come to a queue room: none of them opens a room while another has space. */
const allowedCalls = new Set(["joinOrCreate", "join", "joinById"]);

/**
 * Refuses the matchmaker's call `create`, which would open a room of its own for every client. Static `onAuth` is told of
 * the call only by the path of the HTTP request; a caller on the server has no request, and may create.
 * @throws LoginError FORBIDDEN
 */
export function requireJoiningCall(context: Pick<AuthContext, "req"> | undefined): void {
  const request: unknown = context?.req;
  if (typeof request !== "object" || request === null || !("url" in request) || typeof request.url !== "string") return;
  const segments = new URL(request.url, "http://localhost").pathname.split("/").filter((segment) => segment !== "");
  const call = segments.at(-2);
  if (call === undefined || !allowedCalls.has(call)) {
    throw new LoginError("FORBIDDEN", "The login queue can be joined, not created.");
  }
}
