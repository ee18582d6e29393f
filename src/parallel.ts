// Work on many things a few at a time, so that a crowd does not ask a store for everything at one moment.

/** Runs `work` for each item in their order, never more than `limit` at once. Rejects with the first failure. */
export async function inParallel<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  // The runners share one iterator, and each takes what is next.
  const rest = [...items].values();
  const run = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, run));
}
