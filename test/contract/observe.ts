// After every step of the property tests: what the store says of all tickets, sessions and slots, against what is known of them.
import { defaultLane } from "../../src/login-queue/lanes.ts";
import type { FinishReason, LaneStatus, Standing } from "../../src/login-queue/queue-store.ts";
import type { KnownSession, KnownTicket, StepEffects } from "./known.ts";
import { must } from "./must.ts";
import type { World } from "./world.ts";

/** Compares it all. `everything`: those too that were gone before, which change no more. */
export async function observe(world: World, effects: StepEffects, everything: boolean): Promise<void> {
  const tickets = [...world.tickets.values()].filter(
    ({ status }) => everything || (status !== "gone" && status !== "lost"),
  );
  const standings = await world.store.queue.standings(tickets.map((ticket) => ticket.id));
  const users = new Set<string>();
  for (const [index, ticket] of tickets.entries()) {
    const standing = standings[index];
    must(standing !== undefined, "a standing is missing");
    observeTicket(world, ticket, standing, effects);
    if (standing.status === "gone") continue;
    const { userId } = standing.ticket;
    if (userId === null) continue;
    must(!users.has(userId), "S42: one ticket for a user");
    users.add(userId);
    must(!world.isBanned(userId), "9: a banned user has no ticket");
  }
  for (const session of world.sessions.values()) {
    if (everything || !session.forgotten) await observeSession(world, session);
  }
  const status = await world.store.queue.status();
  let waiting = 0;
  let away = 0;
  for (const [name, lane] of Object.entries(status.lanes)) {
    waiting += lane.waiting;
    away += lane.away;
    observeBooks(name, lane, name === defaultLane(world.settings.lanes) ? world.directLogins : 0);
    if (everything) await observeList(world, name);
  }
  must(waiting === world.waiting(), "6: the line is made of the tickets that wait", waiting, world.waiting());
  const present = world.present();
  must(waiting - away === present, "present ones are those whose holders are", waiting - away, present);
  await observeSlots(world, status.liveSlots);
}

/** Whoever entered waits, was let in or gave up; one whose pass was given back entered twice. */
function observeBooks(name: string, lane: LaneStatus, directLogins: number): void {
  const { entered, waiting, admitted, abandoned, lapsed } = lane;
  must(entered === waiting + admitted + abandoned + directLogins, "every ticket is counted once", name, lane);
  must(lapsed <= abandoned, "who lapsed is among those who gave up", name, lane);
}

/** An operator sees the line as it is. */
async function observeList(world: World, lane: string): Promise<void> {
  const inLane = [...world.tickets.values()].filter((ticket) => ticket.lane === lane);
  for (const status of ["waiting", "admitted"] as const) {
    const known = inLane.filter((ticket) => ticket.status === status).sort((one, other) => one.order - other.order);
    const listed = await world.store.queue.listTickets({ status, lane, after: null, limit: 1_000 });
    must(listed.length === known.length, "an operator sees all of a lane", lane, status, listed.length, known.length);
    for (const [index, { ticket, isPresent }] of listed.entries()) {
      const own = known[index];
      must(own !== undefined && ticket.id === own.id, "an operator sees a lane in its order", lane, status, index);
      if (status === "waiting") must(isPresent === world.isPresent(own), "an operator sees who is present", own);
    }
  }
}

function observeTicket(world: World, ticket: KnownTicket, standing: Standing, effects: StepEffects): void {
  const before = ticket.status;
  if (before === "gone" || before === "lost") {
    must(
      standing.status === "gone",
      "6: what is finished stays so, and what was lost comes back with its holder alone",
    );
    return;
  }
  if (standing.status === "gone") {
    observeFinish(world, ticket, standing.reason, effects);
    ticket.status = "gone";
    ticket.reason = standing.reason;
    return;
  }
  ticket.seenAt = world.now;
  ticket.sid = standing.ticket.sid;
  ticket.status = standing.status;
  must(standing.ticket.order === ticket.order || effects.moves !== undefined, "a ticket keeps its order");
  ticket.order = standing.ticket.order;
  if (standing.status === "admitted") {
    must(before === "admitted" || effects.admits === true, "nobody is admitted but by a step that admits");
    must(world.now < standing.passExpiresAt, "a pass lives for passSeconds");
    must(
      ticket.deliveredPass === null || standing.passExpiresAt === ticket.deliveredPass,
      "4: at most one delivered pass",
    );
    ticket.passExpiresAt = standing.passExpiresAt;
    return;
  }
  if (before === "admitted") {
    must(world.now >= ticket.passExpiresAt, "a pass is not taken back early");
    ticket.givenBackAt = ticket.passExpiresAt;
    slotMayBeGone(world, ticket);
    world.saw("pass given back");
  }
  must(ticket.deliveredPass === null, "4: who had a pass does not wait again");
  const mayRise = effects.moves === ticket.id;
  must(mayRise || standing.position <= ticket.claim.position, "5: a position never rises", ticket, standing.position);
  must(world.now < lapsesAt(world, ticket), "6: none lingers");
  ticket.claim = { ...ticket.claim, order: ticket.order, position: standing.position };
}

function observeFinish(world: World, ticket: KnownTicket, reason: FinishReason | null, effects: StepEffects): void {
  must(reason !== null, "6: a ticket is lost", ticket.id);
  world.saw(`ended ${reason}`);
  switch (reason) {
    case "admitted":
      must(ticket.openedBy !== null || ticket.sid !== null, "admitted means that a session has it");
      return;
    case "left":
      must(effects.gives === true, "left means that it was given up");
      return;
    case "removed":
      must(effects.removes === true, "removed means that somebody did");
      return;
    case "lapsed": {
      slotMayBeGone(world, ticket);
      if (effects.fails) return;
      const passEnded = ticket.status === "admitted" && world.now >= ticket.passExpiresAt;
      if (passEnded && ticket.deliveredPass !== null) return;
      if (passEnded) ticket.givenBackAt = ticket.passExpiresAt;
      must(world.now >= lapsesAt(world, ticket), "6: none lapses within its grace", ticket, world.now);
    }
  }
}

/** A pass that reached nobody took the slot along that it had given the session. */
function slotMayBeGone(world: World, ticket: KnownTicket): void {
  const session = ticket.sid === null ? undefined : world.sessions.get(ticket.sid);
  if (session !== undefined && ticket.passExpiresAt > 0) session.slotUntil = 0;
}

/** When a waiting ticket has been away for its whole grace, as things stand. */
function lapsesAt(world: World, { held, givenBackAt }: KnownTicket): number {
  const { queueGraceSeconds, pollPresentSeconds } = world.settings;
  const graceMs = queueGraceSeconds * 1000;
  const afterPass = givenBackAt === null ? 0 : givenBackAt + graceMs;
  if (held.kind === "dropped") return Math.max(afterPass, held.at + graceMs);
  if (held.kind === "poll") {
    const presentUntil = held.polledAt + pollPresentSeconds * 1000;
    return Math.max(afterPass, presentUntil, held.polledAt + held.nextPollSeconds * 1000 + graceMs);
  }
  if (world.isHostAlive(held.hostId)) return Number.POSITIVE_INFINITY;
  return Math.max(afterPass, (world.leases.get(held.hostId) ?? 0) + graceMs);
}

async function observeSession(world: World, session: KnownSession): Promise<void> {
  const { sid, userId, ended } = session;
  const record = await world.store.sessions.get(sid);
  session.forgotten = record === null;
  if (ended) {
    // It may be forgotten once nobody could present it; a missing record lets nobody in.
    must(record === null || record.end !== null, "7: an ended session stays ended");
    must(!(await world.isLive(session)), "7: and is listed no more");
  }
  if (world.isBanned(userId)) must(!(await world.isLive(session)), "9: a banned user has no live session");
}

async function observeSlots(world: World, liveSlots: number): Promise<void> {
  let most = 0;
  for (const ticket of world.tickets.values()) if (ticket.status === "admitted") most += 1;
  let least = 0;
  for (const session of world.sessions.values()) {
    if (!session.ended || session.forgotten || session.openHosts.size > 0) most += 1;
    if (world.holdsSlot(session) && (await world.isLive(session))) least += 1;
  }
  must(liveSlots <= most, "S45: no slot is held twice", liveSlots, most);
  must(liveSlots >= least, "a slot under its lease is counted", liveSlots, least);
}
