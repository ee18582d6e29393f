// The login queue of one process: takes places, runs the admission step, and tells those who wait.
import type { Clock, StopTask } from "../clock.ts";
import type { Emit } from "../emitter.ts";
import { LoginError } from "../errors.ts";
import type { StoreOutage } from "../outage.ts";
import type { JwtSigner } from "../tokens/jwt.ts";
import { startHostTasks } from "./host-tasks.ts";
import { type JoinedPlace, Joining, type JoinQueueRequest, type MayEnterClosed } from "./joining.ts";
import { LiveSettings } from "./live-settings.ts";
import { QueueOutlook } from "./outlook.ts";
import { PassDelivery, type TicketWatcher } from "./pass-delivery.ts";
import type { Place } from "./place.ts";
import type { QueueSignals } from "./queue-signals.ts";
import { QueueSlots } from "./queue-slots.ts";
import type { Holder, QueueEvent, QueueSettings, QueueStore, TicketAdmission, TicketClaim } from "./queue-store.ts";
import { TicketTokens } from "./ticket.ts";

export type { JoinedPlace, JoinQueueRequest, KnownSession, MayEnterClosed } from "./joining.ts";

/** A room that can send its clients to another process. Never fails. */
export interface HandsOver {
  handOver(): Promise<void>;
}

/** What the options say. */
export interface LoginQueueSettings extends QueueSettings {
  readonly devLoginQueueBypass: boolean;
}

export class LoginQueue {
  readonly tickets: TicketTokens;
  /** `devLoginQueueBypass`: logins need no pass and sessions no slot. */
  readonly bypass: boolean;
  readonly hostId: string;
  /** What is in force. */
  readonly settings: LiveSettings;
  /** How the queue stands and moves, and what is told of it. */
  readonly outlook: QueueOutlook;
  /** How those who are let in get their slots, and keep them. */
  readonly slots: QueueSlots;
  readonly #emit: Emit<QueueSignals>;
  readonly #store: QueueStore;
  readonly #clock: Clock;
  readonly #steady: Pick<Clock, "now">;
  readonly #joining: Joining;
  readonly #connectedSids: () => readonly string[];
  readonly #outage: StoreOutage;
  readonly #delivery: PassDelivery;
  /** Rooms of this process in which players wait. */
  readonly #rooms = new Set<HandsOver>();
  readonly #accessListeners = new Set<() => void>();
  #stop: StopTask | null = null;
  #holders = 0;

  /** `hostId` names this process among those that share the store, and never comes again. */
  constructor(deps: {
    readonly store: QueueStore;
    readonly jwt: JwtSigner;
    readonly clock: Clock;
    /** For how long things take. */
    readonly steady: Pick<Clock, "now">;
    readonly settings: LoginQueueSettings;
    readonly hostId: string;
    readonly connectedSids: () => readonly string[];
    readonly outage: StoreOutage;
    readonly emit: Emit<QueueSignals>;
    /** Default: nobody. */
    readonly mayEnterClosed?: MayEnterClosed;
  }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#steady = deps.steady;
    this.#emit = deps.emit;
    this.settings = new LiveSettings({ store: deps.store, initial: deps.settings, emit: deps.emit });
    this.outlook = new QueueOutlook({ ...deps, settings: this.settings });
    const mayEnterClosed = deps.mayEnterClosed ?? (() => false);
    this.#joining = new Joining({
      store: deps.store,
      mayEnterClosed,
      atTheEnd: (queueLength) => this.outlook.atTheEnd(queueLength),
      toPlace: (ticketId, standing) => this.outlook.toPlace(ticketId, standing),
      leave: (ticketId, holderId) => this.leave(ticketId, holderId),
      drop: (ticketId, holderId) => this.drop(ticketId, holderId),
      owed: () => this.#outage.owed,
      emit: deps.emit,
    });
    this.#connectedSids = deps.connectedSids;
    this.#outage = deps.outage;
    this.tickets = new TicketTokens({ ...deps, queueGraceSeconds: () => this.settings.current.queueGraceSeconds });
    this.bypass = deps.settings.devLoginQueueBypass;
    this.hostId = deps.hostId;
    this.#delivery = new PassDelivery(this);
    this.slots = new QueueSlots({
      ...deps,
      tickets: this.tickets,
      outlook: this.outlook,
      bypass: this.bypass,
      mayEnterClosed,
    });
  }

  /** Begins to admit, to renew this process's lease and to sweep. */
  start(): void {
    this.#stop ??= startHostTasks({
      store: this.#store,
      clock: this.#clock,
      steady: this.#steady,
      settings: this.settings,
      outage: this.#outage,
      hostId: this.hostId,
      connectedSids: this.#connectedSids,
      look: () => this.outlook.look(),
      emit: this.#emit,
    });
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
  }

  /** A room in which players wait, until it is over. */
  addRoom(room: HandsOver): StopTask {
    this.#rooms.add(room);
    return () => this.#rooms.delete(room);
  }

  /**
   * This process ends: those who wait here are sent to another one with their places, what is still owed to the store is tried
   * once more, and the grace of those who play here begins. Never fails: with the store away the lease runs out by itself.
   */
  async shutDown(): Promise<void> {
    await Promise.all([...this.#rooms].map((room) => room.handOver()));
    this.stop();
    await this.#outage.retry();
    if (!this.bypass) await this.#outage.attempt("giving up the lease", () => this.#store.renewHost(this.hostId, []));
  }

  /** A holder for one socket: every connection has its own, a reconnected one too, and no two processes share one. */
  newSocketHolder(): Holder & { readonly kind: "socket" } {
    this.#holders += 1;
    return { kind: "socket", id: `${this.hostId}-${this.#holders.toString(36)}`, hostId: this.hostId };
  }

  /**
   * Takes a place: a new one, the old one back, or the one the session's user has.
   * @throws LoginError BANNED, QUEUE_FULL, QUEUE_CLOSED, TOO_MANY_REQUESTS (of this address), STORE_UNAVAILABLE, and what the
   * entrance refuses with
   */
  join(request: JoinQueueRequest): Promise<JoinedPlace> {
    return this.#joining.join(request);
  }

  /** The ticket of a JWT that its client presents, or null for one that is no good: it counts as none. */
  async claimOf(token: string | null): Promise<TicketClaim | null> {
    if (token === null) return null;
    try {
      return (await this.tickets.readTicket(token)).claim;
    } catch (error) {
      if (error instanceof LoginError) return null;
      throw error;
    }
  }

  /** Where these tickets stand, in the order asked. Throws LoginError STORE_UNAVAILABLE. */
  async places(ticketIds: readonly string[]): Promise<readonly Place[]> {
    const standings = await this.#store.standings(ticketIds);
    return ticketIds.map((id, index) => this.outlook.toPlace(id, standings[index]));
  }

  /** Signs the pass of an admitted place; the caller hands it over and then says so by `markDelivered`. */
  signPass(place: Place): Promise<string> {
    return this.tickets.signPass(place.ticketId, place.ticket?.admittedAt ?? place.asOf, place.passExpiresAt);
  }

  markDelivered(ticketIds: readonly string[]): Promise<void> {
    return this.#store.markDelivered(ticketIds);
  }

  /** The holder's socket is gone: away, within grace. Kept until the store took it, or the place would count as held. */
  async drop(ticketId: string, holderId: string): Promise<void> {
    await this.#outage.insist("a drop", `${ticketId} ${holderId}`, () => this.#store.drop(ticketId, holderId));
  }

  /** The holder's socket left for good, and takes the pass along: it lives on until it is used or runs out. */
  async takePassAlong(ticketId: string, holderId: string): Promise<void> {
    await this.#outage.insist("a pass taken along", `${ticketId} pass`, () => this.#store.markDelivered([ticketId]));
    await this.drop(ticketId, holderId);
  }

  /** The holder's socket left for good: the place, or an unspent pass it never saw, is given up. Kept until the store took it. */
  async leave(ticketId: string, holderId: string): Promise<void> {
    await this.#outage.insist("a leave", `${ticketId} ${holderId}`, () => this.#store.leave(ticketId, holderId));
  }

  /** The access rules changed: who waits with a session may be let in while the queue is closed, or no more. */
  accessChanged(): void {
    for (const listener of this.#accessListeners) listener();
  }

  /** Calls back when the access rules have changed. */
  onAccessChange(listener: () => void): StopTask {
    this.#accessListeners.add(listener);
    return () => this.#accessListeners.delete(listener);
  }

  /** What the store's feed tells. Hints: what is missed here is found by `places`. */
  onEvent(event: QueueEvent): void {
    switch (event.type) {
      case "ticketsAdmitted":
        void this.deliver(event.ticketIds);
        return;
      case "ticketRemoved":
        this.#delivery.removed(event);
        return;
      case "ticketTakenOver":
        this.#delivery.takenOver(event);
        return;
      case "queueConfigured":
        void this.#outage.attempt("reading the settings", () => this.outlook.look());
        return;
    }
  }

  /** From now on the watcher hears what happens to its ticket; whoever watched it before in this process has lost it. */
  watch(watcher: TicketWatcher): void {
    this.#delivery.watch(watcher);
  }

  unwatch(watcher: TicketWatcher): void {
    this.#delivery.unwatch(watcher);
  }

  /** Hands the passes of these admitted tickets to their watchers in this process. */
  async deliver(ticketIds: readonly string[]): Promise<void> {
    await this.#outage.attempt("handing over passes", () => this.#delivery.deliver(ticketIds));
  }

  /** An operator lets one ticket in. */
  async admitTicket(ticketId: string): Promise<TicketAdmission> {
    const [standing] = await this.#store.standings([ticketId]);
    const admission = await this.#store.admitTicket(ticketId);
    // Whoever let it in meanwhile tells of it.
    if (admission === "admitted" && standing !== undefined && standing.status !== "gone") {
      const ticket = { ...standing.ticket, status: "admitted", admittedAt: this.#clock.now() } as const;
      this.#emit("admitted", { tickets: [ticket] });
    }
    return admission;
  }
}
