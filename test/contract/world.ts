// What the property tests know of the world outside the store: who holds which ticket, which sessions ended, who is banned.
// It is kept from what was asked and answered, not by the store's rules, so that it can contradict them.
import type { QueuePatch, QueueSettings, Ticket, TicketClaim } from "../../src/login-queue/queue-store.ts";
import { hostLeaseSeconds, ticketResignSeconds } from "../../src/login-queue/queue-store.ts";
import type { Store } from "../../src/stores/store.ts";
import { AdmissionLedger } from "./admission-ledger.ts";
import type { StoreUnderTest } from "./harness.ts";
import type { Held, KnownSession, KnownTicket } from "./known.ts";

/** How often each thing worth testing came about, over all runs: a sequence that never gets there proves nothing. */
export type Tally = Map<string, number>;

export class World {
  store: Store;
  /** Whether tickets of an earlier life may come back. */
  readonly ticketsMayReturn: boolean;
  readonly tickets = new Map<string, KnownTicket>();
  readonly sessions = new Map<string, KnownSession>();
  readonly bans = new Map<string, number>();
  /** Processes that live; a dead one's id never comes again. */
  readonly hostIds: string[];
  /** Ends of the processes' leases, as the store has them. */
  readonly leases = new Map<string, number>();
  /** Successor by session and generation presented. */
  readonly successors = new Map<string, string>();
  /** Tickets of an earlier life that may have been given up for another of the same user, unseen. */
  readonly buried = new Set<string>();
  readonly ledger: AdmissionLedger;
  /** Logins past the queue, since the store began. */
  directLogins = 0;
  readonly #underTest: StoreUnderTest;
  readonly #initial: QueueSettings;
  readonly #tally: Tally;
  #settings: QueueSettings;
  #ids = 0;

  constructor(underTest: StoreUnderTest, settings: QueueSettings, ticketsMayReturn: boolean, tally: Tally) {
    this.#underTest = underTest;
    this.#initial = settings;
    this.#settings = settings;
    this.#tally = tally;
    this.store = underTest.store;
    this.ticketsMayReturn = ticketsMayReturn;
    this.hostIds = ["a", "b", "c"].map((name) => this.newId(`host-${name}`));
    this.ledger = new AdmissionLedger({ now: () => this.now, settings: () => this.#settings, holdUntil: this.#hold() });
  }

  get now(): number {
    return this.#underTest.now();
  }

  /** What is in force. */
  get settings(): QueueSettings {
    return this.#settings;
  }

  advance(milliseconds: number): Promise<void> {
    return this.#underTest.advance(milliseconds);
  }

  newId(what: string): string {
    this.#ids += 1;
    return `${what}-${this.#ids}`;
  }

  saw(what: string): void {
    this.#tally.set(what, (this.#tally.get(what) ?? 0) + 1);
  }

  /** The store lost everything and starts empty; the processes go down with it, or not. */
  async lose(processesDie: boolean): Promise<void> {
    // No restart takes no time, and the order of arrival is made of it.
    await this.advance(1_000);
    this.store = await this.#underTest.loseState();
    this.#settings = this.#initial;
    this.ledger.startAgain(this.#hold());
    this.directLogins = 0;
    for (const ticket of this.tickets.values()) ticket.status = "lost";
    for (const session of this.sessions.values()) {
      Object.assign(session, { ended: true, forgotten: true, slotUntil: 0, isLeaving: false });
      if (processesDie) session.openHosts.clear();
    }
    if (processesDie) for (const hostId of [...this.hostIds]) this.hostDies(hostId);
    this.leases.clear();
    this.bans.clear();
    this.buried.clear();
    this.saw("lost store");
  }

  isBanned(userId: string): boolean {
    return (this.bans.get(userId) ?? 0) > this.now;
  }

  /** As the store sees it: the dead one lives until its lease is over. */
  isHostAlive(hostId: string): boolean {
    return (this.leases.get(hostId) ?? 0) > this.now;
  }

  hostLives(hostId: string): void {
    this.leases.set(hostId, this.now + hostLeaseSeconds * 1000);
  }

  /** It says nothing any more; another takes its place. */
  hostDies(hostId: string): void {
    this.hostIds.splice(this.hostIds.indexOf(hostId), 1, this.newId("host"));
  }

  isPresent({ status, held, givenBackAt }: KnownTicket): boolean {
    if (status !== "waiting") return false;
    if (held.kind === "socket") return this.isHostAlive(held.hostId);
    // A poller that did not come for its pass is not here before it asks again.
    if (held.kind !== "poll" || (givenBackAt !== null && held.polledAt < givenBackAt)) return false;
    return this.now < held.polledAt + this.settings.pollPresentSeconds * 1000;
  }

  /** Changes live settings; `null` puts one back. */
  async configure(patch: QueuePatch): Promise<void> {
    this.ledger.settingsChange(patch.lanes !== undefined || patch.mode !== undefined);
    for (const [name, value] of Object.entries(patch)) {
      const settings = { ...this.#settings };
      Reflect.set(settings, name, value ?? Reflect.get(this.#initial, name));
      this.#settings = settings;
    }
    await this.store.queue.configure(patch);
    // With the last socket a new lease begins, by the player grace of then.
    for (const session of this.sessions.values()) session.slotUntil = Math.min(session.slotUntil, this.slotEnd());
  }

  /** Who is present in each lane, in order; while the mode is `closed`, of those who may enter then. */
  line(): Map<string, KnownTicket[]> {
    const isClosed = this.settings.mode === "closed";
    const line = new Map<string, KnownTicket[]>();
    for (const ticket of this.tickets.values()) {
      if (!this.isPresent(ticket) || (isClosed && !ticket.mayEnterClosed)) continue;
      const lane = line.get(ticket.lane);
      if (lane === undefined) line.set(ticket.lane, [ticket]);
      else lane.push(ticket);
    }
    for (const lane of line.values()) lane.sort((one, other) => one.order - other.order);
    return line;
  }

  present(): number {
    let present = 0;
    for (const ticket of this.tickets.values()) if (this.isPresent(ticket)) present += 1;
    return present;
  }

  waiting(): number {
    let waiting = 0;
    for (const { status } of this.tickets.values()) if (status === "waiting") waiting += 1;
    return waiting;
  }

  /** Whether the session is sure to have a slot that it may keep. */
  holdsSlot(session: KnownSession): boolean {
    return !session.ended && !session.isLeaving && session.slotUntil > this.now;
  }

  /** The session's slot is there for `playerGraceSeconds` from now, or longer. */
  slotProlonged(session: KnownSession): void {
    session.slotUntil = Math.max(session.slotUntil, this.slotEnd());
  }

  slotEnd(): number {
    return this.now + this.settings.playerGraceSeconds * 1000;
  }

  /** The session ran out or was ended, as the store says. */
  async isLive(session: KnownSession): Promise<boolean> {
    return (await this.store.sessions.listByUser(session.userId)).some(({ sid }) => sid === session.sid);
  }

  /** Tickets whose JWT could still be valid, with what it says. */
  validClaims(): TicketClaim[] {
    const validMs = (ticketResignSeconds + this.settings.queueGraceSeconds) * 1000;
    return [...this.tickets.values()]
      .filter(({ seenAt, held }) => {
        const untilNextPollMs = held.kind === "poll" ? held.nextPollSeconds * 1000 : 0;
        return this.now < seenAt + validMs + untilNextPollMs;
      })
      .map((ticket) => ticket.claim);
  }

  learn(ticket: Ticket, held: Held, mayEnterClosed: boolean): KnownTicket {
    const known = this.tickets.get(ticket.id);
    if (known !== undefined && known.status !== "lost") {
      known.held = held;
      known.mayEnterClosed = mayEnterClosed;
      return known;
    }
    const learned: KnownTicket = {
      id: ticket.id,
      lane: ticket.lane,
      order: ticket.order,
      claim: { id: ticket.id, lane: ticket.lane, order: ticket.order, position: ticket.position },
      held,
      status: ticket.status,
      reason: null,
      seenAt: this.now,
      passExpiresAt: ticket.passExpiresAt ?? 0,
      deliveredPass: null,
      givenBackAt: null,
      addresses: new Set(),
      mayEnterClosed,
      sid: ticket.sid,
      openedBy: null,
    };
    this.tickets.set(ticket.id, learned);
    return learned;
  }

  delivered(ticketId: string): void {
    const ticket = this.tickets.get(ticketId);
    if (ticket?.status === "admitted") ticket.deliveredPass = ticket.passExpiresAt;
  }

  /** The session lets nobody in from now on. */
  ended(sid: string): void {
    const session = this.sessions.get(sid);
    if (session !== undefined) session.ended = true;
  }

  #hold(): number {
    return this.now + (this.ticketsMayReturn ? this.#initial.restoreSeconds * 1000 : 0);
  }
}
