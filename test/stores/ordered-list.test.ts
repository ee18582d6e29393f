// The sorted list against a plain sorted array, whatever is done to either.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OrderedList } from "../../src/stores/memory/ordered-list.ts";

class Model {
  numbers: number[] = [];

  insert(value: number): boolean {
    if (this.numbers.includes(value)) return false;
    this.numbers.push(value);
    this.numbers.sort((a, b) => a - b);
    return true;
  }

  delete(value: number): boolean {
    const index = this.numbers.indexOf(value);
    if (index >= 0) this.numbers.splice(index, 1);
    return index >= 0;
  }

  rank(value: number): number {
    return this.numbers.filter((number) => number < value).length;
  }
}

describe("OrderedList", () => {
  it("does as a sorted array does", () => {
    const step = fc.record({ verb: fc.constantFrom("insert", "delete", "rank"), value: fc.nat(60) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const list = new OrderedList();
        const model = new Model();
        for (const { verb, value } of steps) {
          if (verb === "insert") expect(list.insert(value)).toBe(model.insert(value));
          else if (verb === "delete") expect(list.delete(value)).toBe(model.delete(value));
          else expect(list.rank(value)).toBe(model.rank(value));
          expect(list.size).toBe(model.numbers.length);
          expect(list.first()).toBe(model.numbers[0]);
          expect(list.at(value)).toBe(model.numbers[value]);
        }
      }),
    );
  });

  it("knows ranks over many chunks, filled from behind, from the front and in the middle, and emptied", () => {
    const list = new OrderedList();
    const count = 20_000;
    for (let value = 0; value < count; value += 4) list.insert(value);
    for (let value = count - 1; value > 0; value -= 4) list.insert(value);
    for (let value = 2; value < count; value += 4) list.insert((value * 7) % count);
    const expected = new Set<number>();
    for (let value = 0; value < count; value += 4)
      expected
        .add(value)
        .add(count - 1 - value)
        .add(((value + 2) * 7) % count);
    const sorted = [...expected].sort((a, b) => a - b);
    expect(list.size).toBe(sorted.length);
    for (const [rank, value] of sorted.entries()) {
      expect(list.rank(value)).toBe(rank);
      expect(list.at(rank)).toBe(value);
    }
    expect(list.at(sorted.length)).toBeUndefined();
    for (let rank = 0; rank < sorted.length; rank += 1) {
      expect(list.first()).toBe(sorted[rank]);
      expect(list.delete(sorted[rank] ?? -1)).toBe(true);
      if (rank % 997 === 0) expect(list.rank(count)).toBe(sorted.length - rank - 1);
    }
    expect(list.size).toBe(0);
    expect(list.first()).toBeUndefined();
    expect(list.insert(1)).toBe(true);
    expect(list.rank(2)).toBe(1);
  });
});
