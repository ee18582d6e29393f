// Ids that nobody can guess.
import { randomBytes } from "node:crypto";

/** `bytes` random bytes (default 16: 128 bits, 22 characters) as base64url. */
export function randomId(bytes = 16): string {
  return randomBytes(bytes).toString("base64url");
}
