// Every refusal and every failure in words for the operator: what it means, and what to do.

/** By the code of the answer. Each takes the whole error, which says more for some codes. */
const errors = {
  TOKEN_INVALID: () => "This token is not valid here: mistyped, revoked, of another server, or no operator's token.",
  TOKEN_EXPIRED: () => "This token has expired. Make a new one and sign in again.",
  FORBIDDEN: ({ message }) => {
    const scope = scopeIn(message);
    return scope === null ? "Your token does not allow that." : `Your token lacks the scope ${scope}.`;
  },
  NOT_FOUND: () => "Not found: it may have ended or left meanwhile.",
  CONFLICT: ({ message }) => `That is not possible now: ${message || "something changed at the same moment."}`,
  INVALID_REQUEST: ({ message }) => `The server did not accept that: ${message || "a value is wrong."}`,
  PAYLOAD_TOO_LARGE: () => "That is too much for one request: at most 16 KiB. Use groups instead of long lists.",
  TOO_MANY_REQUESTS: ({ retryAfterSeconds }) =>
    `Too many requests from here. Try again ${retryAfterSeconds > 0 ? `in ${Math.ceil(retryAfterSeconds)} s` : "in a moment"}.`,
  STORE_UNAVAILABLE: () => "The store cannot be reached. Players who are in stay in.",
  INTERNAL: () => "The server failed to answer; its log says why.",
  // The page's own: no answer came, none in time, or one of something else.
  NETWORK: () => "The server cannot be reached from here.",
  TIMEOUT: () => "The server did not answer in time.",
  UNEXPECTED_ANSWER: ({ status }) =>
    `Something else than the login answered${status > 0 ? ` (status ${status})` : ""}.`,
};

/** After these a change may have been made all the same: the answer was lost, or the server failed on the way. */
const leaveOpen = ["STORE_UNAVAILABLE", "INTERNAL", "NETWORK", "TIMEOUT", "UNEXPECTED_ANSWER"];

/** Says what went wrong, whatever was thrown. */
export function sayError(error) {
  const code = error?.code;
  const unknown =
    error?.isOfChange && leaveOpen.includes(code)
      ? " It is not known whether the change was made: look before you repeat it."
      : "";
  if (typeof code === "string" && Object.hasOwn(errors, code)) return errors[code](error) + unknown;
  return error?.message ? `That failed: ${error.message}` : "That failed.";
}

/** Why a sign-in was refused. */
export function saySignInError(error) {
  if (error?.code !== "FORBIDDEN") return sayError(error);
  return `This token is good, but lacks the scope ${scopeIn(error.message) ?? "status:read"}, without which this page can show nothing.`;
}

/** Whether the token itself is at fault, so that there is nothing to do but to sign in again. */
export function isSignedOutBy(error) {
  return error?.code === "TOKEN_INVALID" || error?.code === "TOKEN_EXPIRED";
}

/** Why the page went back to the sign-in. */
export function saySignedOut(error) {
  return error?.code === "TOKEN_EXPIRED"
    ? "You were signed out: your token has expired. Make a new one and sign in again."
    : "You were signed out: your token is no longer valid here. It may have been revoked.";
}

/** Why the figures stand still, for the line above them. */
export function sayOutage(error) {
  if (error?.code === "STORE_UNAVAILABLE")
    return "The store is away: nobody is admitted, and players who are in stay in.";
  if (error?.code === "TIMEOUT") return "The server does not answer in time.";
  return sayError(error);
}

function scopeIn(message) {
  return /\b[a-z]+:(?:read|write)\b/.exec(message ?? "")?.[0] ?? null;
}
