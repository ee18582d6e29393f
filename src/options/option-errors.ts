// What a wrong option is told with: its name, what was expected, and what came; never the value of a key or a secret.
import type { z } from "zod";

/** The words for the first issue of what `call` was given. The message of every schema of the options is what it expects. */
export function describeIssue(issue: z.core.$ZodIssue, options: unknown, call: string): string {
  const name = issue.path.map(String).join(".");
  switch (issue.code) {
    case "unrecognized_keys":
      return `${call}: there is no option ${issue.keys.map((key) => [...issue.path, key].join(".")).join(", ")}`;
    case "invalid_key": {
      const key = issue.path.at(-1);
      const where = issue.path.slice(0, -1).map(String).join(".");
      return `${call}: option ${where}: expected ${issue.issues[0]?.message} as a name, got ${describeValue(key)}`;
    }
    default: {
      const value = valueAt(options, issue.path);
      const shown = isSecret(name) ? describeKind(value) : describeValue(value);
      return `${call}: ${name === "" ? "" : `option ${name}: `}expected ${issue.message}, got ${shown}`;
    }
  }
}

function isSecret(name: string): boolean {
  return /^tokens\.(keys|refreshSecrets)\b/.test(name);
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function describeValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : describeKind(value);
}

function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
