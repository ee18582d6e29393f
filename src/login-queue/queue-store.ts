// What the login queue needs of a store: verbs that say what they mean, each one atomic step by the store's own clock.
import type { Ban } from "../access/access-store.ts";
import type { QueueMode } from "../wire.ts";
import type { LiveQueueSettings, QueuePatch, QueueSettings } from "./queue-settings.ts";

export type { LiveQueueSettings, QueuePatch, QueueSettings } from "./queue-settings.ts";

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
  /** Where the holder is, as `addressGroup` says; left out or null where that is not known. */
  readonly address?: string | null;
  /** Whether a new ticket may be made. Left out: yes. */
  readonly mayCreate?: boolean;
  /** Whether the access rules let the player in while the mode is `closed`. Left out: no. */
  readonly mayEnterClosed?: boolean;
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
  | { readonly outcome: "queueFull" }
  /** As many tickets of this address wait as may; this would be one more. */
  | { readonly outcome: "tooManyTickets"; readonly queueLength: number }
  /** This would be a new ticket, and one could be had, but none was to be made. */
  | { readonly outcome: "ticketNeeded" }
  /** The mode is `closed`, and this would be a new ticket of somebody who may not enter. */
  | { readonly outcome: "queueClosed" };

export type PassState = "unspent" | "bound" | "spent" | "none";

/** Where a ticket stands. */
export type Standing =
  | {
      readonly status: "waiting";
      /** 1 + earlier tickets of the lane, or the least value that ever was. */
      readonly position: number;
      /** 1 + earlier tickets of the lane as it is now: above `position` where earlier ones came back late after a restart. */
      readonly rank: number;
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
  | {
      readonly type: "ticketRemoved";
      readonly ticketId: string;
      readonly reason: string;
      /** Its user was banned: the holder is closed with 4403. */
      readonly cause?: "banned";
    }
  /** A second join took the ticket over; the holder of before is told so and closed. */
  | { readonly type: "ticketTakenOver"; readonly ticketId: string; readonly from: Holder }
  /** Live settings changed: `settings` tells what is in force. */
  | { readonly type: "queueConfigured" };

/** Why somebody is not let in past the queue: there is a line, or no room, or the mode is `closed`. */
export type EntryRefusal =
  | { readonly outcome: "queueRequired"; readonly queueLength: number }
  | { readonly outcome: "queueClosed" };

export type SlotOutcome = { readonly outcome: "held" } | { readonly outcome: "taken" } | EntryRefusal;

export type DirectPassOutcome = { readonly outcome: "admitted" } | EntryRefusal;

/** One page of tickets, for an operator. */
export interface TicketPage {
  readonly status: TicketStatus;
  readonly lane: string;
  /** The `order` of the last ticket of the page before; null for the first page. */
  readonly after: number | null;
  readonly limit: number;
}

/** A ticket as an operator sees it. */
export interface ListedTicket {
  readonly ticket: Ticket;
  /** What its holder is shown; 0 for one that was admitted. */
  readonly position: number;
  /** Whether its holder is connected, or polled lately; of an admitted one, whether it is connected. */
  readonly isPresent: boolean;
}

/**
 * What came of an operator's wish to let one ticket in. `admitted`: by this call; `already`: by whoever came before it, and the
 * pass is not spent yet; `full`: no slot is free below the limit.
 */
export type TicketAdmission = "admitted" | "already" | "full" | "unknown";

/**
 * One lane as it stands, and what happened in it since the store began: counters only grow, so that every process can read
 * them when it likes and take differences.
 */
export interface LaneStatus {
  readonly weight: number;
  /** Waiting tickets, away ones included. */
  readonly waiting: number;
  readonly away: number;
  /** Away tickets that come before the first present one: they were passed over, and go first when they return. */
  readonly passedOver: number;
  /** Counter: tickets that took a place, a restored one, one given back or that of a login past the queue included. */
  readonly entered: number;
  /**
   * Counter: tickets that were given their pass, whoever gave it; those of logins past the queue are not counted. A ticket
   * whose pass reached nobody is not taken off again: it counts as entered anew, and with its next pass as admitted anew. So
   * `waiting` is `entered` less `admitted`, `abandoned` and the logins past the queue.
   */
  readonly admitted: number;
  /** Counter: tickets that left, were removed or lapsed while they waited. */
  readonly abandoned: number;
  /** Counter: those of them whose grace ran out. */
  readonly lapsed: number;
  /** Counter: those of them that were away. */
  readonly abandonedAway: number;
  /** Counter: times that the holder of an away ticket came back to it. */
  readonly returned: number;
  /** Counters: time that tickets spent present and away, added up over the tickets, in ms. */
  readonly presentMs: number;
  readonly awayMs: number;
}

export interface QueueStatus {
  /** The store's time of all this, ms since the epoch. */
  readonly asOf: number;
  readonly mode: QueueMode;
  readonly lanes: Readonly<Record<string, LaneStatus>>;
  /** Slots whose lease has not run out: unspent passes and sessions. */
  readonly liveSlots: number;
  readonly targetCcuLimit: number;
  readonly safetyMarginPercent: number;
  readonly targetLoginRatePerSecond: number;
  /** The burst in force. */
  readonly loginBurst: number;
  /** Logins that the rate allows at this moment. */
  readonly tokens: number;
  /** Nobody is admitted before this moment (restore after a start on an empty store). */
  readonly holdUntil: number;
  /** Counter: slots given up, by sessions that are gone and by passes that opened none. */
  readonly departedSlots: number;
  /** Counter: passes that ran out unused, given back ones included. */
  readonly noShows: number;
  /** When the first in line of all lanes took its place, ms since the epoch; null while nobody waits. */
  readonly oldestEnqueuedAt: number | null;
  /** When any process ran the admission step last; null before the first. */
  readonly admissionStepAt: number | null;
  /** Median time from admission to login of the last hundred who had waited, in seconds; null below eight. */
  readonly secondsToLogin: number | null;
  /** What is assumed until it was measured, in seconds. */
  readonly estimatedSecondsToLogin: number;
}

/**
 * The queue as a store keeps it. Every call may throw `LoginError("STORE_UNAVAILABLE")`. Tickets, passes and slots share
 * one store, because a slot changes hands in the same step in which a ticket is admitted or a session opened.
 */
export interface QueueStore {
  /**
   * Takes a ticket: a new one, the old one back, or, for a known user, the one the user has (taking it over). A returning
   * ticket is never refused for its address: it counts there from then on if there is room, and else where it did before.
   */
  join(request: JoinRequest): Promise<JoinOutcome>;
  /** The holder's socket is gone: the ticket is away, unless another holder has it by now. */
  drop(ticketId: string, holderId: string): Promise<void>;
  /**
   * A poller asked again, from this address: it holds the ticket now, and is present once more. Answers its standing; a pass
   * in it counts as delivered.
   */
  poll(ticketId: string, nextPollSeconds: number, address?: string | null): Promise<Standing>;
  /** The holder gives the place (or the unspent pass) up; answers whether there was one. With `holderId`, only if that holder still has it. */
  leave(ticketId: string, holderId?: string): Promise<boolean>;
  /** An operator takes the place away; the feed tells its holder why. */
  remove(ticketId: string, reason: string): Promise<boolean>;
  /**
   * An operator lets one ticket in: ahead of the line, of the rate (it takes one login's worth of it all the same), of a mode
   * that admits none and of the restore wait; not beyond the limit, save in mode `open`. One that has its pass keeps it.
   */
  admitTicket(ticketId: string): Promise<TicketAdmission>;
  /**
   * An operator puts a waiting ticket at this place of its lane (1 = next; beyond the last: the last), and its position
   * becomes that, be it higher than before. No other position rises. Answers the place, or null where no such ticket waits.
   */
  move(ticketId: string, position: number): Promise<number | null>;
  /**
   * Changes live settings for every process, until they are changed again: they last as long as the store's data does.
   * Graces, leases and lives that run keep their ends. A lane that is taken away keeps its tickets, with weight 1.
   */
  configure(patch: QueuePatch): Promise<{ readonly settings: LiveQueueSettings; readonly previous: LiveQueueSettings }>;
  /** What is in force: the settings that the store was opened with, and what was changed since. */
  settings(): Promise<QueueSettings>;
  /** One admission step (DESIGN 5): answers the tickets that this call admitted; the feed tells every process. */
  admit(): Promise<readonly Ticket[]>;
  /** The admitted ticket's pass reached its holder. One that reached nobody gets its place back when the pass ends. */
  markDelivered(ticketIds: readonly string[]): Promise<void>;
  /** Where each ticket stands, in the order asked. */
  standings(ticketIds: readonly string[]): Promise<readonly Standing[]>;
  /** A login without a pass: an admitted ticket on the spot if nobody present waits and rate and slots allow. */
  admitDirectly(ticketId: string, mayEnterClosed?: boolean): Promise<DirectPassOutcome>;
  /**
   * Whether a pass may be presented: `unspent`; `bound` to the session of whoever queued with one, and good for that user
   * alone; `spent`, and its session is answered again to the same account; or `none`, for one that ended or ran out of tries.
   */
  passState(ticketId: string): Promise<PassState>;
  /** A login with this pass failed. Answers the tries left; at none the pass ends and the slot goes on. */
  failPass(ticketId: string): Promise<number>;
  /** Gives an unspent pass's slot back at once. */
  releasePass(ticketId: string): Promise<void>;
  /** A session without a slot wants into a game room. Idempotent per session; one that does not live is sent to the queue. */
  takeSlot(sid: string, mayEnterClosed?: boolean): Promise<SlotOutcome>;
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
  /**
   * This process has heard no message of these sessions for so many ms. The list is complete, and said again every second for
   * as long as it matters. Answers those of them that every process with sockets of theirs says the same of, each with its
   * shortest silence.
   */
  reportQuiet(hostId: string, quietMs: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>>;
  /** Lets lapse what has run out: away tickets, unspent passes, slots, tombstones. */
  sweep(): Promise<void>;
  status(): Promise<QueueStatus>;
  /**
   * Tickets of one lane in the order of arrival: those that wait, or those with an unspent pass. None of a lane that nobody
   * knows. To be seen in a list shows a holder no position: it binds the store to nothing.
   */
  listTickets(page: TicketPage): Promise<readonly ListedTicket[]>;
  /** The tickets with this id, or of this user: none, one, or in rare cases both. */
  findTickets(idOrUserId: string): Promise<readonly ListedTicket[]>;
}

/** Failed logins that end a pass (DESIGN 5). */
export const passTries = 5;
/** How long a process counts as alive after it renewed its lease. */
export const hostLeaseSeconds = 15;
/** How often it renews it. */
export const hostRenewSeconds = 5;
/** Tickets are signed again this often, and end this long plus the grace after their signing. */
export const ticketResignSeconds = 60;
