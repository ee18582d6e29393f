// What processes tell a store in the property tests: that they live, and which sessions have sockets there.
import type { KnownSession } from "./known.ts";
import { pick, takeSlot } from "./queue-moves.ts";
import type { World } from "./world.ts";

export async function renew(world: World, who: number): Promise<void> {
  const hostId = pick(world.hostIds, who) ?? "";
  const connected = [...world.sessions.values()].filter((session) => session.openHosts.has(hostId));
  await world.store.queue.renewHost(
    hostId,
    connected.map((session) => session.sid),
  );
  world.hostLives(hostId);
  for (const session of connected) world.slotProlonged(session);
}

/** Its lease runs out some time later; what it had is with others by then, or lost. */
export function hostDies(world: World, who: number): void {
  const hostId = pick(world.hostIds, who) ?? "";
  world.hostDies(hostId);
  if (world.isHostAlive(hostId)) world.saw("a process died");
}

export async function openSocket(world: World, session: KnownSession, how: number): Promise<void> {
  const hostId = pick(world.hostIds, how) ?? "";
  // Who enters a room was let in before.
  if (!(await takeSlot(world, session, how))) return;
  await world.store.queue.setSocketsOpen(session.sid, hostId, true);
  session.openHosts.add(hostId);
  world.hostLives(hostId);
  world.slotProlonged(session);
}

export async function closeSocket(world: World, session: KnownSession, how: number): Promise<void> {
  const living = [...session.openHosts].filter((hostId) => world.hostIds.includes(hostId));
  const hostId = pick(living, how);
  if (hostId === undefined) return;
  await world.store.queue.setSocketsOpen(session.sid, hostId, false);
  session.openHosts.delete(hostId);
  if (session.openHosts.size > 0) return;
  // The slot of a session that is over, or was thrown out, goes with its last socket.
  if (session.isLeaving || !(await world.isLive(session))) Object.assign(session, { slotUntil: 0, isLeaving: false });
}
