// Holds docs/security.md to the tests: each line of its list has a test that bears its number, or a reason why it has none.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringsOf } from "./source.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/security.md"), "utf8");

/** The numbers that a section of the page begins its entries with. */
function numbersIn(heading: string): string[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^(?:- )?\*\*(S\d\d)\*\* /gm)].map(([, number = ""]) => number);
}

/** A test's name says which lines it is about at its beginning, or in brackets at its end. */
function numbersOfTests(path: string, text: string): string[] {
  return stringsOf(path, text).flatMap((name) => {
    const [numbers = ""] = /^(?:S\d\d )+|\(S\d\d\)$/.exec(name) ?? [];
    return numbers.match(/S\d\d/g) ?? [];
  });
}

const files = globSync("test/**/*.test.ts", { cwd: root }).concat(globSync("test/contract/*.ts", { cwd: root }));
const tested = new Set(files.flatMap((path) => numbersOfTests(path, readFileSync(join(root, path), "utf8"))));
const lines = numbersIn("The lines");
const explained = numbersIn("What no test shows");

describe("docs/security.md", () => {
  it("has the lines S01 to S61, each once and in order", () => {
    expect(lines).toEqual(Array.from({ length: 61 }, (_, index) => `S${String(index + 1).padStart(2, "0")}`));
  });

  it.each(lines)("%s is shown by a test, or it is said why not", (number) => {
    expect(tested.has(number) || explained.includes(number)).toBe(true);
  });

  it("knows every number that a test bears, and explains none that is not a line", () => {
    expect([...tested, ...explained].filter((number) => !lines.includes(number))).toEqual([]);
  });

  it("reads names, not comments and not what is checked within a test", () => {
    const template = "`S04 $" + "{x}`";
    const text = `// S98 no\nit("S01 S02 yes", () => must("S97: no"));\nit("yes (S03)", () => {});\nt(${template});`;
    expect(numbersOfTests("a.ts", text)).toEqual(["S01", "S02", "S03", "S04"]);
  });
});
