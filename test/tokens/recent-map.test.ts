// The bounded memory of recent entries.
import { describe, expect, it } from "vitest";
import { RecentMap } from "../../src/tokens/recent-map.ts";

describe("RecentMap", () => {
  it("gives back what was set, the newest value", () => {
    const map = new RecentMap<number>(10);
    map.set("a", 1);
    map.set("a", 2);
    expect(map.get("a")).toBe(2);
    expect(map.get("b")).toBeUndefined();
    expect(map.size).toBe(1);
  });

  it("S38 never holds more than its capacity", () => {
    const map = new RecentMap<number>(100);
    for (let i = 0; i < 10_000; i += 1) {
      map.set(`key ${i}`, i);
      expect(map.size).toBeLessThanOrEqual(100);
    }
    expect(map.get("key 9999")).toBe(9999);
    expect(map.get("key 0")).toBeUndefined();
  });

  it("keeps what is used, however much else comes by", () => {
    const map = new RecentMap<number>(100);
    map.set("used", 1);
    for (let i = 0; i < 1_000; i += 1) {
      map.set(`other ${i}`, i);
      if (i % 40 === 0) expect(map.get("used")).toBe(1);
    }
    expect(map.get("used")).toBe(1);
  });

  it("keeps at least half its capacity of the latest", () => {
    const map = new RecentMap<number>(100);
    for (let i = 0; i < 1_234; i += 1) map.set(`key ${i}`, i);
    for (let i = 1_233; i > 1_233 - 50; i -= 1) expect(map.get(`key ${i}`)).toBe(i);
  });
});
