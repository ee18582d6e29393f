// What the property tests know of the world outside the store: who holds which ticket, which sessions ended, who is banned.
// It is kept from what was asked and answered, not by the store's rules, so that it can contradict them.
import { expect } from "vitest";
import type { FinishReason, QueueSettings, Standing, Ticket, TicketClaim } from "../../src/login-queue/queue-store.ts";
import { ticketResignSeconds } from "../../src/login-queue/queue-store.ts";
import type { Store } from "../../src/stores/store.ts";
import { AdmissionLedger } from "./admission-ledger.ts";
import type { StoreUnderTest } from "./harness.ts";

/** How a ticket is held, as its holder sees it. */
type Held =
  | { readonly kind: "socket"; readonly id: string; readonly hostId: string }
  | { readonly kind: "poll"; readonly polledAt: number; readonly nextPollSeconds: number }
  | { readonly kind: "dropped"; readonly at: number };

export interface KnownTicket {
  readonly id: string;
  readonly lane: string;
  readonly order: number;
  claim: TicketClaim;
  held: Held;
  status: "waiting" | "admitted" | "gone";
  reason: FinishReason | null;
  /** When it was last seen in the queue. */
  seenAt: number;
  passExpiresAt: number;
  /** The end of the pass that reached its holder. */
  deliveredPass: number | null;
  /** When a pass that reached nobody ended. */
  givenBackAt: number | null;
  isBound: boolean;
  openedBy: { readonly sid: string; readonly userId: string } | null;
}

export interface KnownSession {
  readonly sid: string;
  readonly userId: string;
  generation: number;
  ended: boolean;
  /** The store knows it no more: of its sockets it takes what it is told. */
  forgotten: boolean;
  readonly openHosts: Set<string>;
}

/** What the step just made may have done; anything else that changed is a fault. */
export interface StepEffects {
  admits?: boolean;
  gives?: boolean;
  removes?: boolean;
  fails?: boolean;
}

export class World {
  readonly store: Store;
  readonly settings: QueueSettings;
  readonly #underTest: StoreUnderTest;
  readonly tickets = new Map<string, KnownTicket>();
  readonly sessions = new Map<string, KnownSession>();
  readonly bans = new Map<string, number>();
  /** Ends of the processes' leases. */
  readonly hosts = new Map<string, number>();
  /** Successor by session and generation presented. */
  readonly successors = new Map<string, string>();
  readonly ledger: AdmissionLedger;
  #ids = 0;

  constructor(underTest: StoreUnderTest, settings: QueueSettings, ticketsMayReturn: boolean) {
    this.#underTest = underTest;
    this.store = underTest.store;
    this.settings = settings;
    const holdUntil = this.now + (ticketsMayReturn ? settings.restoreSeconds * 1000 : 0);
    this.ledger = new AdmissionLedger(settings, () => this.now, holdUntil);
  }

  get now(): number {
    return this.#underTest.now();
  }

  advance(milliseconds: number): Promise<void> {
    return this.#underTest.advance(milliseconds);
  }

  newId(what: string): string {
    this.#ids += 1;
    return `${what}-${this.#ids}`;
  }

  isBanned(userId: string): boolean {
    return (this.bans.get(userId) ?? 0) > this.now;
  }

  isHostAlive(hostId: string): boolean {
    return (this.hosts.get(hostId) ?? 0) > this.now;
  }

  isPresent({ status, held }: KnownTicket): boolean {
    if (status !== "waiting") return false;
    if (held.kind === "socket") return this.isHostAlive(held.hostId);
    return held.kind === "poll" && this.now < held.polledAt + this.settings.pollPresentSeconds * 1000;
  }

  present(lane?: string): KnownTicket[] {
    return [...this.tickets.values()]
      .filter((ticket) => (lane === undefined || ticket.lane === lane) && this.isPresent(ticket))
      .sort((one, other) => one.order - other.order);
  }

  /** Tickets whose JWT could still be valid, with what it says. */
  validClaims(): TicketClaim[] {
    const validMs = (ticketResignSeconds + this.settings.queueGraceSeconds) * 1000;
    return [...this.tickets.values()]
      .filter((ticket) => this.now < ticket.seenAt + validMs)
      .map((ticket) => ticket.claim);
  }

  learn(ticket: Ticket, held: Held): KnownTicket {
    const known = this.tickets.get(ticket.id);
    if (known !== undefined) {
      known.held = held;
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
      isBound: ticket.sid !== null,
      openedBy: null,
    };
    this.tickets.set(ticket.id, learned);
    return learned;
  }

  delivered(ticketId: string): void {
    const ticket = this.tickets.get(ticketId);
    if (ticket?.status === "admitted") ticket.deliveredPass = ticket.passExpiresAt;
  }

  /** The session let nobody in from now on. */
  ended(sid: string): void {
    const session = this.sessions.get(sid);
    if (session !== undefined) session.ended = true;
  }

  /** Compares what the store says of every ticket and session with what is known. Run after every step. */
  async observe(effects: StepEffects): Promise<void> {
    const tickets = [...this.tickets.values()];
    const standings = await this.store.queue.standings(tickets.map((ticket) => ticket.id));
    const users = new Set<string>();
    for (const [index, ticket] of tickets.entries()) {
      const standing = standings[index];
      if (standing === undefined) throw new Error("a standing is missing");
      this.#observeTicket(ticket, standing, effects);
      if (standing.status === "gone") continue;
      const { userId } = standing.ticket;
      if (userId === null) continue;
      expect(users.has(userId), "S42: one ticket for a user").toBe(false);
      users.add(userId);
      expect(this.isBanned(userId), "9: a banned user has no ticket").toBe(false);
    }
    for (const session of this.sessions.values()) await this.#observeSession(session);
    const status = await this.store.queue.status();
    const waiting = Object.values(status.lanes).reduce((sum, lane) => sum + lane.waiting, 0);
    const away = Object.values(status.lanes).reduce((sum, lane) => sum + lane.away, 0);
    const known = [...this.tickets.values()].filter((ticket) => ticket.status === "waiting");
    expect(waiting, "6: the line is made of the tickets that wait").toBe(known.length);
    expect(waiting - away, "present ones are those whose holders are").toBe(this.present().length);
    this.#observeSlots(status.liveSlots);
  }

  #observeTicket(ticket: KnownTicket, standing: Standing, effects: StepEffects): void {
    const before = ticket.status;
    if (before === "gone") {
      expect(standing.status, "6: what is finished stays so").toBe("gone");
      return;
    }
    if (standing.status === "gone") {
      this.#observeFinish(ticket, standing.reason, effects);
      ticket.status = "gone";
      ticket.reason = standing.reason;
      return;
    }
    ticket.seenAt = this.now;
    ticket.isBound = standing.ticket.sid !== null;
    ticket.status = standing.status;
    if (standing.status === "admitted") {
      if (before === "waiting") expect(effects.admits, "nobody is admitted but by a step that admits").toBe(true);
      expect(this.now, "a pass lives for passSeconds").toBeLessThan(standing.passExpiresAt);
      if (ticket.deliveredPass !== null) {
        expect(standing.passExpiresAt, "4: at most one delivered pass").toBe(ticket.deliveredPass);
      }
      ticket.passExpiresAt = standing.passExpiresAt;
      return;
    }
    if (before === "admitted") {
      expect(this.now, "a pass is not taken back early").toBeGreaterThanOrEqual(ticket.passExpiresAt);
      ticket.givenBackAt = ticket.passExpiresAt;
    }
    expect(ticket.deliveredPass, "4: who had a pass does not wait again").toBeNull();
    expect(standing.position, "5: a position never rises").toBeLessThanOrEqual(ticket.claim.position);
    expect(this.now, "6: none lingers").toBeLessThan(this.#lapsesAt(ticket));
    ticket.claim = { ...ticket.claim, position: standing.position };
  }

  #observeFinish(ticket: KnownTicket, reason: FinishReason | null, effects: StepEffects): void {
    switch (reason) {
      case null:
        throw new Error("6: a ticket is lost");
      case "admitted":
        expect(ticket.openedBy !== null || ticket.isBound, "admitted means that a session has it").toBe(true);
        return;
      case "left":
        expect(effects.gives, "left means that it was given up").toBe(true);
        return;
      case "removed":
        expect(effects.removes, "removed means that somebody did").toBe(true);
        return;
      case "lapsed": {
        if (effects.fails) return;
        const passEnded = ticket.status === "admitted" && this.now >= ticket.passExpiresAt;
        if (passEnded && ticket.deliveredPass !== null) return;
        if (passEnded) ticket.givenBackAt = ticket.passExpiresAt;
        expect(this.now, "6: none lapses within its grace").toBeGreaterThanOrEqual(this.#lapsesAt(ticket));
      }
    }
  }

  /** When a waiting ticket has been away for its whole grace, as things stand. */
  #lapsesAt({ held, givenBackAt }: KnownTicket): number {
    const { queueGraceSeconds, pollPresentSeconds } = this.settings;
    const graceMs = queueGraceSeconds * 1000;
    const afterPass = givenBackAt === null ? 0 : givenBackAt + graceMs;
    if (held.kind === "dropped") return Math.max(afterPass, held.at + graceMs);
    if (held.kind === "poll") {
      const presentUntil = held.polledAt + pollPresentSeconds * 1000;
      return Math.max(afterPass, presentUntil, held.polledAt + held.nextPollSeconds * 1000 + graceMs);
    }
    if (this.isHostAlive(held.hostId)) return Number.POSITIVE_INFINITY;
    return Math.max(afterPass, (this.hosts.get(held.hostId) ?? 0) + graceMs);
  }

  async #observeSession(session: KnownSession): Promise<void> {
    const { sid, userId, ended } = session;
    const record = await this.store.sessions.get(sid);
    session.forgotten = record === null;
    const live = (await this.store.sessions.listByUser(userId)).some((other) => other.sid === sid);
    if (ended) {
      // It may be forgotten once nobody could present it; a missing record lets nobody in.
      if (record !== null) expect(record.end, "7: an ended session stays ended").not.toBeNull();
      expect(live, "7: and is listed no more").toBe(false);
    }
    if (this.isBanned(userId)) expect(live, "9: a banned user has no live session").toBe(false);
  }

  #observeSlots(liveSlots: number): void {
    const passes = [...this.tickets.values()].filter((ticket) => ticket.status === "admitted").length;
    const holders = [...this.sessions.values()].filter(
      (session) => !session.ended || session.forgotten || session.openHosts.size > 0,
    ).length;
    expect(liveSlots, "S45: no slot is held twice").toBeLessThanOrEqual(passes + holders);
  }
}
