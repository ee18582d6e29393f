// What an identity provider is: it checks credentials and says whose they are.
import type { Caller } from "../callers.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { EmailTokens } from "../tokens/email-tokens.ts";
import type { Account, AccountStore, Credential } from "./account-store.ts";
import type { LoginLimits } from "./limits.ts";

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
  /**
   * What an account had that they were checked against: none is made for it, and a session that this login opens ends where
   * another has taken its place meanwhile.
   */
  readonly credential?: Credential;
  /** A registration: an account is made with this beside the identity, or the identity is linked to that of the bearer. */
  readonly registration?: Registration;
}

/** How somebody new comes in who chose a credential. */
export interface Registration {
  readonly credential: Credential;
  /** Whether the login ends here, with FORBIDDEN, until the address is confirmed. */
  readonly mustVerify: boolean;
  /** Called once, when the account stands. */
  welcome(account: Account): void;
}

export interface IdentityProvider {
  /** Asked before a login takes a place from the queue: throws LoginError TOO_MANY_REQUESTS for who has to wait. */
  admit?(credentials: Readonly<Record<string, unknown>>, context: RequestContext): Promise<void>;
  /**
   * Says who the credentials belong to. They are what the request's body held, unchecked. Throws LoginError
   * INVALID_CREDENTIALS for wrong ones and INVALID_REQUEST for malformed ones.
   */
  authenticate(credentials: Readonly<Record<string, unknown>>, context: RequestContext): Promise<Identity>;
  /**
   * Whether credentials could be found by trying. Default true. False of what is signed: to count wrong ones would hold nobody
   * back but those who share an address with whoever sends them.
   */
  readonly isGuessable?: boolean;
  /**
   * Issuers whose tokens it takes as credentials. `defineLogin` refuses its own among them: a session is no proof of identity,
   * or whoever holds one for a moment could make it last for ever.
   */
  readonly issuers?: readonly string[];
}

/** What a provider that keeps credentials of its own has of the login it is part of. */
export interface ProviderContext {
  /** Its own, in the options. */
  readonly name: string;
  readonly accounts: AccountStore;
  readonly limits: LoginLimits;
  readonly emailTokens: EmailTokens;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A provider that is opened once by each login that it is an option of. */
export interface IdentityProviderFactory {
  open(context: ProviderContext): IdentityProvider;
}
