// Numbers, times and spans of time in words: what every part of the page says them with.

const integers = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const twoDigits = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

/** A count: 12,345. Unknown is a dash. */
export function sayCount(count) {
  return Number.isFinite(count) ? integers.format(count) : "–";
}

/** A rate: two digits below 10, one above, none from 100 on. */
export function sayRate(perSecond) {
  if (!Number.isFinite(perSecond)) return "–";
  const format = perSecond < 10 ? twoDigits : perSecond < 100 ? oneDigit : integers;
  return format.format(perSecond);
}

/** `1 ticket`, `3 tickets`. */
export function sayMany(count, one, many = `${one}s`) {
  return `${sayCount(count)} ${count === 1 ? one : many}`;
}

/** A span of time as one number of one unit, short: `40 s`, `4 min`, `2.5 h`, `3 days`. Unknown is a dash. */
export function saySpan(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 0.5) return "0 s";
  const { value, unit } = spanOf(seconds);
  return unit === "days" ? sayMany(Math.round(value), "day") : `${sayValue(value, unit)} ${unit}`;
}

/** A range of spans: `about 4 min (2–7 min)`; `(2 min or more)` where it has no end. One that is certain is one number. */
export function saySpanRange({ expected, low, high }) {
  const middle = saySpan(expected);
  if (high === null) return `about ${middle} (${saySpan(low)} or more)`;
  const [from, to] = [saySpan(low), saySpan(high)];
  return from === middle && to === middle ? `about ${middle}` : `about ${middle} (${sayFromTo(from, to)})`;
}

/** How long ago, in whole words: `just now`, `12 seconds ago`, `3 minutes ago`, `2 hours ago`, `5 days ago`. */
export function sayAgo(ms) {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 2) return "just now";
  return `${sayLong(seconds)} ago`;
}

/** `12 seconds`, `3 minutes`, `2 hours`, `5 days`. */
export function sayLong(seconds) {
  if (seconds < 100) return sayMany(Math.round(seconds), "second");
  if (seconds < 100 * 60) return sayMany(Math.round(seconds / 60), "minute");
  const hours = Math.round(seconds / 3_600);
  return hours < 48 ? sayMany(hours, "hour") : sayMany(Math.round(hours / 24), "day");
}

/** A moment by this device's clock and place: the time of today, else with its date. */
export function sayMoment(at, now = Date.now()) {
  if (!Number.isFinite(at)) return "–";
  const [date, today] = [new Date(at), new Date(now)];
  const time = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  if (date.toDateString() === today.toDateString()) return time;
  return `${date.toLocaleDateString([], { dateStyle: "medium" })}, ${time}`;
}

function spanOf(seconds) {
  if (Math.round(seconds) < 100) return { value: seconds, unit: "s" };
  const minutes = seconds / 60;
  if (Math.round(minutes) < 100) return { value: minutes, unit: "min" };
  const hours = seconds / 3_600;
  return hours < 48 ? { value: hours, unit: "h" } : { value: hours / 24, unit: "days" };
}

function sayValue(value, unit) {
  return (unit === "h" && value < 10 ? oneDigit : integers).format(value);
}

/** `2–7 min`, and `50 s – 2 min` where the units differ. */
function sayFromTo(from, to) {
  const [value, unit] = from.split(" ");
  return to.endsWith(` ${unit}`) ? `${value}–${to.slice(0, -unit.length - 1)} ${unit}` : `${from} – ${to}`;
}
