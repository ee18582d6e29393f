// The four charts of the last hour, and what each says in words.
import { Chart } from "./chart.js";
import { by } from "./dom.js";
import { sayCount, sayRate, saySpan } from "./durations.js";

/** Whole ones: half a player is none. */
const counts = [1, 2, 5]
  .flatMap((step) => Array.from({ length: 8 }, (_none, power) => step * 10 ** power))
  .sort((a, b) => a - b);
/** Of minutes, such that each mark is a round span of time. */
const minutes = [1 / 12, 1 / 6, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_440, 2_880, 7_200, 14_400];
const sayMinutes = (value) => saySpan(60 * value);

export class Charts {
  #waiting = new Chart(by("chart-waiting"), {
    title: "Waiting",
    series: [
      { column: "waiting", label: "Waiting", filled: true },
      { column: "away", label: "Away", dashed: true },
    ],
    say: sayCount,
    steps: counts,
  });
  #admitted = new Chart(by("chart-admitted"), {
    title: "Admissions per second",
    series: [{ column: "admittedPerSecond", label: "Admitted per second", filled: true }],
    say: sayRate,
  });
  #slots = new Chart(by("chart-slots"), {
    title: "Slots against the limit",
    series: [
      { column: "liveSlots", label: "Slots in use", filled: true },
      { column: "limit", label: "Limit", dashed: true },
    ],
    say: sayCount,
    steps: counts,
  });
  #eta = new Chart(by("chart-eta"), {
    title: "Wait for a newcomer",
    series: [{ column: "etaMs", label: "Wait", scale: 60_000, filled: true }],
    say: sayMinutes,
    steps: minutes,
  });

  show(queue, history) {
    const eta = queue.etaMs < 0 ? null : queue.etaMs;
    this.#waiting.show(history, `${sayCount(queue.waiting)} waiting`, sayRange(history, "waiting", sayCount));
    this.#admitted.show(
      history,
      `${sayRate(queue.admittedPerSecond["10"])} per second`,
      sayRange(history, "admittedPerSecond", sayRate),
    );
    this.#slots.show(
      history,
      `${sayCount(queue.liveSlots)} of ${sayCount(queue.limit)}`,
      sayRange(history, "liveSlots", sayCount),
    );
    this.#eta.show(
      history,
      eta === null ? "not known" : saySpan(eta / 1_000),
      sayRange(history, "etaMs", (ms) => saySpan(ms / 1_000)),
    );
  }
}

/** `between 10 and 250 in the last hour`. */
export function sayRange(history, column, say) {
  const range = history.range(column);
  if (range === null) return "nothing known of the last hour";
  const [low, high] = [say(range.low), say(range.high)];
  return low === high ? `${low} all through the last hour` : `between ${low} and ${high} in the last hour`;
}
