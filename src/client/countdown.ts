// What to show of a wait between two words of the server: time left that counts down by itself, and progress that never goes back.
import type { QueueUpdate } from "./queue-visit.ts";
import { systemTime, type Time } from "./time.ts";

/** What to show at this moment. */
export interface CountdownReading {
  /** Ms left until the player is in; null while nobody can say. */
  readonly leftMs: number | null;
  /** From 0 to 1; never less than it was. */
  readonly progress: number;
}

/** A countdown for one wait. Feed it each `QueueUpdate`, and read it as often as the page is drawn. */
export interface Countdown {
  update(update: QueueUpdate): void;
  read(): CountdownReading;
}

/**
 * Makes the countdown of one wait. `progress` is what was shown last where this wait goes on after the page was loaded again.
 *
 * Between updates the time left runs down like a clock. An estimate that differs little from the one shown changes nothing;
 * one that differs by more than 3 s and 15 % of what is left is approached without a jump: an earlier end by a faster
 * clock, a somewhat later one by a clock of half speed, a much later one by running up to it within 4 s.
 */
export function createCountdown(options: { readonly progress?: number } = {}): Countdown {
  return new QueueCountdown(systemTime, options.progress ?? 0);
}

/** Less than what a player minds. */
const TOLERANCE_MS = 3_000;
const TOLERANCE_SHARE = 0.15;
/** How long it may take to approach an end that is earlier than shown. */
const EARLIER_MS = 8_000;
/** A later end is waited for by a slow clock up to so much; beyond, the time left runs up. */
const MOST_SLOWED_MS = 30_000;
const RUN_UP_MS = 4_000;
/** Not full before the player is in. */
const MOST_PROGRESS = 0.97;

/** The finish that is shown, moving from one to another in a straight line. All are moments of the local clock. */
interface Glide {
  readonly from: number;
  readonly to: number;
  readonly startsAt: number;
  readonly endsAt: number;
}

/** The time left that is shown at `now`. */
function leftAt(glide: Glide, now: number): number {
  return Math.max(0, finishAt(glide, now) - now);
}

/** What is shown from `now` on, where the server has just said that the wait ends at `estimate`. */
function correct(glide: Glide | null, estimate: number, now: number): Glide {
  if (glide === null) return { from: estimate, to: estimate, startsAt: now, endsAt: now };
  const tolerance = Math.max(TOLERANCE_MS, (estimate - now) * TOLERANCE_SHARE);
  if (Math.abs(estimate - glide.to) <= tolerance) return glide;
  const from = now + leftAt(glide, now);
  return { from, to: estimate, startsAt: now, endsAt: now + glideMs(estimate - from, from - now, estimate - now) };
}

/** The clock shown never stands still meanwhile: it runs down at half speed or faster, or up at half speed or faster. */
function glideMs(error: number, shownLeft: number, left: number): number {
  if (error <= 0) return Math.max(1_000, Math.min(EARLIER_MS, left / 2));
  if (error <= Math.min(shownLeft / 2, MOST_SLOWED_MS)) return error * 2;
  return Math.min(RUN_UP_MS, error / 1.5);
}

function finishAt({ from, to, startsAt, endsAt }: Glide, now: number): number {
  if (now >= endsAt) return to;
  return from + (to - from) * Math.max(0, (now - startsAt) / (endsAt - startsAt));
}

export class QueueCountdown implements Countdown {
  readonly #time: Time;
  readonly #firstProgress: number;
  #progress: number;
  #glide: Glide | null = null;
  #last: QueueUpdate | null = null;
  #startedAt = 0;
  #firstPosition = 1;

  constructor(time: Time, progress: number) {
    this.#time = time;
    this.#firstProgress = Math.min(MOST_PROGRESS, Math.max(0, progress));
    this.#progress = this.#firstProgress;
  }

  update(update: QueueUpdate): void {
    // There is no place yet, and nothing to count.
    if (update.status === "waiting" && update.position === 0) return;
    const now = this.#time.now();
    if (this.#last === null) {
      this.#startedAt = now;
      this.#firstPosition = Math.max(1, update.position);
    }
    this.#last = update;
    const isKnown = update.status === "waiting" && update.etaMs >= 0;
    this.#glide = isKnown ? correct(this.#glide, now + update.etaMs, now) : null;
  }

  read(): CountdownReading {
    if (this.#last === null) return { leftMs: null, progress: this.#progress };
    if (this.#last.status === "admitted") {
      this.#progress = 1;
      return { leftMs: 0, progress: 1 };
    }
    const now = this.#time.now();
    const leftMs = this.#glide === null ? null : leftAt(this.#glide, now);
    const done = leftMs === null ? this.#doneByPlace(this.#last.position) : this.#doneByTime(leftMs, now);
    const progress = this.#firstProgress + (1 - this.#firstProgress) * done;
    this.#progress = Math.max(this.#progress, Math.min(MOST_PROGRESS, progress));
    return { leftMs, progress: this.#progress };
  }

  #doneByPlace(position: number): number {
    return Math.max(0, 1 - position / this.#firstPosition);
  }

  #doneByTime(leftMs: number, now: number): number {
    const waited = Math.max(0, now - this.#startedAt);
    return waited / Math.max(1, waited + leftMs);
  }
}
