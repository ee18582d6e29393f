// The options of the e-mail provider, and what counts as an address.
import { describe, expect, it } from "vitest";
import { emailProvider } from "../../src/accounts/email.ts";
import { emailAddress } from "../../src/accounts/email-address.ts";

const sendEmail = () => {};

describe("a wrong option of emailProvider", () => {
  it.each([
    [{}, /sendEmail: expected a function, got undefined/],
    [{ sendEmail: "smtp://mail" }, /sendEmail: expected a function, got string/],
    [{ sendEmail, requireVerified: 1 }, /requireVerified: expected true or false, got number/],
    [{ sendEmail, minPasswordLength: 0 }, /minPasswordLength: expected a whole number from 1 to 64/],
    [{ sendEmail, minPasswordLength: 7.5 }, /minPasswordLength/],
    [{ sendEmail, minPasswordLength: 65 }, /minPasswordLength/],
    [{ sendEmail, scrypt: { ln: 14, r: 8, p: 3 } }, /scrypt: expected/],
    [{ sendEmail, scrypt: 15 }, /scrypt: expected/],
    [null, /sendEmail/],
  ])("%j is a TypeError", (options, message) => {
    const make = () => Reflect.apply(emailProvider, undefined, [options]);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });
});

describe("an address", () => {
  it.each([
    ["ada@example.org", "ada@example.org"],
    ["  Ada.King+Games@Mail.Example.ORG\n", "ada.king+games@mail.example.org"],
    ["o'hara_1@xn--exmple-cua.org", "o'hara_1@xn--exmple-cua.org"],
  ])("%j is kept as %j", (typed, kept) => {
    expect(emailAddress.parse(typed)).toBe(kept);
  });

  it.each([
    "",
    "ada",
    "ada@",
    "@example.org",
    "ada@example",
    "ada@@example.org",
    "ada@example..org",
    ".ada@example.org",
    "ada..king@example.org",
    "ada @example.org",
    "ada@exam ple.org",
    "ada@example.org, eve@example.org",
    "ada@example.org\nbcc: eve@example.org",
    "Ada <ada@example.org>",
    "ada@exämple.org",
    "\u212aai@example.org",
    "ada@[127.0.0.1]",
    `${"a".repeat(243)}@example.org`,
    " ".repeat(2_000),
    null,
    7,
    ["ada@example.org"],
  ])("%j is none", (typed) => {
    expect(emailAddress.safeParse(typed).success).toBe(false);
  });
});
