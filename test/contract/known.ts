// What the property tests remember of each ticket and session.
import type { FinishReason, TicketClaim } from "../../src/login-queue/queue-store.ts";

/** How a ticket is held, as its holder sees it. */
export type Held =
  | { readonly kind: "socket"; readonly id: string; readonly hostId: string }
  | { readonly kind: "poll"; readonly polledAt: number; readonly nextPollSeconds: number }
  | { readonly kind: "dropped"; readonly at: number };

export interface KnownTicket {
  readonly id: string;
  readonly lane: string;
  /** Changed by an operator's `move` alone. */
  order: number;
  claim: TicketClaim;
  held: Held;
  /** `lost`: the store lost everything, and the ticket has not come back to it since. */
  status: "waiting" | "admitted" | "gone" | "lost";
  reason: FinishReason | null;
  /** When it was last seen in the queue. */
  seenAt: number;
  passExpiresAt: number;
  /** The end of the pass that reached its holder. */
  deliveredPass: number | null;
  /** When a pass that reached nobody ended. */
  givenBackAt: number | null;
  /** Where its holders were. */
  readonly addresses: Set<string | null>;
  /** Whether its holder, when it joined last, was somebody whom the access rules let in while the mode is `closed`. */
  mayEnterClosed: boolean;
  /** The session it is bound to. */
  sid: string | null;
  openedBy: { readonly sid: string; readonly userId: string } | null;
}

export interface KnownSession {
  readonly sid: string;
  readonly userId: string;
  generation: number;
  /** It lets nobody in any more. */
  ended: boolean;
  /** The store knows it no more: of its sockets it takes what it is told. */
  forgotten: boolean;
  /** Processes that have sockets of it, dead ones included. */
  readonly openHosts: Set<string>;
  /** Its slot is there at least until then. What only prolongs it for sure counts; what might have ended it ends it here. */
  slotUntil: number;
  /** It was thrown out: its slot goes with the last socket. */
  isLeaving: boolean;
}

/** What the step just made may have done; anything else that changed is a fault. */
export interface StepEffects {
  admits?: boolean;
  gives?: boolean;
  removes?: boolean;
  fails?: boolean;
  /** The ticket that an operator put at another place. */
  moves?: string;
}
