// Reads of single values that go to Redis together: each asker gets its own, as it is after it asked.
import { describe, expect, it } from "vitest";
import { Reads } from "../../src/stores/redis/reads.ts";

/** Answers each key with its own name, and keeps what was asked in one command. */
function reads(
  answer: (keys: readonly string[]) => Promise<string[]> = async (keys) => keys.map((key) => `of ${key}`),
) {
  const asked: string[][] = [];
  const under = new Reads((keys) => {
    asked.push([...keys]);
    return answer(keys);
  });
  return { under, asked };
}

describe("reads", () => {
  it("asked for at one moment are one command, and each gets its own value", async () => {
    const { under, asked } = reads();
    const [a, b, again] = await Promise.all([under.get("a"), under.get("b"), under.get("a")]);
    expect([a, b, again]).toEqual(["of a", "of b", "of a"]);
    expect(asked).toEqual([["a", "b", "a"]]);
  });

  it("asked for later read anew", async () => {
    const { under, asked } = reads();
    await under.get("a");
    await under.get("a");
    expect(asked).toEqual([["a"], ["a"]]);
  });

  it("are no more than two hundred in a command", async () => {
    const { under, asked } = reads();
    const keys = Array.from({ length: 450 }, (_, index) => String(index));
    expect(await Promise.all(keys.map((key) => under.get(key)))).toEqual(keys.map((key) => `of ${key}`));
    expect(asked.map(({ length }) => length)).toEqual([200, 200, 50]);
  });

  it("that fail do so for everybody who asked, and for nobody after", async () => {
    let isGone = true;
    const { under } = reads(async (keys) => {
      if (isGone) throw new Error("gone");
      return keys.map(() => "there");
    });
    const failed = await Promise.allSettled([under.get("a"), under.get("b")]);
    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    isGone = false;
    expect(await under.get("a")).toBe("there");
  });
});
