// What the property tests ask of a store, millions of times over: a check that costs next to nothing while it holds.

/** Throws with the rule that was broken, and what was seen instead. */
export function must(holds: boolean, rule: string, ...seen: readonly unknown[]): asserts holds {
  if (!holds) throw new Error([rule, ...seen.map((value) => JSON.stringify(value))].join(" | "));
}
