// Reads TypeScript sources for the architecture tests: what each file imports, how it opens, and where it reads the time.
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { parseSync } from "vite";

export interface SourceFile {
  /** Below src, with forward slashes: `sessions/session.ts`. */
  readonly path: string;
  /** Files of src that it imports, types included, as paths below src. */
  readonly files: readonly string[];
  /** Packages and built-in modules that it imports, as written. */
  readonly packages: readonly string[];
  readonly opensWithComment: boolean;
  /** Expressions that read the machine's time or wait for it, as written. */
  readonly timeReads: readonly string[];
}

export function readSources(folder: string): SourceFile[] {
  const paths = globSync("**/*.ts", { cwd: folder }).map((path) => path.replaceAll("\\", "/"));
  return paths.sort().map((path) => parseSource(path, readFileSync(join(folder, path), "utf8")));
}

export function parseSource(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const specifiers: string[] = [];
  const timeReads: string[] = [];
  walk(program, (node) => {
    const specifier = importedBy(node);
    if (specifier !== null) specifiers.push(specifier);
    if (readsTime(node)) timeReads.push(text.slice(node.start, node.end));
  });
  const isFile = (specifier: string) => specifier.startsWith(".");
  return {
    path,
    files: specifiers.filter(isFile).map((specifier) => join(dirname(path), specifier)),
    packages: specifiers.filter((specifier) => !isFile(specifier)),
    // A program opens with the line that says what runs it.
    opensWithComment: text.replace(/^#!.*\n/, "").startsWith("// "),
    timeReads,
  };
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function walk(node: unknown, visit: (node: Node) => void): void {
  if (isNode(node)) visit(node);
  if (typeof node !== "object" || node === null) return;
  for (const child of Object.values(node)) walk(child, visit);
}

/** The specifier of any form of import: static, re-export, dynamic, or inside a type. */
function importedBy(node: Node): string | null {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
    case "ImportExpression":
    case "TSImportType":
      return stringValue(node["source"]);
    default:
      return null;
  }
}

const timeMembers = new Map([
  ["Date", ["now"]],
  ["performance", ["now", "timeOrigin"]],
  ["process", ["hrtime", "uptime"]],
  ["AbortSignal", ["timeout"]],
]);
const timers = ["setTimeout", "setInterval"];

function readsTime(node: Node): boolean {
  switch (node.type) {
    case "MemberExpression":
      return timeMembers.get(identifier(node["object"]) ?? "")?.includes(identifier(node["property"]) ?? "") ?? false;
    case "NewExpression":
      return (
        identifier(node["callee"]) === "Date" && Array.isArray(node["arguments"]) && node["arguments"].length === 0
      );
    case "CallExpression":
      return ["Date", ...timers].includes(identifier(node["callee"]) ?? globalMember(node["callee"]) ?? "");
    default:
      return false;
  }
}

function globalMember(node: unknown): string | null {
  if (!isNode(node) || identifier(node["object"]) !== "globalThis") return null;
  return identifier(node["property"]);
}

function identifier(node: unknown): string | null {
  return isNode(node) && node.type === "Identifier" && typeof node["name"] === "string" ? node["name"] : null;
}

function stringValue(node: unknown): string | null {
  return isNode(node) && typeof node["value"] === "string" ? node["value"] : null;
}

/** The string literals of a source, and what its templates begin with, in order. */
export function stringsOf(path: string, text: string): string[] {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const strings: string[] = [];
  walk(program, (node) => {
    if (node.type === "Literal" && typeof node["value"] === "string") strings.push(node["value"]);
    if (node.type === "TemplateLiteral") strings.push(text.slice(node.start + 1, node.end - 1));
  });
  return strings;
}

/** The names that a module exports. */
export function exportedNames(path: string, text: string): { values: string[]; types: string[] } {
  const entries = parseSync(path, text).module.staticExports.flatMap((statement) => statement.entries);
  const names = (isType: boolean) =>
    entries.filter((entry) => entry.isType === isType).map(({ exportName }) => exportName.name ?? "*");
  return { values: names(false), types: names(true) };
}
