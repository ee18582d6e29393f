// How fast slots come free, measured: over as long a time as the pace was the same, so that it is steady and yet follows.

/** What is known at one moment: both only grow. */
interface Reading {
  readonly at: number;
  readonly departed: number;
  /** Time that slots were held, added up over the slots, in slot-seconds. */
  readonly held: number;
}

/** Departures that lie further back say nothing about the next. */
const longestMs = 20 * 60_000;
/** How far back is looked, a quarter further each time. */
const looksMs = spacedUpTo(longestMs, 10_000, 1.25);
/** Fewer departures are no measure. */
const leastDepartures = 8;
/** How unlikely, as a log-likelihood ratio, two stretches of one pace must be to count as two paces: one in 100 000 a look. */
const surprise = 20;

/** What happened from one moment until now. */
interface Look {
  readonly departures: number;
  readonly held: number;
}

/** Departures per slot-second, of how many departures that was made, and over how long. */
export interface DepartureRate {
  readonly perSlotSecond: number;
  readonly departures: number;
  readonly seconds: number;
}

/**
 * Counts departures against the slots that could depart, because twice the players leave twice as often. The longest look back
 * is taken in which no stretch up to now tells of another pace than what came before it: a pace that changes is followed
 * within a few dozen departures, and one that does not is averaged over 20 minutes.
 */
export class DepartureMeter {
  #readings: Reading[] = [];
  #lastLive = 0;

  /** Once a second or so: `departed` is a counter, `live` the slots held at `at` (ms). */
  add(at: number, departed: number, live: number): void {
    const last = this.#readings.at(-1);
    if (last !== undefined && (at <= last.at || departed < last.departed)) {
      // The store began anew, or another one answers.
      if (departed < last.departed) this.#readings = [];
      else return;
    }
    const before = this.#readings.at(-1);
    const held = before === undefined ? 0 : before.held + (((this.#lastLive + live) / 2) * (at - before.at)) / 1000;
    this.#lastLive = live;
    this.#readings.push({ at, departed, held });
    const oldest = at - longestMs;
    let outdated = 0;
    while ((this.#readings[outdated + 1]?.at ?? Number.POSITIVE_INFINITY) <= oldest) outdated += 1;
    if (outdated > 64) this.#readings.splice(0, outdated);
  }

  /** The pace of now, silence up to the last reading counted in; null below eight departures in 20 minutes. */
  rate(): DepartureRate | null {
    const now = this.#readings.at(-1);
    if (now === undefined) return null;
    const looks: Look[] = [];
    let chosen: DepartureRate | null = null;
    for (const lookMs of looksMs) {
      const from = this.#readingAt(now.at - lookMs);
      const look = { departures: now.departed - from.departed, held: now.held - from.held };
      const differs = looks.some((recent) => isAnotherPace(recent, look));
      if (chosen !== null && differs) break;
      if (look.departures >= leastDepartures && look.held > 0) {
        const { departures, held } = look;
        chosen = { perSlotSecond: departures / held, departures, seconds: (now.at - from.at) / 1000 };
      }
      if (from === this.#readings[0]) break;
      looks.push(look);
    }
    return chosen;
  }

  /** The last reading at or before `at`, or the first there is. */
  #readingAt(at: number): Reading {
    let low = 0;
    let high = this.#readings.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#readings[middle]?.at ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return this.#readings[low] ?? { at: 0, departed: 0, held: 0 };
  }
}

/** Whether the recent part of a look can hardly have the pace of the rest of it (likelihood ratio of two Poisson counts). */
function isAnotherPace(recent: Look, whole: Look): boolean {
  const pace = whole.departures / whole.held;
  const part = (departures: number, held: number) =>
    departures <= 0 ? 0 : departures * Math.log(departures / (pace * held));
  const ratio =
    part(recent.departures, recent.held) + part(whole.departures - recent.departures, whole.held - recent.held);
  return 2 * ratio > surprise;
}

function spacedUpTo(longest: number, shortest: number, factor: number): readonly number[] {
  const spaced: number[] = [];
  for (let value = shortest; value < longest; value *= factor) spaced.push(value);
  return [...spaced, longest];
}
