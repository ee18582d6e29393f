// The state of the memory store's queue and the steps that its verbs share. Whatever ran out by now has run out before a verb looks.
import {
  admissible,
  effectiveBurst,
  effectiveLimit,
  type LoginBucket,
  refillBucket,
} from "../../login-queue/admission.ts";
import { patchOverrides, type QueueOverrides } from "../../login-queue/queue-settings.ts";
import {
  type FinishReason,
  hostLeaseSeconds,
  type QueuePatch,
  type QueueSettings,
} from "../../login-queue/queue-store.ts";
import type { BanTable } from "./ban-table.ts";
import { ExpiryIndex } from "./expiry-index.ts";
import { LoginTimes } from "./login-times.ts";
import type { Records } from "./records.ts";
import type { SessionTable } from "./session-table.ts";
import { Slots } from "./slots.ts";
import { type TicketEntry, Tickets } from "./tickets.ts";

interface Parts {
  readonly settings: QueueSettings;
  readonly records: Records;
  readonly now: number;
  readonly ticketsMayReturn: boolean;
}

export class QueueCore {
  readonly #options: QueueSettings;
  #settings: QueueSettings;
  readonly #records: Records;
  readonly ticketsMayReturn: boolean;
  readonly tickets: Tickets;
  readonly slots = new Slots();
  readonly loginTimes = new LoginTimes();
  /** Passes that ran out unused. */
  noShows = 0;
  admissionStepAt: number | null = null;
  readonly #hosts = new ExpiryIndex<string>();
  /** Tickets of an earlier life need this long to come back before anybody is let in ahead of them. */
  readonly holdUntil: number;
  #bucket: LoginBucket;

  constructor({ settings: options, records, now, ticketsMayReturn }: Parts) {
    const settings = overridden(options, records.queueOverrides);
    this.#options = options;
    this.#settings = settings;
    this.#records = records;
    this.ticketsMayReturn = ticketsMayReturn;
    this.tickets = new Tickets(settings);
    this.holdUntil = ticketsMayReturn ? now + settings.restoreSeconds * 1000 : now;
    this.#bucket = { tokens: effectiveBurst(settings), countedAt: now };
  }

  /** What is in force. */
  get settings(): QueueSettings {
    return this.#settings;
  }

  get sessions(): SessionTable {
    return this.#records.sessions;
  }

  get bans(): BanTable {
    return this.#records.bans;
  }

  configure(patch: QueuePatch, now: number): void {
    const overrides = patchOverrides(this.#records.queueOverrides, patch);
    this.#records.commit([{ of: "queueOverrides", overrides }]);
    // The time until now goes by the rate of before.
    this.#bucket = refillBucket(this.#bucket, this.settings, now);
    this.#settings = overridden(this.#options, overrides);
    this.tickets.configure(this.settings);
  }

  /** Lets run out what has run out by now. Every verb begins with it, so what it costs is spread over those that ran out. */
  settle(now: number): void {
    this.tickets.lanes.countUpTo(now);
    // In the order in which it happened: whether a holder was there when its pass ended depends on it.
    for (;;) {
      const hostAt = this.#hosts.dueAt(now);
      const ticketAt = this.tickets.dueAt(now);
      if (hostAt !== undefined && (ticketAt === undefined || hostAt <= ticketAt)) this.#loseHost(now);
      else if (ticketAt !== undefined) this.#endDueTicket(now);
      else break;
    }
    this.slots.forgetDue(now);
    this.tickets.forgetDue(now);
  }

  /** The process is alive; its tickets are present again, had it been taken for dead. */
  leaseHost(hostId: string, now: number): void {
    const wasAlive = this.#hosts.has(hostId);
    this.#hosts.set(hostId, now + hostLeaseSeconds * 1000);
    if (!wasAlive) this.tickets.hostBack(hostId);
  }

  /** Whether a socket holds the ticket, on a process that lives. */
  isHeldBySocket(entry: TicketEntry): boolean {
    return entry.holder?.kind === "socket" && this.#hosts.has(entry.holder.hostId);
  }

  /** With the last socket player grace begins, save for a session that is over or was thrown out: its slot goes. */
  socketsClosed(sid: string, hostId: string, at: number): void {
    if (!this.slots.socketsClosed(sid, hostId) || !this.slots.has(sid)) return;
    if (this.sessions.get(sid) !== null && this.sessions.getLive(sid, at) === null) this.slots.release(sid);
    else this.slots.lease(sid, this.slotLeaseEnd(at));
  }

  /** Of a session with sockets: a player grace shorter than the time between two renewals must not take its slot. */
  connectedLeaseEnd(now: number): number {
    return now + Math.max(this.settings.playerGraceSeconds, hostLeaseSeconds) * 1000;
  }

  slotLeaseEnd(now: number): number {
    return now + this.settings.playerGraceSeconds * 1000;
  }

  /** How many may be let in now, `freed` slots being as good as free. */
  admissible(now: number, freed = 0): number {
    return admissible({
      mode: this.settings.mode,
      tokens: this.tokens(now),
      liveSlots: this.slots.size - freed,
      limit: effectiveLimit(this.settings),
      holdUntil: this.holdUntil,
      now,
    });
  }

  /** Logins that the rate allows. */
  tokens(now: number): number {
    this.#bucket = refillBucket(this.#bucket, this.settings, now);
    return this.#bucket.tokens;
  }

  /** Whether somebody may be let in past the line: nobody present waits who may enter too, and rate and slots allow. */
  mayPassBy(now: number, mayEnterClosed: boolean, freed = 0): boolean {
    return this.#isLineOpen(mayEnterClosed) && this.admissible(now, freed) >= 1;
  }

  #isLineOpen(mayEnterClosed: boolean): boolean {
    const { lanes } = this.tickets;
    switch (this.settings.mode) {
      case "open":
        return true;
      case "auto":
        return lanes.presentSize === 0;
      case "closed":
        return mayEnterClosed && lanes.exemptSize === 0;
      case "always":
      case "paused":
        return false;
    }
  }

  /** Whether a slot is free below the limit, or none is asked for. */
  hasRoom(): boolean {
    return this.settings.mode === "open" || this.slots.size < effectiveLimit(this.settings);
  }

  /** One login's worth of the rate. Mode `open` only counts, and so banks no debt either. */
  spendToken(): void {
    if (this.settings.mode === "open") return;
    this.#bucket = { ...this.#bucket, tokens: this.#bucket.tokens - 1 };
  }

  /** Lets a ticket of the line in, as `givePass` does. */
  admit(entry: TicketEntry, now: number): { readonly tookSlot: boolean } {
    this.tickets.lanes.countAdmitted(entry.lane);
    return this.givePass(entry, now);
  }

  /**
   * Gives the ticket its pass, and the pass a slot; of a ticket that is bound to a live session, the slot is that session's.
   * Answers whether it took a slot: a session may have had its own.
   */
  givePass(entry: TicketEntry, now: number): { readonly tookSlot: boolean } {
    const { sid } = entry;
    const tookSlot = this.needsSlot(entry, now);
    this.tickets.admit(entry, now, this.settings.passSeconds * 1000);
    // A session that has its slot keeps it, told of its pass or not.
    if (!tookSlot) entry.delivered = true;
    if (sid !== null && this.sessions.getLive(sid, now) !== null) this.bindPass(entry, sid, now);
    else this.slots.addPass(entry.id);
    return { tookSlot };
  }

  /** Whether a ticket of this session would be admitted to a slot of its own: a live session may have one. */
  needsSlot({ sid }: { readonly sid: string | null }, now: number): boolean {
    return sid === null || this.sessions.getLive(sid, now) === null || !this.slots.isHeld(sid);
  }

  /** The pass counts as claimed by a session that is there already, and its slot is that session's, should it have none. */
  bindPass(entry: TicketEntry, sid: string, now: number): void {
    entry.claimedBy = sid;
    if (this.slots.isHeld(sid)) this.slots.deletePass(entry.id);
    else this.slots.handOver(entry.id, sid, this.slotLeaseEnd(now));
  }

  /** Ends a ticket `at` that moment, and with it the slot of its unspent pass. One whose session has its slot was admitted. */
  finish(entry: TicketEntry, reason: FinishReason, at: number): void {
    this.slots.deletePass(entry.id);
    if (entry.status === "waiting") {
      this.tickets.lanes.countAbandoned(entry.lane, entry.present, reason === "lapsed");
    }
    this.tickets.finish(entry, reason, at);
  }

  /** The session uses its slot: the ticket that was admitted for it is spent. */
  spendBoundTicket(sid: string, now: number): void {
    const record = this.sessions.get(sid);
    const entry = record === null ? undefined : this.tickets.ofUser(record.userId);
    if (entry?.claimedBy === sid) this.finish(entry, "admitted", now);
  }

  #loseHost(now: number): void {
    const due = this.#hosts.takeDue(now);
    if (due === undefined) return;
    this.tickets.hostLost(due.key, due.endsAt);
    for (const sid of this.slots.sidsOfHost(due.key)) this.socketsClosed(sid, due.key, due.endsAt);
  }

  #endDueTicket(now: number): void {
    const due = this.tickets.takeDue(now);
    if (due === null) return;
    if (due.entry.status === "waiting") this.finish(due.entry, "lapsed", due.at);
    else this.#passEnded(due.entry, due.at);
  }

  #passEnded(entry: TicketEntry, at: number): void {
    const { claimedBy } = entry;
    if (claimedBy !== null && (entry.delivered || this.slots.hasSockets(claimedBy))) {
      this.finish(entry, "admitted", at);
    } else if (entry.delivered) {
      this.noShows += 1;
      this.finish(entry, "lapsed", at);
    } else {
      this.noShows += 1;
      if (claimedBy === null) this.slots.deletePass(entry.id);
      else this.slots.release(claimedBy);
      this.tickets.giveBack(entry, at, this.isHeldBySocket(entry));
    }
  }
}

/** The options themselves where nothing is changed. */
function overridden(options: QueueSettings, overrides: QueueOverrides): QueueSettings {
  return Object.keys(overrides).length === 0 ? options : { ...options, ...overrides };
}
