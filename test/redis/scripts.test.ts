// The Lua scripts as they are put together: parts once each, those that others need first.
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { Scripts } from "../../src/stores/redis/scripts.ts";
import { useRedisServer } from "../support/redis-server.ts";

const folder = join(import.meta.dirname, "../../src/stores/redis/scripts");

function scriptsOf(files: Record<string, string>): Scripts {
  return new Scripts((path) => {
    const text = files[path];
    if (text === undefined) throw new Error(`no ${path}`);
    return text;
  });
}

describe("a script", () => {
  it("begins with what every script stands on, then its parts in the order in which they need each other; comments stay at home", () => {
    const scripts = scriptsOf({
      "lib/base.lua": "base",
      "lib/a.lua": "-- A part.\n-- uses: base, c\na",
      "lib/b.lua": "-- uses: a, c\nb",
      "lib/c.lua": "c",
      "verb.lua": "-- A verb.\n-- uses: b, a\nverb",
    });
    const words = scripts.get("verb").text.split("\n");
    expect(words.filter((line) => line !== "")).toEqual(["base", "c", "a", "b", "verb"]);
  });

  it("reaches a part that ends by its name when it uses it", () => {
    const scripts = scriptsOf({
      "lib/base.lua": "base",
      "lib/a.lua": "-- A part.\nlocal a = {}\nreturn a\n",
      "verb.lua": "-- uses: a\na.run()",
    });
    expect(scripts.get("verb").text).toContain("local a = whenUsed(function()\nlocal a = {}\nreturn a end)");
  });

  it("is read once, and known by the same name as in Redis", () => {
    const scripts = scriptsOf({ "lib/base.lua": "", "verb.lua": "return 1" });
    expect(scripts.get("verb")).toBe(scripts.get("verb"));
    expect(scripts.get("verb").sha1).toMatch(/^[0-9a-f]{40}$/);
  });

  it("whose parts need each other in a circle is refused", () => {
    const scripts = scriptsOf({
      "lib/base.lua": "",
      "lib/a.lua": "-- uses: b",
      "lib/b.lua": "-- uses: a",
      "verb.lua": "-- uses: a",
    });
    expect(() => scripts.get("verb")).toThrow("a, b, a");
  });
});

describe("every script", () => {
  const server = useRedisServer();
  const names = globSync("*.lua", { cwd: folder }).map((path) => basename(path, ".lua"));

  it("is there", () => {
    expect(names).toContain("process_beat");
  });

  it.each(names)("%s is good Lua, and is found by its sha1 once Redis has it", async (name) => {
    const { text, sha1 } = new Scripts().get(name);
    expect(await server.client.script("LOAD", text)).toBe(sha1);
  });

  it.each(names)("%s opens with what it is for, and says what it costs", (name) => {
    const head = readFileSync(join(folder, `${name}.lua`), "utf8").split(/\n(?!--)/)[0];
    expect(head).toMatch(/^-- [A-Z]/);
    expect(head).toMatch(/^-- Cost: /m);
  });
});
