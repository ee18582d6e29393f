// The kinds of values that options have. The message of each schema says what it expects: `describeIssue` puts it into words.
import { z } from "zod";

export const isFunction = (value: unknown): boolean => typeof value === "function";
const aboveZero = "a number above 0";
export const positive = z.number(aboveZero).positive(aboveZero);
const zeroOrMore = "a number, 0 or more";
export const notNegative = z.number(zeroOrMore).nonnegative(zeroOrMore);
const wholeAboveZero = "a whole number above 0";
export const positiveWhole = z.int(wholeAboveZero).positive(wholeAboveZero);
const wholeOrMore = "a whole number, 0 or more";
export const wholeOrZero = z.int(wholeOrMore).nonnegative(wholeOrMore);
export const flag = z.boolean("true or false");
const notEmpty = "a string that is not empty";
export const text = z.string(notEmpty).min(1, notEmpty);

export function oneOf<const T extends readonly [string, ...string[]]>(...names: T) {
  return z.enum(names, `one of ${names.map((name) => `"${name}"`).join(", ")}`);
}

export function matching(pattern: RegExp, expected: string) {
  return z.string(expected).regex(pattern, expected);
}
