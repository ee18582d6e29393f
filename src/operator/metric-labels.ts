// Keeps the labels of metrics few: every series costs memory here, in the answer, and for ever in who collects them.

/** What stands for all that is not named. */
export const otherLabel = "other";

/** Answers the first so many different names as they are, and `other` for all after them. */
export function namesUpTo(most: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.size < most) known.add(name);
    return known.has(name) ? name : otherLabel;
  };
}
