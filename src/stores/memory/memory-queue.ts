// The login queue of the memory store: each verb runs to its end without waiting for anything, and so is one atomic step.
import type { Clock } from "../../clock.ts";
import { effectiveBurst } from "../../login-queue/admission.ts";
import { defaultLane } from "../../login-queue/lanes.ts";
import { liveSettingsOf } from "../../login-queue/queue-settings.ts";
import {
  type DirectPassOutcome,
  type EntryRefusal,
  type JoinOutcome,
  type JoinRequest,
  type ListedTicket,
  type LiveQueueSettings,
  type PassState,
  passTries,
  type QueueEvent,
  type QueuePatch,
  type QueueSettings,
  type QueueStatus,
  type QueueStore,
  type SlotOutcome,
  type Standing,
  type Ticket,
  type TicketAdmission,
  type TicketPage,
} from "../../login-queue/queue-store.ts";
import type { Feed } from "./feed.ts";
import { joinQueue, moveTo, takeOver } from "./join.ts";
import type { QueueCore } from "./queue-core.ts";
import { Silence } from "./silence.ts";
import { findTickets, listTickets } from "./ticket-list.ts";

export class MemoryQueue implements QueueStore {
  readonly #core: QueueCore;
  readonly #clock: Clock;
  readonly #feed: Feed;
  readonly #silence = new Silence();

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

  async poll(ticketId: string, nextPollSeconds: number, address: string | null = null): Promise<Standing> {
    const now = this.#settledNow();
    const { tickets } = this.#core;
    const entry = tickets.get(ticketId);
    if (entry === undefined) return this.#standing(ticketId);
    const events: QueueEvent[] = [];
    moveTo(this.#core, entry, address);
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

  async admitTicket(ticketId: string): Promise<TicketAdmission> {
    const now = this.#settledNow();
    const core = this.#core;
    const entry = core.tickets.get(ticketId);
    if (entry === undefined) return "unknown";
    if (entry.status === "admitted") return "already";
    if (core.needsSlot(entry, now) && !core.hasRoom()) return "full";
    if (core.admit(entry, now).tookSlot) core.spendToken();
    this.#feed.publish([{ type: "ticketsAdmitted", ticketIds: [ticketId] }]);
    return "admitted";
  }

  async move(ticketId: string, position: number): Promise<number | null> {
    const now = this.#settledNow();
    const entry = this.#core.tickets.get(ticketId);
    return entry?.status === "waiting" ? this.#core.tickets.move(entry, position, now) : null;
  }

  async configure(patch: QueuePatch): Promise<{ settings: LiveQueueSettings; previous: LiveQueueSettings }> {
    const now = this.#settledNow();
    const previous = liveSettingsOf(this.#core.settings);
    this.#core.configure(patch, now);
    this.#feed.publish([{ type: "queueConfigured" }]);
    return { settings: liveSettingsOf(this.#core.settings), previous };
  }

  async settings(): Promise<QueueSettings> {
    return this.#core.settings;
  }

  async admit(): Promise<readonly Ticket[]> {
    const now = this.#settledNow();
    const core = this.#core;
    core.admissionStepAt = now;
    const admitted: Ticket[] = [];
    while (core.admissible(now) >= 1) {
      const entry = core.tickets.takeNext(core.settings.mode === "closed");
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

  async admitDirectly(ticketId: string, mayEnterClosed = false): Promise<DirectPassOutcome> {
    const now = this.#settledNow();
    const { tickets, settings } = this.#core;
    if (!this.#core.mayPassBy(now, mayEnterClosed)) return this.#refusal(mayEnterClosed);
    const entry = tickets.create(ticketId, Object.keys(settings.lanes)[0] ?? "", now);
    this.#core.givePass(entry, now);
    this.#core.spendToken();
    entry.delivered = true;
    return { outcome: "admitted" };
  }

  async passState(ticketId: string): Promise<PassState> {
    const now = this.#settledNow();
    const { tickets } = this.#core;
    const entry = tickets.get(ticketId);
    if (entry?.status === "admitted") return entry.claimedBy === null ? "unspent" : "bound";
    const claim = tickets.tombstone(ticketId)?.claim ?? null;
    return claim !== null && now < claim.until ? "spent" : "none";
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

  async takeSlot(sid: string, mayEnterClosed = false): Promise<SlotOutcome> {
    const now = this.#settledNow();
    const { sessions, slots } = this.#core;
    if (sessions.getLive(sid, now) === null) return this.#refusal(mayEnterClosed);
    if (slots.isHeld(sid)) {
      this.#core.spendBoundTicket(sid, now);
      return { outcome: "held" };
    }
    // The slot of a session that was thrown out is counted until its last socket is closed.
    if (!this.#core.mayPassBy(now, mayEnterClosed, slots.has(sid) ? 1 : 0)) return this.#refusal(mayEnterClosed);
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
    slots.prolong(sid, this.#core.connectedLeaseEnd(now));
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
      slots.prolong(sid, this.#core.connectedLeaseEnd(now));
    }
  }

  async reportQuiet(hostId: string, quietMs: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
    const now = this.#settledNow();
    return this.#silence.report(hostId, quietMs, (sid) => this.#core.slots.hostsOf(sid), now);
  }

  async sweep(): Promise<void> {
    this.#settledNow();
  }

  async status(): Promise<QueueStatus> {
    const now = this.#settledNow();
    const { settings, tickets, slots, holdUntil, loginTimes } = this.#core;
    // An order is the moment of arrival, in microseconds.
    const firstOrder = tickets.lanes.firstOrder();
    return {
      asOf: now,
      mode: settings.mode,
      lanes: tickets.lanes.status(),
      liveSlots: slots.size,
      targetCcuLimit: settings.targetCcuLimit,
      safetyMarginPercent: settings.safetyMarginPercent,
      targetLoginRatePerSecond: settings.targetLoginRatePerSecond,
      loginBurst: effectiveBurst(settings),
      tokens: this.#core.tokens(now),
      holdUntil,
      departedSlots: slots.departed,
      noShows: this.#core.noShows,
      oldestEnqueuedAt: firstOrder === undefined ? null : Math.floor(firstOrder / 1000),
      admissionStepAt: this.#core.admissionStepAt,
      secondsToLogin: loginTimes.medianSeconds(),
      estimatedSecondsToLogin: settings.estimatedSecondsToLogin,
    };
  }

  async listTickets(page: TicketPage): Promise<readonly ListedTicket[]> {
    this.#settledNow();
    return listTickets(this.#core, page);
  }

  async findTickets(idOrUserId: string): Promise<readonly ListedTicket[]> {
    this.#settledNow();
    return findTickets(this.#core, idOrUserId);
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
    return { status: "waiting", position: ticket.position, rank: tickets.rank(entry), queueLength, ticket };
  }

  #refusal(mayEnterClosed: boolean): EntryRefusal {
    if (this.#core.settings.mode === "closed" && !mayEnterClosed) return { outcome: "queueClosed" };
    const { settings, tickets } = this.#core;
    return { outcome: "queueRequired", queueLength: tickets.lanes.length(defaultLane(settings.lanes)) };
  }
}
