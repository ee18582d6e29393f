// Which failures mean that Redis cannot serve, so that they are told as STORE_UNAVAILABLE, and which are faults of our own.
import { LoginError } from "../../errors.ts";

/** First words of answers by which a Redis that is there says that it cannot serve now, or not us. */
const cannotServe = new Set([
  "LOADING",
  "BUSY",
  "READONLY",
  "MASTERDOWN",
  "CLUSTERDOWN",
  "TRYAGAIN",
  "MOVED",
  "ASK",
  "OOM",
  "MISCONF",
  "NOREPLICAS",
  "NOAUTH",
  "NOPERM",
  "WRONGPASS",
  "UNKILLABLE",
  // Of base.lua: the call came too late, and changed nothing.
  "LATE",
]);

export function unavailable(cause?: unknown): LoginError {
  return new LoginError("STORE_UNAVAILABLE", "The store cannot be reached.", {}, { cause });
}

/** What a call that failed throws. Words of Redis about a wrong script or command stay what they are. */
export function callFailure(error: unknown): unknown {
  if (error instanceof LoginError || !isRedisAnswer(error)) return unavailable(error);
  return cannotServe.has(answerCode(error)) ? unavailable(error) : error;
}

/** The first word of Redis's answer; of a failure inside a script, that of the command that failed. */
export function answerCode({ message }: Error): string {
  const inScript = /^ERR Error running script .*?: @\w+:\s*\d+:\s*-?([A-Z]+) /.exec(message);
  return inScript?.[1] ?? /^-?([A-Z]+)\b/.exec(message)?.[1] ?? "";
}

/** Told apart by name: the class itself belongs to a package that may be there several times. */
export function isRedisAnswer(error: unknown): error is Error {
  return error instanceof Error && error.name === "ReplyError";
}
