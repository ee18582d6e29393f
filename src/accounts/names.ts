// The rules for usernames and groups.
import { randomInt } from "node:crypto";
import { LoginError } from "../errors.ts";
import { isPlainName } from "../plain-name.ts";

const maxNameLength = 64;
const maxGroups = 32;

/** A username as it is kept: trimmed. Throws LoginError INVALID_REQUEST. */
export function parseUsername(value: unknown): string {
  const username = typeof value === "string" ? value.trim() : "";
  if (isName(username) && usernameKey(username) !== "") return username;
  const expectation = `expected 1 to ${maxNameLength} characters without control characters`;
  throw new LoginError("INVALID_REQUEST", `username: ${expectation}`);
}

/** What must be unique: two usernames that look the same have the same key. Case, width and invisible characters do not count. */
export function usernameKey(username: string): string {
  // Upper case first: "ß" and "SS" meet only there.
  return username
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .toUpperCase()
    .toLowerCase()
    .trim();
}

/** A username for a player who gave none: `player-` and eight characters. Unique only as far as chance goes. */
export function generateUsername(): string {
  const suffix = randomInt(36 ** 8).toString(36);
  return `player-${suffix.padStart(8, "0")}`;
}

/** Groups that a provider or hook named. A wrong one is a fault of the server's code: TypeError. */
export function checkGroups(groups: unknown, what: string): readonly string[] {
  const names: readonly unknown[] = Array.isArray(groups) ? groups : [undefined];
  if (names.length > maxGroups || !names.every(isName)) {
    throw new TypeError(`${what}: expected an array of at most ${maxGroups} names of 1 to ${maxNameLength} characters`);
  }
  return Object.freeze([...new Set(names)]);
}

function isName(text: unknown): text is string {
  return isPlainName(text, maxNameLength);
}
