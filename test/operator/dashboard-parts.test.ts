// The parts of the dashboard that need no page: the hour it keeps, the token it is given, the access form, the pace of asking.
import { describe, expect, it } from "vitest";

interface Samples {
  load(answer: unknown): void;
  add(sample: Record<string, number | null>): void;
  column(name: string): (number | null)[];
  last(name: string): number | null;
  range(name: string): { low: number; high: number } | null;
  hasHole(now: number): boolean;
}

async function load<Module>(name: string): Promise<Module> {
  return await import(new URL(`../../src/operator/dashboard/${name}.js`, import.meta.url).href);
}

const { History } = await load<{ History: new () => Samples }>("history");
const { cleanToken } = await load<{ cleanToken(pasted: string): string }>("token");
const { rulesOf, toLocal } = await load<{
  rulesOf(fields: object): { rules?: Record<string, unknown>; problem?: string; field?: string };
  toLocal(at: number | null): string;
}>("access-form");
const { untilOf } = await load<{ untilOf(length: string, date: string, now: number): number | null }>("ban-form");

const hourMs = 3_600_000;

describe("the hour", () => {
  function loaded(samples: Record<string, (number | null)[]>): Samples {
    const history = new History();
    history.load({ everySeconds: 10, samples });
    return history;
  }

  it("goes on where the server's samples end, with the present at its end", () => {
    const history = loaded({ at: [0, 10_000], waiting: [1, 2] });
    for (const [at, waiting] of [
      [11_500, 3],
      [13_000, 4],
      [21_000, 5],
      [22_500, 6],
    ] as const) {
      history.add({ at, waiting });
    }
    // Those of less than ten seconds after one that stays gave way to the next.
    expect(history.column("at")).toEqual([0, 10_000, 21_000, 22_500]);
    expect(history.column("waiting")).toEqual([1, 2, 5, 6]);
  });

  it("is no longer than an hour, and takes nothing that is older than what it has", () => {
    const history = loaded({ at: [0, 10_000], waiting: [1, 2] });
    history.add({ at: 5_000, waiting: 9 });
    expect(history.column("at")).toEqual([0, 10_000]);
    history.add({ at: hourMs + 5_000, waiting: 3 });
    expect(history.column("at")).toEqual([10_000, hourMs + 5_000]);
  });

  it("knows its range without what was not known, and says that the newest is not known", () => {
    const history = loaded({ at: [0, 1, 2], etaMs: [4_000, 2_000, -1] });
    expect(history.range("etaMs")).toEqual({ low: 2_000, high: 4_000 });
    expect(history.last("etaMs")).toBe(-1);
    history.add({ at: 3, etaMs: null });
    expect(history.last("etaMs")).toBe(-1);
    expect(new History().range("etaMs")).toBeNull();
  });

  it("notices a hole", () => {
    const history = loaded({ at: [0], waiting: [1] });
    expect([history.hasHole(29_000), history.hasHole(31_000), new History().hasHole(0)]).toEqual([false, true, false]);
  });
});

it.each([
  ["  abc.def.ghi\n", "abc.def.ghi"],
  ["Bearer abc.def.ghi", "abc.def.ghi"],
  ['"abc.def.ghi"', "abc.def.ghi"],
  ["abc.\ndef.\r\nghi", "abc.def.ghi"],
  ["   ", ""],
])("a token is taken as it was meant: %j", (pasted, token) => {
  expect(cleanToken(pasted)).toBe(token);
});

describe("the access form", () => {
  const empty = { isLimited: false, users: "", groups: "", rule: "", opens: "", closes: "" };

  it("reads lines and moments", () => {
    const { rules } = rulesOf({ ...empty, isLimited: true, users: " a \n\nb\na", groups: "staff", rule: " r " });
    expect(rules).toEqual({
      mode: "limited",
      allow: { userIds: ["a", "b"], groups: ["staff"], rule: "r" },
      opensAt: null,
      closesAt: null,
    });
  });

  it("reads back the minute that it wrote", () => {
    const at = Date.UTC(2030, 5, 1, 18, 30);
    expect(rulesOf({ ...empty, opens: toLocal(at) }).rules).toMatchObject({ opensAt: at });
    expect(toLocal(null)).toBe("");
  });

  it("refuses two equal moments, and what is none", () => {
    const moment = toLocal(Date.UTC(2030, 5, 1));
    expect(rulesOf({ ...empty, opens: moment, closes: moment })).toMatchObject({ field: "closes" });
    expect(rulesOf({ ...empty, opens: "soon" })).toMatchObject({ field: "opens" });
  });
});

it("a ban lasts as long as was chosen, by the store's clock", () => {
  expect(untilOf("ever", "", 1_000)).toBeNull();
  expect(untilOf("24", "", 1_000)).toBe(24 * hourMs + 1_000);
  expect(untilOf("date", toLocal(Date.UTC(2030, 5, 1)), 1_000)).toBe(Date.UTC(2030, 5, 1));
});
