// What players do to the queue in the property tests, and what its answers must keep.
import type { Holder, JoinOutcome, Ticket, TicketClaim } from "../../src/login-queue/queue-store.ts";
import type { KnownSession, StepEffects } from "./known.ts";
import { must } from "./must.ts";
import type { World } from "./world.ts";

/** The last one is not among the lanes of every queue: only a ticket of an earlier life names it then. */
export const lanes = ["default", "friends", "patient"];

const addresses = ["192.0.2.1", "192.0.2.2", null];

export function pick<T>(from: readonly T[], index: number): T | undefined {
  return from[index % Math.max(1, from.length)];
}

export async function liveSlots(world: World): Promise<number> {
  return (await world.store.queue.status()).liveSlots;
}

interface JoinMove {
  readonly claim: TicketClaim | null;
  readonly session: KnownSession | null;
  readonly how: number;
}

export async function join(world: World, { claim, session, how }: JoinMove): Promise<StepEffects> {
  const hostId = pick(world.hostIds, how) ?? "";
  const nextPollSeconds = 1 + (how % 30);
  const holder: Holder =
    how % 4 === 0 ? { kind: "poll", nextPollSeconds } : { kind: "socket", id: world.newId("socket"), hostId };
  const { userId, sid } = session ?? { userId: null, sid: null };
  const lane = pick(Object.keys(world.settings.lanes), how >> 1) ?? "default";
  const mayEnterClosed = how % 5 === 0;
  const address = pick(addresses, how >> 2) ?? null;
  const slotsBefore = await liveSlots(world);
  const isEntitled = session !== null && world.holdsSlot(session) && (await world.isLive(session));
  const joined = await world.store.queue.join({
    claim,
    newTicketId: world.newId("ticket"),
    lane,
    userId,
    sid,
    holder,
    mayEnterClosed,
    address,
  });
  const isBanned = userId !== null && world.isBanned(userId);
  must((joined.outcome === "banned") === isBanned, "9: a ban is asked before queueing");
  if (joined.outcome !== "joined") {
    must(isBanned || !isEntitled, "who has a slot needs no room in the queue");
    checkRefusal(world, joined.outcome, mayEnterClosed);
    return {};
  }
  must((await liveSlots(world)) <= slotsBefore, "a join takes no slot");
  const { ticket } = joined;
  checkPlace(world, { claim, session, how }, joined);
  if (joined.how === "new" && ticket.status === "waiting") checkCrowd(world, address);
  const before = world.tickets.get(ticket.id)?.status;
  const hadPass = before === "admitted";
  const known = world.learn(
    ticket,
    holder.kind === "socket" ? holder : { kind: "poll", polledAt: world.now, nextPollSeconds },
    mayEnterClosed,
  );
  known.addresses.add(address);
  if (holder.kind === "socket") world.hostLives(hostId);
  if (ticket.passExpiresAt !== null) {
    known.status = "admitted";
    known.passExpiresAt = ticket.passExpiresAt;
    if (!hadPass) {
      must(ticket.sid !== null, "nobody is admitted by joining but for the slot of a session");
      world.saw("admitted at once");
    }
    // Whoever polls has the pass with the answer; a session that had its slot needs none to be told.
    if (holder.kind === "poll" || !hadPass) world.delivered(ticket.id);
  }
  if (isEntitled && ticket.sid === sid) must(ticket.status === "admitted", "a slot in player grace admits at once");
  return { gives: true, admits: true };
}

function checkRefusal(world: World, outcome: JoinOutcome["outcome"], mayEnterClosed: boolean): void {
  const { mode, maxQueueLength, maxTicketsPerIp } = world.settings;
  world.saw(`refused ${outcome}`);
  if (outcome === "queueFull") {
    must(maxQueueLength > 0 && world.waiting() >= maxQueueLength, "full is what holds maxQueueLength");
  } else if (outcome === "queueClosed") {
    must(mode === "closed" && !mayEnterClosed, "nobody is turned away but while the queue is closed");
  } else if (outcome === "tooManyTickets") {
    must(maxTicketsPerIp > 0 && world.waiting() >= maxTicketsPerIp, "an address may have maxTicketsPerIp");
  }
}

/** A new ticket from an address: those that never were anywhere else left room for it. */
function checkCrowd(world: World, address: string | null): void {
  const { maxTicketsPerIp } = world.settings;
  if (maxTicketsPerIp === 0 || address === null) return;
  let others = 0;
  for (const { status, addresses } of world.tickets.values()) {
    if (status === "waiting" && addresses.size === 1 && addresses.has(address)) others += 1;
  }
  must(others < maxTicketsPerIp, "an address has no more tickets than it may", others);
}

/** Which ticket it is: the old one in its order, and never one that was finished. */
function checkPlace(
  world: World,
  { claim, session }: JoinMove,
  { ticket, how }: JoinOutcome & { readonly outcome: "joined" },
): void {
  world.saw(`place ${how}`);
  if (claim === null) return;
  const known = world.tickets.get(claim.id);
  const isClaimed = ticket.id === claim.id;
  const isInQueue = known?.status === "waiting" || known?.status === "admitted";
  if (isInQueue) {
    must(session !== null || isClaimed, "who comes with a ticket has its place");
  } else if (known?.status === "gone" || !world.ticketsMayReturn) {
    must(!isClaimed, "6: a finished ticket is never good again");
  } else if (session === null && !world.buried.has(claim.id)) {
    must(isClaimed && how === "restored", "a ticket of an earlier life comes back", claim, ticket);
  } else if (!isClaimed) {
    world.buried.add(claim.id);
  }
  if (isClaimed) {
    // A place that an operator's move gave on may be asked for by whoever had it: then both are side by side.
    const isInOrder = ticket.order === claim.order || (how === "restored" && ticket.order - claim.order < 10);
    must(isInOrder && ticket.lane === claim.lane, "a ticket keeps its order", claim, ticket);
    must(ticket.position <= claim.position || ticket.status === "admitted", "5: a position never rises", claim, ticket);
  }
}

export async function admit(world: World, how: number): Promise<StepEffects> {
  const before = await liveSlots(world);
  const line = world.line();
  const admitted = await world.store.queue.admit();
  const after = await liveSlots(world);
  world.ledger.letIn(after - before, admitted.length, after);
  const byLane = Map.groupBy(admitted, ({ lane }) => lane);
  for (const [lane, tickets] of byLane) {
    const present = line.get(lane) ?? [];
    const inOrder = tickets.every(({ id }, index) => present[index]?.id === id);
    must(inOrder, "3: of those present, the earlier first", lane, present, tickets);
  }
  const counts = new Map([...line].map(([lane, { length }]) => [lane, length]));
  world.ledger.lanesServed(admitted, counts);
  if (byLane.size > 1) world.saw("several lanes served");
  if (admitted.length > 0) world.saw(`admitted ${world.settings.mode}`);
  let left = -admitted.length;
  for (const count of counts.values()) left += count;
  if (mayGoOn(world, after)) must(left === 0, "3: nobody present is kept waiting for nothing", left);
  for (const ticket of admitted) await useNewSlot(world, ticket, how);
  return { admits: true };
}

/** The session that a ticket was admitted for has a slot now; sometimes it goes and plays at once. */
async function useNewSlot(world: World, { id, sid, passExpiresAt }: Ticket, how: number): Promise<void> {
  const known = world.tickets.get(id);
  const session = sid === null ? undefined : world.sessions.get(sid);
  if (known !== undefined) Object.assign(known, { status: "admitted", passExpiresAt, sid });
  if (session === undefined || how % 3 !== 0 || !(await world.isLive(session))) return;
  const { outcome } = await world.store.queue.takeSlot(session.sid);
  must(outcome === "held", "a session that lost its slot is bound to the new one", outcome);
  world.saw("bound to a new slot");
}

/** Whether somebody who is next must be let in. */
function mayGoOn(world: World, slots: number): boolean {
  if (world.now < world.ledger.holdUntil) return false;
  const { mode } = world.settings;
  if (mode === "open") return true;
  if (mode === "paused") return false;
  return slots < world.ledger.limit() && world.ledger.tokens() >= 1 + 1e-6;
}

/** Whether somebody may, and must, be let in who does not stand in the line. */
function mayPassBy(world: World, slots: number, mayEnterClosed: boolean): boolean {
  const { mode } = world.settings;
  if (mode === "always" || (mode === "closed" && !mayEnterClosed)) return false;
  return mayGoOn(world, slots) && (mode === "open" || world.line().size === 0);
}

function checkPassedBy(world: World, slots: number, mayEnterClosed: boolean, after: number): void {
  const { mode } = world.settings;
  const isAllowed = mode === "auto" || mode === "open" || (mode === "closed" && mayEnterClosed);
  must(isAllowed, "nobody is let in past a queue that everybody has to go through", mode);
  must(mode === "open" || world.line().size === 0, "S47: nobody is let in past those who wait");
  world.ledger.letIn(slots, 1, after);
}

export async function admitDirectly(world: World, how: number): Promise<StepEffects> {
  const mayEnterClosed = how % 5 === 0;
  const ticketId = world.newId("direct");
  const before = await liveSlots(world);
  const outcome = await world.store.queue.admitDirectly(ticketId, mayEnterClosed);
  if (outcome.outcome !== "admitted") {
    must(!mayPassBy(world, before, mayEnterClosed), "nobody is sent to a queue where nobody waits for nothing");
    return {};
  }
  const after = await liveSlots(world);
  checkPassedBy(world, after - before, mayEnterClosed, after);
  world.saw("admitted directly");
  world.directLogins += 1;
  const [standing] = await world.store.queue.standings([ticketId]);
  must(standing?.status === "admitted", "a direct pass is admitted");
  world.learn(standing.ticket, { kind: "dropped", at: world.now }, false);
  world.delivered(ticketId);
  return { admits: true };
}

export async function takeSlot(world: World, session: KnownSession, how: number): Promise<boolean> {
  const mayEnterClosed = how % 5 === 0;
  const before = await liveSlots(world);
  const isLive = await world.isLive(session);
  const holds = isLive && world.holdsSlot(session);
  const { outcome } = await world.store.queue.takeSlot(session.sid, mayEnterClosed);
  must(!holds || outcome === "held", "a slot is the session's for as long as its lease", outcome);
  if (outcome !== "held" && outcome !== "taken") {
    must(
      !isLive || !mayPassBy(world, before, mayEnterClosed),
      "a session is not sent to a queue where nobody waits for nothing",
    );
    return false;
  }
  must(isLive && !session.ended, "7: an ended session is given nothing");
  const after = await liveSlots(world);
  if (outcome === "held") {
    must(after === before, "a slot that is held is not taken again");
  } else {
    checkPassedBy(world, after - before, mayEnterClosed, after);
    session.isLeaving = false;
    world.slotProlonged(session);
    world.saw("slot taken");
  }
  return true;
}
