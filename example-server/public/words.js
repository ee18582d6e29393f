// Every refusal, every closed connection and every turn of the queue, in words for the player.

/** By the code of an error answer. Each takes the whole answer, which says more for some codes. */
const errors = {
  INVALID_REQUEST: () => "The server did not understand the request. Reload the page and try again.",
  INVALID_CREDENTIALS: () => "These credentials were not accepted.",
  TOKEN_INVALID: () => "This session is not known here. Please log in again.",
  TOKEN_EXPIRED: () => "Your session has run out. Please log in again.",
  SESSION_REVOKED: () => "Your session has ended. Please log in again.",
  // A refusal at the door of a room has no room for more than its code.
  BANNED: ({ reason, until }) =>
    `You are banned${until ? ` until ${new Date(until).toLocaleString()}` : ""}${reason ? `: ${reason}` : "."}`,
  ACCESS_LIMITED: () => "The game is open to invited players only at the moment.",
  FORBIDDEN: () => "You are not allowed to do that.",
  PASS_INVALID: () => "Your turn in the queue has lapsed. Please queue again.",
  NOT_FOUND: () => "This way of logging in is not offered here.",
  CONFLICT: () => "You are already playing elsewhere. Log out there first.",
  PAYLOAD_TOO_LARGE: () => "That was too much data for the server.",
  UNSUPPORTED_MEDIA_TYPE: () => "The server did not understand the request. Reload the page and try again.",
  QUEUE_REQUIRED: () => "The game is full and others are waiting: you have to queue first.",
  TOO_MANY_REQUESTS: ({ retryAfterSeconds }) =>
    `Too many tries from here. ${sayAgain(retryAfterSeconds, "in a moment")}`,
  QUEUE_FULL: ({ retryAfterSeconds }) => `The queue itself is full. ${sayAgain(retryAfterSeconds, "in a few minutes")}`,
  QUEUE_CLOSED: ({ retryAfterSeconds }) =>
    `The game lets nobody in at the moment. ${sayAgain(retryAfterSeconds, "later")}`,
  STORE_UNAVAILABLE: ({ retryAfterSeconds }) =>
    `The login service is down for a moment. ${sayAgain(retryAfterSeconds, "soon")}`,
  LOGIN_DATA_UNAVAILABLE: ({ retryAfterSeconds }) =>
    `Your things could not be fetched. ${sayAgain(retryAfterSeconds, "in a moment")}`,
  PROVIDER_UNAVAILABLE: ({ retryAfterSeconds }) =>
    `This way of logging in is down for a moment. ${sayAgain(retryAfterSeconds, "soon")}`,
  // The helper's own: no answer came, an answer of something else, the place is gone.
  NETWORK: () => "The server cannot be reached. Check your connection and try again.",
  UNEXPECTED_ANSWER: () => "Something else than the game answered. Reload the page and try again.",
  REMOVED: ({ reason }) => reason || "Your place in the queue was taken away, or taken over on another page.",
};

/** By the code a connection was closed with. Each takes the reason the server gave. */
const closings = {
  4000: () => "You left the arena.",
  4001: () => "The server is shutting down.",
  4002: () => "The arena ran into an error.",
  4003: () => "Your seat in the arena could not be held any longer.",
  // The server's own words for no reason in particular say no more than these.
  4401: (reason) => `${reason && reason !== "session ended" ? `${reason} ` : ""}Your session has ended.`,
  4403: (reason) => (reason ? `You are banned: ${reason}` : "You are banned."),
  4408: () => "Your session has run out.",
  4409: () => "You logged in somewhere else, so this page was disconnected.",
  4410: (reason) => reason || "The server disconnected you.",
  4411: () => "You were away for too long, and others were waiting for your place.",
};

/** Says what went wrong, whatever was thrown: a refusal of the login, of the matchmaker, or no answer at all. */
export function sayError(error) {
  if (error?.name === "AbortError") return "You left the queue.";
  const code = [error?.code, error?.message].find((word) => typeof word === "string" && Object.hasOwn(errors, word));
  if (code !== undefined) return errors[code](error);
  // The SDK's errors carry a number as their code where the server answered.
  const answered = typeof error?.code === "number";
  return answered ? "The server could not let you in. Please try again." : errors.NETWORK();
}

/** Says why the connection to the arena is gone. */
export function sayClosing(code, reason) {
  return Object.hasOwn(closings, code) ? closings[code](reason) : "The connection to the arena was lost.";
}

/** What a mode of the queue means for those who wait, where the estimate does not say it. */
export function sayMode(mode) {
  if (mode === "always") return "Everyone passes through the queue at the moment.";
  if (mode === "open") return "Everyone is let in at the moment.";
  return "";
}

/** The estimate, or why there is none. Position 0 is no place yet. */
export function sayWait(leftMs, mode, position = 1) {
  if (mode === "unavailable") {
    return `The queue is catching its breath. ${position > 0 ? "Your place is kept." : "We keep knocking."}`;
  }
  if (mode === "paused") return "The queue is paused. Your place is safe.";
  if (leftMs === null) {
    if (mode === "closed") return "Nobody is let in at the moment. Your place is safe.";
    return "We cannot say yet how long it takes.";
  }
  const seconds = Math.ceil(leftMs / 1_000);
  return seconds <= 2 ? "Any moment now" : `About ${saySeconds(seconds)}`;
}

/** 1st, 2nd, 3rd, 4th … */
export function sayPlace(position) {
  const ending = { one: "st", two: "nd", few: "rd", other: "th" }[ordinals.select(position)];
  return `${position}${ending}`;
}

const ordinals = new Intl.PluralRules("en", { type: "ordinal" });

function sayAgain(seconds, otherwise) {
  return `Please try again ${seconds > 0 ? `in ${saySeconds(Math.ceil(seconds))}` : otherwise}.`;
}

function saySeconds(seconds) {
  if (seconds === 1) return "1 second";
  if (seconds < 100) return `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
