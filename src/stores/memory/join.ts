// How somebody takes a ticket in the memory store: the old place, the place of the same user, or one at the end.
import type { Holder, JoinOutcome, JoinRequest, QueueEvent } from "../../login-queue/queue-store.ts";
import type { QueueCore } from "./queue-core.ts";
import type { TicketEntry } from "./tickets.ts";

/** One join, at `now`, everything that ran out by then being gone. What the feed has to tell is added to `events`. */
export function joinQueue(core: QueueCore, request: JoinRequest, now: number, events: QueueEvent[]): JoinOutcome {
  const { userId, sid, holder } = request;
  const ban = userId === null ? null : core.bans.inForce(userId, now);
  if (ban !== null) return { outcome: "banned", ban };

  const found = findTicket(core, request, now, events) ?? createTicket(core, request, now);
  if (found === "tooManyTickets") return { outcome: found, queueLength: core.tickets.lanes.size };
  if (typeof found === "string") return { outcome: found };
  const { entry, how } = found;
  entry.mayEnterClosed = request.mayEnterClosed ?? false;
  if (holder.kind === "socket") core.leaseHost(holder.hostId, now);
  // The session that a pass is bound to keeps it.
  if (userId !== null && entry.claimedBy === null) core.tickets.bind(entry, userId, sid ?? entry.sid);
  moveTo(core, entry, request.address ?? null);
  takeOver(core, entry, holder, now, events);
  useSlotOfSession(core, entry, now);
  if (entry.status === "admitted" && holder.kind === "poll") entry.delivered = true;
  return { outcome: "joined", ticket: core.tickets.show(entry), how };
}

/** Gives the ticket to a holder; a live socket that held it before is told. */
export function takeOver(core: QueueCore, entry: TicketEntry, holder: Holder, now: number, events: QueueEvent[]): void {
  const from = entry.holder;
  const isSameSocket = from?.kind === "socket" && holder.kind === "socket" && from.id === holder.id;
  if (!isSameSocket) tellHolder(core, entry, events);
  core.tickets.setHolder(entry, holder, now);
}

/**
 * The holder is at this address. The ticket counts there from now on, if there is room for it, and else where it was: it is
 * honoured either way, and nobody gets more places by carrying them from one address to another.
 */
export function moveTo(core: QueueCore, entry: TicketEntry, address: string | null): void {
  if (address === null || address === entry.address) return;
  if (entry.address === null || !isCrowded(core, address)) core.tickets.setAddress(entry, address);
}

function isCrowded({ settings, tickets }: QueueCore, address: string): boolean {
  return settings.maxTicketsPerIp > 0 && tickets.waitingOf(address) >= settings.maxTicketsPerIp;
}

interface Found {
  readonly entry: TicketEntry;
  readonly how: "new" | "returned" | "restored";
}

/** The ticket that the holder or its user has: of two, the one that is further ahead, because a user has one place. */
function findTicket(core: QueueCore, request: JoinRequest, now: number, events: QueueEvent[]): Found | null {
  const { tickets } = core;
  const { claim, userId } = request;
  const ofUser = userId === null ? undefined : tickets.ofUser(userId);
  if (claim === null) return ofUser === undefined ? null : { entry: ofUser, how: "returned" };

  const claimed = tickets.get(claim.id);
  if (claimed !== undefined) {
    const isOfAnother = claimed.userId !== null && userId !== null && claimed.userId !== userId;
    if (isOfAnother) return ofUser === undefined ? null : { entry: ofUser, how: "returned" };
    if (ofUser === undefined || ofUser === claimed) return { entry: claimed, how: "returned" };
    const [kept, given] = isAhead(ofUser, claimed) ? [ofUser, claimed] : [claimed, ofUser];
    giveUp(core, given, now, events);
    return { entry: kept, how: "returned" };
  }

  const mayReturn = core.ticketsMayReturn && tickets.tombstone(claim.id) === undefined;
  if (ofUser === undefined) return mayReturn ? { entry: tickets.restore(claim, now), how: "restored" } : null;
  if (!mayReturn) return { entry: ofUser, how: "returned" };
  if (ofUser.status === "admitted" || ofUser.order < claim.order) {
    tickets.bury(claim.id, "left", now);
    return { entry: ofUser, how: "returned" };
  }
  giveUp(core, ofUser, now, events);
  return { entry: tickets.restore(claim, now), how: "restored" };
}

/** A place at the end, unless the queue takes none. A session that has its slot does not wait, and may always have one. */
function createTicket(
  core: QueueCore,
  request: JoinRequest,
  now: number,
): Found | "queueFull" | "queueClosed" | "tooManyTickets" | "ticketNeeded" {
  const { mode, maxQueueLength } = core.settings;
  const waits = core.needsSlot(request, now);
  if (waits && mode === "closed" && request.mayEnterClosed !== true) return "queueClosed";
  if (waits && maxQueueLength > 0 && core.tickets.lanes.size >= maxQueueLength) return "queueFull";
  const { address = null, mayCreate = true } = request;
  if (waits && address !== null && isCrowded(core, address)) return "tooManyTickets";
  if (!mayCreate) return "ticketNeeded";
  return { entry: core.tickets.create(request.newTicketId, request.lane, now), how: "new" };
}

/** A session with a slot is admitted at once; a slot that waits for a login goes to the session there is. */
function useSlotOfSession(core: QueueCore, entry: TicketEntry, now: number): void {
  const { sid } = entry;
  if (sid === null || core.sessions.getLive(sid, now) === null) return;
  if (entry.status === "waiting") {
    if (!core.slots.isHeld(sid)) return;
    core.admit(entry, now);
  } else if (entry.claimedBy === null) {
    core.bindPass(entry, sid, now);
  }
}

function isAhead(one: TicketEntry, other: TicketEntry): boolean {
  if (one.status !== other.status) return one.status === "admitted";
  return one.order < other.order;
}

function giveUp(core: QueueCore, entry: TicketEntry, now: number, events: QueueEvent[]): void {
  tellHolder(core, entry, events);
  core.finish(entry, entry.claimedBy === null ? "left" : "admitted", now);
}

function tellHolder(core: QueueCore, entry: TicketEntry, events: QueueEvent[]): void {
  if (entry.holder !== null && core.isHeldBySocket(entry)) {
    events.push({ type: "ticketTakenOver", ticketId: entry.id, from: entry.holder });
  }
}
