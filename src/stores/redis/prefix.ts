// What every key begins with.

/** The prefix asked for, or ours where there is none. @throws TypeError, in the name of `caller` */
export function checkPrefix(prefix: unknown = "colyseus-login", caller: string): string {
  if (typeof prefix === "string" && /^[\w.:/-]{1,64}$/.test(prefix)) return prefix;
  throw new TypeError(
    `${caller}: expected prefix to be 1 to 64 letters, digits and -_.:/, got ${JSON.stringify(prefix)}`,
  );
}

/** The hash tag: a Redis Cluster keeps all keys that have it in one slot. */
export function tagOf(prefix: string): string {
  return `{${prefix}}`;
}
