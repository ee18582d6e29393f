// Logins and refreshes of the property tests, and what their answers must keep.
import { newSession } from "../support/new-session.ts";
import { lifetimes } from "./harness.ts";
import type { KnownSession, StepEffects } from "./known.ts";
import { must } from "./must.ts";
import { liveSlots } from "./queue-moves.ts";
import type { World } from "./world.ts";

const shortLifetimes = { ...lifetimes, tokenMs: 20_000, idleMs: 50_000, absoluteMs: 150_000 };

export async function open(world: World, userId: string, ticketId: string | undefined): Promise<StepEffects> {
  if (ticketId === undefined) return {};
  const before = await liveSlots(world);
  const sid = world.newId("sid");
  const opened = await world.store.sessions.open({
    session: newSession({ sid, userId, tokenId: world.newId("token") }),
    lifetimes: shortLifetimes,
    ticketId,
    concurrent: { limit: userId === "ada" ? 2 : 1, onExceeded: userId === "ben" ? "reject" : "replace" },
  });
  const isBanned = opened.outcome === "banned";
  must(isBanned === world.isBanned(userId), "9: a ban refuses logins, and nothing else does so");
  const replaced = opened.outcome === "opened" ? opened.replaced : [];
  // Of a session that is replaced the slot goes with its last socket.
  const leaving = replaced.filter(({ sid }) => (world.sessions.get(sid)?.openHosts.size ?? 0) > 0).length;
  must((await liveSlots(world)) <= before + leaving, "opening a session takes no slot but its pass's");
  const ticket = world.tickets.get(ticketId);
  if (ticket !== undefined && opened.outcome !== "banned") world.delivered(ticketId);
  if (opened.outcome === "opened") {
    must(ticket !== undefined && ticket.openedBy === null, "4: a pass opens one session");
    ticket.openedBy = { sid, userId };
    const session = { sid, userId, generation: 1, ended: false, forgotten: false, slotUntil: 0, isLeaving: false };
    world.sessions.set(sid, { ...session, openHosts: new Set(), slotUntil: world.slotEnd() });
    world.saw("session opened");
    for (const { sid: replacedSid } of replaced) world.ended(replacedSid);
  }
  if (opened.outcome === "repeated") {
    must(opened.record.userId === userId, "S39: only the account that opened it");
    const openedBy = ticket?.openedBy?.sid ?? opened.record.sid;
    must(opened.record.sid === openedBy, "4: a pass answers the session that it opened");
    must(world.sessions.get(opened.record.sid)?.ended === false, "7: it does not answer one that ended");
  }
  return { removes: true };
}

export async function refresh(world: World, session: KnownSession, how: number): Promise<StepEffects> {
  const presented = session.generation - (how % 17 === 0 ? 2 : how % 3 === 0 ? 1 : 0);
  const tokenId = world.newId("token");
  const refreshed = await world.store.sessions.refresh({
    sid: session.sid,
    presented,
    attempt: how % 2 === 0 ? "attempt" : null,
    clientVars: null,
    serverVars: null,
    username: session.userId,
    groups: [],
    tokenId,
    refreshSecretId: "secret",
    lifetimes: shortLifetimes,
  });
  if (refreshed.outcome === "rotated" || refreshed.outcome === "repeated") {
    must(!session.ended, "7: an ended session is not refreshed");
    must(!world.isBanned(session.userId), "9: nor a banned user's");
    session.generation = refreshed.record.generation;
  }
  if (refreshed.outcome === "rotated") {
    const key = `${session.sid} ${presented}`;
    must(!world.successors.has(key), "8: one successor for a refresh token");
    world.successors.set(key, tokenId);
    if (world.holdsSlot(session)) world.slotProlonged(session);
  }
  if (refreshed.outcome === "expired" || refreshed.outcome === "reuse") world.ended(session.sid);
  return { removes: true };
}
