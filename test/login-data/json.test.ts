// What counts as JSON in a job's answer, and how it is told where something does not.
import { describe, expect, it } from "vitest";
import { toJson } from "../../src/login-data/json.ts";

describe("what is JSON", () => {
  it.each([
    null,
    true,
    "text ☃",
    0,
    -1.5,
    [],
    {},
    [1, [2, { three: null }]],
    { a: { b: [{ c: "d" }] } },
    Object.create(null),
  ])("is copied: %j", (value) => {
    expect(toJson(value, "it")).toEqual(value);
  });

  it("is what the client will read, and nobody's to change afterwards", () => {
    const value = { items: [{ name: "sword" }] };
    const copy = toJson(value, "it");
    expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
    value.items.push({ name: "later" });
    expect(copy).toEqual({ items: [{ name: "sword" }] });
    expect(Object.isFrozen(copy)).toBe(true);
    expect(Object.isFrozen(Object(copy).items[0])).toBe(true);
  });

  it("may hold one value twice, and a key that is no prototype", () => {
    const shared = { x: 1 };
    expect(toJson([shared, shared], "it")).toEqual([{ x: 1 }, { x: 1 }]);
    const named: unknown = JSON.parse('{"__proto__": {"isAdmin": true}}');
    const copy = Object(toJson(named, "it"));
    expect(Object.keys(copy)).toEqual(["__proto__"]);
    expect(copy.isAdmin).toBeUndefined();
  });
});

describe("what is not", () => {
  class Item {
    name = "sword";
  }
  const circle: { inner: { outer?: object } } = { inner: {} };
  circle.inner.outer = circle;
  let deep: unknown = 1;
  for (let level = 0; level < 40; level++) deep = [deep];

  it.each([
    ["undefined", undefined, "it is undefined"],
    ["a Date inside", { items: [{ since: new Date(0) }] }, "it.items[0].since is a Date"],
    ["an undefined member", { a: { b: undefined } }, "it.a.b is undefined"],
    ["a hole", new Array(2), "it[0] is undefined"],
    ["a function", { f: () => 1 }, "it.f is a function"],
    ["a bigint", [1n], "it[0] is a bigint"],
    ["a symbol", Symbol("s"), "it is a symbol"],
    ["NaN", { n: Number.NaN }, "it.n is NaN"],
    ["an infinity", Number.POSITIVE_INFINITY, "it is Infinity"],
    ["a Map", new Map(), "it is a Map"],
    ["an object of a class", { item: new Item() }, "it.item is a Item"],
    ["a circle", circle, "it.inner.outer contains itself"],
    ["a tower", deep, "nested deeper than 32 levels"],
  ])("%s is refused by a TypeError that says where", (_what, value, words) => {
    expect(() => toJson(value, "it")).toThrow(TypeError);
    expect(() => toJson(value, "it")).toThrow(words);
  });
});
