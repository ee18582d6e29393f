// The slots of the concurrent-user limit: one for each unspent pass, and one under a lease for each session that was let in.
import { ExpiryIndex } from "./expiry-index.ts";

export class Slots {
  /** Tickets whose unspent pass holds a slot; they end with their ticket. */
  readonly #passes = new Set<string>();
  /** Ends of the leases by sid. */
  readonly #leases = new ExpiryIndex<string>();
  /** Processes with open sockets by sid, and the other way round. */
  readonly #hostsBySid = new Map<string, Set<string>>();
  readonly #sidsByHost = new Map<string, Set<string>>();
  /** Sessions with open sockets whose slot goes with the last of them: ended, or thrown out. */
  readonly #leaving = new Set<string>();

  get size(): number {
    return this.#passes.size + this.#leases.size;
  }

  addPass(ticketId: string): void {
    this.#passes.add(ticketId);
  }

  deletePass(ticketId: string): void {
    this.#passes.delete(ticketId);
  }

  /** Whether a slot is counted for the session, even one that is about to go. */
  has(sid: string): boolean {
    return this.#leases.has(sid);
  }

  /** Whether the session has a slot that it may keep. */
  isHeld(sid: string): boolean {
    return this.#leases.has(sid) && !this.#leaving.has(sid);
  }

  /** Gives the session a slot, or the one it has a new lease and the right to keep it. */
  hold(sid: string, leaseEndsAt: number): void {
    this.#leaving.delete(sid);
    this.prolong(sid, leaseEndsAt);
  }

  /** Gives the session's slot a new lease, or makes it anew. One that is about to go still goes. */
  prolong(sid: string, leaseEndsAt: number): void {
    this.#leases.set(sid, Math.max(leaseEndsAt, this.#leases.get(sid) ?? 0));
  }

  /** Takes the slot away, at once where no socket is open, else with the last of them. */
  release(sid: string): void {
    if (this.hasSockets(sid)) this.#leaving.add(sid);
    else this.#leases.delete(sid);
  }

  hasSockets(sid: string): boolean {
    return this.#hostsBySid.has(sid);
  }

  socketsOpened(sid: string, hostId: string): void {
    addTo(this.#hostsBySid, sid, hostId);
    addTo(this.#sidsByHost, hostId, sid);
  }

  /** The host has no sockets of the session any more. Answers whether nobody has now, and somebody had. */
  socketsClosed(sid: string, hostId: string): boolean {
    deleteFrom(this.#sidsByHost, hostId, sid);
    if (!deleteFrom(this.#hostsBySid, sid, hostId) || this.#hostsBySid.has(sid)) return false;
    if (this.#leaving.delete(sid)) this.#leases.delete(sid);
    return true;
  }

  sidsOfHost(hostId: string): readonly string[] {
    return [...(this.#sidsByHost.get(hostId) ?? [])];
  }

  forgetDue(now: number): void {
    while (this.#leases.takeDue(now) !== undefined);
  }
}

function addTo(sets: Map<string, Set<string>>, key: string, member: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([member]));
  else set.add(member);
}

function deleteFrom(sets: Map<string, Set<string>>, key: string, member: string): boolean {
  const set = sets.get(key);
  if (set === undefined || !set.delete(member)) return false;
  if (set.size === 0) sets.delete(key);
  return true;
}
