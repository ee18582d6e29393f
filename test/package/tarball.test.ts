// The package as a user gets it: packed, installed in an empty folder, and used by the README's words.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { exportedNames } from "../architecture/source.ts";
import { freePort } from "../support/free-port.ts";
import { EmptyProject, readmeBlock } from "./empty-project.ts";

let project: EmptyProject;
let packedFiles: string[];

beforeAll(async () => {
  project = await EmptyProject.create();
  packedFiles = await project.install();
  await project.write("server.ts", await readmeBlock("ts", "// server.ts"));
  await project.write("journey.ts", await readFile(join(import.meta.dirname, "journey.ts"), "utf8"));
});

afterAll(() => project.remove());

it("the tarball carries the library, its sources and its papers, and nothing else", () => {
  const tops = new Set(packedFiles.map((path) => path.split("/")[1]));
  expect([...tops].sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "dist", "docs", "package.json", "src"]);
});

it.each([
  ["colyseus-login", "src/index.ts"],
  ["colyseus-login/client", "src/client/index.ts"],
  ["colyseus-login/redis", "src/stores/redis/index.ts"],
  ["colyseus-login/sqlite", "src/stores/sqlite/index.ts"],
])("%s loads by import and by require, and exports what its source does", async (entry, source) => {
  const { values } = exportedNames(source, await readFile(join(import.meta.dirname, "../..", source), "utf8"));
  const load = `console.log(JSON.stringify([await import("${entry}"), createRequire(import.meta.url)("${entry}")].map(Object.keys)))`;
  await project.write("load.js", `import { createRequire } from "node:module";\n${load};`);
  const [imported, required] = JSON.parse(await project.run(["load.js"]));
  expect(imported).toEqual(values.sort());
  expect(required).toEqual(imported);
});

it("its program is installed, and makes keys and tokens", async () => {
  const program = "node_modules/.bin/colyseus-login";
  await project.write("keys.json", await project.run([program, "keys", "--algorithm", "EdDSA"]));
  const token = await project.run([program, "token", "operator", "--name", "Ada", "--config", "keys.json"]);
  expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
});

it("the README's server passes a strict type check", async () => {
  await project.typeCheck("server.ts");
});

it("the README's server takes a player through the queue, into a guarded room and out again", async ({ signal }) => {
  const port = await freePort();
  const server = await project.start("server.ts", port, "/auth/.well-known/jwks.json", signal);
  const exit = once(server, "exit");
  try {
    const journey = JSON.parse(await project.run(["journey.ts", String(port)], signal));
    expect(journey).toEqual({
      refusedAtFirst: { code: 401, message: "TOKEN_INVALID" },
      userId: expect.any(String),
      sid: expect.any(String),
      refusedAtLast: { code: 401, message: "SESSION_REVOKED" },
    });
  } finally {
    server.kill("SIGTERM");
  }
  expect(await exit).toEqual([0, null]);
}, 60_000);

it("the README's server has the operator's dashboard, with all of its files", async ({ signal }) => {
  const port = await freePort();
  const server = await project.start("server.ts", port, "/auth/operator/", signal);
  const exit = once(server, "exit");
  try {
    const dashboard = `http://localhost:${port}/auth/operator/`;
    const page = await (await fetch(dashboard)).text();
    const named = Array.from(page.matchAll(/(?:href|src)="page\/([^"]+)"/g), ([, name = ""]) => name);
    const folder = "package/dist/operator/dashboard/";
    const own = packedFiles.filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length));
    const files = new Set([...named, ...own.filter((name) => name !== "index.html")]);
    expect(files.size).toBeGreaterThan(own.length);
    for (const name of files) expect([name, (await fetch(`${dashboard}page/${name}`)).status]).toEqual([name, 200]);
  } finally {
    server.kill("SIGTERM");
  }
  await exit;
}, 60_000);
