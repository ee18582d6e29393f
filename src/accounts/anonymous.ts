// Identity provider for players who show nothing: each login makes an account of its own.
import type { IdentityProvider } from "./providers.ts";

/** The session's refresh token is all that leads back to the account, until an identity is linked to it. */
export function anonymousProvider(): IdentityProvider {
  return { authenticate: async () => ({ externalId: null }) };
}
