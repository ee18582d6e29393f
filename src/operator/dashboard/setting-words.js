// The live settings of the queue: what each is called, its unit, what it does, and how its value is read and said.
import { sayCount, sayRate } from "./durations.js";
import { sayModeName } from "./mode-words.js";

/**
 * By name. `kind`: `count` (a whole number), `number`, `mode`, `text` or `lanes`. `zero`: what 0 means.
 * The first four are the levers; the others stand under "More settings".
 */
export const settings = {
  targetLoginRatePerSecond: { label: "Rate", unit: "logins per second", kind: "number", min: 0.001 },
  targetCcuLimit: { label: "Limit", unit: "players at once", kind: "count", min: 0, zero: "nobody" },
  mode: { label: "Mode", unit: "", kind: "mode" },
  notice: { label: "Notice", unit: "", kind: "text" },
  loginBurst: {
    label: "Burst",
    unit: "logins",
    kind: "number",
    min: 1,
    help: "How many may be let in at one moment after a quiet time.",
  },
  safetyMarginPercent: {
    label: "Safety margin",
    unit: "percent of the limit",
    kind: "number",
    min: 0,
    max: 100,
    help: "This part of the limit is never filled.",
  },
  maxQueueLength: {
    label: "Longest queue",
    unit: "tickets",
    kind: "count",
    min: 0,
    zero: "any number",
    help: "More than so many may not wait; whoever comes then is told that the queue is full. 0: any number.",
  },
  maxTicketsPerIp: {
    label: "Tickets per address",
    unit: "tickets",
    kind: "count",
    min: 0,
    zero: "any number",
    help: "Against bots. A school or a mobile network may share one address. 0: any number.",
  },
  queueGraceSeconds: {
    label: "Queue grace",
    unit: "seconds",
    kind: "number",
    min: 0.001,
    help: "How long a place is kept for somebody whose connection is gone.",
  },
  playerGraceSeconds: {
    label: "Player grace",
    unit: "seconds",
    kind: "number",
    min: 0.001,
    help: "How long a slot is kept for a player whose last connection is gone.",
  },
  passSeconds: {
    label: "Life of a pass",
    unit: "seconds",
    kind: "number",
    min: 0.001,
    help: "How long somebody who was admitted has to log in.",
  },
  pollPresentSeconds: {
    label: "Presence by polling",
    unit: "seconds",
    kind: "number",
    min: 0.001,
    help: "How long somebody who polls over HTTP counts as present after each poll.",
  },
  maxCheckTicketPollTimeSeconds: {
    label: "Longest time between polls",
    unit: "seconds",
    kind: "number",
    min: 0.001,
    help: "What somebody who polls is told to wait at most.",
  },
  estimatedSecondsToLogin: {
    label: "Assumed time to log in",
    unit: "seconds",
    kind: "number",
    min: 0,
    help: "From admission to login, until enough logins were measured.",
  },
  lanes: {
    label: "Lanes",
    unit: "",
    kind: "lanes",
    help: "One lane a line with its weight, such as “vip: 3”. A lane that is taken away keeps its tickets.",
  },
};

export const leverNames = ["targetLoginRatePerSecond", "targetCcuLimit", "mode", "notice"];
export const moreNames = Object.keys(settings).filter((name) => !leverNames.includes(name));

export function sayLabel(name) {
  return Object.hasOwn(settings, name) ? settings[name].label : name;
}

/** A value of a setting, as it is said. */
export function sayValue(name, value) {
  if (value === null || value === undefined) return "as the options say";
  const { kind, zero } = Object.hasOwn(settings, name) ? settings[name] : {};
  if (kind === "mode") return sayModeName(value);
  if (kind === "text") return value === "" ? "none" : quote(value);
  if (kind === "lanes") return laneEntries(value).join(", ");
  if (value === 0 && zero !== undefined) return `0 (${zero})`;
  if (kind === "count") return sayCount(value);
  return kind === "number" ? sayRate(value) : JSON.stringify(value);
}

/** Words of somebody else inside a sentence: cut, and kept from turning the sentence around. */
export function quote(text, most = 80) {
  const characters = [...text];
  return `“\u2068${characters.length > most ? `${characters.slice(0, most).join("")}…` : text}\u2069”`;
}

/** `limit 100 → 200`, and so on for each setting that is in both. */
export function sayChange(before, after) {
  const names = Object.keys(after).filter((name) => Object.hasOwn(before, name));
  return names
    .map((name) => `${sayLabel(name)} ${sayValue(name, before[name])} → ${sayValue(name, after[name])}`)
    .join("; ");
}

/** Those of the names in `wanted`, with the values they have in `all`. */
export function pick(all, wanted) {
  return Object.fromEntries(Object.keys(wanted).map((name) => [name, all[name]]));
}

/** The text that a field holds for a value. */
export function toField(name, value) {
  return settings[name].kind === "lanes" ? laneEntries(value).join("\n") : String(value ?? "");
}

/** The value of what a field holds, or what is wrong with it: `{ value }` or `{ problem }`. */
export function fromField(name, text) {
  const { kind, min = 0, max = Number.MAX_SAFE_INTEGER } = settings[name];
  if (kind === "text" || kind === "mode") return { value: text };
  if (kind === "lanes") return lanesFrom(text);
  // 1,000 is a thousand to one and one to the other; 0x10 and 1e3 are slips of the hand.
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text.trim())) {
    return { problem: `Enter a number in plain digits, such as ${kind === "count" ? "1000" : "1000 or 12.5"}.` };
  }
  const value = Number(text);
  if (kind === "count" && !Number.isInteger(value)) return { problem: "Enter a whole number." };
  if (value < min) return { problem: min === 0.001 ? "Enter a number above 0." : `Enter ${min} or more.` };
  return value > max ? { problem: `Enter ${max} or less.` } : { value };
}

/** Whether two values of a setting are the same. */
export function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function laneEntries(lanes) {
  return Object.entries(lanes ?? {}).map(([name, weight]) => `${name}: ${weight}`);
}

function lanesFrom(text) {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const entries = lines.map((line) => /^\s*([\w-]{1,32})\s*:\s*(\d*\.?\d+)\s*$/.exec(line));
  if (entries.length === 0) return { problem: "Name at least one lane." };
  const wrong = lines[entries.indexOf(null)];
  if (wrong !== undefined) return { problem: `“${wrong.trim().slice(0, 40)}” is not a lane: write “name: weight”.` };
  const names = entries.map(([, name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return { problem: `The lane “${twice}” is there twice.` };
  return { value: Object.fromEntries(entries.map(([, name, weight]) => [name, Number(weight)])) };
}
