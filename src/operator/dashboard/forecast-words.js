// A forecast in words: when the queue is empty, how long the last one waits, and what sets the pace.
import { sayRate, saySpanRange } from "./durations.js";

/** The pace, and what sets it. */
export function sayPace({ pacePerSecond, paceSetBy, settings }) {
  if (paceSetBy === "mode")
    return settings.mode === "open" ? "Everybody is let in at once." : "Nobody is admitted in this mode.";
  if (!Number.isFinite(pacePerSecond)) return "The pace is not known: too few players have left so far to measure it.";
  const rate = `${sayRate(pacePerSecond)} per second`;
  if (paceSetBy === "limit") return `${rate}: the limit is reached, so one comes in for each who leaves.`;
  if (paceSetBy === "rate") return `${rate}: as fast as the rate allows.`;
  return `${rate}.`;
}

const neverEmpty = {
  arrivals: "as many come as are admitted",
  mode: "nobody is admitted in this mode",
  limit: "nobody is admitted with a limit of 0",
  departuresUnknown:
    "while players come as they do now, the limit holds the line up, and too few have left to measure how fast room is made",
};

/** When the queue is empty: `in about 4 min (2–7 min)`, or why nobody can say. */
export function sayEmpty(forecast) {
  const { waiting, emptyInSeconds, neverEmptyBecause } = forecast;
  if (waiting === 0) return "now: nobody waits";
  if (emptyInSeconds) return `in ${saySpanRange(emptyInSeconds)}`;
  const because = neverEmpty[neverEmptyBecause];
  if (because === undefined) return "not known";
  return `${neverEmptyBecause === "departuresUnknown" ? "not known" : "never"}: ${because}`;
}

/** How long the last one in line waits. */
export function sayLastWait({ waiting, lastWaitSeconds }) {
  if (waiting === 0) return "nobody waits";
  return lastWaitSeconds ? saySpanRange(lastWaitSeconds) : "not known";
}

/** What a change would do, beside what holds now: one or two sentences. */
export function sayWhatIf(now, then) {
  if (then.waiting === 0) return `Nobody waits at the moment. Pace: ${sayPace(then)}`;
  return `${sayEmptying(now, then)} ${sayLast(then)}`.trim();
}

function sayEmptying(now, then) {
  const before = now.emptyInSeconds ? saySpanRange(now.emptyInSeconds) : null;
  if (!then.emptyInSeconds) {
    return `When the queue is empty: ${sayEmpty(then)}${before === null ? "" : `; as it is now, in ${before}`}.`;
  }
  const after = saySpanRange(then.emptyInSeconds);
  if (before === null) return `The queue empties in ${after}; as it is now, ${sayEmpty(now)}.`;
  return `The queue empties in ${after}, ${before === after ? "as it does now" : `instead of ${before}`}.`;
}

function sayLast(then) {
  return then.lastWaitSeconds ? `The last one waits ${saySpanRange(then.lastWaitSeconds)}.` : "";
}
