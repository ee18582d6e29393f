// Time for the helper that moves only when a test says so, or when somebody sleeps through it.
import type { Time } from "../../../src/client/time.ts";

interface Task {
  readonly dueAt: number;
  readonly run: () => void;
}

export class ManualTime implements Time {
  /** How long each `sleep` was. */
  readonly sleeps: number[] = [];
  #now = Date.UTC(2030, 0, 1);
  #tasks = new Set<Task>();
  #armed: ((milliseconds: number) => void)[] = [];

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    const task = { dueAt: this.#now + milliseconds, run };
    this.#tasks.add(task);
    for (const tell of this.#armed.splice(0)) tell(milliseconds);
    return () => this.#tasks.delete(task);
  }

  /** Resolves with the delay of the next `after`. */
  nextDelay(): Promise<number> {
    return new Promise((resolve) => this.#armed.push(resolve));
  }

  /** Passes at once, and the time with it. */
  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleeps.push(milliseconds);
    await Promise.resolve();
    this.advance(milliseconds);
    signal?.throwIfAborted();
  }

  /** Moves the time, and runs what falls due on the way at its own moment. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let task = this.#next(end); task !== undefined; task = this.#next(end)) {
      this.#now = Math.max(this.#now, task.dueAt);
      this.#tasks.delete(task);
      task.run();
    }
    this.#now = end;
  }

  /** Sets the clock of the machine without letting time pass. */
  set(now: number): void {
    this.#now = now;
  }

  get waiting(): number {
    return this.#tasks.size;
  }

  #next(end: number): Task | undefined {
    const due = [...this.#tasks].filter((task) => task.dueAt <= end).sort((one, other) => one.dueAt - other.dueAt);
    return due[0];
  }
}
