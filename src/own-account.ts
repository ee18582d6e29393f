// What players do to their own accounts over HTTP: linked identities, the username, e-mail address and password.
import type { AccountStore } from "./accounts/account-store.ts";
import type { EmailAccounts } from "./accounts/email-accounts.ts";
import { LoginAccounts, type Taken } from "./accounts/login-accounts.ts";
import type { OpenProviders } from "./accounts/open-providers.ts";
import type { RequestContext } from "./accounts/providers.ts";
import { LoginError } from "./errors.ts";
import type { LinkBody } from "./http/account-schemas.ts";
import type { AccountFace, EmailFace } from "./http/face.ts";
import type { Logger } from "./logger.ts";
import type { LoginFlow } from "./login-flow.ts";
import { runHook } from "./sessions/hooks.ts";
import type { SessionRecord } from "./sessions/session.ts";
import type { Sessions } from "./sessions/sessions.ts";
import { nullIfDead } from "./sessions/verification.ts";
import type { WireIdentity } from "./wire.ts";

export interface OwnAccountDependencies {
  readonly accounts: AccountStore;
  readonly providers: OpenProviders;
  readonly sessions: Sessions;
  readonly flow: LoginFlow;
  readonly logger: Logger;
}

/** Whose password is new: an intruder's sockets close as well. */
const endingByPassword = { disconnectSockets: true, reason: "The password was changed." };

export function createAccountFace({ accounts, providers, sessions, logger }: OwnAccountDependencies): AccountFace {
  const loginAccounts = new LoginAccounts({ accounts, logger });

  const list = async (userId: string): Promise<WireIdentity[]> =>
    (await accounts.identities(userId)).map(({ provider, externalId, linkedAt, verifiedAt }) => ({
      provider,
      linkedAt,
      // Of other providers it is a hash, or the business of the server alone.
      ...(provider === providers.email?.name ? { email: externalId, emailVerified: verifiedAt !== null } : {}),
    }));

  const link = async (userId: string, credentials: LinkBody, context: RequestContext): Promise<Taken> => {
    const provider = providers.byName.get(context.provider);
    if (provider === undefined) throw new LoginError("NOT_FOUND", "There is no such identity provider.");
    // First, because the answer to an address that somebody has is another one.
    if (provider === providers.email && (await hasIdentityAt(accounts, context.provider, userId)))
      throw new LoginError("CONFLICT", "This account has an address already.");
    const shown = provider === providers.email ? { ...credentials, register: true } : credentials;
    const name = `identity provider ${context.provider}`;
    await runHook(name, () => provider.admit?.(shown, context), logger);
    const identity = await runHook(name, () => provider.authenticate(shown, context), logger);
    const { externalId, registration } = identity;
    if (externalId === null) throw new LoginError("INVALID_REQUEST", "This provider knows nobody again.");
    if (registration === undefined) return loginAccounts.link(userId, { provider: context.provider, externalId });
    const request = { provider: context.provider, identity, create: true, username: null, isPassOfOneUser: false };
    return loginAccounts.take({ ...request, upgradeOf: userId });
  };

  return {
    identities: async (token) => list((await sessions.verify(token)).userId),
    async link(credentials, token, context) {
      const { userId } = await sessions.verify(token);
      const { stand, takeBack } = await link(userId, credentials, context);
      try {
        // A provider may take its time. Whose session ended meanwhile must have gained nothing by it.
        await sessions.verify(token);
      } catch (error) {
        await takeBack();
        throw error;
      }
      stand();
      return list(userId);
    },
    async unlink(provider, token) {
      const { userId } = await sessions.verify(token);
      await accounts.unlink(userId, { provider });
      return list(userId);
    },
    async setUsername(username, token) {
      const { userId } = await sessions.verify(token);
      const account = await accounts.setUsername(userId, username);
      return { id: userId, username: account.username };
    },
  };
}

async function hasIdentityAt(
  accounts: Pick<AccountStore, "identities">,
  provider: string,
  userId: string,
): Promise<boolean> {
  return (await accounts.identities(userId)).some((identity) => identity.provider === provider);
}

/** null where there is no e-mail provider. */
export function createEmailFace(deps: OwnAccountDependencies): EmailFace | null {
  const { email } = deps.providers;
  return email === null ? null : emailFace(email, deps);
}

function emailFace(email: EmailAccounts, { accounts, sessions, flow }: OwnAccountDependencies): EmailFace {
  /** A guest whose account gets the address: one with another address is somebody who forgot to log out. */
  const upgradable = async (token: string | null): Promise<SessionRecord | null> => {
    const record = token === null ? null : await nullIfDead(sessions.verify(token));
    if (record === null) return null;
    return (await hasIdentityAt(accounts, email.name, record.userId)) ? null : record;
  };

  return {
    login: (body, caller) => flow.authenticate(body, { provider: email.name, ...caller }),
    async register(body, token, caller) {
      const guest = await upgradable(token);
      const upgradeOf = guest?.userId ?? null;
      const login = await flow.authenticate({ ...body, upgradeOf }, { provider: email.name, ...caller });
      // Whoever knows the guest's tokens, as one who planted them does, knows none of the new session's (S54).
      if (guest !== null && guest.sid !== login.session.sid) await sessions.logout(guest.sid);
      return login;
    },
    forgotPassword: ({ email: to }, { address }) => email.forgotPassword(to, address),
    async resetPassword({ token, password }, { address }) {
      const endSessions = (userId: string) => sessions.logoutUser(userId, endingByPassword);
      await email.resetPassword(token, password, address, endSessions);
    },
    verifyEmail: ({ token }) => email.verifyEmail(token),
    async changePassword(passwords, token, { address }) {
      const { sid, userId } = await sessions.verify(token);
      const endOthers = () => sessions.logoutOthers(sid, endingByPassword);
      await email.changePassword(userId, passwords, address, endOthers);
    },
  };
}
