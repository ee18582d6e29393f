// What the example's page says of accounts and sessions, in words for the player.
import { expect, it } from "vitest";

interface AccountWords {
  sayAccountError(error: unknown): string;
  sayLinkError(error: unknown): string;
  sayAgent(agent: string | null): string;
  saySeen(agoMs: number): string;
}
const words: AccountWords = await import(new URL("../../example-server/public/account-words.js", import.meta.url).href);
const { sayAccountError, sayLinkError, sayAgent, saySeen } = words;

it.each([
  ["INVALID_CREDENTIALS", "The address or the password is wrong.", "The address or the password is wrong."],
  [
    "INVALID_REQUEST",
    "password: expected 8 to 1024 characters",
    "A password needs at least 8 characters, and at most 1024.",
  ],
  ["INVALID_REQUEST", "email: expected an e-mail address", "This does not look like an e-mail address."],
  ["INVALID_REQUEST", "vars: too many", "The server did not understand the request. Reload the page and try again."],
  ["CONFLICT", "This username is taken.", "This username is taken. Choose another one."],
  ["CONFLICT", "This address has an account.", "This address has an account already. Log in with it instead."],
  ["FORBIDDEN", "You may not.", "You are not allowed to do that."],
  [
    "FORBIDDEN",
    "Confirm the address first: a mail is on its way.",
    "Confirm your address first: a mail is on its way.",
  ],
])("for %s: %s", (code, message, sentence) => {
  expect(sayAccountError({ code, message })).toBe(sentence);
});

it.each(["TOKEN_INVALID", "TOKEN_EXPIRED"])("for a link that is no good any more (%s)", (code) => {
  expect(sayLinkError({ code, message: "" })).toBe("This link was used already, or is too old. Ask for a new one.");
});

it.each([
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0",
    "Edge on Windows",
  ],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1 Version/18.1 Safari/605.1", "Safari on macOS"],
  ["Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36", "Chrome on Android"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox on Linux"],
  ["node", "node"],
  [null, "Something unknown"],
])("for the agent %s", (agent, said) => {
  expect(sayAgent(agent)).toBe(said);
});

it.each([
  [0, "seen just now"],
  [5 * 60_000, "seen 5 minutes ago"],
  [3 * 3_600_000, "seen 3 hours ago"],
  [72 * 3_600_000, "seen 3 days ago"],
])("for a session in use %i ms ago", (agoMs, said) => {
  expect(saySeen(agoMs)).toBe(said);
});
