// Who may have a slot, and who keeps one: passes that logins present, sessions that enter game rooms, and their sockets.
import { LoginError } from "../errors.ts";
import type { StoreOutage } from "../outage.ts";
import { randomId } from "../random.ts";
import type { KnownSession, MayEnterClosed } from "./joining.ts";
import type { QueueOutlook } from "./outlook.ts";
import type { EntryRefusal, QueueStore } from "./queue-store.ts";
import { entryRefusal } from "./refusals.ts";
import type { TicketTokens } from "./ticket.ts";

export interface QueueSlotsDependencies {
  readonly store: QueueStore;
  readonly tickets: TicketTokens;
  readonly outlook: QueueOutlook;
  readonly outage: StoreOutage;
  readonly hostId: string;
  /** `devLoginQueueBypass`: sessions need no slot. */
  readonly bypass: boolean;
  readonly mayEnterClosed: MayEnterClosed;
}

export interface VerifiedPass {
  readonly ticketId: string;
  readonly isSpent: boolean;
  readonly isOfOneUser: boolean;
}

/** Every call throws LoginError STORE_UNAVAILABLE while the store is out of reach, but for those that tell of sockets. */
export class QueueSlots {
  readonly #deps: QueueSlotsDependencies;

  constructor(dependencies: QueueSlotsDependencies) {
    this.#deps = dependencies;
  }

  /**
   * The ticket of a pass that a login presents; whether it opened a session already; and whether it is good for one user alone,
   * who did that or queued with a session. Throws LoginError PASS_INVALID.
   */
  async verifyPass(pass: string): Promise<VerifiedPass> {
    const { store, tickets } = this.#deps;
    const ticketId = await tickets.readPass(pass);
    const state = await store.passState(ticketId);
    if (state === "none") throw new LoginError("PASS_INVALID", "The pass is not valid.");
    return { ticketId, isSpent: state === "spent", isOfOneUser: state !== "unspent" };
  }

  /**
   * No wait, no queue: the ticket of a pass taken on the spot. Throws LoginError QUEUE_REQUIRED where somebody waits or none is
   * free, QUEUE_CLOSED for somebody who is not known to be let in then.
   */
  async directPass(mayEnterClosed = false): Promise<string> {
    const ticketId = randomId();
    const outcome = await this.#deps.store.admitDirectly(ticketId, mayEnterClosed);
    if (outcome.outcome !== "admitted") throw this.#refusal(outcome);
    return ticketId;
  }

  /** A login with this pass failed. */
  async failPass(ticketId: string): Promise<void> {
    await this.#deps.store.failPass(ticketId);
  }

  /** Gives an unspent pass's slot back at once. */
  async releasePass(ticketId: string): Promise<void> {
    await this.#deps.store.releasePass(ticketId);
  }

  /** A session enters a game room: it holds a slot, or takes one if nobody waits, or is refused (QUEUE_REQUIRED, QUEUE_CLOSED). */
  async requireSlot(session: KnownSession): Promise<void> {
    const { store, bypass, mayEnterClosed } = this.#deps;
    if (bypass) return;
    const outcome = await store.takeSlot(session.sid, await mayEnterClosed(session));
    if (outcome.outcome === "held" || outcome.outcome === "taken") return;
    throw this.#refusal(outcome);
  }

  /** The first socket of the session opened in this process. Kept until the store took it. */
  socketsOpened(sid: string): Promise<void> {
    return this.#setSocketsOpen(sid, true);
  }

  /** The last one closed. */
  socketsClosed(sid: string): Promise<void> {
    return this.#setSocketsOpen(sid, false);
  }

  /** Of the sessions that are quiet on this process, those that are so everywhere. */
  quietEverywhere(quietMs: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
    return this.#deps.store.reportQuiet(this.#deps.hostId, quietMs);
  }

  async #setSocketsOpen(sid: string, open: boolean): Promise<void> {
    const { store, outage, hostId, bypass } = this.#deps;
    if (bypass) return;
    await outage.insist("keeping a slot", sid, () => store.setSocketsOpen(sid, hostId, open));
  }

  #refusal(outcome: EntryRefusal): LoginError {
    return entryRefusal(outcome, (queueLength) => this.#deps.outlook.atTheEnd(queueLength));
  }
}
