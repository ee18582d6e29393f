// Tickets as an operator sees them, from the Redis store's scripts: a page of a lane, or those that a search finds.
import type { ListedTicket, TicketPage } from "../../login-queue/queue-store.ts";
import { listOf, numberOf, type Reply, textOf, textOrNull } from "./replies.ts";
import { isPollerThere, readTicket } from "./ticket-record.ts";

/** Tickets that one call looks at: nobody waits long behind it. */
const mostPerCall = 500;

type Run = (script: string, ...args: readonly (string | number)[]) => Promise<Reply>;

/** Call by call, until the page is full or nobody is left: of admitted tickets those of other lanes are passed over. */
export async function listTickets(run: Run, { status, lane, after, limit }: TicketPage): Promise<ListedTicket[]> {
  const listed: ListedTicket[] = [];
  for (let behind: string | null = String(after ?? "-inf"); behind !== null && listed.length < limit; ) {
    const most: number = status === "waiting" ? Math.min(mostPerCall, limit - listed.length) : mostPerCall;
    const [next, alive, tickets]: readonly Reply[] = listOf(await run("list_tickets", status, lane, behind, most));
    listed.push(...listedOf(alive, tickets));
    behind = textOrNull(next);
  }
  return listed.slice(0, limit);
}

export async function findTickets(run: Run, idOrUserId: string): Promise<ListedTicket[]> {
  const [alive, tickets] = listOf(await run("find_tickets", idOrUserId));
  return listedOf(alive, tickets);
}

/** `alive`: the processes whose sockets are there. `tickets`: id, record and rank by turns. */
function listedOf(alive: Reply | undefined, tickets: Reply | undefined): ListedTicket[] {
  const hostIds = new Set(listOf(alive).map(textOf));
  const parts = listOf(tickets);
  const listed: ListedTicket[] = [];
  for (let index = 0; index < parts.length; index += 3) {
    const [id, record] = [textOf(parts[index]), textOf(parts[index + 1])];
    listed.push(listedTicket(id, record, numberOf(parts[index + 2]), hostIds));
  }
  return listed;
}

/** Present is whom admission would take; of an admitted one, whoever is at a socket. */
function listedTicket(id: string, record: string, rank: number, hostIds: ReadonlySet<string>): ListedTicket {
  const ticket = readTicket(id, record);
  const isAtSocket = ticket.holder?.kind === "socket" && hostIds.has(ticket.holder.hostId);
  if (ticket.status === "admitted") return { ticket, position: 0, isPresent: isAtSocket };
  const position = Math.min(ticket.position, rank);
  return { ticket: { ...ticket, position }, position, isPresent: isAtSocket || isPollerThere(record) };
}
