// How a client of the queue room gets its place, and gets it again: after a drop, after the store was lost, by new rules.
import type { Clock } from "../clock.ts";
import { LoginCloseCode, LoginError } from "../errors.ts";
import { inParallel } from "../parallel.ts";
import type { Entrance } from "./entrance.ts";
import type { KnownSession, LoginQueue } from "./queue.ts";
import { queueFields } from "./queue-state.ts";
import { type TicketClaim, ticketResignSeconds } from "./queue-store.ts";
import type { Seat, SeatHost } from "./seat.ts";

export interface SeatEntryDependencies {
  readonly queue: LoginQueue;
  readonly clock: Clock;
  readonly host: SeatHost;
  /** The session by its id, or null where it lives no more. @throws LoginError BANNED */
  readSession(sid: string): Promise<KnownSession | null>;
}

/** After a store was lost, a whole room takes its places again. */
const recoveriesAtOnce = 50;

export class SeatEntry {
  readonly #deps: SeatEntryDependencies;

  constructor(deps: SeatEntryDependencies) {
    this.#deps = deps;
  }

  /** Takes a place. @throws LoginError */
  async enter(seat: Seat, claim: TicketClaim | null, lane: string, entrance: Entrance): Promise<void> {
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
    seat.resignAt = this.nextResign();
    seat.takePlace(place, true);
    seat.tell({ ticket, pass, passExpiresAt: place.passExpiresAt });
    if (how === "new") seat.promise = this.#promiseTo(seat);
    else if (how === "restored") seat.promise = null;
    if (seat.hasLeft) await queue.leave(seat.ticketId, seat.holderId);
    else if (seat.client === null) await queue.drop(seat.ticketId, seat.holderId);
    else queue.watch(seat);
  }

  /** null where it was told none. */
  #promiseTo({ order, view: { status, etaMs, asOf } }: Seat): Seat["promise"] {
    if (status !== "waiting" || etaMs < 0) return null;
    return { admittedAt: this.#deps.queue.outlook.admissionAt(asOf, etaMs), order };
  }

  /** Takes the place of before, and tells the client all of it. @throws LoginError */
  async reenter(seat: Seat): Promise<void> {
    const sid = seat.session?.sid;
    seat.isClaimed = false;
    if (sid !== undefined) seat.session = await this.#deps.readSession(sid);
    const { ticketId: id, lane, order, leastPosition: position } = seat;
    // Was asked when it came first.
    const entrance = { addressGroup: seat.addressGroup, beforeNewTicket: null };
    await this.enter(seat, { id, lane, order, position }, lane, entrance);
    this.#deps.host.send(seat, queueFields);
  }

  /** Takes the place again for a client that waits here while the store counts it as away, or has forgotten it. Never fails. */
  async recover(seat: Seat): Promise<void> {
    try {
      await this.reenter(seat);
    } catch (error) {
      this.#endRefused(seat, error);
    }
  }

  recoverAll(seats: readonly Seat[]): Promise<void> {
    return inParallel(seats, recoveriesAtOnce, (seat) => this.recover(seat));
  }

  /** The place is gone, and the feed did not tell why. A ban shows in the session. */
  async endRemoved(seat: Seat): Promise<void> {
    const sid = seat.session?.sid;
    try {
      if (sid !== undefined) await this.#deps.readSession(sid);
      seat.removed("The place was given up.");
    } catch (error) {
      this.#endRefused(seat, error);
    }
  }

  /** Spread a little, so that those who came together are not signed for together for ever after. */
  nextResign(): number {
    return this.#deps.clock.now() + ticketResignSeconds * 1000 * (0.8 + 0.2 * Math.random());
  }

  /** Its client may not wait any more, and is told why. With the store away it waits on. */
  #endRefused(seat: Seat, error: unknown): void {
    if (!(error instanceof LoginError) || error.code === "STORE_UNAVAILABLE" || !seat.isListening) return;
    const code = error.code === "BANNED" ? LoginCloseCode.BANNED : LoginCloseCode.DISCONNECTED;
    seat.finish(code, error.details.reason ?? error.message);
  }
}
