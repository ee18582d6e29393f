// What is done to the queue in the property tests, and what its answers must keep.
import { expect } from "vitest";
import { type Holder, hostLeaseSeconds, type TicketClaim } from "../../src/login-queue/queue-store.ts";
import type { KnownSession, StepEffects, World } from "./world.ts";

export const hosts = ["host-a", "host-b"];
export const lanes = ["default", "friends"];

export function pick<T>(from: readonly T[], index: number): T | undefined {
  return from[index % Math.max(1, from.length)];
}

export async function liveSlots(world: World): Promise<number> {
  return (await world.store.queue.status()).liveSlots;
}

export async function join(
  world: World,
  request: {
    claim: TicketClaim | null;
    session: KnownSession | null;
    how: number;
  },
): Promise<StepEffects> {
  const { claim, session, how } = request;
  const hostId = pick(hosts, how) ?? "host-a";
  const id = world.newId("socket");
  const nextPollSeconds = 1 + (how % 30);
  const holder: Holder = how % 4 === 0 ? { kind: "poll", nextPollSeconds } : { kind: "socket", id, hostId };
  const slotsBefore = await liveSlots(world);
  const { userId, sid } = session ?? { userId: null, sid: null };
  const newTicketId = world.newId("ticket");
  const lane = pick(lanes, how >> 1) ?? "default";
  const joined = await world.store.queue.join({ claim, newTicketId, lane, userId, sid, holder });
  if (joined.outcome === "banned") {
    expect(userId !== null && world.isBanned(userId)).toBe(true);
    return {};
  }
  if (joined.outcome === "queueFull") return {};
  expect(await liveSlots(world), "a join takes no slot").toBeLessThanOrEqual(slotsBefore);
  const { ticket } = joined;
  const hadPass = world.tickets.get(ticket.id)?.status === "admitted";
  const known = world.learn(
    ticket,
    holder.kind === "socket" ? holder : { kind: "poll", polledAt: world.now, nextPollSeconds },
  );
  if (holder.kind === "socket") world.hosts.set(hostId, world.now + hostLeaseSeconds * 1000);
  if (ticket.passExpiresAt !== null) {
    known.status = "admitted";
    known.passExpiresAt = ticket.passExpiresAt;
    // Whoever polls has the pass with the answer; a session that had its slot needs none to be told.
    if (holder.kind === "poll" || !hadPass) world.delivered(ticket.id);
  }
  return { gives: true, admits: true };
}

export async function renew(world: World, who: number): Promise<void> {
  const hostId = pick(hosts, who) ?? "host-a";
  const connected = [...world.sessions.values()].filter((session) => session.openHosts.has(hostId));
  await world.store.queue.renewHost(
    hostId,
    connected.map((session) => session.sid),
  );
  world.hosts.set(hostId, world.now + hostLeaseSeconds * 1000);
}

export async function admit(world: World): Promise<StepEffects> {
  const before = await liveSlots(world);
  const line = new Map(lanes.map((lane) => [lane, world.present(lane).map((ticket) => ticket.id)]));
  const admitted = await world.store.queue.admit();
  const after = await liveSlots(world);
  world.ledger.letIn(after - before, admitted.length, after);
  for (const lane of lanes) {
    const ids = admitted.filter((ticket) => ticket.lane === lane).map((ticket) => ticket.id);
    expect(ids, "3: of those present, the earlier first").toEqual(line.get(lane)?.slice(0, ids.length));
  }
  world.ledger.lanesServed(admitted, line);
  const left = [...line.values()].flat().length - admitted.length;
  const mayGoOn =
    after < world.settings.targetCcuLimit && world.now >= world.ledger.holdUntil && world.ledger.tokens() >= 1 + 1e-6;
  if (mayGoOn) expect(left, "3: nobody present is kept waiting for nothing").toBe(0);
  return { admits: true };
}

export async function admitDirectly(world: World): Promise<StepEffects> {
  const ticketId = world.newId("direct");
  const before = await liveSlots(world);
  const someoneWaits = world.present().length > 0;
  const outcome = await world.store.queue.admitDirectly(ticketId);
  const after = await liveSlots(world);
  if (outcome.outcome === "queueRequired") return {};
  expect(someoneWaits, "nobody is let in past those who wait").toBe(false);
  world.ledger.letIn(after - before, 1, after);
  const [standing] = await world.store.queue.standings([ticketId]);
  if (standing?.status !== "admitted") throw new Error("a direct pass was not admitted");
  world.learn(standing.ticket, { kind: "dropped", at: world.now });
  world.delivered(ticketId);
  return { admits: true };
}

export async function takeSlot(world: World, session: KnownSession): Promise<boolean> {
  const before = await liveSlots(world);
  const someoneWaits = world.present().length > 0;
  const outcome = await world.store.queue.takeSlot(session.sid);
  const after = await liveSlots(world);
  if (outcome.outcome === "queueRequired") return false;
  expect(session.ended, "7: an ended session is given nothing").toBe(false);
  if (outcome.outcome === "held") {
    expect(after).toBe(before);
  } else {
    expect(someoneWaits, "S47: nobody takes a slot past those who wait").toBe(false);
    world.ledger.letIn(after - before, 1, after);
  }
  return true;
}
