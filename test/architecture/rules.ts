// The rules of the house as one function: who may import whom, which package belongs where, who reads the time.
import type { SourceFile } from "./source.ts";

/** From the top down: a part imports its own layer and those below it. Parts of one layer never import each other in a circle. */
const layers = [
  ["index"],
  ["login", "cli"],
  ["composition"],
  [
    "options",
    "access-face",
    "accounts-face",
    "own-account",
    "queue-face",
    "events-face",
    "login-settings",
    "login-signals",
    "development",
    "login-flow",
    "http-face",
    "http",
    "operator",
    "stores",
  ],
  ["sessions", "accounts", "access", "login-queue", "login-data", "audit"],
  ["tokens"],
  [
    "errors",
    "address",
    "callers",
    "clock",
    "emitter",
    "outage",
    "parallel",
    "wire",
    "random",
    "logger",
    "calm-logger",
    "plain-name",
  ],
];

/** Joined by `login.ts` and its composition alone; what must be atomic over both is a verb of the store. */
const strangers: readonly (readonly [string, string])[] = [
  ["sessions", "login-queue"],
  ["login-queue", "sessions"],
];

/** Packages that one folder alone may import. */
const packageHomes = new Map([
  ["ioredis", "stores/redis/"],
  ["node:sqlite", "stores/sqlite/"],
  ["@colyseus/auth/JWT", "accounts/colyseus-auth.ts"],
]);

const clientMayImport = new Set(["wire.ts", "@colyseus/sdk"]);

/** What breaks the rules, one sentence each. */
export function violations(sources: readonly SourceFile[]): string[] {
  return [
    ...sources.flatMap(importViolations),
    ...sources.flatMap(packageViolations),
    ...sources.flatMap(styleViolations),
    ...circles(new Map(sources.map(({ path, files }) => [path, files]))),
    ...circles(partGraph(sources)),
  ];
}

/** A folder of src, or a file that stands alone there. */
function partOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : path.slice(0, -".ts".length);
}

function layerOf(path: string): number {
  return layers.findIndex((parts) => parts.includes(partOf(path)));
}

/** A part without a layer is told once, where it stands, not at each import of it. */
function isAbove(file: string, path: string): boolean {
  return layerOf(file) !== -1 && layerOf(file) < layerOf(path);
}

function importViolations({ path, files }: SourceFile): string[] {
  const from = partOf(path);
  if (from === "client") {
    const foreign = files.filter((file) => partOf(file) !== "client" && !clientMayImport.has(file));
    return foreign.map((file) => `${path} imports ${file}: the client shares wire.ts with the server and nothing else`);
  }
  if (layerOf(path) === -1) return [`${path} belongs to no layer`];
  return files.flatMap((file) => {
    const to = partOf(file);
    if (to === from) return [];
    if (file === "index.ts") return [`${path} imports index.ts`];
    if (to === "client") return [`${path} imports ${file}: the client is a package of its own`];
    if (isAbove(file, path)) return [`${path} imports ${file}, which stands above it`];
    if (strangers.some(([a, b]) => a === from && b === to))
      return [`${path} imports ${file}: they do not know each other`];
    return [];
  });
}

function packageViolations({ path, packages }: SourceFile): string[] {
  return packages.flatMap((name) => {
    const home = packageHomes.get(name);
    if (home !== undefined && !path.startsWith(home)) return [`${path} imports ${name}, which belongs to ${home}`];
    if (name === "express") return [`${path} imports express`];
    if (partOf(path) === "client" && !clientMayImport.has(name))
      return [`${path} imports ${name}: the client needs no package`];
    if (name.startsWith("node:timers")) return [`${path} imports ${name}: only clock.ts reads the time`];
    return [];
  });
}

function styleViolations({ path, opensWithComment, timeReads }: SourceFile): string[] {
  const mayReadTime = path === "clock.ts" || partOf(path) === "client";
  return [
    ...(opensWithComment ? [] : [`${path} does not open with a line that says what it is for`]),
    ...(mayReadTime ? [] : timeReads.map((expression) => `${path} reads the time: ${expression}`)),
  ];
}

function partGraph(sources: readonly SourceFile[]): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  for (const { path, files } of sources) {
    const from = partOf(path);
    const others = files.map(partOf).filter((to) => to !== from);
    graph.set(from, [...(graph.get(from) ?? []), ...others]);
  }
  return graph;
}

/** Every circle of imports, told once, from the first node met on it. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const finished = new Set<string>();
  const visit = (node: string, trail: readonly string[]): void => {
    if (trail.includes(node)) {
      found.push(`a circle of imports: ${[...trail.slice(trail.indexOf(node)), node].join(" → ")}`);
      return;
    }
    if (finished.has(node)) return;
    for (const next of new Set(graph.get(node))) visit(next, [...trail, node]);
    finished.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return found;
}
