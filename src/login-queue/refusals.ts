// What the store's refusals mean to the player: one error of the wire for each.
import { bannedError, LoginError } from "../errors.ts";
import type { EntryRefusal, JoinOutcome } from "./queue-store.ts";

/** The room that clients are sent to with `QUEUE_REQUIRED`. */
const queueRoomName = "login_queue";

/** What somebody is told who would stand behind so many. */
export type ToldAtTheEnd = (queueLength: number) => {
  readonly queueLength: number;
  readonly etaMs: number;
  readonly retryAfterSeconds: number;
};

export function joinRefusal(
  refusal: Exclude<JoinOutcome, { outcome: "joined" } | { outcome: "ticketNeeded" }>,
  atTheEnd: ToldAtTheEnd,
): LoginError {
  switch (refusal.outcome) {
    case "banned":
      return bannedError(refusal.ban);
    case "queueFull":
      return new LoginError("QUEUE_FULL", "The login queue is full.");
    case "queueClosed":
      return queueClosed();
    case "tooManyTickets": {
      const { retryAfterSeconds } = atTheEnd(refusal.queueLength);
      return new LoginError("TOO_MANY_REQUESTS", "Too many of this address wait already.", { retryAfterSeconds });
    }
  }
}

export function entryRefusal(refusal: EntryRefusal, atTheEnd: ToldAtTheEnd): LoginError {
  if (refusal.outcome === "queueClosed") return queueClosed();
  return new LoginError("QUEUE_REQUIRED", "Others wait or the server is full: join the login queue.", {
    room: queueRoomName,
    ...atTheEnd(refusal.queueLength),
  });
}

function queueClosed(): LoginError {
  return new LoginError("QUEUE_CLOSED", "The login queue is closed.");
}
