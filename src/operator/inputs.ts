// What an operator's call may be given: the kinds of its values, and the check that names what is wrong.
import { z } from "zod";
import { LoginError } from "../errors.ts";
import { isPlainName } from "../plain-name.ts";

const mostIdCharacters = 256;
const idWords = `1 to ${mostIdCharacters} characters without control characters`;

/** An id of a user, a ticket or a session, or a username. */
export const id = z
  .string(idWords)
  .min(1, idWords)
  .max(mostIdCharacters, idWords)
  .refine((value) => isPlainName(value, mostIdCharacters), idWords);

/** Words for a player or for the audit list. Line breaks and tabs may be in them. */
export function words(most: number) {
  const expected = `a string of at most ${most} characters without control characters`;
  return z
    .string(expected)
    .max(most, expected)
    .refine((value) => !/[^\P{Cc}\n\t]/u.test(value), expected);
}

/** A number of the query. */
export function inQuery<T extends z.ZodType>(kind: T) {
  return z.preprocess((value) => {
    return typeof value === "string" && /^-?\d{1,20}(\.\d{1,20})?$/.test(value) ? Number(value) : value;
  }, kind);
}

/** Of calls that take nothing there. */
export const none = z.strictObject({});

/** The query as an object. @throws LoginError `INVALID_REQUEST` for a name that is there twice */
export function queryObject(query: URLSearchParams): Record<string, string> {
  const entries = [...query];
  const names = new Set(entries.map(([name]) => name));
  if (names.size < entries.length) throw invalid("query: a name is there twice");
  return Object.fromEntries(entries);
}

/**
 * Checks what a call was given. The message of every schema here is what it expects.
 * @throws LoginError `INVALID_REQUEST` that names the first wrong field and what it is to be, never what it was
 */
export function parseInput<T extends z.ZodType>(
  schema: T,
  value: Record<string, unknown>,
  where: "path" | "query" | "body",
): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(issue === undefined ? `${where}: not as it should be` : describe(issue, where));
}

function describe(issue: z.core.$ZodIssue, where: string): string {
  const field = [where, ...issue.path.map((part) => String(part).slice(0, 64))];
  switch (issue.code) {
    case "unrecognized_keys":
      return `${field.join(".")}: there is no ${issue.keys.map((key) => key.slice(0, 64)).join(", ")}`.slice(0, 256);
    case "invalid_key":
      return `${field.slice(0, -1).join(".")}: expected ${issue.issues[0]?.message} as a name`;
    default:
      return `${field.join(".")}: expected ${issue.message}`;
  }
}

function invalid(message: string): LoginError {
  return new LoginError("INVALID_REQUEST", message);
}
