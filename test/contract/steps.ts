// The steps of the property tests: what players, servers and operators do to a store, picked by numbers.
import fc from "fast-check";
import { expect } from "vitest";
import { hostLeaseSeconds } from "../../src/login-queue/queue-store.ts";
import { admit, admitDirectly, hosts, join, lanes, pick, renew, takeSlot } from "./queue-moves.ts";
import { open, refresh } from "./session-moves.ts";
import type { StepEffects, World } from "./world.ts";

const users = ["ada", "ben", "cleo", "dan"];

/** A step: what is done, and numbers that pick to whom, by whom and how. */
export interface Step {
  readonly verb: (typeof verbs)[number];
  readonly who: number;
  readonly what: number;
  readonly how: number;
}

/** Named as often as it shall be drawn. */
const verbs = [
  "join",
  "join",
  "join",
  "joinWithSession",
  "comeBack",
  "comeBack",
  "restore",
  "drop",
  "drop",
  "leave",
  "remove",
  "poll",
  "advance",
  "advance",
  "advance",
  "wait",
  "renew",
  "renew",
  "renew",
  "admit",
  "admit",
  "admit",
  "deliver",
  "deliver",
  "admitDirectly",
  "open",
  "open",
  "open",
  "failPass",
  "releasePass",
  "takeSlot",
  "takeSlot",
  "openSocket",
  "closeSocket",
  "refresh",
  "refresh",
  "end",
  "disconnect",
  "ban",
  "unban",
] as const;

export const arbitraryStep: fc.Arbitrary<Step> = fc.record({
  verb: fc.constantFrom(...verbs),
  who: fc.nat(1000),
  what: fc.nat(1000),
  how: fc.nat(1000),
});

/** Does one step and checks what it answers; the rest is checked by `World.observe`. */
export async function run(world: World, { verb, who, what, how }: Step): Promise<StepEffects> {
  const { store } = world;
  const user = pick(users, who) ?? "ada";
  const ticket = prefer([...world.tickets.values()], ({ status }) => status !== "gone", what);
  const session = prefer([...world.sessions.values()], ({ ended }) => !ended, what);
  switch (verb) {
    case "join":
      return join(world, { claim: null, session: null, how });
    case "joinWithSession":
      return session === undefined || session.ended ? {} : join(world, { claim: null, session, how });
    case "comeBack": {
      const claim = pick(world.validClaims(), what) ?? null;
      const own = how % 3 === 0 ? session : undefined;
      return join(world, { claim, session: own?.ended === false ? own : null, how });
    }
    case "restore": {
      const order = world.ledger.holdUntil * 1000 - 1_000_000_000 - what;
      const claim = { id: `old-${what}`, lane: pick(lanes, how) ?? "default", order, position: 1 + (how % 5) };
      return world.tickets.has(claim.id) ? {} : join(world, { claim, session: null, how });
    }
    case "drop":
      if (ticket?.held.kind !== "socket") return {};
      await store.queue.drop(ticket.id, ticket.held.id);
      if (ticket.status !== "gone") ticket.held = { kind: "dropped", at: world.now };
      return {};
    case "leave":
      if (ticket !== undefined) await store.queue.leave(ticket.id);
      return { gives: true };
    case "remove":
      if (ticket !== undefined && how % 4 === 0) await store.queue.remove(ticket.id, "idle");
      return { removes: true };
    case "poll": {
      if (ticket === undefined) return {};
      const nextPollSeconds = 1 + (how % 40);
      const standing = await store.queue.poll(ticket.id, nextPollSeconds);
      if (standing.status !== "gone") ticket.held = { kind: "poll", polledAt: world.now, nextPollSeconds };
      if (standing.status === "admitted") world.delivered(ticket.id);
      return {};
    }
    case "advance":
      await world.advance(1 + (what % 900));
      return {};
    case "wait":
      await world.advance(1000 * (1 + (what % 25)));
      return {};
    case "renew":
      await renew(world, who);
      return {};
    case "admit":
      return admit(world);
    case "deliver":
      if (ticket !== undefined) await store.queue.markDelivered([ticket.id]);
      if (ticket !== undefined) world.delivered(ticket.id);
      return {};
    case "admitDirectly":
      return admitDirectly(world);
    case "open":
      return open(
        world,
        user,
        pick(
          [...world.tickets.values()].filter((other) => other.status !== "waiting"),
          what,
        )?.id,
      );
    case "failPass":
      if (ticket?.status === "admitted") {
        await store.queue.failPass(ticket.id);
        world.delivered(ticket.id);
      }
      return { fails: true };
    case "releasePass":
      if (ticket !== undefined && how % 4 === 0) await store.queue.releasePass(ticket.id);
      return { gives: true };
    case "takeSlot":
      if (session !== undefined) await takeSlot(world, session);
      return {};
    case "openSocket": {
      const hostId = pick(hosts, how) ?? "host-a";
      // Who enters a room was let in before.
      if (session === undefined || !(await takeSlot(world, session))) return {};
      await store.queue.setSocketsOpen(session.sid, hostId, true);
      session.openHosts.add(hostId);
      world.hosts.set(hostId, world.now + hostLeaseSeconds * 1000);
      return {};
    }
    case "closeSocket": {
      const hostId = session === undefined ? undefined : pick([...session.openHosts], how);
      if (session === undefined || hostId === undefined) return {};
      await store.queue.setSocketsOpen(session.sid, hostId, false);
      session.openHosts.delete(hostId);
      return {};
    }
    case "refresh":
      return session === undefined ? {} : refresh(world, session, how);
    case "end":
      if (session === undefined || how % 3 !== 0) return {};
      await store.sessions.end(session.sid, { reason: "logout", closeSockets: how % 2 === 0 });
      world.ended(session.sid);
      return { removes: true };
    case "disconnect":
      if (session !== undefined && how % 2 === 0) await store.sessions.disconnect(session.sid, "bye");
      return {};
    case "ban": {
      if (how % 3 !== 0) return {};
      const until = world.now + 1000 * (1 + (what % 60));
      const { ended } = await store.access.ban(user, { reason: "cheating", until });
      world.bans.set(user, until);
      for (const { sid } of ended) world.ended(sid);
      return { removes: true };
    }
    case "unban":
      expect(await store.access.unban(user)).toBe(world.isBanned(user));
      world.bans.delete(user);
      return {};
  }
}

/** Everybody is gone: nothing may be left of it after a while. */
export async function abandon(world: World): Promise<void> {
  const { queueGraceSeconds, playerGraceSeconds, passSeconds } = world.settings;
  for (let seconds = queueGraceSeconds + passSeconds + playerGraceSeconds + 90; seconds > 0; seconds -= 20) {
    await world.advance(20_000);
    await world.observe({});
  }
  const { lanes: left, liveSlots } = await world.store.queue.status();
  expect(
    Object.values(left).every((lane) => lane.waiting === 0),
    "6: no ticket lingers",
  ).toBe(true);
  expect(liveSlots, "no slot lingers").toBe(0);
}

/** Mostly one of those that are worth it, now and then any. */
function prefer<T>(from: readonly T[], isWorth: (one: T) => boolean, index: number): T | undefined {
  const worth = index % 5 === 0 ? from : from.filter(isWorth);
  return pick(worth, index >> 2);
}
