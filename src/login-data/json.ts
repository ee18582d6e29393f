// Whether a job's answer is JSON: a frozen copy of what is, a TypeError that says where for what is not.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Deep enough for any data, and far from the end of the stack. */
const maxDepth = 32;

/**
 * A frozen copy of `value`, which must be exactly what the client will read: nothing that JSON would drop, turn into text or
 * refuse. `path` names the value in the error.
 * @throws TypeError
 */
export function toJson(value: unknown, path: string): Json {
  return copy(value, path, []);
}

function copy(value: unknown, path: string, parents: readonly object[]): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw new TypeError(`${path} is ${value}, which JSON has no word for`);
  }
  if (typeof value !== "object") throw new TypeError(`${path} is ${describe(value)}, which is not JSON`);
  if (parents.includes(value)) throw new TypeError(`${path} contains itself`);
  if (parents.length >= maxDepth) throw new TypeError(`${path} is nested deeper than ${maxDepth} levels`);
  const inside = [...parents, value];
  if (Array.isArray(value)) {
    // By index: `map` leaves holes out.
    return Object.freeze(Array.from(value, (member: unknown, index) => copy(member, `${path}[${index}]`, inside)));
  }
  if (!isPlain(value)) throw new TypeError(`${path} is ${describe(value)}, which is not JSON`);
  const entries = Object.entries(value).map(([key, member]) => [key, copy(member, `${path}.${key}`, inside)] as const);
  return Object.freeze(Object.fromEntries(entries));
}

/** Of this realm or another. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describe(value: unknown): string {
  if (value === undefined) return "undefined";
  if (typeof value === "object") return `a ${Object(value).constructor?.name || "object of a class"}`;
  return `a ${typeof value}`;
}
