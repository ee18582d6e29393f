// The tickets of the memory store: who holds each, whether that holder is present, when it runs out, and how it ended.
import {
  type FinishReason,
  type Holder,
  type QueueSettings,
  type Ticket,
  type TicketClaim,
  type TicketStatus,
  ticketResignSeconds,
} from "../../login-queue/queue-store.ts";
import { AddressCounts } from "./address-counts.ts";
import { ExpiryIndex } from "./expiry-index.ts";
import { Lanes } from "./lanes.ts";
import { OrderedList } from "./ordered-list.ts";
import { TicketOrder } from "./ticket-order.ts";
import { type Tombstone, Tombstones } from "./tombstones.ts";

/** A ticket as it is kept: the one place where it changes is `Tickets`, save for the marks of its pass. */
export interface TicketEntry {
  readonly id: string;
  readonly lane: string;
  order: number;
  readonly enqueuedAt: number;
  /** The least value shown. */
  position: number;
  mayEnterClosed: boolean;
  /** Where it counts towards `maxTicketsPerIp`. */
  address: string | null;
  userId: string | null;
  sid: string | null;
  holder: Holder | null;
  status: TicketStatus;
  /** When it lapses as things stand: an away ticket's grace, a poller's from its next poll on; null for a present socket's. */
  lapsesAt: number | null;
  present: boolean;
  admittedAt: number | null;
  passExpiresAt: number | null;
  /** Whether its pass reached a live socket, a poll, or came back. */
  delivered: boolean;
  failedTries: number;
  /** The session that the pass is bound to, having been admitted for it. */
  claimedBy: string | null;
}

export class Tickets {
  readonly lanes: Lanes;
  #queueGraceMs = 0;
  #pollPresentMs = 0;
  /** As long as any ticket JWT that was ever signed here may live. */
  #tombstoneMs = 0;
  readonly #entries = new Map<string, TicketEntry>();
  readonly #order: TicketOrder<TicketEntry>;
  /** The orders of those with an unspent pass. */
  readonly #admitted = new OrderedList();
  readonly #byUser = new Map<string, TicketEntry>();
  readonly #byHost = new Map<string, Set<TicketEntry>>();
  readonly #deadlines = new ExpiryIndex<string>();
  readonly #tombstones = new Tombstones();
  /** Of the waiting ones. */
  readonly #addresses = new AddressCounts();

  constructor(settings: QueueSettings) {
    this.lanes = new Lanes(settings.lanes);
    this.#order = new TicketOrder(this.lanes);
    this.configure(settings);
  }

  /** Ends that are set already stay as they are. */
  configure({ lanes, queueGraceSeconds, pollPresentSeconds, maxCheckTicketPollTimeSeconds }: QueueSettings): void {
    this.lanes.setWeights(lanes);
    this.#queueGraceMs = queueGraceSeconds * 1000;
    this.#pollPresentMs = pollPresentSeconds * 1000;
    // Shortening the grace shortens no JWT that is out already.
    const longestTicketMs = (ticketResignSeconds + maxCheckTicketPollTimeSeconds + queueGraceSeconds) * 1000;
    this.#tombstoneMs = Math.max(this.#tombstoneMs, longestTicketMs);
  }

  get(ticketId: string): TicketEntry | undefined {
    return this.#entries.get(ticketId);
  }

  ofUser(userId: string): TicketEntry | undefined {
    return this.#byUser.get(userId);
  }

  tombstone(ticketId: string): Tombstone | undefined {
    return this.#tombstones.get(ticketId);
  }

  /** A new ticket at the end of its lane. Without a holder it is away and must be given one, or a pass, in the same step. */
  create(id: string, lane: string, now: number): TicketEntry {
    return this.#insert({ id, lane, order: this.#order.next(now), position: Number.POSITIVE_INFINITY }, now);
  }

  /** A ticket of an earlier life, in its old order. */
  restore(claim: TicketClaim, now: number): TicketEntry {
    return this.#insert({ ...claim, order: this.#order.again(claim.order) }, now);
  }

  bind(entry: TicketEntry, userId: string, sid: string | null): void {
    entry.userId = userId;
    entry.sid = sid;
    this.#byUser.set(userId, entry);
  }

  /** How many tickets of the address wait. */
  waitingOf(address: string): number {
    return this.#addresses.get(address);
  }

  /** The holder is there now. */
  setAddress(entry: TicketEntry, address: string): void {
    if (entry.status === "waiting") {
      this.#addresses.delete(entry.address);
      this.#addresses.add(address);
    }
    entry.address = address;
  }

  /** Changes the holder; a waiting ticket becomes present, or away where there is none. */
  setHolder(entry: TicketEntry, holder: Holder | null, now: number): void {
    this.#forgetHolder(entry);
    entry.holder = holder;
    if (holder?.kind === "socket") {
      const ofHost = this.#byHost.get(holder.hostId);
      if (ofHost === undefined) this.#byHost.set(holder.hostId, new Set([entry]));
      else ofHost.add(entry);
    }
    if (entry.status === "admitted") {
      entry.lapsesAt = null;
      return;
    }
    if (holder === null) this.#setAway(entry, now + this.#queueGraceMs);
    else if (holder.kind === "socket") this.#setPresent(entry);
    else {
      this.#setPresent(entry);
      entry.lapsesAt = now + holder.nextPollSeconds * 1000 + this.#queueGraceMs;
      this.#deadlines.set(entry.id, now + this.#pollPresentMs);
    }
  }

  /** Every waiting ticket of a process is away from `at` on, when its lease ran out; it keeps its holder, who may be back. */
  hostLost(hostId: string, at: number): void {
    for (const entry of this.#byHost.get(hostId) ?? []) {
      if (entry.status === "waiting" && entry.present) this.#setAway(entry, at + this.#queueGraceMs);
    }
  }

  hostBack(hostId: string): void {
    for (const entry of this.#byHost.get(hostId) ?? []) if (entry.status === "waiting") this.#setPresent(entry);
  }

  /** How many are ahead of a waiting ticket now, and one: the position it would be shown, had it been shown none before. */
  rank(entry: TicketEntry): number {
    return this.lanes.position(entry);
  }

  /** The ticket, with its position brought up to date: its holder is shown it. */
  show(entry: TicketEntry): Ticket {
    const ticket = this.look(entry);
    entry.position = ticket.position;
    return ticket;
  }

  /** The ticket as it would be shown. */
  look(entry: TicketEntry): Ticket {
    const { id, lane, order, status, userId, sid, enqueuedAt, holder, admittedAt, passExpiresAt } = entry;
    const position = status === "waiting" ? Math.min(entry.position, this.rank(entry)) : entry.position;
    return { id, lane, order, position, status, userId, sid, enqueuedAt, holder, admittedAt, passExpiresAt };
  }

  /** The waiting tickets of a lane behind this order. */
  *waitingAbove(lane: string, order: number): Iterable<TicketEntry> {
    yield* this.#inOrder(this.lanes.ordersAbove(lane, order));
  }

  /** The tickets of a lane with an unspent pass behind this order. */
  *admittedAbove(lane: string, order: number): Iterable<TicketEntry> {
    for (const entry of this.#inOrder(this.#admitted.above(order))) if (entry.lane === lane) yield entry;
  }

  *#inOrder(orders: Iterable<number>): Iterable<TicketEntry> {
    for (const order of orders) {
      const entry = this.#order.get(order);
      if (entry !== undefined) yield entry;
    }
  }

  /** The present ticket whose turn it is; the caller admits it. `closed`: among those who may enter then. */
  takeNext(closed: boolean): TicketEntry | undefined {
    const order = this.lanes.takeNext(closed);
    return order === undefined ? undefined : this.#order.get(order);
  }

  /** Puts a waiting ticket at this place of its lane; beyond the last, at the last. Answers the place. */
  move(entry: TicketEntry, position: number, now: number): number {
    entry.position = this.#order.move(entry, position, now);
    return entry.position;
  }

  admit(entry: TicketEntry, now: number, passMs: number): void {
    this.show(entry);
    this.#leaveLine(entry);
    entry.status = "admitted";
    entry.present = false;
    entry.admittedAt = now;
    entry.passExpiresAt = now + passMs;
    this.#admitted.insert(entry.order);
    this.#deadlines.set(entry.id, entry.passExpiresAt);
  }

  /** A pass that reached nobody: the ticket has its place again from `at` on, away unless its socket is there. */
  giveBack(entry: TicketEntry, at: number, holderIsAlive: boolean): void {
    entry.status = "waiting";
    entry.admittedAt = null;
    entry.passExpiresAt = null;
    entry.claimedBy = null;
    this.#admitted.delete(entry.order);
    this.#enterLine(entry);
    if (holderIsAlive) this.#setPresent(entry);
    else this.#setAway(entry, Math.max(at + this.#queueGraceMs, entry.lapsesAt ?? 0));
  }

  /** Ends the ticket `at` that moment, leaving a tombstone. */
  finish(entry: TicketEntry, reason: FinishReason, at: number, claim: Tombstone["claim"] = null): void {
    this.#forgetHolder(entry);
    if (entry.status === "waiting") this.#leaveLine(entry);
    else this.#admitted.delete(entry.order);
    this.#entries.delete(entry.id);
    this.#order.delete(entry);
    this.#deadlines.delete(entry.id);
    if (entry.userId !== null && this.#byUser.get(entry.userId) === entry) this.#byUser.delete(entry.userId);
    const forgetAt = Math.max(at + this.#tombstoneMs, claim?.until ?? 0);
    this.#tombstones.put(entry.id, { reason, claim, failedTries: entry.failedTries }, forgetAt);
  }

  /** A login with a pass that is spent failed. Answers the tries left; at none the session is not answered to it any more. */
  failSpentPass(ticketId: string, tries: number): number {
    const tombstone = this.#tombstones.get(ticketId);
    if (tombstone === undefined || tombstone.claim === null) return 0;
    tombstone.failedTries += 1;
    if (tombstone.failedTries >= tries) tombstone.claim = null;
    return Math.max(0, tries - tombstone.failedTries);
  }

  /** A signed ticket that is not to come back. */
  bury(ticketId: string, reason: FinishReason, now: number): void {
    this.#tombstones.put(ticketId, { reason, claim: null, failedTries: 0 }, now + this.#tombstoneMs);
  }

  /** When the next ticket runs out of something, if it does by `now`. */
  dueAt(now: number): number | undefined {
    return this.#deadlines.dueAt(now);
  }

  /** The ticket that ran out first by `now`; null where it is only away from then on. */
  takeDue(now: number): { readonly entry: TicketEntry; readonly at: number } | null {
    const due = this.#deadlines.takeDue(now);
    const entry = due === undefined ? undefined : this.#entries.get(due.key);
    if (due === undefined || entry === undefined) return null;
    if (entry.status === "admitted" || !entry.present) return { entry, at: due.endsAt };
    this.#setAway(entry, entry.lapsesAt ?? due.endsAt);
    return null;
  }

  forgetDue(now: number): void {
    this.#tombstones.forgetDue(now);
  }

  #insert(claim: TicketClaim, now: number): TicketEntry {
    const entry: TicketEntry = {
      id: claim.id,
      lane: claim.lane,
      order: claim.order,
      position: Math.max(1, claim.position),
      mayEnterClosed: false,
      address: null,
      enqueuedAt: now,
      userId: null,
      sid: null,
      holder: null,
      status: "waiting",
      lapsesAt: null,
      present: false,
      admittedAt: null,
      passExpiresAt: null,
      delivered: false,
      failedTries: 0,
      claimedBy: null,
    };
    this.#entries.set(entry.id, entry);
    this.#order.add(entry);
    this.#enterLine(entry);
    this.#setAway(entry, now + this.#queueGraceMs);
    // Only who has been there comes back.
    entry.lapsesAt = null;
    return entry;
  }

  #enterLine(entry: TicketEntry): void {
    this.lanes.add(entry);
    this.#addresses.add(entry.address);
  }

  #leaveLine(entry: TicketEntry): void {
    this.lanes.delete(entry);
    this.#addresses.delete(entry.address);
  }

  #setPresent(entry: TicketEntry): void {
    if (!entry.present && entry.lapsesAt !== null) this.lanes.countReturned(entry.lane);
    entry.present = true;
    entry.lapsesAt = null;
    this.#deadlines.delete(entry.id);
    this.lanes.setPresent(entry, true);
  }

  #setAway(entry: TicketEntry, lapsesAt: number): void {
    entry.present = false;
    entry.lapsesAt = lapsesAt;
    this.#deadlines.set(entry.id, lapsesAt);
    this.lanes.setPresent(entry, false);
  }

  #forgetHolder(entry: TicketEntry): void {
    if (entry.holder?.kind !== "socket") return;
    const { hostId } = entry.holder;
    const ofHost = this.#byHost.get(hostId);
    ofHost?.delete(entry);
    if (ofHost?.size === 0) this.#byHost.delete(hostId);
  }
}
