// The page has words of its own for every refusal, every close code and every mode.
import { expect, it } from "vitest";
import { errorStatus, LoginCloseCode } from "../../src/errors.ts";

interface Words {
  sayError(error: unknown): string;
  sayClosing(code: number, reason: string): string;
  sayWait(leftMs: number | null, mode: string, position?: number): string;
  sayMode(mode: string): string;
  sayPlace(position: number): string;
}
const words: Words = await import(new URL("../../example-server/public/words.js", import.meta.url).href);
const { sayError, sayClosing, sayWait, sayMode, sayPlace } = words;

it.each([...Object.keys(errorStatus), "NETWORK", "UNEXPECTED_ANSWER", "REMOVED"])("for %s", (code) => {
  const said = sayError({ name: "LoginClientError", code, message: "" });
  expect(said).toMatch(/[.]$/);
  expect(said).not.toBe(sayError({ name: "ServerError", code: 500, message: "" }));
  expect(said).not.toMatch(/undefined|NaN|null/);
});

it.each(Object.values(LoginCloseCode))("for a connection closed with %i", (code) => {
  expect(sayClosing(code, "")).not.toBe(sayClosing(1006, ""));
  expect(sayClosing(code, "")).toMatch(/[.]$/);
});

it.each([
  [{ code: "TOO_MANY_REQUESTS", retryAfterSeconds: 7 }, "Too many tries from here. Please try again in 7 seconds."],
  [{ code: "TOO_MANY_REQUESTS" }, "Too many tries from here. Please try again in a moment."],
  [{ code: "QUEUE_FULL", retryAfterSeconds: 240 }, "The queue itself is full. Please try again in 4 minutes."],
  [{ code: "BANNED", reason: "cheating" }, "You are banned: cheating"],
  [{ code: "BANNED" }, "You are banned."],
  [{ code: "REMOVED", reason: "by an operator" }, "by an operator"],
])("with what the server said: %j", (error, sentence) => {
  expect(sayError(error)).toBe(sentence);
});

it("of a ban's end", () => {
  const until = Date.UTC(2030, 5, 1);
  expect(sayError({ code: "BANNED", until, reason: "cheating" })).toContain(new Date(until).toLocaleString());
});

it.each([
  [30_000, "auto", "About 30 seconds"],
  [1_000, "auto", "Any moment now"],
  [120_000, "always", "About 2 minutes"],
  [null, "auto", "We cannot say yet how long it takes."],
  [null, "closed", "Nobody is let in at the moment. Your place is safe."],
  [5_000, "closed", "About 5 seconds"],
  [null, "paused", "The queue is paused. Your place is safe."],
  [null, "unavailable", "The queue is catching its breath. Your place is kept."],
  [60 * 60_000 * 3, "auto", "About 3 hours"],
])("for %s ms left in mode %s", (leftMs, mode, sentence) => {
  expect(sayWait(leftMs, mode)).toBe(sentence);
});

it("for a store that is away before there was a place", () => {
  expect(sayWait(null, "unavailable", 0)).toBe("The queue is catching its breath. We keep knocking.");
});

it("for the modes that the estimate does not explain", () => {
  expect(["auto", "paused", "closed", "unavailable"].map(sayMode)).toEqual(["", "", "", ""]);
  expect(new Set(["always", "open"].map(sayMode)).size).toBe(2);
});

it("for a place", () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 102, 1_003].map(sayPlace)).toEqual([
    "1st",
    "2nd",
    "3rd",
    "4th",
    "11th",
    "12th",
    "13th",
    "21st",
    "102nd",
    "1003rd",
  ]);
});
