// The queue for clients that cannot hold a socket: the same places, asked for over HTTP.
import { LoginError } from "../errors.ts";
import type { WirePlace } from "../wire.ts";
import type { Place } from "./place.ts";
import type { KnownSession, LoginQueue } from "./queue.ts";
import type { QueueStore, TicketClaim } from "./queue-store.ts";
import { longestRetryAfterSeconds, type PollFacts, retryAfterSeconds } from "./retry-after.ts";
import type { PresentedTicket } from "./ticket.ts";

export interface QueuePollingDependencies {
  readonly queue: LoginQueue;
  readonly store: Pick<QueueStore, "poll" | "leave">;
  readonly settings: {
    readonly targetLoginRatePerSecond: number;
    readonly maxCheckTicketPollTimeSeconds: number;
    readonly queueGraceSeconds: number;
  };
}

export class QueuePolling {
  readonly #deps: QueuePollingDependencies;

  constructor(deps: QueuePollingDependencies) {
    this.#deps = deps;
  }

  /**
   * Takes a place, or the old one back. A ticket that is no good counts as none.
   * @throws LoginError BANNED, QUEUE_FULL, QUEUE_CLOSED, STORE_UNAVAILABLE
   */
  async join(request: {
    readonly ticket: string | null;
    readonly session: KnownSession | null;
    readonly lane: string;
  }): Promise<WirePlace> {
    return this.#enter(await this.#deps.queue.claimOf(request.ticket), request.session, request.lane);
  }

  /**
   * Where the ticket stands. A finished one answers `removed`; one that the store lost is put back.
   * @throws LoginError TOKEN_INVALID, TOKEN_EXPIRED, STORE_UNAVAILABLE
   */
  async poll(ticket: string): Promise<WirePlace> {
    const { queue, store } = this.#deps;
    const presented = await queue.tickets.readTicket(ticket);
    const { claim } = presented;
    // The place is this one or a better one by now, so the next poll is due no later than this allows.
    const nextPollSeconds = longestRetryAfterSeconds(this.#pollFacts(claim.position, claim.lane));
    const place = queue.toPlace(claim.id, await store.poll(claim.id, nextPollSeconds));
    if (place.status === "removed" && place.finish === null) return this.#enter(claim, null, claim.lane);
    return this.#answer(place, { ...presented, token: ticket });
  }

  /** Gives the place up, whoever holds it. @throws LoginError TOKEN_INVALID, TOKEN_EXPIRED, STORE_UNAVAILABLE */
  async leave(ticket: string): Promise<void> {
    const { claim } = await this.#deps.queue.tickets.readTicket(ticket);
    await this.#deps.store.leave(claim.id);
  }

  async #enter(claim: TicketClaim | null, session: KnownSession | null, lane: string): Promise<WirePlace> {
    const { queue, store, settings } = this.#deps;
    // How soon to poll follows from the place, which is known once it is taken.
    const holder = { kind: "poll", nextPollSeconds: settings.maxCheckTicketPollTimeSeconds } as const;
    const { place } = await queue.join({ claim, session, lane, holder });
    if (place.status !== "waiting") return this.#answer(place, null);
    const nextPollSeconds = longestRetryAfterSeconds({ ...settings, ...place });
    return this.#answer(queue.toPlace(place.ticketId, await store.poll(place.ticketId, nextPollSeconds)), null);
  }

  #pollFacts(position: number, lane: string): PollFacts {
    return { ...this.#deps.settings, position, etaMs: this.#deps.queue.etaMs(position, lane) };
  }

  async #answer(place: Place, presented: (PresentedTicket & { readonly token: string }) | null): Promise<WirePlace> {
    const { queue, settings } = this.#deps;
    const { status, position, queueLength, etaMs, mode, asOf } = place;
    const retry = retryAfterSeconds({ ...settings, position, etaMs }, Math.random());
    const ticket = await this.#ticketFor(place, presented, retry);
    const common = { status, position, queueLength, etaMs, mode, notice: "", ticket, retryAfterSeconds: retry, asOf };
    if (status !== "admitted") return common;
    const pass = await queue.signPass(place);
    return { ...common, pass, passExpiresAt: place.passExpiresAt };
  }

  /** The one presented while it lasts, so that a client need not keep a new one at every poll. */
  async #ticketFor(
    place: Place,
    presented: (PresentedTicket & { readonly token: string }) | null,
    nextPollSeconds: number,
  ): Promise<string> {
    const { queue, settings } = this.#deps;
    if (presented !== null) {
      const neededUntil = place.asOf + (nextPollSeconds + settings.queueGraceSeconds) * 1000;
      if (place.ticket === null || presented.expiresAt >= neededUntil) return presented.token;
    }
    if (place.ticket === null) throw new LoginError("NOT_FOUND", "There is no such ticket.");
    return queue.tickets.signTicket({ ...place.ticket, position: place.position }, nextPollSeconds);
  }
}
