// How a place is taken: a new one, the old one back, or the one the session's user has; and what is left behind where that fails.
import type { Emit } from "../emitter.ts";
import { LoginError } from "../errors.ts";
import { randomId } from "../random.ts";
import { type Entrance, openEntrance } from "./entrance.ts";
import type { Place } from "./place.ts";
import type { QueueSignals } from "./queue-signals.ts";
import type { Holder, QueueStore, Standing, TicketClaim } from "./queue-store.ts";
import { joinRefusal, type ToldAtTheEnd } from "./refusals.ts";

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

export interface JoiningDependencies {
  readonly store: Pick<QueueStore, "join" | "standings">;
  readonly mayEnterClosed: MayEnterClosed;
  readonly atTheEnd: ToldAtTheEnd;
  readonly toPlace: (ticketId: string, standing: Standing | undefined) => Place;
  /** Gives up what this holder has. Kept until the store took it. */
  readonly leave: (ticketId: string, holderId: string) => Promise<void>;
  readonly drop: (ticketId: string, holderId: string) => Promise<void>;
  /** How much is kept so. */
  readonly owed: () => number;
  readonly emit: Emit<QueueSignals>;
}

/** 80 bits are enough never to meet again, and a ticket's id proves nothing: it is kept thousands of times over. */
const ticketIdBytes = 10;

/** Answers are lost when the store goes; those who come later find it gone, and there may be any number of them. */
const mostOwed = 10_000;

export class Joining {
  readonly #deps: JoiningDependencies;

  constructor(deps: JoiningDependencies) {
    this.#deps = deps;
  }

  async join(request: JoinQueueRequest): Promise<JoinedPlace> {
    const newTicketId = randomId(ticketIdBytes);
    try {
      return await this.#join(request, newTicketId);
    } catch (error) {
      if (error instanceof LoginError && error.code === "STORE_UNAVAILABLE") this.#giveUp(request, newTicketId);
      throw error;
    }
  }

  async #join({ claim, session, lane, holder, entrance }: JoinQueueRequest, newTicketId: string): Promise<JoinedPlace> {
    const { store, mayEnterClosed, atTheEnd, toPlace, emit } = this.#deps;
    const { addressGroup, beforeNewTicket } = entrance ?? openEntrance;
    const request = {
      claim,
      newTicketId,
      lane,
      userId: session?.userId ?? null,
      sid: session?.sid ?? null,
      holder,
      address: addressGroup,
      mayEnterClosed: await mayEnterClosed(session),
    };
    let joined = await store.join({ ...request, mayCreate: beforeNewTicket === null });
    if (joined.outcome === "ticketNeeded") {
      // Asked for a new ticket alone, and the store alone knows whether it takes one.
      await beforeNewTicket?.();
      joined = await store.join(request);
    }
    if (joined.outcome === "ticketNeeded") throw new TypeError("the store was to make a ticket and did not");
    if (joined.outcome !== "joined") throw joinRefusal(joined, atTheEnd);
    // One that is returned to may have its pass from before.
    if (joined.how !== "returned" && joined.ticket.status === "admitted")
      emit("admitted", { tickets: [joined.ticket] });
    const [standing] = await store.standings([joined.ticket.id]);
    return { place: toPlace(joined.ticket.id, standing), how: joined.how };
  }

  /**
   * The store may have taken the join, and its answer alone was lost: then a place counts as held by a socket that was
   * refused, and would be admitted again and again. A poller's lapses by itself.
   */
  #giveUp({ claim, holder }: JoinQueueRequest, newTicketId: string): void {
    if (holder.kind !== "socket" || this.#deps.owed() >= mostOwed) return;
    void this.#deps.leave(newTicketId, holder.id);
    if (claim !== null) void this.#deps.drop(claim.id, holder.id);
  }
}
