// Holds the documents to the code: every exported name is in docs/api.md, links lead somewhere, and the README's server is the example's.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { resolveOptions } from "../../src/options/options.ts";
import { exportedNames } from "./source.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

describe("docs/api.md", () => {
  it.each(["src/index.ts", "src/client/index.ts", "src/stores/redis/index.ts", "src/stores/sqlite/index.ts"])(
    "mentions every name that %s exports",
    (path) => {
      const { values, types } = exportedNames(path, read(path));
      const names = [...values, ...types];
      const mentioned = new Set(read("docs/api.md").match(/\w+/g));
      expect(names).not.toEqual([]);
      expect(names.filter((name) => !mentioned.has(name))).toEqual([]);
    },
  );

  it("has every option that has a default, in its own row", () => {
    const { tokens, queue, ...others } = resolveOptions({ queue: {} });
    const options = [
      ...Object.keys(others),
      ...Object.keys(tokens).map((name) => `tokens.${name}`),
      ...Object.keys(queue ?? {}),
    ];
    const rows = new Set(Array.from(read("docs/api.md").matchAll(/^\| `([\w.]+)` \|/gm), ([, name]) => name));
    expect(options.filter((option) => !rows.has(option))).toEqual([]);
  });
});

describe("a link in a document leads somewhere", () => {
  const documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...globSync("docs/*.md", { cwd: root })];
  it.each(documents)("%s", (path) => {
    const links = [...read(path).matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].map(([, link = ""]) => link);
    const files = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(files.filter((file) => !existsSync(join(root, dirname(path), file)))).toEqual([]);
  });

  it.each(documents)("%s, and to a heading that is there", (path) => {
    const links = [...read(path).matchAll(/\]\(([\w./-]*)#([^)]+)\)/g)].map(([, file = "", anchor = ""]) => ({
      file: file === "" ? path : join(dirname(path), file),
      anchor,
    }));
    expect(links.filter(({ file, anchor }) => !anchorsOf(file).has(anchor))).toEqual([]);
  });
});

/** What GitHub makes of a document's headings, in their order: a second one of the same words is numbered. */
function anchorsOf(path: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of read(path)
    .replace(/^```.*?^```/gms, "")
    .matchAll(/^#+ (.+)$/gm)) {
    const slug = heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replace(/\s/g, "-");
    let number = 0;
    while (anchors.has(number === 0 ? slug : `${slug}-${number}`)) number += 1;
    anchors.add(number === 0 ? slug : `${slug}-${number}`);
  }
  return anchors;
}

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
