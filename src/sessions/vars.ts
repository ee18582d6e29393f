// The limits of session variables (DESIGN 4, Vars).
import { LoginError } from "../errors.ts";
import type { Vars } from "./session.ts";

const varsLimits = { pairs: 32, bytes: 2048, keyCharacters: 64, valueCharacters: 256 } as const;

const controlCharacters = /\p{Cc}/u;

/**
 * String pairs out of anything, as a frozen copy. Throws LoginError INVALID_REQUEST, which says `what` was wrong but repeats
 * none of it.
 */
export function parseVars(value: unknown, what: string): Vars {
  if (!isPlainObject(value)) throw refused(what, "expected an object of strings");
  const keys = Object.keys(value);
  if (keys.length > varsLimits.pairs) throw refused(what, `expected at most ${varsLimits.pairs} pairs`);
  const pairs = keys.map((key) => [key, parseValue(key, value[key], what)] as const);
  const vars = Object.freeze(Object.fromEntries(pairs));
  if (jsonBytes(vars) > varsLimits.bytes) throw refused(what, `expected at most ${varsLimits.bytes} bytes as JSON`);
  return vars;
}

/** The same for what the server's own code gave: there it is a mistake of that code, a TypeError. */
export function checkServerVars(value: unknown, what: string): Vars {
  try {
    return parseVars(value, what);
  } catch (error) {
    throw error instanceof LoginError ? new TypeError(error.message) : error;
  }
}

/** The limits for both parts together, a pair in both counting twice. Throws LoginError INVALID_REQUEST. */
export function checkVarsLimits(clientVars: Vars, serverVars: Vars): void {
  const clientPairs = Object.keys(clientVars).length;
  const serverPairs = Object.keys(serverVars).length;
  if (clientPairs + serverPairs > varsLimits.pairs) throw refused("vars", `expected at most ${varsLimits.pairs} pairs`);
  // As if written in one object: "}{" becomes a comma, or nothing where one side is empty.
  const bytes = jsonBytes(clientVars) + jsonBytes(serverVars) - (clientPairs > 0 && serverPairs > 0 ? 1 : 2);
  if (bytes > varsLimits.bytes) throw refused("vars", `expected at most ${varsLimits.bytes} bytes as JSON`);
}

function parseValue(key: string, value: unknown, what: string): string {
  if (key === "" || longerThan(key, varsLimits.keyCharacters) || !isPlainText(key)) {
    throw refused(what, `expected keys of 1 to ${varsLimits.keyCharacters} characters without control characters`);
  }
  // Names that mean something on every object would be read as data by careless code.
  if (key in Object.prototype || key === "prototype") throw refused(what, "expected no key that every object has");
  if (typeof value !== "string" || longerThan(value, varsLimits.valueCharacters) || !isPlainText(value)) {
    throw refused(
      what,
      `expected values of at most ${varsLimits.valueCharacters} characters without control characters`,
    );
  }
  return value;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function longerThan(text: string, characters: number): boolean {
  return text.length > characters && [...text].length > characters;
}

/** Half a surrogate pair has no UTF-8 form: it would come back from a token as something else. */
function isPlainText(text: string): boolean {
  return text.isWellFormed() && !controlCharacters.test(text);
}

function jsonBytes(vars: Vars): number {
  return Buffer.byteLength(JSON.stringify(vars));
}

function refused(what: string, expectation: string): LoginError {
  return new LoginError("INVALID_REQUEST", `${what}: ${expectation}`);
}
