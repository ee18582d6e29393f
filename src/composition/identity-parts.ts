// Who is let in: access rules, login data, tokens of other kinds, and the providers of a login that names none.
import { LimitedAccess } from "../access/limited-access.ts";
import type { AccountStore } from "../accounts/account-store.ts";
import { anonymousProvider } from "../accounts/anonymous.ts";
import { deviceProvider } from "../accounts/device.ts";
import type { IdentityProvider } from "../accounts/providers.ts";
import { planJobs } from "../login-data/jobs.ts";
import { LoginData } from "../login-data/login-data.ts";
import { otherTokenLifetimes } from "../login-settings.ts";
import { EmailTokens } from "../tokens/email-tokens.ts";
import { OperatorTokenIssuer, OperatorTokenVerifier } from "../tokens/operator-tokens.ts";
import { createTokensFace, type TokensFace } from "../tokens/tokens-face.ts";
import type { Basics } from "./basics.ts";

export function defaultProviders(): Record<string, IdentityProvider> {
  return { device: deviceProvider(), anonymous: anonymousProvider() };
}

export function createAccess({ options, clock, logger, store }: Basics, accounts: AccountStore): LimitedAccess {
  return new LimitedAccess({ store: store.access, accounts, rules: options.accessRules ?? {}, clock, logger });
}

export function createLoginData({ options, clock, logger }: Basics): LoginData {
  const jobs = planJobs(options.loginData ?? {}, options.loginDataJobTimeoutSeconds);
  return new LoginData({ jobs, timeoutMs: options.loginDataTimeoutSeconds * 1000, clock, logger });
}

export function createEmailTokens({ options, clock, jwt, store }: Basics): EmailTokens {
  return new EmailTokens({ jwt, clock, lifetimeMs: otherTokenLifetimes(options).email, store: store.access });
}

export function createTokens({ options, clock, jwt, store }: Basics, emails: EmailTokens): TokensFace {
  return createTokensFace({
    jwt,
    store: store.access,
    issuer: new OperatorTokenIssuer({ jwt, clock, lifetimesMs: otherTokenLifetimes(options).operators }),
    verifier: new OperatorTokenVerifier({ jwt, store: store.access }),
    emails,
  });
}
