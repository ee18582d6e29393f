// What the start and the end of a session mean for the queue: the half of the verbs that span both, run in the same step.
import type { EndReason } from "../../sessions/session.ts";
import type { StoreEvent } from "../store.ts";

export type PassCheck =
  /** Admitted, unspent, not past its end. */
  | { readonly pass: "unspent" }
  /** The same user queued with this session, which holds its slot. */
  | { readonly pass: "bound"; readonly sid: string }
  /** The same user opened this session with it. */
  | { readonly pass: "claimed"; readonly sid: string }
  | { readonly pass: "invalid" };

/** Events are added to `events`, to be published when the step has made its last write. */
export interface QueueSide {
  checkPass(ticketId: string, userId: string, now: number): PassCheck;
  /** The pass opened this session: the ticket is finished, and its slot the session's, or that of the session it was bound to. */
  spendPass(ticketId: string, userId: string, sid: string, now: number): void;
  /** The session was refreshed: its slot, should it have one, stays as if its last socket had closed now. */
  renewSlot(sid: string, now: number): void;
  /** The session ended: its slot goes once no socket is left, the ticket bound to it at once. */
  endSession(sid: string, reason: EndReason, message: string | undefined, now: number, events: StoreEvent[]): void;
  /** The session's sockets are being closed by the server: its slot goes with the last of them. */
  disconnectSession(sid: string, now: number): void;
  banUser(userId: string, reason: string, now: number, events: StoreEvent[]): void;
}
