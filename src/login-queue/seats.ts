// All clients of one queue room: takes their places, keeps each told of its own, and follows what happens to their tickets.
import { type Client, CloseCode } from "@colyseus/core";
import { LoginCloseCode, LoginError } from "../errors.ts";
import { inParallel } from "../parallel.ts";
import { ticksBetweenTurns } from "./cadence.ts";
import type { Entrance } from "./entrance.ts";
import type { Place } from "./place.ts";
import type { KnownSession } from "./queue.ts";
import type { QueueField } from "./queue-state.ts";
import { Seat } from "./seat.ts";
import { SeatEntry, type SeatEntryDependencies } from "./seat-entry.ts";
import { judge } from "./verdict.ts";

/**
 * A client that has not confirmed its join by then is closed. Nothing reaches it, a pass neither: it would be admitted and
 * given its place back for ever, at the cost of a slot each time.
 */
const confirmWithinMs = 15_000;

/** More would keep the process from everything else. */
const signaturesAtOnce = 64;

export interface SeatsDependencies extends SeatEntryDependencies {
  readonly settings: { readonly updateIntervalSeconds: number; readonly heartbeatSeconds: number };
}

export class Seats {
  readonly #deps: SeatsDependencies;
  readonly #entry: SeatEntry;
  readonly #bySessionId = new Map<string, Seat>();
  #ticks = 0;
  /** Whether the last look found the store out of reach. */
  #isStoreAway = false;
  #reconsidered: Promise<void> = Promise.resolve();
  /** Seats made: each has its turn one tick after the one before, so that no tick serves all the far ones at once. */
  #made = 0;

  constructor(deps: SeatsDependencies) {
    this.#deps = deps;
    this.#entry = new SeatEntry(deps);
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
      await this.#entry.enter(seat, await this.#deps.queue.claimOf(ticket), lane, entrance);
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
      await this.#entry.reenter(seat);
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
      for (const seat of this.#waiting()) this.#tellUnavailable(seat);
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
    await this.#entry.recoverAll(lost);
  }

  /**
   * The process shuts down: everybody who waits gets the ticket anew, to come back with to another process. It is made from
   * what is known here, so that it can be had with the store away, too.
   */
  async handOver(): Promise<void> {
    const { queue, host } = this.#deps;
    const waiting = this.#waiting().filter((seat) => seat.view.status === "waiting");
    await inParallel(waiting, signaturesAtOnce, async (seat) => {
      const { ticketId: id, lane, order, leastPosition: position } = seat;
      const ticket = await queue.tickets.signTicket({ id, lane, order, position });
      if (seat.isListening && seat.ticketId === id) host.send(seat, seat.tell({ ticket }));
    });
  }

  /** Settings changed: tells everybody who waits at once, whenever they were told something last. */
  announce(): void {
    const { queue, clock, host } = this.#deps;
    const { mode, notice } = queue.settings.current;
    const asOf = clock.now();
    for (const seat of this.#bySessionId.values()) {
      if (!seat.isListening || seat.ticketId === "" || seat.view.status !== "waiting") continue;
      // A new estimate comes with the next look at the places, which may find it near enough to the old one.
      const isEtaKnown = queue.outlook.etaMs(seat.view.position, seat.lane) >= 0;
      host.send(seat, seat.tell({ mode, notice, ...(isEtaKnown ? {} : { etaMs: -1, asOf }) }));
    }
  }

  /**
   * The access rules changed: those who wait with a session take their places again, one after the other, and with that are
   * judged by the new rules. Never fails.
   */
  reconsider(): Promise<void> {
    this.#reconsidered = this.#reconsidered.then(async () => {
      for (const seat of this.#bySessionId.values()) {
        if (seat.session === null || !seat.isClaimed || !seat.isListening || seat.view.status !== "waiting") continue;
        await this.#entry.recover(seat);
      }
    });
    return this.#reconsidered;
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

  /** null where the store does not answer: a store that did not is asked for one place first. */
  async #placesOf(seats: readonly Seat[]): Promise<readonly Place[] | null> {
    const ids = seats.map((seat) => seat.ticketId);
    const { queue } = this.#deps;
    try {
      if (this.#isStoreAway) await queue.places(ids.slice(0, 1));
      const places = await queue.places(ids);
      this.#isStoreAway = false;
      return places;
    } catch {
      // The queue's own tasks meet the same failure, and log it once.
      this.#isStoreAway = true;
      return null;
    }
  }

  #waiting(): Seat[] {
    return [...this.#bySessionId.values()].filter((seat) => seat.isListening && seat.ticketId !== "");
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
      seat.resignAt = this.#entry.nextResign();
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
        void this.#entry.endRemoved(seat);
        break;
    }
  }

  /** The store is out of reach: the link is not, and the place is kept. Everybody is told at once, and by every heartbeat. */
  #tellUnavailable(seat: Seat): void {
    if (seat.view.status !== "waiting") return;
    if (seat.view.mode === "unavailable" && !this.#isHeartbeatDue(seat)) return;
    this.#deps.host.send(seat, seat.tell({ mode: "unavailable", etaMs: -1, asOf: this.#deps.clock.now() }));
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
