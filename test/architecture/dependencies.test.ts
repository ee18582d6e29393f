// Holds src to the dependency rules of the house, and shows on made-up sources that each rule bites.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { violations } from "./rules.ts";
import { parseSource, readSources } from "./source.ts";

const head = "// A made-up file.\n";

function broken(files: Record<string, string>): string[] {
  return violations(Object.entries(files).map(([path, text]) => parseSource(path, head + text)));
}

describe("the sources", () => {
  const sources = readSources(join(import.meta.dirname, "../../src"));

  it("are found and read", () => {
    const login = sources.find(({ path }) => path === "login.ts");
    expect(login?.files).toContain("options/options.ts");
  });

  it("keep every rule", () => {
    expect(violations(sources)).toEqual([]);
  });
});

describe("a rule bites", () => {
  it.each([
    ["an arrow upwards", "tokens/jwt.ts", 'import { open } from "../sessions/sessions.ts";'],
    ["an arrow upwards in a type", "clock.ts", 'type A = import("./tokens/jwt.ts").A;'],
    ["an arrow upwards in a re-export", "errors.ts", 'export type { Session } from "./sessions/session.ts";'],
    ["an arrow upwards in a dynamic import", "sessions/sessions.ts", 'await import("../login.ts");'],
    ["sessions that know the queue", "sessions/sessions.ts", 'import type { Q } from "../login-queue/queue.ts";'],
    ["a queue that knows sessions", "login-queue/queue.ts", 'import type { S } from "../sessions/session.ts";'],
    ["an import of the index", "login.ts", 'import { a } from "./index.ts";'],
    ["a server that imports the client", "login.ts", 'import { a } from "./client/index.ts";'],
    ["a client that imports the server", "client/index.ts", 'import { a } from "../errors.ts";'],
    ["a client that imports a package", "client/index.ts", 'import { z } from "zod";'],
    ["a part without a layer", "helpers/things.ts", ""],
    ["ioredis outside its store", "stores/memory/a.ts", 'import { Redis } from "ioredis";'],
    ["node:sqlite outside its store", "sessions/a.ts", 'import { DatabaseSync } from "node:sqlite";'],
    ["@colyseus/auth outside its provider", "accounts/a.ts", 'await import("@colyseus/auth/JWT");'],
    ["express", "http/routes.ts", 'import type { Request } from "express";'],
    ["timers by promise", "sessions/a.ts", 'import { setTimeout as sleep } from "node:timers/promises";'],
    ["Date.now", "sessions/a.ts", "export const now = Date.now;"],
    ["performance.now", "sessions/a.ts", "export const now = () => performance.now();"],
    ["new Date()", "sessions/a.ts", "export const now = () => new Date();"],
    ["a raw timer", "sessions/a.ts", "setTimeout(() => {}, 1);"],
    ["a raw timer of globalThis", "sessions/a.ts", "globalThis.setInterval(() => {}, 1);"],
  ])("%s", (_name, path, text) => {
    expect(broken({ [path]: text })).toHaveLength(1);
  });

  it("a circle of files", () => {
    const found = broken({ "sessions/a.ts": 'import "./b.ts";', "sessions/b.ts": 'import "./a.ts";' });
    expect(found).toEqual(["a circle of imports: sessions/a.ts → sessions/b.ts → sessions/a.ts"]);
  });

  it("a circle of parts", () => {
    const found = broken({
      "sessions/a.ts": 'import "../accounts/b.ts";',
      "sessions/c.ts": "",
      "accounts/b.ts": "",
      "accounts/d.ts": 'import "../sessions/c.ts";',
    });
    expect(found).toEqual(["a circle of imports: sessions → accounts → sessions"]);
  });

  it("a file that does not say what it is for", () => {
    expect(violations([parseSource("clock.ts", "export {};")])).toHaveLength(1);
  });
});

it("what the rules allow is allowed", () => {
  const found = broken({
    "login.ts": 'import "./http/routes.ts"; import "./stores/memory/memory-store.ts";',
    "login-queue/queue.ts": 'import type { Ban } from "../access/access-store.ts"; export const at = new Date(0);',
    "client/index.ts": 'import type { WireLogin } from "../wire.ts"; setTimeout(() => Date.now(), 1);',
    "clock.ts": "export const now = () => Date.now();",
  });
  expect(found).toEqual([]);
});
