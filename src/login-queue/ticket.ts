// The two signed proofs of the queue: the ticket JWT that brings its holder back, and the pass JWT that opens one session.
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { LoginError } from "../errors.ts";
import { type JwtSigner, tokenKinds } from "../tokens/jwt.ts";
import { type TicketClaim, ticketResignSeconds } from "./queue-store.ts";

const ticketClaims = z.object({
  lane: z.string(),
  order: z.number().int().nonnegative(),
  position: z.number().int().nonnegative(),
});

/** What a presented ticket JWT proved. */
export interface PresentedTicket {
  readonly claim: TicketClaim;
  /** When the JWT ends, ms since the epoch. */
  readonly expiresAt: number;
}

export class TicketTokens {
  readonly #jwt: JwtSigner;
  readonly #clock: Clock;
  readonly #queueGraceSeconds: () => number;

  constructor(deps: { readonly jwt: JwtSigner; readonly clock: Clock; readonly queueGraceSeconds: () => number }) {
    this.#jwt = deps.jwt;
    this.#clock = deps.clock;
    this.#queueGraceSeconds = deps.queueGraceSeconds;
  }

  /**
   * Signs a ticket from now on. It ends when its holder, unheard of since, would have lost the place: one re-signing interval
   * plus the grace later, and for a poller the time until its next poll more.
   */
  signTicket(claim: TicketClaim, nextPollSeconds = 0): Promise<string> {
    const now = this.#clock.now();
    const lifeSeconds = ticketResignSeconds + this.#queueGraceSeconds() + nextPollSeconds;
    return this.#jwt.sign(tokenKinds.ticket, tokenKinds.ticket.audiences[0], {
      id: claim.id,
      issuedAt: now,
      expiresAt: now + lifeSeconds * 1000,
      claims: { lane: claim.lane, order: claim.order, position: claim.position },
    });
  }

  /** @throws LoginError TOKEN_INVALID for one that is forged, altered or foreign, TOKEN_EXPIRED for one that was good once. */
  async readTicket(token: string): Promise<PresentedTicket> {
    const verified = await this.#jwt.verify(tokenKinds.ticket, token);
    const claims = ticketClaims.safeParse(verified.claims);
    if (!claims.success) throw new LoginError("TOKEN_INVALID", "The ticket is not valid here.");
    return { claim: { id: verified.id, ...claims.data }, expiresAt: verified.expiresAt };
  }

  /** Signs the pass of an admitted ticket. */
  signPass(ticketId: string, admittedAt: number, passExpiresAt: number): Promise<string> {
    return this.#jwt.sign(tokenKinds.pass, tokenKinds.pass.audiences[0], {
      id: ticketId,
      issuedAt: admittedAt,
      expiresAt: passExpiresAt,
      claims: {},
    });
  }

  /**
   * The ticket a pass belongs to. Whether the pass is still unspent and within its time is for the store to say.
   * @throws LoginError PASS_INVALID
   */
  async readPass(token: string): Promise<string> {
    try {
      return (await this.#jwt.verify(tokenKinds.pass, token)).id;
    } catch (error) {
      if (!(error instanceof LoginError)) throw error;
      throw new LoginError("PASS_INVALID", "The pass is not valid, or not any more.", {}, { cause: error });
    }
  }
}
