// A sorted list of distinct numbers that knows ranks: kept in chunks, so that no step costs more than about √N.

/** Chunks are split beyond this length; below about 100 000 numbers neither chunks nor their list get longer than this. */
const chunkLimit = 512;

export class OrderedList {
  /** Never empty ones; each sorted, and every number of one below every number of the next. */
  readonly #chunks: number[][] = [];
  /** How many numbers lie before each chunk; right for as many chunks as it has. */
  #before: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  first(): number | undefined {
    return this.#chunks[0]?.[0];
  }

  /** The number that has so many others before it; undefined beyond the last. */
  at(rank: number): number | undefined {
    let before = rank;
    for (const chunk of this.#chunks) {
      if (before < chunk.length) return chunk[before];
      before -= chunk.length;
    }
    return undefined;
  }

  /** The numbers above this one, in their order; the list must not change meanwhile. */
  *above(value: number): Iterable<number> {
    for (let chunkIndex = this.#chunkOf(value); chunkIndex < this.#chunks.length; chunkIndex++) {
      for (const number of this.#chunks[chunkIndex] ?? []) if (number > value) yield number;
    }
  }

  /** Answers whether it was new. */
  insert(value: number): boolean {
    const last = this.#chunks.length - 1;
    if (last < 0) {
      this.#chunks.push([value]);
      this.#size = 1;
      return true;
    }
    const chunkIndex = Math.min(this.#chunkOf(value), last);
    const chunk = this.#chunks[chunkIndex] ?? [];
    const index = lowerBound(chunk, value);
    if (chunk[index] === value) return false;
    chunk.splice(index, 0, value);
    this.#size += 1;
    if (chunk.length > chunkLimit) this.#split(chunkIndex, chunk);
    this.#forgetCountsAfter(chunkIndex);
    return true;
  }

  /** Answers whether it was there. */
  delete(value: number): boolean {
    const chunkIndex = this.#chunkOf(value);
    const chunk = this.#chunks[chunkIndex];
    if (chunk === undefined) return false;
    const index = lowerBound(chunk, value);
    if (chunk[index] !== value) return false;
    chunk.splice(index, 1);
    this.#size -= 1;
    if (chunk.length === 0) this.#chunks.splice(chunkIndex, 1);
    this.#forgetCountsAfter(chunkIndex);
    return true;
  }

  /** How many numbers are less than `value`, which need not be in the list. */
  rank(value: number): number {
    const chunkIndex = this.#chunkOf(value);
    const chunk = this.#chunks[chunkIndex];
    if (chunk === undefined) return this.#size;
    return this.#countBefore(chunkIndex) + lowerBound(chunk, value);
  }

  /** The first chunk whose last number is not below `value`; the number of chunks where there is none. */
  #chunkOf(value: number): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const last = this.#chunks[middle]?.at(-1);
      if (last !== undefined && last < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #split(chunkIndex: number, chunk: number[]): void {
    // What is appended at the end needs no room behind what is full.
    const isLast = chunkIndex === this.#chunks.length - 1;
    this.#chunks.splice(chunkIndex + 1, 0, chunk.splice(isLast ? chunkLimit : chunkLimit >> 1));
  }

  #countBefore(chunkIndex: number): number {
    const before = this.#before;
    for (let index = before.length; index <= chunkIndex; index++) {
      before.push(index === 0 ? 0 : (before[index - 1] ?? 0) + (this.#chunks[index - 1]?.length ?? 0));
    }
    return before[chunkIndex] ?? 0;
  }

  #forgetCountsAfter(chunkIndex: number): void {
    if (this.#before.length > chunkIndex + 1) this.#before.length = chunkIndex + 1;
  }
}

/** The index of the first number not below `value`. */
function lowerBound(chunk: readonly number[], value: number): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const found = chunk[middle];
    if (found !== undefined && found < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
