// The operator's calls about tickets: who waits and who was let in, page by page, and what may be done to one.
import { z } from "zod";
import { mostPerPage, pageOf } from "../http/page.ts";
import type { QueueOutlook } from "../login-queue/outlook.ts";
import type { ListedTicket, QueueStore, TicketStatus } from "../login-queue/queue-store.ts";
import { shortName } from "../options/live-options.ts";
import { oneOf, positiveWhole } from "../options/option-kinds.ts";
import { inParallel } from "../parallel.ts";
import { mostReasonCharacters, type QueueFace } from "../queue-face.ts";
import type { SessionsFace } from "../sessions/sessions-face.ts";
import * as answers from "./answers.ts";
import { id, none, words } from "./inputs.ts";
import { type OperatorCall, operatorCall } from "./operator-call.ts";
import { parseTicketCursor, type TicketCursor, ticketCursor } from "./ticket-cursor.ts";

export interface TicketCallsDependencies {
  readonly queue: Pick<QueueFace, "admit" | "remove" | "move">;
  readonly estimates: Pick<QueueOutlook, "etaMs">;
  readonly store: Pick<QueueStore, "status" | "listTickets" | "findTickets">;
  readonly sessions: Pick<SessionsFace, "get">;
}

/** Session records that are read at the same time, for the names of those who wait. */
const readsAtOnce = 50;

const oneTicket = z.strictObject({ id });

export function ticketCalls(deps: TicketCallsDependencies): OperatorCall[] {
  const { queue, store } = deps;
  const before = async (ticketId: string) => {
    const found = (await store.findTickets(ticketId)).find(({ ticket }) => ticket.id === ticketId);
    if (found === undefined) return null;
    const { status, lane, userId } = found.ticket;
    return { status, lane, position: found.position, userId };
  };
  return [
    operatorCall({
      action: "tickets.read",
      method: "GET",
      path: "/tickets",
      scope: "tickets:read",
      summary: "Tickets in the order of arrival, lane by lane; with `q` those of one id or of one user",
      params: none,
      query: z.strictObject({
        status: oneOf("waiting", "admitted").exactOptional().describe("Default, without `q`: waiting."),
        lane: shortName.exactOptional(),
        after: z.string().exactOptional().describe("`next` of the page before."),
        q: id.exactOptional().describe("The id of a ticket or of a user."),
      }),
      body: none,
      answer: answers.tickets,
      async run({ query: { status, lane, after, q } }) {
        if (q !== undefined) {
          const found = (await store.findTickets(q)).filter(
            ({ ticket }) => (status ?? ticket.status) === ticket.status && (lane ?? ticket.lane) === ticket.lane,
          );
          return { answer: { tickets: await entriesOf(found, deps) } };
        }
        const cursor = after === undefined ? null : parseTicketCursor(after, lane);
        return { answer: await pageOfTickets({ status: status ?? "waiting", lane, cursor }, deps) };
      },
    }),
    operatorCall({
      action: "ticket.admit",
      method: "POST",
      path: "/tickets/:id/admit",
      scope: "tickets:write",
      summary: "Let a ticket in now, ahead of the line; not beyond the limit",
      params: oneTicket,
      query: none,
      body: none,
      answer: answers.ticketDone,
      refusals: ["NOT_FOUND", "CONFLICT"],
      target: ({ id }) => id,
      async run({ params: { id } }) {
        const was = await before(id);
        await queue.admit(id);
        return { answer: { id }, before: was, after: { status: "admitted" } };
      },
    }),
    operatorCall({
      action: "ticket.remove",
      method: "POST",
      path: "/tickets/:id/remove",
      scope: "tickets:write",
      summary: "Take a place, or an unspent pass, away; its holder is told the reason",
      params: oneTicket,
      query: none,
      body: z.strictObject({ reason: words(mostReasonCharacters) }),
      answer: answers.ticketDone,
      refusals: ["NOT_FOUND"],
      target: ({ id }) => id,
      reason: ({ reason }) => reason,
      async run({ params: { id }, body: { reason } }) {
        const was = await before(id);
        await queue.remove(id, reason);
        return { answer: { id }, before: was };
      },
    }),
    operatorCall({
      action: "ticket.move",
      method: "POST",
      path: "/tickets/:id/move",
      scope: "tickets:write",
      summary: "Put a waiting ticket at a place of its lane: 1 = next, beyond the last = the last",
      params: oneTicket,
      query: none,
      body: z.strictObject({ position: positiveWhole }),
      answer: answers.ticketMoved,
      refusals: ["NOT_FOUND"],
      target: ({ id }) => id,
      async run({ params: { id }, body }) {
        const was = await before(id);
        const position = await queue.move(id, body.position);
        return { answer: { id, position }, before: was, after: { position } };
      },
    }),
  ];
}

interface Asked {
  readonly status: TicketStatus;
  /** undefined: all lanes, one after the other. */
  readonly lane: string | undefined;
  readonly cursor: TicketCursor | null;
}

async function pageOfTickets(
  { status, lane, cursor }: Asked,
  deps: TicketCallsDependencies,
): Promise<z.output<typeof answers.tickets>> {
  const found: ListedTicket[] = [];
  for (const name of await lanesFrom(lane, cursor, deps)) {
    const after = name === cursor?.lane ? cursor.order : null;
    // One more than fits tells that there is another page.
    const limit = mostPerPage + 1 - found.length;
    found.push(...(await deps.store.listTickets({ status, lane: name, after, limit })));
    if (found.length > mostPerPage) break;
  }
  const entries = await entriesOf(found.slice(0, mostPerPage), deps);
  const tickets = pageOf(entries, { tickets: [], next: "x".repeat(64) });
  const last = found[tickets.length - 1];
  if (last === undefined || tickets.length === found.length) return { tickets };
  return { tickets, next: ticketCursor(last.ticket) };
}

/** Lanes in the order of their names: they may come and go between two pages. */
async function lanesFrom(
  lane: string | undefined,
  cursor: TicketCursor | null,
  { store }: TicketCallsDependencies,
): Promise<readonly string[]> {
  if (lane !== undefined) return [lane];
  const names = Object.keys((await store.status()).lanes).sort();
  return cursor === null ? names : names.filter((name) => name >= cursor.lane);
}

async function entriesOf(
  found: readonly ListedTicket[],
  { sessions, estimates }: TicketCallsDependencies,
): Promise<answers.TicketEntry[]> {
  const sids = new Set(found.flatMap(({ ticket: { sid } }) => (sid === null ? [] : [sid])));
  const usernames = new Map<string, string>();
  await inParallel(sids, readsAtOnce, async (sid) => {
    const session = await sessions.get(sid);
    if (session !== null) usernames.set(sid, session.username);
  });
  return found.map(({ ticket, position, isPresent }) => ({
    id: ticket.id,
    lane: ticket.lane,
    status: ticket.status,
    position,
    isPresent,
    userId: ticket.userId,
    username: ticket.sid === null ? null : (usernames.get(ticket.sid) ?? null),
    enqueuedAt: ticket.enqueuedAt,
    etaMs: ticket.status === "waiting" ? estimates.etaMs(position, ticket.lane) : 0,
    admittedAt: ticket.admittedAt,
    passExpiresAt: ticket.passExpiresAt,
  }));
}
