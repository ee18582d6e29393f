// The audit list in words: what was done, to whom, and how it came out.
import { sayCount } from "./durations.js";
import { sayAllowed } from "./mode-words.js";
import { quote, sayLabel, sayValue } from "./setting-words.js";

const actions = {
  "queue.configure": "Change the queue",
  "ticket.admit": "Admit a ticket",
  "ticket.remove": "Remove a ticket",
  "ticket.move": "Move a ticket",
  "session.disconnect": "Disconnect a session",
  "session.logout": "Log a session out",
  "user.ban": "Ban a user",
  "user.unban": "Lift a ban",
  "access.set": "Set access",
};

/** What was done. Reads are said as such; an action that the page does not know is shown as it is. */
export function sayAction(action) {
  if (Object.hasOwn(actions, action)) return actions[action];
  const read = /^(\w+)\.read$/.exec(action);
  return read === null ? action : `Look at ${read[1]}`;
}

/** Whether nothing was to be changed by it. */
export function isLook(action) {
  return action.endsWith(".read");
}

/** `done`, or the code it was refused with. */
export function sayOutcome(outcome) {
  return outcome === "done" ? "Done" : `Refused: ${outcome}`;
}

/** Before and after, one line for each thing that changed; not the reason, which stands by itself. */
export function sayBeforeAfter({ before, after, reason }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const isTold = (name) => name === "reason" && after?.reason === reason && !before?.reason;
  return names
    .filter((name) => !isTold(name))
    .map((name) => {
      const said = [before, after].map((side) => (side && Object.hasOwn(side, name) ? say(name, side[name]) : null));
      const [from, to] = said;
      if (from === null) return `${sayLabel(name)}: ${to}`;
      return to === null ? `${sayLabel(name)}: was ${from}` : `${sayLabel(name)}: ${from} → ${to}`;
    });
}

function say(name, value) {
  if (name === "allow" && typeof value === "object" && value !== null) return sayAllowed(value);
  if (/(?:until|At)$/.test(name) && typeof value === "number") return new Date(value).toLocaleString();
  if (/(?:until|At)$/.test(name) && value === null) return "never";
  if (typeof value === "object" && value !== null && name !== "lanes") return JSON.stringify(value);
  if (typeof value === "string" && name !== "mode") return value === "" ? "none" : quote(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" && name === "position" ? sayCount(value) : sayValue(name, value);
}
