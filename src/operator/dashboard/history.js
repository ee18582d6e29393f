// The last hour as columns of samples: begun from what the server kept, and gone on with from each status.

const hourMs = 3_600_000;
const columns = ["at", "waiting", "away", "admittedPerSecond", "liveSlots", "limit", "etaMs"];

export class History {
  #everyMs = 10_000;
  #samples = emptySamples();
  /** Whether the last sample is the present, which the next status replaces. */
  #isLastLive = false;

  /** What `GET history` answered. */
  load({ everySeconds, samples }) {
    this.#everyMs = 1_000 * (everySeconds > 0 ? everySeconds : 10);
    this.#samples = emptySamples();
    for (const name of columns) this.#samples[name] = [...(samples?.[name] ?? [])];
    this.#isLastLive = false;
  }

  /** The present. It stands at the end until the next one, and stays where the last that stayed is old enough. */
  add(sample) {
    const { at } = this.#samples;
    if (at.length > 0 && sample.at <= at.at(-1) && !this.#isLastLive) return;
    if (this.#isLastLive) for (const name of columns) this.#samples[name].pop();
    const last = at.at(-1) ?? Number.NEGATIVE_INFINITY;
    for (const name of columns) this.#samples[name].push(sample[name] ?? null);
    this.#isLastLive = sample.at - last < this.#everyMs;
    this.#forgetBefore(sample.at - hourMs);
  }

  /** Whether nothing was heard for so long that the curve has a hole. */
  hasHole(now) {
    const last = this.#samples.at.at(-1);
    return last !== undefined && now - last > 3 * this.#everyMs;
  }

  column(name) {
    return this.#samples[name];
  }

  /** The newest value of a column, be it that it is not known (−1), or null where nothing was said. */
  last(name) {
    return this.#samples[name].findLast((value) => value !== null) ?? null;
  }

  /** The least and the most of the hour, or null where nothing is known. */
  range(name) {
    const known = this.#samples[name].filter(isKnown);
    if (known.length === 0) return null;
    const low = known.reduce((least, value) => Math.min(least, value));
    return { low, high: known.reduce((most, value) => Math.max(most, value)) };
  }

  #forgetBefore(moment) {
    const kept = this.#samples.at.findIndex((at) => at >= moment);
    if (kept > 0) for (const name of columns) this.#samples[name].splice(0, kept);
  }
}

/** An estimate that is not known is −1 on the wire. */
function isKnown(value) {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function emptySamples() {
  return Object.fromEntries(columns.map((name) => [name, []]));
}
