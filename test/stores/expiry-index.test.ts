// The expiry index against a plain map, whatever is put off, brought forward or taken back.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExpiryIndex } from "../../src/stores/memory/expiry-index.ts";

describe("ExpiryIndex", () => {
  it("takes out what is due, the earliest first, and nothing else", () => {
    const step = fc.oneof(
      fc.record({ verb: fc.constant("set" as const), key: fc.nat(8), time: fc.nat(50) }),
      fc.record({ verb: fc.constant("delete" as const), key: fc.nat(8), time: fc.constant(0) }),
      fc.record({ verb: fc.constant("take" as const), key: fc.constant(0), time: fc.nat(50) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const index = new ExpiryIndex<number>();
        const model = new Map<number, number>();
        for (const { verb, key, time } of steps) {
          if (verb === "set") {
            index.set(key, time);
            model.set(key, time);
          } else if (verb === "delete") {
            index.delete(key);
            model.delete(key);
          } else {
            const earliest = Math.min(...model.values());
            const due = index.takeDue(time);
            if (earliest > time) {
              expect(due).toBeUndefined();
            } else {
              expect(due?.endsAt).toBe(earliest);
              expect(model.get(due?.key ?? -1)).toBe(earliest);
              model.delete(due?.key ?? -1);
            }
          }
          expect(index.size).toBe(model.size);
          expect(index.get(key)).toBe(model.get(key));
          expect(index.has(key)).toBe(model.has(key));
        }
      }),
    );
  });
});
