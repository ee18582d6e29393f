// The tickets of the memory store as an operator sees them: a page of a lane, or those that a search finds. Nothing changes by it.
import type { ListedTicket, TicketPage } from "../../login-queue/queue-store.ts";
import type { QueueCore } from "./queue-core.ts";
import type { TicketEntry } from "./tickets.ts";

/** Everything that ran out by now being gone. */
export function listTickets(core: QueueCore, { status, lane, after, limit }: TicketPage): ListedTicket[] {
  const { tickets } = core;
  const order = after ?? Number.NEGATIVE_INFINITY;
  const entries = status === "waiting" ? tickets.waitingAbove(lane, order) : tickets.admittedAbove(lane, order);
  const listed: ListedTicket[] = [];
  for (const entry of entries) {
    if (listed.length >= limit) break;
    listed.push(listedTicket(core, entry));
  }
  return listed;
}

/** Everything that ran out by now being gone. */
export function findTickets(core: QueueCore, idOrUserId: string): ListedTicket[] {
  const found = new Set([core.tickets.get(idOrUserId), core.tickets.ofUser(idOrUserId)]);
  return [...found].flatMap((entry) => (entry === undefined ? [] : [listedTicket(core, entry)]));
}

/** Its position is what its holder would be shown now; it counts as shown only once that has happened. */
function listedTicket(core: QueueCore, entry: TicketEntry): ListedTicket {
  const ticket = core.tickets.look(entry);
  return entry.status === "waiting"
    ? { ticket, position: ticket.position, isPresent: entry.present }
    : { ticket, position: 0, isPresent: core.isHeldBySocket(entry) };
}
