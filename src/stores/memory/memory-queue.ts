// The login queue of the memory store: each verb runs to its end without waiting for anything, and so is one atomic step.
import type { Clock } from "../../clock.ts";
import {
  type DirectPassOutcome,
  type JoinOutcome,
  type JoinRequest,
  passTries,
  type QueueEvent,
  type QueueStatus,
  type QueueStore,
  type SlotOutcome,
  type Standing,
  type Ticket,
} from "../../login-queue/queue-store.ts";
import type { Feed } from "./feed.ts";
import { joinQueue, takeOver } from "./join.ts";
import type { QueueCore } from "./queue-core.ts";

export class MemoryQueue implements QueueStore {
  readonly #core: QueueCore;
  readonly #clock: Clock;
  readonly #feed: Feed;

  constructor(core: QueueCore, clock: Clock, feed: Feed) {
    this.#core = core;
    this.#clock = clock;
    this.#feed = feed;
  }

  async join(request: JoinRequest): Promise<JoinOutcome> {
    const events: QueueEvent[] = [];
    const outcome = joinQueue(this.#core, request, this.#settledNow(), events);
    this.#feed.publish(events);
    return outcome;
  }

  async drop(ticketId: string, holderId: string): Promise<void> {
    const now = this.#settledNow();
    const entry = this.#core.tickets.get(ticketId);
    if (entry?.holder?.kind === "socket" && entry.holder.id === holderId) {
      this.#core.tickets.setHolder(entry, null, now);
    }
  }

  async poll(ticketId: string, nextPollSeconds: number): Promise<Standing> {
    const now = this.#settledNow();
    const { tickets } = this.#core;
    const entry = tickets.get(ticketId);
    if (entry === undefined) return this.#standing(ticketId);
    const events: QueueEvent[] = [];
    takeOver(this.#core, entry, { kind: "poll", nextPollSeconds }, now, events);
    if (entry.status === "admitted") entry.delivered = true;
    const standing = this.#standing(ticketId);
    this.#feed.publish(events);
    return standing;
  }

  async leave(ticketId: string, holderId?: string): Promise<boolean> {
    const now = this.#settledNow();
    const entry = this.#core.tickets.get(ticketId);
    if (entry === undefined) return false;
    if (holderId !== undefined && !(entry.holder?.kind === "socket" && entry.holder.id === holderId)) return false;
    // The slot of a ticket that was admitted for a session is that session's.
    this.#core.finish(entry, entry.claimedBy === null ? "left" : "admitted", now);
    return true;
  }

  async remove(ticketId: string, reason: string): Promise<boolean> {
    const now = this.#settledNow();
    const entry = this.#core.tickets.get(ticketId);
    if (entry === undefined) return false;
    this.#core.finish(entry, "removed", now);
    this.#feed.publish([{ type: "ticketRemoved", ticketId, reason }]);
    return true;
  }

  async admit(): Promise<readonly Ticket[]> {
    const now = this.#settledNow();
    const core = this.#core;
    const admitted: Ticket[] = [];
    while (core.admissible(now) >= 1) {
      const entry = core.tickets.takeNext();
      if (entry === undefined) break;
      // A session that has its slot by now takes neither another nor a login's worth of the rate.
      if (core.admit(entry, now).tookSlot) core.spendToken();
      admitted.push(core.tickets.show(entry));
    }
    if (admitted.length > 0) {
      this.#feed.publish([{ type: "ticketsAdmitted", ticketIds: admitted.map((ticket) => ticket.id) }]);
    }
    return admitted;
  }

  async markDelivered(ticketIds: readonly string[]): Promise<void> {
    this.#settledNow();
    for (const ticketId of ticketIds) {
      const entry = this.#core.tickets.get(ticketId);
      if (entry?.status === "admitted") entry.delivered = true;
    }
  }

  async standings(ticketIds: readonly string[]): Promise<readonly Standing[]> {
    this.#settledNow();
    return ticketIds.map((ticketId) => this.#standing(ticketId));
  }

  async admitDirectly(ticketId: string): Promise<DirectPassOutcome> {
    const now = this.#settledNow();
    const { tickets, settings } = this.#core;
    if (!this.#core.mayPassBy(now)) return this.#queueRequired();
    const entry = tickets.create(ticketId, Object.keys(settings.lanes)[0] ?? "", now);
    this.#core.admit(entry, now);
    this.#core.spendToken();
    entry.delivered = true;
    return { outcome: "admitted" };
  }

  async failPass(ticketId: string): Promise<number> {
    const now = this.#settledNow();
    const { tickets } = this.#core;
    const entry = tickets.get(ticketId);
    if (entry !== undefined) {
      if (entry.status === "waiting") return 0;
      entry.delivered = true;
      entry.failedTries += 1;
      if (entry.failedTries < passTries) return passTries - entry.failedTries;
      entry.claimedBy = null;
      this.#core.finish(entry, "lapsed", now);
      return 0;
    }
    return tickets.failSpentPass(ticketId, passTries);
  }

  async releasePass(ticketId: string): Promise<void> {
    const now = this.#settledNow();
    const entry = this.#core.tickets.get(ticketId);
    if (entry?.status === "admitted" && entry.claimedBy === null) this.#core.finish(entry, "left", now);
  }

  async takeSlot(sid: string): Promise<SlotOutcome> {
    const now = this.#settledNow();
    const { sessions, slots } = this.#core;
    if (sessions.getLive(sid, now) === null) return this.#queueRequired();
    if (slots.isHeld(sid)) {
      this.#core.spendBoundTicket(sid, now);
      return { outcome: "held" };
    }
    // The slot of a session that was thrown out is counted until its last socket is closed.
    if (!this.#core.mayPassBy(now, slots.has(sid) ? 1 : 0)) return this.#queueRequired();
    this.#core.spendToken();
    slots.hold(sid, this.#core.slotLeaseEnd(now));
    return { outcome: "taken" };
  }

  async setSocketsOpen(sid: string, hostId: string, open: boolean): Promise<void> {
    const now = this.#settledNow();
    const { slots } = this.#core;
    if (!open) {
      this.#core.socketsClosed(sid, hostId, now);
      return;
    }
    this.#core.leaseHost(hostId, now);
    slots.socketsOpened(sid, hostId);
    // A slot that is not there is not made here: who opens a socket must have been let in.
    if (!slots.isHeld(sid)) return;
    slots.prolong(sid, this.#core.slotLeaseEnd(now));
    this.#core.spendBoundTicket(sid, now);
  }

  async renewHost(hostId: string, connectedSids: readonly string[]): Promise<void> {
    const now = this.#settledNow();
    const { slots } = this.#core;
    this.#core.leaseHost(hostId, now);
    const connected = new Set(connectedSids);
    for (const sid of slots.sidsOfHost(hostId)) if (!connected.has(sid)) this.#core.socketsClosed(sid, hostId, now);
    for (const sid of connected) {
      slots.socketsOpened(sid, hostId);
      slots.prolong(sid, this.#core.slotLeaseEnd(now));
    }
  }

  async sweep(): Promise<void> {
    this.#settledNow();
  }

  async status(): Promise<QueueStatus> {
    this.#settledNow();
    const { settings, tickets, slots } = this.#core;
    return {
      mode: settings.mode,
      lanes: tickets.lanes.counts(),
      liveSlots: slots.size,
      targetCcuLimit: settings.targetCcuLimit,
    };
  }

  /** Now, with everything that ran out by now gone. */
  #settledNow(): number {
    const now = this.#clock.now();
    this.#core.settle(now);
    return now;
  }

  #standing(ticketId: string): Standing {
    const { tickets } = this.#core;
    const entry = tickets.get(ticketId);
    if (entry === undefined) return { status: "gone", reason: tickets.tombstone(ticketId)?.reason ?? null };
    const ticket = tickets.show(entry);
    const queueLength = tickets.lanes.length(entry.lane);
    if (ticket.passExpiresAt !== null) {
      return { status: "admitted", passExpiresAt: ticket.passExpiresAt, queueLength, ticket };
    }
    return { status: "waiting", position: ticket.position, queueLength, ticket };
  }

  #queueRequired(): { readonly outcome: "queueRequired"; readonly queueLength: number } {
    return { outcome: "queueRequired", queueLength: this.#core.tickets.lanes.size };
  }
}
