// Everything that issues, checks and revokes the tokens of operators, partners and mails, over one memory store.
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import type { Store } from "../../src/stores/store.ts";
import { EmailTokens } from "../../src/tokens/email-tokens.ts";
import { JwtSigner } from "../../src/tokens/jwt.ts";
import { OperatorTokenIssuer, OperatorTokenVerifier } from "../../src/tokens/operator-tokens.ts";
import { createTokensFace, type TokensFace } from "../../src/tokens/tokens-face.ts";
import { issuer, minute } from "../sessions/setup.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { ecRing } from "./setup.ts";

export const lifetimesMs = { operator: 2_880 * minute, partner: 876_000 * 60 * minute, email: 10_080 * minute };

export interface TokenHouse {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly jwt: JwtSigner;
  readonly emails: EmailTokens;
  readonly tokens: TokensFace;
  /** Another process over the same store. */
  peer(): TokenHouse;
}

export function tokenHouse(
  clock = new ManualClock(),
  store: Store = memoryStore()({ clock, queue: null, ticketsMayReturn: false }),
): TokenHouse {
  const jwt = new JwtSigner({ keys: ecRing, issuer, clock });
  const emails = new EmailTokens({ jwt, clock, lifetimeMs: lifetimesMs.email, store: store.access });
  const tokens = createTokensFace({
    jwt,
    store: store.access,
    issuer: new OperatorTokenIssuer({ jwt, clock, lifetimesMs }),
    verifier: new OperatorTokenVerifier({ jwt, store: store.access }),
    emails,
  });
  return { clock, store, jwt, emails, tokens, peer: () => tokenHouse(clock, store) };
}
