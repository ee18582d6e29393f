// The steps of the property tests: what players, servers and operators do to a store, picked by numbers.
import fc from "fast-check";
import { closeSocket, hostDies, openSocket, renew } from "./host-moves.ts";
import type { StepEffects } from "./known.ts";
import { must } from "./must.ts";
import { observe } from "./observe.ts";
import { admitTicket, configure, move } from "./operator-moves.ts";
import { admit, admitDirectly, join, lanes, pick, takeSlot } from "./queue-moves.ts";
import { open, refresh } from "./session-moves.ts";
import type { World } from "./world.ts";

const users = ["ada", "ben", "cleo", "dan"];

/** What may be done, and how often it is drawn among the others. */
const verbs = {
  join: 3,
  joinWithSession: 2,
  comeBack: 3,
  restore: 1,
  drop: 2,
  leave: 1,
  remove: 1,
  poll: 1,
  advance: 3,
  wait: 1,
  renew: 3,
  hostDies: 1,
  lose: 1,
  admit: 4,
  deliver: 2,
  admitDirectly: 1,
  open: 3,
  failPass: 1,
  releasePass: 1,
  takeSlot: 2,
  openSocket: 2,
  closeSocket: 2,
  refresh: 2,
  end: 1,
  disconnect: 1,
  ban: 1,
  unban: 1,
  configure: 2,
  move: 1,
  admitTicket: 1,
} as const;

type Verb = keyof typeof verbs;

/** A step: what is done, and numbers that pick to whom, by whom and how. */
export interface Step {
  readonly verb: Verb;
  readonly who: number;
  readonly what: number;
  readonly how: number;
}

const drawn = (Object.keys(verbs) as Verb[]).flatMap((verb) => Array.from({ length: verbs[verb] }, () => verb));

/** One number for all that is picked: drawing one is what a step costs most. */
export const arbitraryStep: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom(...drawn), fc.nat(0x3fffffff))
  .map(([verb, seed]) => ({ verb, who: seed % 1009, what: (seed >>> 10) % 1013, how: (seed >>> 20) % 1021 }));

/** Does one step and checks what it answers; the rest is checked by `observe`. */
export async function run(world: World, { verb, who, what, how }: Step): Promise<StepEffects> {
  const { store } = world;
  const user = pick(users, who) ?? "ada";
  const ticket = prefer(
    [...world.tickets.values()],
    ({ status }) => status === "waiting" || status === "admitted",
    what,
  );
  const session = prefer([...world.sessions.values()], ({ ended }) => !ended, what);
  switch (verb) {
    case "join":
      return join(world, { claim: null, session: null, how });
    case "joinWithSession":
      // Now and then it ended since the server asked for it.
      return session === undefined || (session.ended && how % 3 !== 0)
        ? {}
        : join(world, { claim: null, session, how });
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
      if (ticket?.held.kind !== "socket" || !world.hostIds.includes(ticket.held.hostId)) return {};
      await store.queue.drop(ticket.id, ticket.held.id);
      if (ticket.status === "waiting" || ticket.status === "admitted") ticket.held = { kind: "dropped", at: world.now };
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
    case "hostDies":
      if (how % 3 === 0) hostDies(world, who);
      return {};
    case "lose":
      if (how % 4 === 0) await world.lose(what % 2 === 0);
      return {};
    case "admit":
      return admit(world, how);
    case "deliver":
      if (ticket !== undefined) await store.queue.markDelivered([ticket.id]);
      if (ticket !== undefined) world.delivered(ticket.id);
      return {};
    case "admitDirectly":
      return admitDirectly(world, how);
    case "open": {
      const others = [...world.tickets.values()].filter(({ status }) => status !== "waiting");
      return open(world, user, prefer(others, ({ status }) => status === "admitted", what)?.id);
    }
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
      if (session !== undefined) await takeSlot(world, session, how);
      return {};
    case "openSocket":
      if (session !== undefined) await openSocket(world, session, how);
      return {};
    case "closeSocket":
      if (session !== undefined) await closeSocket(world, session, how);
      return {};
    case "refresh":
      return session === undefined ? {} : refresh(world, session, how);
    case "end":
      if (session === undefined || how % 3 !== 0) return {};
      await store.sessions.end(session.sid, { reason: "logout", closeSockets: how % 2 === 0 });
      world.ended(session.sid);
      return { removes: true };
    case "disconnect":
      if (session === undefined || how % 2 === 0) return {};
      await store.sessions.disconnect(session.sid, "bye");
      Object.assign(session, { slotUntil: 0, isLeaving: session.openHosts.size > 0 });
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
      must(((await store.access.unban(user)) !== null) === world.isBanned(user), "9: a ban lasts until its end");
      world.bans.delete(user);
      return {};
    case "configure":
      await configure(world, what, how);
      return {};
    case "move":
      return ticket === undefined ? {} : move(world, ticket, how);
    case "admitTicket":
      return ticket === undefined || how % 3 !== 0 ? {} : admitTicket(world, ticket);
  }
}

/** Everybody is gone: nothing may be left of it after a while. */
export async function abandon(world: World): Promise<void> {
  const { queueGraceSeconds, playerGraceSeconds, passSeconds } = world.settings;
  for (let seconds = queueGraceSeconds + passSeconds + playerGraceSeconds + 90; seconds > 0; seconds -= 20) {
    await world.advance(20_000);
    await observe(world, {}, true);
  }
  const { lanes: left, liveSlots } = await world.store.queue.status();
  must(
    Object.values(left).every((lane) => lane.waiting === 0),
    "6: no ticket lingers",
    left,
  );
  must(liveSlots === 0, "no slot lingers", liveSlots);
}

/** Mostly one of those that are worth it, now and then any. */
function prefer<T>(from: readonly T[], isWorth: (one: T) => boolean, index: number): T | undefined {
  const worth = index % 5 === 0 ? from : from.filter(isWorth);
  return pick(worth, index >> 2);
}
