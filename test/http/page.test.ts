// How much of a list one answer carries: at most 200, and no more than fit beside the rest of it.
import { expect, it } from "vitest";
import { fitting, pageOf } from "../../src/http/page.ts";
import { json } from "../../src/http/reply.ts";

it("lists 200 small ones, and fewer large ones", () => {
  const small = Array.from({ length: 500 }, (_, index) => index);
  expect(pageOf(small, { list: [] })).toEqual(small.slice(0, 200));
  expect(pageOf([1, 2], { list: [] })).toEqual([1, 2]);
  expect(pageOf([], { list: [] })).toEqual([]);
});

it.each([1, 7, 300, 1_000, 5_000, 61_000])(
  "fills an answer with items of some %i bytes, and not beyond its bound",
  (size) => {
    const items = Array.from({ length: 300 }, () => "é".repeat(size / 2));
    const rest = { user: "x".repeat(5_000), list: [], next: 300 };
    const list = pageOf(items, rest);
    // Throws beyond the bound.
    json({ ...rest, list });
    if (list.length < 200)
      expect(() => json({ ...rest, list: items.slice(0, list.length + 1) })).toThrow("an answer of");
  },
);

it("counts bytes, commas among them", () => {
  expect(fitting(["é", "é"], 9)).toEqual(["é"]);
  expect(fitting(["é", "é"], 10)).toEqual(["é", "é"]);
});
