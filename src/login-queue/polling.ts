// The queue for clients that cannot hold a socket: the same places, asked for over HTTP.
import { LoginError } from "../errors.ts";
import { RecentMap } from "../tokens/recent-map.ts";
import type { WirePlace } from "../wire.ts";
import { type Entrance, openEntrance } from "./entrance.ts";
import { etaMsOf, type ShownFinish, steadyFinish } from "./eta/steady.ts";
import type { Place } from "./place.ts";
import type { JoinQueueRequest, KnownSession, LoginQueue } from "./queue.ts";
import type { QueueStore, Ticket } from "./queue-store.ts";
import { longestRetryAfterSeconds, type PollFacts, retryAfterSeconds } from "./retry-after.ts";
import type { PresentedTicket } from "./ticket.ts";

export interface QueuePollingDependencies {
  readonly queue: LoginQueue;
  readonly store: Pick<QueueStore, "poll" | "leave">;
}

/** Pollers whose last answer is remembered. One that is forgotten is told a fresh estimate. */
const rememberedPollers = 20_000;

export class QueuePolling {
  readonly #deps: QueuePollingDependencies;
  /** When pollers are to be logged in, as they were told, by ticket. */
  readonly #finishes = new RecentMap<ShownFinish>(rememberedPollers);

  constructor(deps: QueuePollingDependencies) {
    this.#deps = deps;
  }

  /**
   * Takes a place, or the old one back. A ticket that is no good counts as none.
   * @throws LoginError BANNED, QUEUE_FULL, QUEUE_CLOSED, TOO_MANY_REQUESTS, STORE_UNAVAILABLE, what the entrance refuses with
   */
  async join(request: {
    readonly ticket: string | null;
    readonly session: KnownSession | null;
    readonly lane: string;
    readonly entrance?: Entrance;
  }): Promise<WirePlace> {
    return this.#enter({ ...request, claim: await this.#deps.queue.claimOf(request.ticket) });
  }

  /**
   * Where the ticket stands. A finished one answers `removed`; one that the store lost is put back.
   * @throws LoginError TOKEN_INVALID, TOKEN_EXPIRED, BANNED, STORE_UNAVAILABLE
   */
  async poll(ticket: string, entrance = openEntrance): Promise<WirePlace> {
    const { queue, store } = this.#deps;
    const presented = await queue.tickets.readTicket(ticket);
    const { claim } = presented;
    // The place is this one or a better one by now, so the next poll is due no later than this allows.
    const nextPollSeconds = longestRetryAfterSeconds(this.#pollFacts(claim.position, claim.lane));
    const place = queue.outlook.toPlace(claim.id, await store.poll(claim.id, nextPollSeconds, entrance.addressGroup));
    if (place.status === "removed" && place.finish === null) {
      return this.#enter({ claim, session: null, lane: claim.lane, entrance });
    }
    const session = sessionOf(place.ticket);
    // Whom the access rules name may have changed since the last poll; a socket is judged when they do.
    if (place.status === "waiting" && place.mode === "closed" && session !== null)
      return this.#enter({ claim, session, lane: claim.lane, entrance });
    return this.#answer(place, { ...presented, token: ticket });
  }

  /** Gives the place up, whoever holds it. @throws LoginError TOKEN_INVALID, TOKEN_EXPIRED, STORE_UNAVAILABLE */
  async leave(ticket: string): Promise<void> {
    const { claim } = await this.#deps.queue.tickets.readTicket(ticket);
    await this.#deps.store.leave(claim.id);
  }

  async #enter(asked: Omit<JoinQueueRequest, "holder">): Promise<WirePlace> {
    const { queue, store } = this.#deps;
    const settings = queue.settings.current;
    // How soon to poll follows from the place, which is known once it is taken.
    const holder = { kind: "poll", nextPollSeconds: settings.maxCheckTicketPollTimeSeconds } as const;
    const { place } = await queue.join({ ...asked, holder });
    if (place.status !== "waiting") return this.#answer(place, null);
    const nextPollSeconds = longestRetryAfterSeconds({ ...settings, ...place });
    return this.#answer(queue.outlook.toPlace(place.ticketId, await store.poll(place.ticketId, nextPollSeconds)), null);
  }

  #pollFacts(position: number, lane: string): PollFacts {
    const { queue } = this.#deps;
    return { ...queue.settings.current, position, etaMs: queue.outlook.etaMs(position, lane) };
  }

  async #answer(place: Place, presented: (PresentedTicket & { readonly token: string }) | null): Promise<WirePlace> {
    const { queue } = this.#deps;
    const { status, position, queueLength, mode, notice, asOf } = place;
    const etaMs = this.#steadyEtaMs(place);
    const retry = retryAfterSeconds({ ...queue.settings.current, position, etaMs }, Math.random());
    const ticket = await this.#ticketFor(place, presented, retry);
    const common = { status, position, queueLength, etaMs, mode, notice, ticket, retryAfterSeconds: retry, asOf };
    if (status !== "admitted") return common;
    const pass = await queue.signPass(place);
    return { ...common, pass, passExpiresAt: place.passExpiresAt };
  }

  #steadyEtaMs({ ticketId, estimate, etaMs, asOf }: Place): number {
    if (estimate === null) return etaMs;
    const finish = steadyFinish(this.#finishes.get(ticketId) ?? null, estimate);
    this.#finishes.set(ticketId, finish);
    return etaMsOf(finish, asOf);
  }

  /** The one presented while it lasts, so that a client need not keep a new one at every poll. */
  async #ticketFor(
    place: Place,
    presented: (PresentedTicket & { readonly token: string }) | null,
    nextPollSeconds: number,
  ): Promise<string> {
    const { queue } = this.#deps;
    if (presented !== null) {
      const neededUntil = place.asOf + (nextPollSeconds + queue.settings.current.queueGraceSeconds) * 1000;
      if (place.ticket === null) return presented.token;
      // One that was moved must not come back at its old place.
      const isMoved = place.ticket.order !== presented.claim.order;
      if (!isMoved && presented.expiresAt >= neededUntil) return presented.token;
    }
    if (place.ticket === null) throw new LoginError("NOT_FOUND", "There is no such ticket.");
    return queue.tickets.signTicket({ ...place.ticket, position: place.position }, nextPollSeconds);
  }
}

/** Who queued with a session. */
function sessionOf(ticket: Ticket | null): KnownSession | null {
  const { userId = null, sid = null } = ticket ?? {};
  return userId === null || sid === null ? null : { userId, sid };
}
