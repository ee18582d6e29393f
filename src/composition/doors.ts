// The way from credentials to a session, and the HTTP calls that lead there.
import type { LimitedAccess } from "../access/limited-access.ts";
import type { AccountStore } from "../accounts/account-store.ts";
import { LoginLimits } from "../accounts/limits.ts";
import { openProviders } from "../accounts/open-providers.ts";
import type { LoginFace } from "../http/face.ts";
import { createHttpFace } from "../http-face.ts";
import { LoginFlow } from "../login-flow.ts";
import { createAccountFace, createEmailFace } from "../own-account.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { EmailTokens } from "../tokens/email-tokens.ts";
import type { KeyRing } from "../tokens/keys.ts";
import type { Basics } from "./basics.ts";
import { createLoginData, defaultProviders } from "./identity-parts.ts";
import type { QueueParts } from "./queue-parts.ts";

/** What the players' HTTP calls ask for. */
export function createPlayersFace(
  basics: Basics,
  parts: {
    readonly accounts: AccountStore;
    readonly access: LimitedAccess;
    readonly sessions: Sessions;
    readonly queue: QueueParts | null;
    readonly emails: EmailTokens;
    readonly keys: KeyRing;
  },
): LoginFace {
  const { options, clock, logger, signals, store } = basics;
  const { accounts, access, sessions, queue, emails, keys } = parts;
  const limits = new LoginLimits(options.loginLimits, store.makeCounter);
  const providers = openProviders(options.providers ?? defaultProviders(), {
    accounts,
    limits,
    emailTokens: emails,
    clock,
    logger,
  });
  const flow = new LoginFlow({
    providers: providers.byName,
    accounts,
    sessions,
    queue: queue?.service ?? null,
    bans: store.access,
    access,
    loginData: createLoginData(basics),
    hooks: options.hooks ?? {},
    gameShardId: options.gameShardId ?? null,
    emit: signals.emit,
    logger,
  });
  const own = { accounts, providers, sessions, flow, logger };
  const account = createAccountFace(own);
  const email = createEmailFace(own);
  return createHttpFace({ flow, sessions, accounts, keys, account, email, queue: queue?.http ?? null });
}
