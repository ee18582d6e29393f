// How many tickets wait in the memory store by the address that they come from.

export class AddressCounts {
  readonly #counts = new Map<string, number>();

  get(address: string): number {
    return this.#counts.get(address) ?? 0;
  }

  add(address: string | null): void {
    if (address !== null) this.#counts.set(address, this.get(address) + 1);
  }

  delete(address: string | null): void {
    if (address === null) return;
    const left = this.get(address) - 1;
    if (left > 0) this.#counts.set(address, left);
    else this.#counts.delete(address);
  }
}
