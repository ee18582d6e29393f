// How long to wait before a try is repeated.
import type { LoginClientError } from "./errors.ts";

/** What somebody who waits for an answer is kept waiting between two tries, at the server's request. */
const LONGEST_PATIENCE_MS = 10_000;

/** Doubles from `firstMs` up to `longestMs`, less up to half by chance, so that clients cut off together do not return together. */
export function backoffMs(failures: number, firstMs: number, longestMs: number): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return full * (0.5 + Math.random() / 2);
}

/**
 * The wait before a refused try is repeated for somebody who waits for it: the backoff, and not before the server's
 * `retryAfterSeconds`. Null where the server asks for more patience than that: the refusal is then the caller's.
 */
export function retryDelayMs(error: LoginClientError, failures: number): number | null {
  const askedMs = (error.retryAfterSeconds ?? 0) * 1_000;
  return askedMs > LONGEST_PATIENCE_MS ? null : Math.max(askedMs, backoffMs(failures, 500, 4_000));
}
