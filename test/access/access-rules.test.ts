// Which mode the access rules make of a moment.
import { describe, expect, it } from "vitest";
import { type AccessRules, modeAt, namesSomebody, nextOpening, openAccess } from "../../src/access/access-rules.ts";

const at = (rules: Partial<AccessRules>, now: number) => modeAt({ ...openAccess, ...rules }, now);

describe("the mode", () => {
  it("is what was set, where no moment was", () => {
    expect(at({}, 5)).toBe("open");
    expect(at({ mode: "limited" }, 5)).toBe("limited");
  });

  it("opens and closes at its moments, from the very millisecond on", () => {
    expect([9, 10, 11].map((now) => at({ mode: "limited", opensAt: 10 }, now))).toEqual(["limited", "open", "open"]);
    expect([9, 10, 11].map((now) => at({ closesAt: 10 }, now))).toEqual(["open", "limited", "limited"]);
  });

  it("goes by the later of two moments that have come, in whichever order", () => {
    const weekend = { mode: "limited", opensAt: 10, closesAt: 20 } as const;
    expect([9, 10, 19, 20, 99].map((now) => at(weekend, now))).toEqual([
      "limited",
      "open",
      "open",
      "limited",
      "limited",
    ]);
    const works = { mode: "open", closesAt: 10, opensAt: 20 } as const;
    expect([9, 10, 19, 20, 99].map((now) => at(works, now))).toEqual(["open", "limited", "limited", "open", "open"]);
  });

  it("knows its next opening", () => {
    expect(nextOpening({ ...openAccess, opensAt: 10 }, 9)).toBe(10);
    expect(nextOpening({ ...openAccess, opensAt: 10 }, 10)).toBeNull();
    expect(nextOpening(openAccess, 0)).toBeNull();
  });
});

it("an allowance names somebody or nobody", () => {
  const nobody = openAccess.allow;
  expect(namesSomebody(nobody)).toBe(false);
  expect(namesSomebody({ ...nobody, userIds: ["ann"] })).toBe(true);
  expect(namesSomebody({ ...nobody, groups: ["testers"] })).toBe(true);
  expect(namesSomebody({ ...nobody, rule: "friends" })).toBe(true);
});
