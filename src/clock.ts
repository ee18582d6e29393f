// The only reader of time: everything that expires, repeats or is stamped goes through a Clock, so that tests can move it.

/** Stops a repeating task. Calling it again does nothing. */
export type StopTask = () => void;

/** Where the time comes from. All times are milliseconds since the Unix epoch. */
export interface Clock {
  /** The time now, in ms since the epoch. */
  now(): number;
  /**
   * Runs `task` every `milliseconds` until stopped. It never keeps the process alive and never runs twice at once:
   * a task that is still pending when its turn comes is left to finish. A task reports its own failures.
   */
  every(milliseconds: number, task: () => void | Promise<void>): StopTask;
  /** Runs `task` once after `milliseconds`, unless stopped before. It never keeps the process alive. */
  after(milliseconds: number, task: () => void): StopTask;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),

  every(milliseconds, task) {
    let running = false;
    const timer = setInterval(async () => {
      if (running) return;
      running = true;
      try {
        await task();
      } finally {
        running = false;
      }
    }, milliseconds);
    timer.unref();
    return () => clearInterval(timer);
  },

  after(milliseconds, task) {
    const timer = setTimeout(task, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/**
 * The machine's clock without its corrections: ms since some moment in the past, which never step back or leap. For how long
 * ago something was, never for when.
 */
export const steadyClock: Clock = { ...systemClock, now: () => performance.now() };
