// Asks again and again: quickly while all is well, more slowly while nothing answers, not at all while nobody looks.

const everyMs = 1_500;
const slowestMs = 15_000;

/** When to ask again after so many failures in a row. */
export function delayAfter(failures) {
  return Math.min(slowestMs, everyMs * 2 ** Math.min(failures, 10));
}

export class Poller {
  #ask;
  #onFailure;
  #timer;
  #failures = 0;
  #isRunning = false;
  /** Grows with every start and stop: an answer of before counts no more. */
  #turn = 0;

  /** `ask` asks once; `onFailure` gets what it threw, and when it is asked again (ms from now). */
  constructor({ ask, onFailure }) {
    this.#ask = ask;
    this.#onFailure = onFailure;
    document.addEventListener("visibilitychange", () => {
      if (this.#isRunning && !document.hidden) this.now();
    });
    addEventListener("online", () => this.#isRunning && this.now());
  }

  start() {
    this.#isRunning = true;
    this.#failures = 0;
    this.now();
  }

  stop() {
    this.#isRunning = false;
    this.#turn += 1;
    clearTimeout(this.#timer);
  }

  /** Asks at once, whatever was planned. */
  now() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    void this.#run(this.#turn);
  }

  async #run(turn) {
    let error = null;
    try {
      await this.#ask();
    } catch (thrown) {
      error = thrown;
    }
    if (turn !== this.#turn || !this.#isRunning) return;
    this.#failures = error === null ? 0 : this.#failures + 1;
    const delayMs = delayAfter(this.#failures);
    if (error !== null) this.#onFailure(error, delayMs);
    // A page that nobody sees asks for nothing; whoever comes back to it is answered at once.
    if (!document.hidden) this.#timer = setTimeout(() => this.now(), delayMs);
  }
}
