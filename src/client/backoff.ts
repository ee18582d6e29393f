// How long to wait before a try is repeated.

/** Doubles from `firstMs` up to `longestMs`, less up to half by chance, so that clients cut off together do not return together. */
export function backoffMs(failures: number, firstMs: number, longestMs: number): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return full * (0.5 + Math.random() / 2);
}
