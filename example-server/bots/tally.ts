// Counts what became of the bots, and says it as a table.

export class Tally {
  /** Bots that stood in the queue or went straight in. */
  joined = 0;
  /** Bots that got a session. */
  admitted = 0;
  /** Bots that walked in the arena. */
  played = 0;
  /** Bots in the arena at the moment. */
  playing = 0;
  readonly #waitsMs: number[] = [];
  readonly #errors = new Map<string, number>();

  /** A bot was let in, so long after it arrived. */
  admit(waitedMs: number) {
    this.admitted += 1;
    this.#waitsMs.push(waitedMs);
  }

  fail(error: unknown) {
    const words = describe(error);
    this.#errors.set(words, (this.#errors.get(words) ?? 0) + 1);
  }

  get errors(): number {
    return [...this.#errors.values()].reduce((sum, count) => sum + count, 0);
  }

  toString(): string {
    const columns = [
      ["joined", this.joined],
      ["admitted", this.admitted],
      ["played", this.played],
      ["waited p50", this.#wait(0.5)],
      ["waited p95", this.#wait(0.95)],
      ["errors", this.errors],
    ] as const;
    const widths = columns.map(([head, value]) => Math.max(head.length, String(value).length));
    const line = (cells: readonly unknown[]) =>
      cells.map((cell, index) => String(cell).padStart(widths[index] ?? 0)).join("  ");
    const table = [
      line(columns.map(([head]) => head)),
      line(widths.map((width) => "-".repeat(width))),
      line(columns.map(([, value]) => value)),
    ];
    const errors = [...this.#errors].map(([words, count]) => `${count} × ${words}`);
    return [...table, ...errors].join("\n");
  }

  #wait(quantile: number): string {
    const sorted = this.#waitsMs.toSorted((a, b) => a - b);
    const wait = sorted[Math.ceil(sorted.length * quantile) - 1];
    return wait === undefined ? "-" : `${(wait / 1_000).toFixed(1)} s`;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return code === undefined || error.message.includes(String(code))
    ? error.message
    : `${String(code)} ${error.message}`;
}
