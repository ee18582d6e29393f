// What the memory store remembers of finished tickets: as long as it must, and never more of the given up than it may.
import { expect, it } from "vitest";
import { Tombstones } from "../../src/stores/memory/tombstones.ts";

const stone = (reason: "left" | "lapsed" | "removed" | "admitted") => ({ reason, claim: null, failedTries: 0 });

it("keeps each until nobody can hold its ticket any more", () => {
  const tombstones = new Tombstones();
  tombstones.put("a", stone("left"), 10);
  tombstones.put("b", stone("removed"), 10);
  tombstones.put("c", stone("lapsed"), 20);
  tombstones.forgetDue(9);
  expect(tombstones.get("a")).toEqual(stone("left"));
  tombstones.forgetDue(10);
  expect(["a", "b", "c"].map((id) => tombstones.get(id)?.reason)).toEqual([undefined, undefined, "lapsed"]);
  tombstones.forgetDue(20);
  expect(tombstones.get("c")).toBeUndefined();
});

it("S44 remembers no more tickets that were given up than 100 000, and every one that was used or taken away", () => {
  const tombstones = new Tombstones();
  tombstones.put("used", stone("admitted"), 1_000);
  tombstones.put("taken away", stone("removed"), 1_000);
  const claim = { userId: "ann", sid: "sid", until: 500 };
  tombstones.put("opened a session", { ...stone("left"), claim }, 1_000);
  for (let count = 0; count < 100_500; count += 1)
    tombstones.put(`${count}`, stone(count % 2 ? "left" : "lapsed"), 1_000);
  expect(tombstones.get("499")).toBeUndefined();
  expect(tombstones.get("500")).toBeDefined();
  expect(tombstones.get("100499")).toBeDefined();
  for (const id of ["used", "taken away", "opened a session"]) expect(tombstones.get(id), id).toBeDefined();
  tombstones.forgetDue(1_000);
  expect(tombstones.get("100499")).toBeUndefined();
});
