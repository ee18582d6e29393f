// One request as the routes see it, whichever form it came in, and what they read from its head.
import type { Caller } from "../callers.ts";
import { LoginError } from "../errors.ts";
import type { BodyRequest } from "./body.ts";
import { maxTokenLength } from "./schemas.ts";

export interface Call extends BodyRequest {
  /** The client's, or null where the server cannot tell. */
  readonly address: string | null;
  /** All headers, for those who are asked about the request. */
  headers(): Headers;
  /** A parameter of the path as it was sent, percent-encoded. */
  param(name: string): string;
  /** The first value of a query parameter, decoded. */
  query(name: string): string | null;
  /** All of the query, decoded. */
  queries(): URLSearchParams;
}

/**
 * The token of the `Authorization` header.
 * @throws LoginError `TOKEN_INVALID` where there is none, or nothing that could be one.
 */
export function requireBearer(header: string | null): string {
  const token = findBearer(header);
  if (token === null) throw new LoginError("TOKEN_INVALID", "A bearer token is required.");
  return token;
}

/** The token of the `Authorization` header, or null. Its size is looked at first, so that a huge one costs nothing. */
export function findBearer(header: string | null): string | null {
  const scheme = "bearer ";
  if (header === null || header.length > scheme.length + maxTokenLength) return null;
  if (header.slice(0, scheme.length).toLowerCase() !== scheme) return null;
  const token = header.slice(scheme.length);
  return /^[\w.~+/-]+=*$/.test(token) ? token : null;
}

/** The token of a call that needs one, as `requireBearer` has it. */
export function bearerOf(call: Call): string {
  return requireBearer(call.header("authorization"));
}

/** Who makes a call. */
export function callerOf(call: Call): Caller {
  return { headers: call.headers(), address: call.address };
}

/**
 * A parameter of the path, decoded.
 * @throws LoginError `INVALID_REQUEST` where its percent-encoding is broken.
 */
export function decodeParam(call: Call, name: string): string {
  try {
    return decodeURIComponent(call.param(name));
  } catch {
    throw new LoginError("INVALID_REQUEST", `The ${name} in the path is not encoded correctly.`);
  }
}

/**
 * A query parameter that counts, 0 where it is absent.
 * @throws LoginError `INVALID_REQUEST` where it is not a whole number.
 */
export function queryCount(call: Call, name: string): number {
  const value = call.query(name) ?? "0";
  if (!/^\d{1,9}$/.test(value)) throw new LoginError("INVALID_REQUEST", `${name}: expected a whole number`);
  return Number(value);
}
