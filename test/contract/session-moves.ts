// Logins and refreshes of the property tests, and what their answers must keep.
import { expect } from "vitest";
import { lifetimes } from "./harness.ts";
import { liveSlots } from "./queue-moves.ts";
import type { KnownSession, StepEffects, World } from "./world.ts";

const shortLifetimes = { ...lifetimes, tokenMs: 20_000, idleMs: 50_000, absoluteMs: 150_000 };

export async function open(world: World, userId: string, ticketId: string | undefined): Promise<StepEffects> {
  if (ticketId === undefined) return {};
  const before = await liveSlots(world);
  const sid = world.newId("sid");
  const opened = await world.store.sessions.open({
    session: {
      sid,
      userId,
      username: userId,
      groups: [],
      kind: "player",
      clientVars: {},
      serverVars: {},
      shard: null,
      nonce: "nonce",
      refreshSecretId: "secret",
      tokenId: world.newId("token"),
    },
    lifetimes: shortLifetimes,
    ticketId,
    concurrent: { limit: userId === "ada" ? 2 : 1, onExceeded: userId === "ben" ? "reject" : "replace" },
  });
  expect(opened.outcome === "banned", "9: a ban refuses logins, and nothing else does so").toBe(world.isBanned(userId));
  expect(await liveSlots(world), "opening a session takes no slot but its pass's").toBeLessThanOrEqual(before);
  const ticket = world.tickets.get(ticketId);
  if (ticket !== undefined && opened.outcome !== "banned") world.delivered(ticketId);
  if (opened.outcome === "opened") {
    expect(ticket?.openedBy ?? null, "4: a pass opens one session").toBeNull();
    if (ticket !== undefined) ticket.openedBy = { sid, userId };
    world.sessions.set(sid, { sid, userId, generation: 1, ended: false, forgotten: false, openHosts: new Set() });
    for (const replaced of opened.replaced) world.ended(replaced.sid);
  }
  if (opened.outcome === "repeated") {
    expect(opened.record.userId, "S39: only the account that opened it").toBe(userId);
    if (ticket?.openedBy != null) expect(opened.record.sid).toBe(ticket.openedBy.sid);
    expect(world.sessions.get(opened.record.sid)?.ended).toBe(false);
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
    expect(session.ended, "7: an ended session is not refreshed").toBe(false);
    expect(world.isBanned(session.userId), "9: nor a banned user's").toBe(false);
    session.generation = refreshed.record.generation;
  }
  if (refreshed.outcome === "rotated") {
    const key = `${session.sid} ${presented}`;
    expect(world.successors.get(key), "8: one successor for a refresh token").toBeUndefined();
    world.successors.set(key, tokenId);
  }
  if (refreshed.outcome === "expired" || refreshed.outcome === "reuse") world.ended(session.sid);
  return { removes: true };
}
