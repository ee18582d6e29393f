// The login queue of one process: takes places, runs the admission step, tells waiting players, and guards passes and slots.
import type { Clock, StopTask } from "../clock.ts";
import { LoginError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { randomId } from "../random.ts";
import type { JwtSigner } from "../tokens/jwt.ts";
import { type Entrance, openEntrance } from "./entrance.ts";
import { startHostTasks } from "./host-tasks.ts";
import { LiveSettings } from "./live-settings.ts";
import { StoreOutage } from "./outage.ts";
import { QueueOutlook } from "./outlook.ts";
import { PassDelivery, type TicketWatcher } from "./pass-delivery.ts";
import type { Place } from "./place.ts";
import type { QueueOverview } from "./queue-overview.ts";
import type { Holder, QueueEvent, QueueSettings, QueueStore, Standing, TicketClaim } from "./queue-store.ts";
import { entryRefusal, joinRefusal, type ToldAtTheEnd } from "./refusals.ts";
import { TicketTokens } from "./ticket.ts";

/** What the options say. */
export interface LoginQueueSettings extends QueueSettings {
  readonly devLoginQueueBypass: boolean;
}

/** A place taken. `how`: at the end, the old one, or put back after the store was lost. */
export interface JoinedPlace {
  readonly place: Place;
  readonly how: "new" | "returned" | "restored";
}

/** Who joins with a live session. */
export interface KnownSession {
  readonly userId: string;
  readonly sid: string;
}

/** Whether the access rules let a player in while the mode is `closed`; null is one who came without a live session. */
export type MayEnterClosed = (session: KnownSession | null) => boolean | Promise<boolean>;

export interface JoinQueueRequest {
  /** The place to come back to: from a ticket whose signature was checked. */
  readonly claim: TicketClaim | null;
  readonly session: KnownSession | null;
  /** For a new place. */
  readonly lane: string;
  readonly holder: Holder;
  readonly entrance?: Entrance;
}

export class LoginQueue {
  readonly tickets: TicketTokens;
  /** `devLoginQueueBypass`: logins need no pass and sessions no slot. */
  readonly bypass: boolean;
  readonly hostId: string;
  /** What is in force. */
  readonly settings: LiveSettings;
  readonly #store: QueueStore;
  readonly #clock: Clock;
  readonly #outlook: QueueOutlook;
  readonly #mayEnterClosed: MayEnterClosed;
  readonly #connectedSids: () => readonly string[];
  readonly #outage: StoreOutage;
  readonly #delivery: PassDelivery;
  #stop: StopTask | null = null;
  #holders = 0;

  /** `hostId` names this process among those that share the store, and never comes again. */
  constructor(deps: {
    readonly store: QueueStore;
    readonly jwt: JwtSigner;
    readonly clock: Clock;
    readonly settings: LoginQueueSettings;
    readonly hostId: string;
    readonly connectedSids: () => readonly string[];
    readonly logger: Logger;
    /** Default: nobody. */
    readonly mayEnterClosed?: MayEnterClosed;
  }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.settings = new LiveSettings({ store: deps.store, initial: deps.settings });
    this.#outlook = new QueueOutlook({ ...deps, settings: this.settings });
    this.#mayEnterClosed = deps.mayEnterClosed ?? (() => false);
    this.#connectedSids = deps.connectedSids;
    this.#outage = new StoreOutage(deps);
    this.tickets = new TicketTokens({ ...deps, queueGraceSeconds: () => this.settings.current.queueGraceSeconds });
    this.bypass = deps.settings.devLoginQueueBypass;
    this.hostId = deps.hostId;
    this.#delivery = new PassDelivery(this);
  }

  /** Begins to admit, to renew this process's lease and to sweep. */
  start(): void {
    this.#stop ??= startHostTasks({
      store: this.#store,
      clock: this.#clock,
      settings: this.settings,
      outage: this.#outage,
      hostId: this.hostId,
      connectedSids: this.#connectedSids,
      look: () => this.look(),
    });
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
  }

  /** Takes over how the queue stands and which settings are in force. Throws LoginError STORE_UNAVAILABLE. */
  look(): Promise<void> {
    return this.#outlook.look();
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
  async join({ claim, session, lane, holder, entrance = openEntrance }: JoinQueueRequest): Promise<JoinedPlace> {
    const { beforeNewTicket } = entrance;
    const request = {
      claim,
      newTicketId: randomId(),
      lane,
      userId: session?.userId ?? null,
      sid: session?.sid ?? null,
      holder,
      address: entrance.addressGroup,
      mayEnterClosed: await this.#mayEnterClosed(session),
    };
    let joined = await this.#store.join({ ...request, mayCreate: beforeNewTicket === null });
    if (joined.outcome === "ticketNeeded") {
      // Asked for a new ticket alone, and the store alone knows whether it takes one.
      await beforeNewTicket?.();
      joined = await this.#store.join(request);
    }
    if (joined.outcome === "ticketNeeded") throw new TypeError("the store was to make a ticket and did not");
    if (joined.outcome !== "joined") throw joinRefusal(joined, this.#atTheEnd);
    const [standing] = await this.#store.standings([joined.ticket.id]);
    return { place: this.toPlace(joined.ticket.id, standing), how: joined.how };
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
    return ticketIds.map((id, index) => this.toPlace(id, standings[index]));
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
        void this.#outage.attempt("reading the settings", () => this.look());
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

  /** The ticket of a pass that a login presents, and whether it opened a session already. Throws LoginError PASS_INVALID. */
  async verifyPass(pass: string): Promise<{ readonly ticketId: string; readonly isSpent: boolean }> {
    const ticketId = await this.tickets.readPass(pass);
    const state = await this.#store.passState(ticketId);
    if (state === "none") throw new LoginError("PASS_INVALID", "The pass is not valid.");
    return { ticketId, isSpent: state === "spent" };
  }

  /**
   * No wait, no queue: the ticket of a pass taken on the spot. Throws LoginError QUEUE_REQUIRED where somebody waits or none is
   * free, QUEUE_CLOSED.
   */
  async directPass(): Promise<string> {
    const ticketId = randomId();
    const outcome = await this.#store.admitDirectly(ticketId, await this.#mayEnterClosed(null));
    if (outcome.outcome !== "admitted") throw entryRefusal(outcome, this.#atTheEnd);
    return ticketId;
  }

  /** A login with this pass failed. */
  async failPass(ticketId: string): Promise<void> {
    await this.#store.failPass(ticketId);
  }

  /** Gives an unspent pass's slot back at once. */
  async releasePass(ticketId: string): Promise<void> {
    await this.#store.releasePass(ticketId);
  }

  /** A session enters a game room: it holds a slot, or takes one if nobody waits, or is refused (QUEUE_REQUIRED, QUEUE_CLOSED). */
  async requireSlot(session: KnownSession): Promise<void> {
    if (this.bypass) return;
    const outcome = await this.#store.takeSlot(session.sid, await this.#mayEnterClosed(session));
    if (outcome.outcome === "held" || outcome.outcome === "taken") return;
    throw entryRefusal(outcome, this.#atTheEnd);
  }

  /** The first socket of the session opened in this process. Kept until the store took it. */
  socketsOpened(sid: string): Promise<void> {
    return this.#setSocketsOpen(sid, true);
  }

  /** The last one closed. */
  socketsClosed(sid: string): Promise<void> {
    return this.#setSocketsOpen(sid, false);
  }

  async #setSocketsOpen(sid: string, open: boolean): Promise<void> {
    if (this.bypass) return;
    await this.#outage.insist("keeping a slot", sid, () => this.#store.setSocketsOpen(sid, this.hostId, open));
  }

  /** Whether somebody who is present waited when this process looked last: at most a second ago. */
  get someoneWaits(): boolean {
    return this.#outlook.someoneWaits;
  }

  /** Of the sessions that are quiet on this process, those that are so everywhere. Throws LoginError STORE_UNAVAILABLE. */
  quietEverywhere(quietMs: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
    return this.#store.reportQuiet(this.hostId, quietMs);
  }

  /** What an operator sees. Throws LoginError STORE_UNAVAILABLE. */
  status(): Promise<QueueOverview> {
    return this.#outlook.status();
  }

  /** The estimate for the ticket at `position` of a lane, in ms; -1 = not known. */
  etaMs(position: number, lane: string): number {
    return this.#outlook.etaMs(position, lane);
  }

  readonly #atTheEnd: ToldAtTheEnd = (queueLength) => this.#outlook.atTheEnd(queueLength);

  /** A standing of the store in the words of the wire. */
  toPlace(ticketId: string, standing: Standing | undefined): Place {
    return this.#outlook.toPlace(ticketId, standing);
  }
}
