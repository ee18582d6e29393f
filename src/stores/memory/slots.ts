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

  /** Slots ever given out. */
  #taken = 0;

  get size(): number {
    return this.#passes.size + this.#leases.size;
  }

  /** Slots ever given up: a counter. */
  get departed(): number {
    return this.#taken - this.size;
  }

  addPass(ticketId: string): void {
    if (!this.#passes.has(ticketId)) this.#taken += 1;
    this.#passes.add(ticketId);
  }

  /** The slot of the pass is from now on the session's. A session that had one gives the pass's up. */
  handOver(ticketId: string, sid: string, leaseEndsAt: number): void {
    const hadSlot = this.#passes.delete(ticketId);
    if (hadSlot && !this.#leases.has(sid)) this.#taken -= 1;
    this.hold(sid, leaseEndsAt);
  }

  /** The slot of one session is from now on another's; while the first has sockets, which are to be closed, both have one. */
  passOn(from: string, to: string, leaseEndsAt: number): void {
    if (this.#leases.has(from) && !this.hasSockets(from)) {
      this.#leases.delete(from);
      this.#taken -= 1;
    }
    this.hold(to, leaseEndsAt);
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
    const endsAt = this.#leases.get(sid);
    if (endsAt === undefined) this.#taken += 1;
    this.#leases.set(sid, Math.max(leaseEndsAt, endsAt ?? 0));
  }

  /** The slot that the session has lasts until then, be it sooner than before. */
  lease(sid: string, endsAt: number): void {
    if (this.#leases.has(sid)) this.#leases.set(sid, endsAt);
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

  /** The processes with open sockets of the session. */
  hostsOf(sid: string): Iterable<string> {
    return this.#hostsBySid.get(sid) ?? [];
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
