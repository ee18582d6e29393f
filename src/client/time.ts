// The helper's only reader of time: the clock of the machine it runs on, behind a seam that tests can move.

/** Where the helper's time comes from. Times are ms since the epoch. */
export interface Time {
  now(): number;
  /**
   * Runs `task` once `milliseconds` have passed by `now()`, unless cancelled. It never keeps a Node process alive, and may
   * wait for months: a machine that slept, or whose clock was set, runs it within a minute of its time.
   */
  after(milliseconds: number, task: () => void): () => void;
  /** Waits, for something that a caller is waiting for: it keeps a Node process alive. Rejects with the signal's reason. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** Timers stop while a machine sleeps and overflow at 24.8 days, so long waits look at the clock every minute. */
const LONGEST_TIMER_MS = 60_000;

export const systemTime: Time = {
  now: () => Date.now(),

  after(milliseconds, task) {
    const dueAt = Date.now() + milliseconds;
    let timer: ReturnType<typeof setTimeout>;
    const arm = () => {
      const left = Math.max(0, dueAt - Date.now());
      timer = setTimeout(left > LONGEST_TIMER_MS ? arm : task, Math.min(left, LONGEST_TIMER_MS));
      // Browsers answer a number here.
      if (typeof timer === "object") timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },

  sleep(milliseconds, signal) {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, milliseconds);
      signal?.addEventListener("abort", stop, { once: true });
    });
  },
};
