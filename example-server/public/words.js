// Every refusal and every closed connection, in words for the player.

/** By the code of an error answer. Each takes the whole answer, which says more for some codes. */
const errors = {
  INVALID_REQUEST: () => "The server did not understand the request. Reload the page and try again.",
  INVALID_CREDENTIALS: () => "These credentials were not accepted.",
  TOKEN_INVALID: () => "This session is not known here. Please log in again.",
  TOKEN_EXPIRED: () => "Your session has run out. Please log in again.",
  SESSION_REVOKED: () => "Your session has ended. Please log in again.",
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
    `Too many tries. Please wait ${retryAfterSeconds ? `${retryAfterSeconds} seconds` : "a moment"}.`,
  QUEUE_FULL: () => "The queue itself is full. Please try again in a few minutes.",
  QUEUE_CLOSED: () => "The game lets nobody in at the moment. Please try again later.",
  STORE_UNAVAILABLE: () => "The login service is down for a moment. Please try again soon.",
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
  4401: () => "Your session has ended.",
  4403: (reason) => (reason ? `You are banned: ${reason}` : "You are banned."),
  4408: () => "Your session has run out.",
  4409: () => "You logged in somewhere else, so this page was disconnected.",
  4410: (reason) => reason || "The server disconnected you.",
  4411: (reason) => reason || "You were away for too long.",
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
