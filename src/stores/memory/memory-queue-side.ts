// What sessions and bans do to the queue of the memory store, inside their own steps.
import type { EndReason } from "../../sessions/session.ts";
import type { StoreEvent } from "../store.ts";
import type { QueueCore } from "./queue-core.ts";
import type { PassCheck, QueueSide } from "./queue-side.ts";

export class MemoryQueueSide implements QueueSide {
  readonly #core: QueueCore;

  constructor(core: QueueCore) {
    this.#core = core;
  }

  checkPass(ticketId: string, userId: string, now: number): PassCheck {
    const { tickets } = this.#core;
    this.#core.settle(now);
    const entry = tickets.get(ticketId);
    if (entry !== undefined) {
      if (entry.status === "waiting") return { pass: "invalid" };
      // Whoever presents it has it.
      entry.delivered = true;
      if (entry.claimedBy === null) return { pass: "unspent" };
      const isGood = entry.userId === userId && this.#core.slots.isHeld(entry.claimedBy);
      return isGood ? { pass: "bound", sid: entry.claimedBy } : { pass: "invalid" };
    }
    const claim = tickets.tombstone(ticketId)?.claim ?? null;
    if (claim === null || claim.userId !== userId || claim.until <= now) return { pass: "invalid" };
    return { pass: "claimed", sid: claim.sid };
  }

  spendPass(ticketId: string, userId: string, sid: string, now: number): void {
    const { tickets, slots } = this.#core;
    const entry = tickets.get(ticketId);
    if (entry === undefined || entry.passExpiresAt === null) throw new TypeError("only an unspent pass can be spent");
    if (entry.claimedBy !== null) slots.passOn(entry.claimedBy, sid, this.#core.slotLeaseEnd(now));
    else slots.handOver(ticketId, sid, this.#core.slotLeaseEnd(now));
    this.#core.loginTimes.add(entry, now);
    tickets.finish(entry, "admitted", now, { userId, sid, until: entry.passExpiresAt });
  }

  renewSlot(sid: string, now: number): void {
    this.#core.settle(now);
    if (this.#core.slots.isHeld(sid)) this.#core.slots.prolong(sid, this.#core.slotLeaseEnd(now));
  }

  endSession(sid: string, reason: EndReason, message: string | undefined, now: number, events: StoreEvent[]): void {
    const { sessions, tickets, slots } = this.#core;
    this.#core.settle(now);
    slots.release(sid);
    const record = sessions.get(sid);
    const entry = record === null ? undefined : tickets.ofUser(record.userId);
    if (entry === undefined || entry.sid !== sid) return;
    this.#core.finish(entry, "removed", now);
    events.push({ type: "ticketRemoved", ticketId: entry.id, reason: message ?? reason });
  }

  disconnectSession(sid: string, now: number): void {
    this.#core.settle(now);
    this.#core.slots.release(sid);
  }

  banUser(userId: string, reason: string, now: number, events: StoreEvent[]): void {
    this.#core.settle(now);
    const entry = this.#core.tickets.ofUser(userId);
    if (entry === undefined) return;
    this.#core.finish(entry, "removed", now);
    events.push({ type: "ticketRemoved", ticketId: entry.id, reason, cause: "banned" });
  }
}
