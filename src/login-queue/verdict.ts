// What a look at the store means for a client that waits in the room: pure, so that every case can be told apart in a test.
import type { Place } from "./place.ts";
import type { Holder } from "./queue-store.ts";

export type Verdict =
  | "waiting"
  | "admitted"
  /** Its pass opened a session. */
  | "spent"
  /** Its pass ran out unused. */
  | "lapsed"
  /** Another connection has the ticket, or had it and was admitted with it. */
  | "takenOver"
  | "removed"
  /** The client is here, but the store counts it as away, let it lapse as such, or knows nothing of it: it takes its place again. */
  | "lost";

/** What of a seat the verdict needs. */
export interface JudgedSeat {
  /** Whether the store was told of this connection. */
  readonly isClaimed: boolean;
  readonly holderId: string;
  readonly view: { readonly status: string };
}

export function judge(seat: JudgedSeat, place: Place): Verdict {
  const { ticket, finish } = place;
  const wasAdmitted = seat.view.status === "admitted";
  if (ticket !== null) {
    if (ticket.holder === null) return "lost";
    if (seat.isClaimed && !isHeldBy(ticket.holder, seat.holderId)) return "takenOver";
    return ticket.status;
  }
  switch (finish) {
    case null:
      return "lost";
    case "lapsed":
      return wasAdmitted ? "lapsed" : "lost";
    case "admitted":
      return wasAdmitted ? "spent" : "takenOver";
    case "left":
    case "removed":
      return "removed";
  }
}

function isHeldBy(holder: Holder, holderId: string): boolean {
  return holder.kind === "socket" && holder.id === holderId;
}
