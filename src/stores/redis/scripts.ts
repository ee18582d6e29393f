// The Lua scripts as they go to Redis: each with the parts it names in its head, in the order in which they need each other.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export interface Script {
  readonly name: string;
  /** By which Redis knows it once it has seen it. */
  readonly sha1: string;
  readonly text: string;
}

const folder = new URL("./scripts/", import.meta.url);
const commentLine = /^[ \t]*--.*$/gm;
const usesLine = /^-- uses:[ \t]*(.*)$/gm;

/** Reads each script once, when it is first asked for. */
export class Scripts {
  readonly #read: (path: string) => string;
  readonly #loaded = new Map<string, Script>();

  constructor(read: (path: string) => string = (path) => readFileSync(new URL(path, folder), "utf8")) {
    this.#read = read;
  }

  get(name: string): Script {
    const known = this.#loaded.get(name);
    if (known !== undefined) return known;
    const script = this.#load(name);
    this.#loaded.set(name, script);
    return script;
  }

  #load(name: string): Script {
    const texts = new Map<string, string>();
    this.#addPart("base", texts, []);
    const own = this.#read(`${name}.lua`);
    for (const part of usedBy(own)) this.#addPart(part, texts, []);
    const text = [...texts.values(), own.replace(commentLine, "")].join("\n");
    return { name, text, sha1: createHash("sha1").update(text).digest("hex") };
  }

  #addPart(part: string, texts: Map<string, string>, trail: readonly string[]): void {
    if (texts.has(part)) return;
    if (trail.includes(part)) throw new Error(`Lua parts need each other in a circle: ${[...trail, part].join(", ")}`);
    const text = this.#read(`lib/${part}.lua`);
    for (const needed of usedBy(text)) this.#addPart(needed, texts, [...trail, part]);
    texts.set(part, asPart(text));
  }
}

/** As it stands in a script: a module as lib/base.lua makes it. Lines stay lines, for Redis names theirs where a script fails. */
function asPart(text: string): string {
  const lines = text.replace(commentLine, "").trimEnd();
  const name = /\nreturn (\w+)$/.exec(lines)?.[1];
  return name === undefined ? lines : `local ${name} = whenUsed(function()${lines} end)`;
}

/** The parts that the lines `-- uses: slots, tickets` name. */
function usedBy(text: string): string[] {
  const names = [...text.matchAll(usesLine)].flatMap(([, list = ""]) => list.split(","));
  return names.map((name) => name.trim().replace(/\.$/, "")).filter((name) => name !== "" && name !== "base");
}
