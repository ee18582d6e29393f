// A join on its way to join.lua, and its answer.
import type { JoinOutcome, JoinRequest } from "../../login-queue/queue-store.ts";

import { listOf, numberOf, type Reply, textOf } from "./replies.ts";
import { decodeBan, userIdOf } from "./session-codec.ts";
import { readTicket } from "./ticket-record.ts";

/** The arguments of `join.lua`, after the settings. */
export function joinArguments(request: JoinRequest): (string | number)[] {
  const { newTicketId, lane, userId, sid, holder, claim } = request;
  const { address = null, mayCreate = true, mayEnterClosed = false } = request;
  return [
    newTicketId,
    lane,
    userId === null ? "" : userIdOf(userId),
    sid ?? "",
    holder.kind,
    ...(holder.kind === "socket" ? [holder.id, holder.hostId] : [holder.nextPollSeconds, ""]),
    address ?? "",
    mayCreate ? 1 : 0,
    mayEnterClosed ? 1 : 0,
    ...(claim === null ? [""] : [claim.id, claim.lane, claim.order, claim.position]),
  ];
}

export function joinOutcomeOf(reply: Reply): JoinOutcome {
  const [outcome, ...rest] = listOf(reply);
  switch (textOf(outcome)) {
    case "joined":
      return { outcome: "joined", how: howOf(rest[0]), ticket: readTicket(textOf(rest[1]), textOf(rest[2])) };
    case "banned":
      return { outcome: "banned", ban: decodeBan(rest[0], rest[1]) };
    case "tooManyTickets":
      return { outcome: "tooManyTickets", queueLength: numberOf(rest[0]) };
    case "queueFull":
      return { outcome: "queueFull" };
    case "queueClosed":
      return { outcome: "queueClosed" };
    case "ticketNeeded":
      return { outcome: "ticketNeeded" };
    default:
      throw new Error(`join.lua answered an outcome that is none: ${textOf(outcome)}`);
  }
}

function howOf(reply: Reply | undefined): "new" | "returned" | "restored" {
  const how = textOf(reply);
  if (how === "new" || how === "returned" || how === "restored") return how;
  throw new Error(`join.lua answered with how: ${how}`);
}
