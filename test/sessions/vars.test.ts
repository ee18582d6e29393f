// The limits of session variables, by number and by byte.
import { describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { checkServerVars, checkVarsLimits, parseVars } from "../../src/sessions/vars.ts";
import { refusal } from "./setup.ts";

const parse = (value: unknown) => parseVars(value, "vars");
const refused = async (value: unknown) => {
  const error = await refusal(() => parse(value));
  expect(error.code).toBe("INVALID_REQUEST");
  return error.message;
};
const pairs = (count: number, value = "v", prefix = "key") =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, value]));

/** Vars that are exactly so many bytes as JSON. */
function ofBytes(bytes: number, prefix = "k"): Record<string, string> {
  const vars: Record<string, string> = {};
  const size = () => Buffer.byteLength(JSON.stringify(vars));
  for (let index = 10; size() < bytes; index += 1) {
    const key = `${prefix}${index}`;
    vars[key] = "";
    vars[key] = "x".repeat(Math.min(Math.max(bytes - size(), 0), 200));
  }
  expect(size()).toBe(bytes);
  return vars;
}

describe("S34 vars", () => {
  it("are strings by name, in any script", () => {
    const vars = { level: "3", 名前: "界", emoji: "👩‍👩‍👧", empty: "", "with space": " ", "a.b-c": "\u00a0" };
    expect(parse(vars)).toEqual(vars);
    expect(parse(Object.assign(Object.create(null), vars))).toEqual(vars);
    expect(parse({})).toEqual({});
  });

  it("are a frozen copy", () => {
    const given = { a: "1" };
    const vars = parse(given);
    given.a = "2";
    expect(vars["a"]).toBe("1");
    expect(Object.isFrozen(vars)).toBe(true);
  });

  it.each([undefined, null, 1, "a", true, [], [["a", "b"]], new Map([["a", "b"]]), new Date(0), () => ({})])(
    "are not %s",
    async (value) => {
      await refused(value);
    },
  );

  it.each([1, null, undefined, true, {}, [], ["a"], { toString: () => "a" }, new String("a"), Symbol("a"), 1n])(
    "have no value like %s",
    async (value) => {
      await refused({ key: value });
    },
  );

  it("are at most 32", async () => {
    expect(Object.keys(parse(pairs(32)))).toHaveLength(32);
    expect(await refused(pairs(33))).toMatch(/32 pairs/);
    await refused(pairs(100_000));
  });

  it("have keys of 1 to 64 characters", async () => {
    expect(parse({ ["k".repeat(64)]: "v" })).toBeDefined();
    expect(parse({ ["😀".repeat(64)]: "v" })).toBeDefined();
    await refused({ ["k".repeat(65)]: "v" });
    await refused({ ["界".repeat(65)]: "v" });
    await refused({ ["😀".repeat(65)]: "v" });
    await refused({ "": "v" });
  });

  it("have values of at most 256 characters", async () => {
    expect(parse({ k: "v".repeat(256) })).toBeDefined();
    expect(parse({ k: "界".repeat(256) })).toBeDefined();
    expect(parse({ k: "😀".repeat(256) })).toBeDefined();
    await refused({ k: "v".repeat(257) });
    await refused({ k: "界".repeat(257) });
    await refused({ k: "😀".repeat(257) });
    await refused({ k: "v".repeat(1_000_000) });
  });

  it("are at most 2 048 bytes as UTF-8 JSON", async () => {
    expect(parse(ofBytes(2048))).toBeDefined();
    expect(await refused(ofBytes(2049))).toMatch(/2048 bytes/);
    // Characters would do; bytes do not.
    await refused(pairs(9, "界".repeat(200)));
    await refused(pairs(4, "😀".repeat(200)));
    // Escapes count as written.
    expect(parse(pairs(15, '"'.repeat(50)))).toBeDefined();
    await refused(pairs(15, '"'.repeat(80)));
  });

  it.each(["\u0000", "\n", "\r", "\t", "\u001b", "\u007f", "\u0085", "\u009f"])(
    "have no control character %j",
    async (c) => {
      await refused({ key: `a${c}b` });
      await refused({ [`a${c}b`]: "v" });
    },
  );

  it.each(["\ud800", "\udc00", "\udc00\ud800", "a\ud83d"])("have no half of a pair, as in %j", async (half) => {
    await refused({ key: half });
    await refused({ [half]: "v" });
  });

  it.each(["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "__defineGetter__"])(
    "have no key %s",
    async (key) => {
      const vars = JSON.parse(`{"a":"1","${key}":"x"}`);
      expect(await refused(vars)).toMatch(/no key that every object has/);
      await refused(JSON.parse(`{"${key}":{"polluted":"yes"}}`));
      expect({}).not.toHaveProperty("polluted");
    },
  );

  it("with a duplicate key are what JSON makes of them: the last, counted once", () => {
    const repeated = `{${Array.from({ length: 1_000 }, (_, index) => `"k":"${index}"`).join(",")}}`;
    expect(parse(JSON.parse(repeated))).toEqual({ k: "999" });
  });

  it("take nothing from a prototype", async () => {
    await refused(Object.create({ inherited: "x" }));
    class Sly {
      key = "value";
    }
    await refused(new Sly());
  });

  it("are not repeated by the refusal, save by name of the part", async () => {
    const message = await refused({ secretish: "token\u0000value" });
    expect(message).toMatch(/^vars: /);
    expect(message).not.toMatch(/secretish|token/);
  });
});

describe("S34 client and server vars together", () => {
  const check = (client: object, server: object) => () => checkVarsLimits(parse(client), parse(server));

  it("are at most 32 pairs, a key in both counting twice", () => {
    expect(check(pairs(16), pairs(16, "v", "server"))).not.toThrow();
    expect(check(pairs(17), pairs(16, "v", "server"))).toThrow(LoginError);
    expect(check(pairs(17), pairs(16))).toThrow(/32 pairs/);
  });

  it("are at most 2 048 bytes, written as one object", () => {
    expect(check(ofBytes(2048), {})).not.toThrow();
    expect(check({}, ofBytes(2048))).not.toThrow();
    expect(check(ofBytes(1024), ofBytes(1025, "s"))).not.toThrow();
    expect(check(ofBytes(1025), ofBytes(1025, "s"))).toThrow(/2048 bytes/);
    expect(check({}, {})).not.toThrow();
  });
});

it("vars that the server's own code gave are its mistake: a TypeError", () => {
  expect(checkServerVars({ a: "1" }, "serverVars")).toEqual({ a: "1" });
  expect(() => checkServerVars({ a: 1 }, "serverVars")).toThrow(TypeError);
  expect(() => checkServerVars({ a: 1 }, "serverVars")).toThrow(/^serverVars: /);
});
