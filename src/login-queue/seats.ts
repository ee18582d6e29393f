// All clients of one queue room: takes their places, keeps each told of its own, and follows what happens to their tickets.
import { type Client, CloseCode } from "@colyseus/core";
import type { Clock } from "../clock.ts";
import { LoginCloseCode, LoginError } from "../errors.ts";
import { ticksBetweenTurns } from "./cadence.ts";
import type { Entrance } from "./entrance.ts";
import type { Place } from "./place.ts";
import type { KnownSession, LoginQueue } from "./queue.ts";
import { type QueueField, queueFields } from "./queue-state.ts";
import { type TicketClaim, ticketResignSeconds } from "./queue-store.ts";
import { Seat, type SeatHost } from "./seat.ts";
import { judge } from "./verdict.ts";

/**
 * A client that has not confirmed its join by then is closed. Nothing reaches it, a pass neither: it would be admitted and
 * given its place back for ever, at the cost of a slot each time.
 */
const confirmWithinMs = 15_000;

export interface SeatsDependencies {
  readonly queue: LoginQueue;
  readonly clock: Clock;
  readonly settings: { readonly updateIntervalSeconds: number; readonly heartbeatSeconds: number };
  readonly host: SeatHost;
  /** The session by its id, or null where it lives no more. @throws LoginError BANNED */
  readSession(sid: string): Promise<KnownSession | null>;
}

export class Seats {
  readonly #deps: SeatsDependencies;
  readonly #bySessionId = new Map<string, Seat>();
  #ticks = 0;
  /** Seats made: each has its turn one tick after the one before, so that no tick serves all the far ones at once. */
  #made = 0;

  constructor(deps: SeatsDependencies) {
    this.#deps = deps;
  }

  get(client: Client): Seat | undefined {
    return this.#bySessionId.get(client.sessionId);
  }

  /** Takes a place for a client that joins. @throws LoginError; then there is no seat. */
  async join(
    client: Client,
    session: KnownSession | null,
    ticket: string | null,
    lane: string,
    entrance: Entrance,
  ): Promise<void> {
    const seat = new Seat(this.#deps.host, client, session);
    seat.addressGroup = entrance.addressGroup;
    seat.connectedAt = this.#deps.clock.now();
    seat.turn = this.#made++;
    this.#bySessionId.set(client.sessionId, seat);
    try {
      await this.#enter(seat, await this.#deps.queue.claimOf(ticket), lane, entrance);
    } catch (error) {
      this.forget(client);
      throw error;
    }
  }

  /**
   * A dropped client is back on its seat. With the store away it stays, and its place is claimed when the store is back.
   * @throws LoginError where it may not wait any more.
   */
  async comeBack(seat: Seat, client: Client): Promise<void> {
    seat.client = client;
    seat.connectedAt = this.#deps.clock.now();
    seat.sentAt = 0;
    seat.abandon = null;
    try {
      await this.#reenter(seat);
    } catch (error) {
      if (!(error instanceof LoginError) || error.code !== "STORE_UNAVAILABLE") throw error;
    }
  }

  /**
   * The client's socket is gone, and it may come back to its seat. A place that nobody has seen is given up: without its
   * ticket nobody could return to it.
   */
  async drop(seat: Seat): Promise<void> {
    seat.client = null;
    if (seat.isFinished) return;
    if (seat.isUnseen) await this.#deps.queue.leave(seat.ticketId, seat.holderId);
    else await this.#deps.queue.drop(seat.ticketId, seat.holderId);
  }

  /** The client gives its place up. A pass that it was shown it keeps: it may leave first and log in then. */
  async leave(seat: Seat): Promise<void> {
    seat.client = null;
    seat.hasLeft = !seat.isPassShown;
    if (seat.isFinished) return;
    const { queue } = this.#deps;
    if (seat.hasLeft) await queue.leave(seat.ticketId, seat.holderId);
    else await queue.takePassAlong(seat.ticketId, seat.holderId);
  }

  /** Nobody comes back to the client's seat. */
  forget(client: Client): void {
    const seat = this.get(client);
    if (seat === undefined) return;
    this.#bySessionId.delete(client.sessionId);
    this.#deps.queue.unwatch(seat);
  }

  /** Asks the store where those stand whose turn it is, and tells them if there is news or their heartbeat is due. */
  async refresh(): Promise<void> {
    this.#closeUnconfirmed();
    this.#ticks += 1;
    const seats = [...this.#bySessionId.values()].filter((seat) => this.#isTurnOf(seat));
    if (seats.length === 0) return;
    const holders = seats.map((seat) => seat.holderId);
    const places = await this.#placesOf(seats);
    if (places === null) {
      for (const seat of seats) this.#keepAlive(seat);
      return;
    }
    const tickets = await this.#signAgain(seats, places);
    const lost: Seat[] = [];
    const undelivered: string[] = [];
    seats.forEach((seat, index) => {
      const place = places[index];
      // Both may have changed in the meantime, and what was read is then of another connection.
      if (place === undefined || !seat.isListening || seat.holderId !== holders[index]) return;
      const verdict = judge(seat, place);
      if (verdict === "waiting") this.#tellPlace(seat, place, tickets.get(seat));
      else if (verdict === "lost") lost.push(seat);
      else if (verdict === "admitted") {
        if (!seat.isPassDelivered) undelivered.push(seat.ticketId);
      } else this.#end(seat, verdict, place.asOf);
    });
    await this.#deps.queue.deliver(undelivered);
    await Promise.all(lost.map((seat) => this.#recover(seat)));
  }

  /** Settings changed: tells everybody who waits at once, whenever they were told something last. */
  announce(): void {
    const { queue, clock, host } = this.#deps;
    const { mode, notice } = queue.settings.current;
    const asOf = clock.now();
    for (const seat of this.#bySessionId.values()) {
      if (!seat.isListening || seat.ticketId === "" || seat.view.status !== "waiting") continue;
      // A new estimate comes with the next look at the places, which may find it near enough to the old one.
      const isEtaKnown = queue.etaMs(seat.view.position, seat.lane) >= 0;
      host.send(seat, seat.tell({ mode, notice, ...(isEtaKnown ? {} : { etaMs: -1, asOf }) }));
    }
  }

  /** Far places have theirs less often; what concerns everybody waits for nobody's turn. */
  #isTurnOf(seat: Seat): boolean {
    if (!seat.isListening || seat.ticketId === "") return false;
    const { status, position, mode, notice } = seat.view;
    if (status !== "waiting" || this.#isHeartbeatDue(seat)) return true;
    // It was told nothing yet when they changed.
    const { current } = this.#deps.queue.settings;
    if (mode !== current.mode || notice !== current.notice) return true;
    return (this.#ticks + seat.turn) % ticksBetweenTurns(position, this.#deps.settings) === 0;
  }

  #closeUnconfirmed(): void {
    const limit = this.#deps.clock.now() - confirmWithinMs;
    for (const seat of this.#bySessionId.values()) {
      if (seat.client === null || seat.sentAt > 0 || seat.connectedAt > limit) continue;
      this.#deps.host.close(seat, CloseCode.WITH_ERROR, "The join was not confirmed.");
    }
  }

  async #placesOf(seats: readonly Seat[]): Promise<readonly Place[] | null> {
    try {
      return await this.#deps.queue.places(seats.map((seat) => seat.ticketId));
    } catch {
      // The queue's own tasks meet the same failure, and log it once.
      return null;
    }
  }

  /** New tickets for those whose old one is due, and who are about to be told of it. */
  async #signAgain(seats: readonly Seat[], places: readonly Place[]): Promise<ReadonlyMap<Seat, string>> {
    const { queue, clock } = this.#deps;
    const now = clock.now();
    const due = seats.flatMap((seat, index) => {
      const place = places[index];
      if (place?.status !== "waiting" || place.ticket === null || !this.#mayTell(seat)) return [];
      // One that was moved must not come back at its old place.
      if (seat.resignAt > now && place.ticket.order === seat.order) return [];
      return { seat, claim: { ...place.ticket, position: place.position } };
    });
    const signed = due.map(async ({ seat, claim }) => [seat, await queue.tickets.signTicket(claim)] as const);
    return new Map(await Promise.all(signed));
  }

  #tellPlace(seat: Seat, place: Place, ticket: string | undefined): void {
    if (!this.#mayTell(seat)) return;
    const isBack = seat.view.status !== "waiting";
    const news = seat.takePlace(place, ticket !== undefined || this.#isHeartbeatDue(seat));
    if (news === null) return;
    seat.leastPosition = place.position;
    // The pass reached nobody, ran out, and its ticket has its place again.
    if (isBack) news.push(...this.#takePassBack(seat));
    if (ticket !== undefined) {
      news.push(...seat.tell({ ticket }));
      seat.order = place.ticket?.order ?? seat.order;
      seat.resignAt = this.#nextResign();
    }
    this.#deps.host.send(seat, news);
  }

  #takePassBack(seat: Seat): QueueField[] {
    seat.isPassDelivered = false;
    seat.isPassShown = false;
    return seat.tell({ pass: "", passExpiresAt: 0 });
  }

  #end(seat: Seat, verdict: "spent" | "lapsed" | "takenOver" | "removed", now: number): void {
    switch (verdict) {
      case "spent":
        // As it should be. The client may stay for as long as its pass would have lived.
        if (now < seat.view.passExpiresAt) break;
        seat.isFinished = true;
        this.#deps.host.close(seat, CloseCode.CONSENTED, "");
        break;
      case "lapsed":
        seat.finish(LoginCloseCode.EXPIRED, "The pass was not used in time.");
        break;
      case "takenOver":
        seat.takenOver();
        break;
      case "removed":
        seat.removed("The place was given up.");
        break;
    }
  }

  /** The store is away: the link is not, and the client is told so. */
  #keepAlive(seat: Seat): void {
    if (seat.view.status !== "waiting" || !this.#isHeartbeatDue(seat)) return;
    this.#deps.host.send(seat, seat.tell({ etaMs: -1, asOf: this.#deps.clock.now() }));
  }

  /** Takes the place again for a client that waits here while the store counts it as away, or has forgotten it. */
  async #recover(seat: Seat): Promise<void> {
    try {
      await this.#reenter(seat);
    } catch (error) {
      if (!(error instanceof LoginError) || error.code === "STORE_UNAVAILABLE" || !seat.isListening) return;
      const code = error.code === "BANNED" ? LoginCloseCode.BANNED : LoginCloseCode.DISCONNECTED;
      seat.finish(code, error.details.reason ?? error.message);
    }
  }

  async #reenter(seat: Seat): Promise<void> {
    const sid = seat.session?.sid;
    seat.isClaimed = false;
    if (sid !== undefined) seat.session = await this.#deps.readSession(sid);
    const { ticketId: id, lane, order, leastPosition: position } = seat;
    // Was asked when it came first.
    const entrance = { addressGroup: seat.addressGroup, beforeNewTicket: null };
    await this.#enter(seat, { id, lane, order, position }, lane, entrance);
    this.#deps.host.send(seat, queueFields);
  }

  async #enter(seat: Seat, claim: TicketClaim | null, lane: string, entrance: Entrance): Promise<void> {
    const { queue } = this.#deps;
    // Its own older connection is not another one that takes the place over.
    queue.unwatch(seat);
    const holder = queue.newSocketHolder();
    const { place, how } = await queue.join({ claim, session: seat.session, lane, holder, entrance });
    const ticket =
      place.ticket === null ? "" : await queue.tickets.signTicket({ ...place.ticket, position: place.position });
    const pass = place.status === "admitted" ? await queue.signPass(place) : "";
    if (place.ticket !== null) {
      seat.lane = place.ticket.lane;
      seat.order = place.ticket.order;
      seat.leastPosition = place.ticket.position;
    }
    seat.ticketId = place.ticketId;
    seat.holderId = holder.id;
    seat.isClaimed = true;
    seat.isUnseen = how === "new";
    seat.isPassDelivered = false;
    if (pass !== seat.view.pass) seat.isPassShown = false;
    seat.resignAt = this.#nextResign();
    seat.takePlace(place, true);
    seat.tell({ ticket, pass, passExpiresAt: place.passExpiresAt });
    if (seat.hasLeft) await queue.leave(seat.ticketId, seat.holderId);
    else if (seat.client === null) await queue.drop(seat.ticketId, seat.holderId);
    else queue.watch(seat);
  }

  /** Spread a little, so that those who came together are not signed for together for ever after. */
  #nextResign(): number {
    return this.#deps.clock.now() + ticketResignSeconds * 1000 * (0.8 + 0.2 * Math.random());
  }

  /** Whether the least time between two patches went by; a tick that comes a little early is in time. */
  #mayTell({ sentAt }: Seat): boolean {
    return sentAt > 0 && this.#deps.clock.now() - sentAt >= this.#deps.settings.updateIntervalSeconds * 900;
  }

  /** Whether the next tick would be too late. */
  #isHeartbeatDue({ sentAt }: Seat): boolean {
    const { updateIntervalSeconds, heartbeatSeconds } = this.#deps.settings;
    return this.#deps.clock.now() + updateIntervalSeconds * 1000 > sentAt + heartbeatSeconds * 1000;
  }
}
