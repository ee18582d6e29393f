// What an identity provider is: it checks credentials and says whose they are.
import type { Caller } from "../callers.ts";

/** The request that brought the credentials. */
export interface RequestContext extends Caller {
  /** The name under which the provider stands in the options. */
  readonly provider: string;
}

export interface Identity {
  /** The same for the same person at every login, unique within the provider; null: a fresh account each time. */
  readonly externalId: string | null;
  /** For an account that is made by this login; the request's own `username` goes before it. */
  readonly username?: string;
  /** Replace those of the account at every login; left out, they stay. */
  readonly groups?: readonly string[];
}

export interface IdentityProvider {
  /**
   * Says who the credentials belong to. They are what the request's body held, unchecked. Throws LoginError
   * INVALID_CREDENTIALS for wrong ones and INVALID_REQUEST for malformed ones.
   */
  authenticate(credentials: Readonly<Record<string, unknown>>, context: RequestContext): Promise<Identity>;
}
