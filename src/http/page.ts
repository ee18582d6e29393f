// How much of a list one answer carries.
import { maxAnswerBytes } from "./reply.ts";

/** The most that one page lists. */
export const mostPerPage = 200;

/** As many of `items`, from the first on, as one answer may carry beside `rest`: the answer with nothing in its list. */
export function pageOf<T>(items: readonly T[], rest: object): T[] {
  return fitting(items.slice(0, mostPerPage), maxAnswerBytes - bytesOf(rest));
}

/** As many of `items`, from the first on, as so many bytes of JSON hold. */
export function fitting<T>(items: readonly T[], bytes: number): T[] {
  let bytesLeft = bytes;
  const overflow = items.findIndex((item) => {
    bytesLeft -= bytesOf(item) + ",".length;
    return bytesLeft < 0;
  });
  return overflow === -1 ? [...items] : items.slice(0, overflow);
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
