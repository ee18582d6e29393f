// Tickets and where they stand, from the answers of the Redis store's scripts.
import type { FinishReason, Standing, Ticket } from "../../login-queue/queue-store.ts";
import { listOf, numberOf, type Reply, textOf, textOrNull } from "./replies.ts";
import { readTicket } from "./ticket-record.ts";

const finishReasons: readonly FinishReason[] = ["admitted", "left", "removed", "lapsed"];

/** A ticket that a script showed: its id and its record. */
export function ticketOf(shown: Reply): Ticket {
  const [id, record] = listOf(shown);
  return readTicket(textOf(id), textOf(record));
}

/** What `lib/standing.lua` answers. */
export function standingOf(reply: Reply): Standing {
  const [status, id, record, queueLength, rank] = listOf(reply);
  if (textOf(status) === "gone") return goneFor(textOrNull(id) ?? "");
  const ticket = readTicket(textOf(id), textOf(record));
  return stands(ticket, numberOf(queueLength), rank === undefined ? 0 : numberOf(rank));
}

/** What `standings.lua` answers of these tickets, in the order asked. */
export function standingsOf(ticketIds: readonly string[], reply: Reply): Standing[] {
  const [laneLengths, records, numbers] = listOf(reply).map(listOf);
  const lengths = new Map<string, number>();
  for (let index = 0; laneLengths !== undefined && index < laneLengths.length; index += 2) {
    lengths.set(textOf(laneLengths[index]), numberOf(laneLengths[index + 1]));
  }
  return ticketIds.map((id, index) => {
    const record = textOrNull(records?.[index]);
    if (record === null) return goneFor(textOf(numbers?.[index]));
    const ticket = readTicket(id, record);
    return stands(ticket, lengths.get(ticket.lane) ?? 0, numberOf(numbers?.[index]));
  });
}

function stands(ticket: Ticket, queueLength: number, rank: number): Standing {
  const { passExpiresAt, position } = ticket;
  return passExpiresAt === null
    ? { status: "waiting", position, rank, queueLength, ticket }
    : { status: "admitted", passExpiresAt, queueLength, ticket };
}

function goneFor(reason: string): Standing {
  return { status: "gone", reason: finishReasons.find((known) => known === reason) ?? null };
}
