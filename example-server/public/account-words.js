// What the forms for e-mail, account and sessions say.
import { sayError } from "./words.js";

/** What a code means on these forms, where that is more than it says elsewhere. Each takes the server's own message. */
const refusals = {
  INVALID_CREDENTIALS: () => "The address or the password is wrong.",
  INVALID_REQUEST: (message) => {
    const length = /^(?:password|newPassword): expected (\d+) to (\d+) characters/.exec(message);
    if (length !== null) return `A password needs at least ${length[1]} characters, and at most ${length[2]}.`;
    if (message.startsWith("email:")) return "This does not look like an e-mail address.";
    if (message.startsWith("username:")) return "A username has 1 to 64 characters, and no line breaks.";
    return null;
  },
  CONFLICT: (message) => {
    if (/username/i.test(message)) return "This username is taken. Choose another one.";
    if (/address|identity/i.test(message)) return "This address has an account already. Log in with it instead.";
    return "Something changed at the same moment. Please try again.";
  },
  FORBIDDEN: (message) => (/address/i.test(message) ? "Confirm your address first: a mail is on its way." : null),
};

export function sayAccountError(error) {
  const refusal = Object.hasOwn(refusals, error?.code) ? refusals[error.code](error.message ?? "") : null;
  return refusal ?? sayError(error);
}

/** Of a link in a mail, which works once. */
export function sayLinkError(error) {
  const isSpent = error?.code === "TOKEN_INVALID" || error?.code === "TOKEN_EXPIRED";
  return isSpent ? "This link was used already, or is too old. Ask for a new one." : sayAccountError(error);
}

const systems = [
  ["iPhone", /iPhone/],
  ["iPad", /iPad/],
  ["Android", /Android/],
  ["Windows", /Windows/],
  ["macOS", /Mac OS/],
  ["Linux", /Linux/],
];
const browsers = [
  ["Edge", /Edg/],
  ["Opera", /OPR/],
  ["Firefox", /Firefox|FxiOS/],
  ["Chrome", /Chrom|CriOS/],
  ["Safari", /Safari/],
];

/** The program that logged in, by its User-Agent. */
export function sayAgent(agent) {
  const nameIn = (table) => table.find(([, pattern]) => pattern.test(agent ?? ""))?.[0];
  const browser = nameIn(browsers);
  const system = nameIn(systems);
  if (browser !== undefined) return system === undefined ? browser : `${browser} on ${system}`;
  return agent ? agent.slice(0, 40) : "Something unknown";
}

/** How long ago a session was in use; the server knows it to the minute. */
export function saySeen(agoMs) {
  const minutes = Math.floor(agoMs / 60_000);
  if (minutes < 2) return "seen just now";
  if (minutes < 120) return `seen ${minutes} minutes ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `seen ${hours} hours ago` : `seen ${Math.floor(hours / 24)} days ago`;
}
