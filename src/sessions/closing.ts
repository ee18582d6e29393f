// How a socket ends: the close code and the words that go with each cause, and the cut for a peer that ignores the close.
import type { EventEmitter } from "node:events";
import type { Clock } from "../clock.ts";
import { fitCloseReason, LoginCloseCode, type LoginError } from "../errors.ts";
import type { EndReason } from "./session.ts";

/** What a socket is closed with. `reason` fits into a close frame. */
export interface Closing {
  readonly code: LoginCloseCode;
  readonly reason: string;
}

/** How long a peer may take to answer a close, in ms. */
const closeTimeoutMs = 2_000;

const closeCodes: Readonly<Record<EndReason, LoginCloseCode>> = {
  logout: LoginCloseCode.SESSION_ENDED,
  reuse: LoginCloseCode.SESSION_ENDED,
  expired: LoginCloseCode.EXPIRED,
  banned: LoginCloseCode.BANNED,
  replaced: LoginCloseCode.REPLACED,
};

const words: Readonly<Record<LoginCloseCode, string>> = {
  [LoginCloseCode.SESSION_ENDED]: "session ended",
  [LoginCloseCode.BANNED]: "banned",
  [LoginCloseCode.EXPIRED]: "session expired",
  [LoginCloseCode.REPLACED]: "replaced by a newer login",
  [LoginCloseCode.DISCONNECTED]: "disconnected by the server",
  [LoginCloseCode.IDLE]: "idle",
};

/** The close code of a session's sockets when it ends for `reason`. */
export function closeCodeFor(reason: EndReason): LoginCloseCode {
  return closeCodes[reason];
}

/** Code and words of a close. Without a reason of its own it says what the code means; a long one is cut. */
export function closing(code: LoginCloseCode, reason: string = words[code]): Closing {
  return { code, reason: fitCloseReason(reason) };
}

/**
 * What a refused reconnection closes with. null where the session itself is not to blame (the store cannot be reached, too
 * many sockets, no slot): then the client sees the error alone, and may try again.
 */
export function closingForRefusal(error: LoginError): Closing | null {
  switch (error.code) {
    case "SESSION_REVOKED":
    case "TOKEN_INVALID":
      return closing(LoginCloseCode.SESSION_ENDED);
    case "BANNED":
      return closing(LoginCloseCode.BANNED, error.details.reason);
    case "ACCESS_LIMITED":
      return closing(LoginCloseCode.DISCONNECTED, error.message);
    case "TOKEN_EXPIRED":
      return closing(LoginCloseCode.EXPIRED);
    default:
      return null;
  }
}

/** Terminates the connection unless it closes in time. `ref` is a client's `ref`; transports without `terminate` see to it themselves. */
export function cutIfIgnored(ref: EventEmitter, clock: Clock): void {
  const stop = clock.after(closeTimeoutMs, () => {
    const terminate: unknown = Reflect.get(ref, "terminate");
    if (typeof terminate === "function") terminate.call(ref);
  });
  ref.once("close", stop);
}
