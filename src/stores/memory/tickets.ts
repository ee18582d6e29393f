// The tickets of the memory store: who holds each, whether that holder is present, when it runs out, and how it ended.
import type { FinishReason, Holder, Ticket, TicketClaim, TicketStatus } from "../../login-queue/queue-store.ts";
import { ExpiryIndex } from "./expiry-index.ts";
import { Lanes } from "./lanes.ts";

/** A ticket as it is kept: the one place where it changes is `Tickets`, save for the marks of its pass. */
export interface TicketEntry {
  readonly id: string;
  readonly lane: string;
  readonly order: number;
  readonly enqueuedAt: number;
  /** The least value shown. */
  position: number;
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

/** What is left of a finished ticket until nobody can hold a valid JWT of it any more. */
export interface Tombstone {
  readonly reason: FinishReason;
  /** The session that its pass opened, for as long as the pass lives. */
  claim: { readonly userId: string; readonly sid: string; readonly until: number } | null;
  failedTries: number;
}

interface Durations {
  readonly queueGraceMs: number;
  readonly pollPresentMs: number;
  readonly tombstoneMs: number;
}

export class Tickets {
  readonly lanes: Lanes;
  readonly #durations: Durations;
  readonly #entries = new Map<string, TicketEntry>();
  readonly #byOrder = new Map<number, TicketEntry>();
  readonly #byUser = new Map<string, TicketEntry>();
  readonly #byHost = new Map<string, Set<TicketEntry>>();
  readonly #deadlines = new ExpiryIndex<string>();
  readonly #tombstones = new Map<string, Tombstone>();
  readonly #forgetAt = new ExpiryIndex<string>();
  #lastOrder = 0;

  constructor(weights: Readonly<Record<string, number>>, durations: Durations) {
    this.lanes = new Lanes(weights);
    this.#durations = durations;
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
    return this.#insert({ id, lane, order: this.#nextOrder(now), position: Number.POSITIVE_INFINITY }, now);
  }

  /** A ticket of an earlier life, in its old order. */
  restore(claim: TicketClaim, now: number): TicketEntry {
    // No order repeats, not even where the clock was set back between two lives.
    let { order } = claim;
    while (this.#byOrder.has(order)) order += 1;
    this.#lastOrder = Math.max(this.#lastOrder, order);
    return this.#insert({ ...claim, order }, now);
  }

  bind(entry: TicketEntry, userId: string, sid: string | null): void {
    entry.userId = userId;
    entry.sid = sid;
    this.#byUser.set(userId, entry);
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
    const { queueGraceMs, pollPresentMs } = this.#durations;
    if (holder === null) this.#setAway(entry, now + queueGraceMs);
    else if (holder.kind === "socket") this.#setPresent(entry);
    else {
      this.#setPresent(entry);
      entry.lapsesAt = now + holder.nextPollSeconds * 1000 + queueGraceMs;
      this.#deadlines.set(entry.id, now + pollPresentMs);
    }
  }

  /** Every waiting ticket of a process is away from `at` on, when its lease ran out; it keeps its holder, who may be back. */
  hostLost(hostId: string, at: number): void {
    for (const entry of this.#byHost.get(hostId) ?? []) {
      if (entry.status === "waiting" && entry.present) this.#setAway(entry, at + this.#durations.queueGraceMs);
    }
  }

  hostBack(hostId: string): void {
    for (const entry of this.#byHost.get(hostId) ?? []) if (entry.status === "waiting") this.#setPresent(entry);
  }

  /** The ticket, with its position brought up to date. */
  show(entry: TicketEntry): Ticket {
    if (entry.status === "waiting") entry.position = Math.min(entry.position, this.lanes.position(entry));
    const { id, lane, order, position, status, userId, sid, enqueuedAt, holder, admittedAt, passExpiresAt } = entry;
    return { id, lane, order, position, status, userId, sid, enqueuedAt, holder, admittedAt, passExpiresAt };
  }

  /** The present ticket whose turn it is; the caller admits it. */
  takeNext(): TicketEntry | undefined {
    const order = this.lanes.takeNext();
    return order === undefined ? undefined : this.#byOrder.get(order);
  }

  admit(entry: TicketEntry, now: number, passMs: number): void {
    this.show(entry);
    this.lanes.delete(entry);
    entry.status = "admitted";
    entry.present = false;
    entry.admittedAt = now;
    entry.passExpiresAt = now + passMs;
    this.#deadlines.set(entry.id, entry.passExpiresAt);
  }

  /** A pass that reached nobody: the ticket has its place again from `at` on, away unless its socket is there. */
  giveBack(entry: TicketEntry, at: number, holderIsAlive: boolean): void {
    entry.status = "waiting";
    entry.admittedAt = null;
    entry.passExpiresAt = null;
    entry.claimedBy = null;
    this.lanes.add(entry);
    if (holderIsAlive) this.#setPresent(entry);
    else this.#setAway(entry, Math.max(at + this.#durations.queueGraceMs, entry.lapsesAt ?? 0));
  }

  /** Ends the ticket `at` that moment, leaving a tombstone. */
  finish(entry: TicketEntry, reason: FinishReason, at: number, claim: Tombstone["claim"] = null): void {
    this.#forgetHolder(entry);
    if (entry.status === "waiting") this.lanes.delete(entry);
    this.#entries.delete(entry.id);
    this.#byOrder.delete(entry.order);
    this.#deadlines.delete(entry.id);
    if (entry.userId !== null && this.#byUser.get(entry.userId) === entry) this.#byUser.delete(entry.userId);
    this.#tombstones.set(entry.id, { reason, claim, failedTries: entry.failedTries });
    this.#forgetAt.set(entry.id, Math.max(at + this.#durations.tombstoneMs, claim?.until ?? 0));
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
    this.#tombstones.set(ticketId, { reason, claim: null, failedTries: 0 });
    this.#forgetAt.set(ticketId, now + this.#durations.tombstoneMs);
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
    for (let due = this.#forgetAt.takeDue(now); due !== undefined; due = this.#forgetAt.takeDue(now)) {
      this.#tombstones.delete(due.key);
    }
  }

  #insert(claim: TicketClaim, now: number): TicketEntry {
    const entry: TicketEntry = {
      id: claim.id,
      lane: claim.lane,
      order: claim.order,
      position: Math.max(1, claim.position),
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
    this.#byOrder.set(entry.order, entry);
    this.lanes.add(entry);
    this.#setAway(entry, now + this.#durations.queueGraceMs);
    return entry;
  }

  #setPresent(entry: TicketEntry): void {
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

  #nextOrder(now: number): number {
    this.#lastOrder = Math.max(this.#lastOrder + 1, Math.floor(now * 1000));
    return this.#lastOrder;
  }
}
