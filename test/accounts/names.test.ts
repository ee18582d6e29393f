// The rules for usernames and groups.
import { describe, expect, it } from "vitest";
import { checkGroups, generateUsername, parseUsername, usernameKey } from "../../src/accounts/names.ts";
import { refusal } from "../sessions/setup.ts";

describe("a username", () => {
  it.each(["a", "Ada Lovelace", "名前", "😀", "👩‍👩‍👧", "x".repeat(64), "😀".repeat(64), "Björk", "עדה", "<b>&\"'"])(
    "may be %s",
    (name) => {
      expect(parseUsername(name)).toBe(name);
    },
  );

  it("is trimmed before it is measured", () => {
    expect(parseUsername(`  ${"x".repeat(64)}\t`)).toBe("x".repeat(64));
  });

  it.each([
    "",
    " ",
    "\u3000",
    "x".repeat(65),
    "😀".repeat(65),
    "a\nb",
    "a\u0000b",
    "a\u007fb",
    "a\u0085b",
    "a\u2028b",
    "\ud800",
    "abc\u202edcba",
    "\u200b",
    "\u2060\u200d",
    null,
    undefined,
    7,
    {},
    ["Ada"],
  ])("is not %j", async (name) => {
    const error = await refusal(() => parseUsername(name));
    expect(error.code).toBe("INVALID_REQUEST");
    expect(error.message).toBe("username: expected 1 to 64 characters without control characters");
  });

  it("that is made up obeys the rules", () => {
    for (let i = 0; i < 200; i += 1) {
      const name = generateUsername();
      expect(parseUsername(name)).toBe(name);
      expect(usernameKey(name)).toBe(name);
    }
  });
});

describe("groups", () => {
  it("are names, each once", () => {
    expect(checkGroups(["vip", "staff", "vip"], "groups")).toEqual(["vip", "staff"]);
    expect(checkGroups([], "groups")).toEqual([]);
  });

  it.each([null, undefined, "vip", { 0: "vip" }, [7], [""], [null], ["a\nb"], ["x".repeat(65)], Array(33).fill("x")])(
    "are not %j",
    (groups) => {
      expect(() => checkGroups(groups, "my groups")).toThrow(TypeError);
      expect(() => checkGroups(groups, "my groups")).toThrow(/^my groups: /);
    },
  );
});
