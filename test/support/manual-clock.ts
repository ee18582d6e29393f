// A clock that stands still until a test moves it, and runs what falls due on the way.
import type { Clock, StopTask } from "../../src/clock.ts";

interface Task {
  dueAt: number;
  every: number | null;
  run: () => void | Promise<void>;
}

export class ManualClock implements Clock {
  #now: number;
  #tasks = new Set<Task>();

  constructor(startAt = Date.UTC(2030, 0, 1)) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  every(milliseconds: number, run: () => void | Promise<void>): StopTask {
    return this.#add({ dueAt: this.#now + milliseconds, every: milliseconds, run });
  }

  after(milliseconds: number, run: () => void): StopTask {
    return this.#add({ dueAt: this.#now + milliseconds, every: null, run });
  }

  /** Moves the time forward, running every task at its own moment and waiting for it. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (let task = this.#next(end); task !== undefined; task = this.#next(end)) {
      this.#now = Math.max(this.#now, task.dueAt);
      if (task.every === null) this.#tasks.delete(task);
      else task.dueAt += task.every;
      await task.run();
    }
    this.#now = end;
  }

  #next(end: number): Task | undefined {
    let next: Task | undefined;
    for (const task of this.#tasks) {
      if (task.dueAt <= end && (next === undefined || task.dueAt < next.dueAt)) next = task;
    }
    return next;
  }

  #add(task: Task): StopTask {
    this.#tasks.add(task);
    return () => this.#tasks.delete(task);
  }
}
