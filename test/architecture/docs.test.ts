// Holds the documents to the code: every exported name is in docs/api.md, links lead somewhere, and the README's server is the example's.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { exportedNames } from "./source.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

describe("docs/api.md", () => {
  it.each(["src/index.ts", "src/client/index.ts"])("mentions every name that %s exports", (path) => {
    const { values, types } = exportedNames(path, read(path));
    const names = [...values, ...types];
    const mentioned = new Set(read("docs/api.md").match(/\w+/g));
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !mentioned.has(name))).toEqual([]);
  });
});

describe("a link in a document leads somewhere", () => {
  const documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...globSync("docs/*.md", { cwd: root })];
  it.each(documents)("%s", (path) => {
    const links = [...read(path).matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].map(([, link = ""]) => link);
    const files = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(files.filter((file) => !existsSync(join(root, dirname(path), file)))).toEqual([]);
  });
});

it("the README's server uses the login by the same lines as the example", () => {
  const example = globSync("example-server/src/*.ts", { cwd: root }).map(read).join("\n");
  const exampleLines = new Set(example.split("\n").map(withoutComment));
  const block = read("README.md").split("```ts\n// server.ts\n")[1]?.split("```")[0] ?? "";
  const lines = block.split("\n").map(withoutComment);
  const loginLines = lines.filter((line) => /\blogin\./.test(line));
  expect(loginLines).not.toEqual([]);
  expect(loginLines.filter((line) => !exampleLines.has(line))).toEqual([]);
});

function withoutComment(line: string): string {
  return line.replace(/\s+\/\/ .*$/, "").trim();
}
