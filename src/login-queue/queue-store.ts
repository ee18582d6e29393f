// What the login queue needs of a store: verbs that say what they mean, each one atomic step by the store's own clock.
import type { Ban } from "../access/access-store.ts";
import type { QueueMode } from "../wire.ts";

/** The settings that the admission step reads, in the words of DESIGN 5. */
export interface QueueSettings {
  readonly mode: QueueMode;
  readonly targetLoginRatePerSecond: number;
  readonly loginBurst: number;
  readonly targetCcuLimit: number;
  readonly safetyMarginPercent: number;
  readonly queueGraceSeconds: number;
  readonly playerGraceSeconds: number;
  readonly passSeconds: number;
  readonly restoreSeconds: number;
  readonly pollPresentSeconds: number;
  /** The longest pause between two polls: a poller's ticket JWT ends so much later, and so does every tombstone. */
  readonly maxCheckTicketPollTimeSeconds: number;
  readonly maxQueueLength: number;
  /** Weight by lane. */
  readonly lanes: Readonly<Record<string, number>>;
}

/** Who holds a ticket: one connection of one process. A ticket has one holder at a time. */
export type Holder =
  /** A socket of the queue room: present until it is dropped or its process's lease runs out. No two connections share an `id`. */
  | { readonly kind: "socket"; readonly id: string; readonly hostId: string }
  /** A poller over HTTP: present for `pollPresentSeconds` after each poll; its grace starts when its next poll is due. */
  | { readonly kind: "poll"; readonly nextPollSeconds: number };

/** What a signed ticket proves: enough to put its holder back after a store was lost. */
export interface TicketClaim {
  readonly id: string;
  readonly lane: string;
  /** Place in the order of arrival: microseconds by the store's clock, never repeating. */
  readonly order: number;
  /** The least position it was ever shown. */
  readonly position: number;
}

export type TicketStatus = "waiting" | "admitted";

/** A ticket that is in the queue or holds an unspent pass. Finished tickets are tombstones without a record. */
export interface Ticket extends TicketClaim {
  readonly status: TicketStatus;
  /** The user and session it is bound to, where its holder came with a live session. */
  readonly userId: string | null;
  readonly sid: string | null;
  readonly enqueuedAt: number;
  readonly holder: Holder | null;
  /** When the pass was given and when it ends; null while waiting. */
  readonly admittedAt: number | null;
  readonly passExpiresAt: number | null;
}

export interface JoinRequest {
  /** A ticket whose signature was checked, or null. */
  readonly claim: TicketClaim | null;
  /** The id of a new ticket, should one be needed. */
  readonly newTicketId: string;
  readonly lane: string;
  /** The user and session of a verified live session, or null. */
  readonly userId: string | null;
  readonly sid: string | null;
  readonly holder: Holder;
}

export type JoinOutcome =
  | {
      readonly outcome: "joined";
      /** `status` is `admitted` at once where the session's slot is still in player grace, or the ticket was admitted before. */
      readonly ticket: Ticket;
      /** How it came about: a place at the end, the old place, or a place put back after the store was lost. */
      readonly how: "new" | "returned" | "restored";
    }
  | { readonly outcome: "banned"; readonly ban: Ban }
  | { readonly outcome: "queueFull" };

/** Where a ticket stands. */
export type Standing =
  | {
      readonly status: "waiting";
      /** 1 + earlier tickets of the lane, or the least value that ever was. */
      readonly position: number;
      readonly queueLength: number;
      readonly ticket: Ticket;
    }
  | {
      readonly status: "admitted";
      readonly passExpiresAt: number;
      readonly queueLength: number;
      readonly ticket: Ticket;
    }
  /** No longer in the queue: removed, lapsed, spent, left, or never known. */
  | { readonly status: "gone"; readonly reason: FinishReason | null };

/** How a ticket ended. `admitted` is one whose pass opened a session. */
export type FinishReason = "admitted" | "left" | "removed" | "lapsed";

/** What the store's feed tells every process about the queue. Hints: whoever missed one finds the same by `standings`. */
export type QueueEvent =
  | { readonly type: "ticketsAdmitted"; readonly ticketIds: readonly string[] }
  | { readonly type: "ticketRemoved"; readonly ticketId: string; readonly reason: string }
  /** A second join took the ticket over; the holder of before is told so and closed. */
  | { readonly type: "ticketTakenOver"; readonly ticketId: string; readonly from: Holder };

export type SlotOutcome =
  | { readonly outcome: "held" }
  | { readonly outcome: "taken" }
  | { readonly outcome: "queueRequired"; readonly queueLength: number };

export type DirectPassOutcome =
  | { readonly outcome: "admitted" }
  | { readonly outcome: "queueRequired"; readonly queueLength: number };

export interface QueueStatus {
  readonly mode: QueueMode;
  /** By lane: waiting tickets, and how many of them are away. */
  readonly lanes: Readonly<Record<string, { readonly waiting: number; readonly away: number }>>;
  /** Slots whose lease has not run out: unspent passes and sessions. */
  readonly liveSlots: number;
  readonly targetCcuLimit: number;
}

/**
 * The queue as a store keeps it. Every call may throw `LoginError("STORE_UNAVAILABLE")`. Tickets, passes and slots share
 * one store, because a slot changes hands in the same step in which a ticket is admitted or a session opened.
 */
export interface QueueStore {
  /** Takes a ticket: a new one, the old one back, or, for a known user, the one the user has (taking it over). */
  join(request: JoinRequest): Promise<JoinOutcome>;
  /** The holder's socket is gone: the ticket is away, unless another holder has it by now. */
  drop(ticketId: string, holderId: string): Promise<void>;
  /**
   * A poller asked again: it holds the ticket now, and is present once more. Answers its standing; a pass in it counts as
   * delivered.
   */
  poll(ticketId: string, nextPollSeconds: number): Promise<Standing>;
  /** The holder gives the place (or the unspent pass) up; answers whether there was one. With `holderId`, only if that holder still has it. */
  leave(ticketId: string, holderId?: string): Promise<boolean>;
  /** An operator takes the place away; the feed tells its holder why. */
  remove(ticketId: string, reason: string): Promise<boolean>;
  /** One admission step (DESIGN 5): answers the tickets that this call admitted; the feed tells every process. */
  admit(): Promise<readonly Ticket[]>;
  /** The admitted ticket's pass reached its holder. One that reached nobody gets its place back when the pass ends. */
  markDelivered(ticketIds: readonly string[]): Promise<void>;
  /** Where each ticket stands, in the order asked. */
  standings(ticketIds: readonly string[]): Promise<readonly Standing[]>;
  /** A login without a pass: an admitted ticket on the spot if nobody present waits and rate and slots allow. */
  admitDirectly(ticketId: string): Promise<DirectPassOutcome>;
  /** A login with this pass failed. Answers the tries left; at none the pass ends and the slot goes on. */
  failPass(ticketId: string): Promise<number>;
  /** Gives an unspent pass's slot back at once. */
  releasePass(ticketId: string): Promise<void>;
  /** A session without a slot wants into a game room. Idempotent per session; one that does not live is sent to the queue. */
  takeSlot(sid: string): Promise<SlotOutcome>;
  /**
   * The process has sockets of the session, or has none any more. The last one to close starts player grace. Opening one
   * renews the slot there is and makes none: whoever enters a room took it before.
   */
  setSocketsOpen(sid: string, hostId: string, open: boolean): Promise<void>;
  /**
   * Prolongs the lease of a process: its tickets stay present, and the slots of its connected sessions stay (or are posted
   * again, beyond the limit too). The list is complete: a session that is not in it has no socket there.
   */
  renewHost(hostId: string, connectedSids: readonly string[]): Promise<void>;
  /** Lets lapse what has run out: away tickets, unspent passes, slots, tombstones. */
  sweep(): Promise<void>;
  status(): Promise<QueueStatus>;
}

/** Failed logins that end a pass (DESIGN 5). */
export const passTries = 5;
/** How long a process counts as alive after it renewed its lease. */
export const hostLeaseSeconds = 15;
/** How often it renews it. */
export const hostRenewSeconds = 5;
/** Tickets are signed again this often, and end this long plus the grace after their signing. */
export const ticketResignSeconds = 60;
