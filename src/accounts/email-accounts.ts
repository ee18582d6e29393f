// Accounts by e-mail address and password: who registers, logs in, confirms an address, or has forgotten the password.
import { LoginError, unverifiedError } from "../errors.ts";
import { randomId } from "../random.ts";
import type { EmailPurpose } from "../tokens/email-tokens.ts";
import type { Account, Credential, LinkedIdentity } from "./account-store.ts";
import { maxPasswordLength, parseAddress, parseCredentials } from "./email-credentials.ts";
import { type EmailMessage, Mails } from "./mails.ts";
import type { Passwords } from "./passwords.ts";
import type { Identity, IdentityProvider, ProviderContext, RequestContext } from "./providers.ts";

export interface EmailSettings {
  readonly sendEmail: (message: EmailMessage) => void | Promise<void>;
  readonly requireVerified: boolean;
  readonly minPasswordLength: number;
}

/** An account with the identity that its credential stands beside. */
interface Holder {
  readonly identity: LinkedIdentity;
  readonly account: Account;
  readonly credential: Credential;
}

export class EmailAccounts implements IdentityProvider {
  readonly #settings: EmailSettings;
  readonly #passwords: Passwords;
  readonly #context: ProviderContext;
  readonly #mails: Mails;

  constructor(settings: EmailSettings, passwords: Passwords, context: ProviderContext) {
    this.#settings = settings;
    this.#passwords = passwords;
    this.#context = context;
    this.#mails = new Mails({ ...context, sendEmail: settings.sendEmail });
  }

  /** The provider's name in the options. */
  get name(): string {
    return this.#context.name;
  }

  async admit(
    credentials: Readonly<Record<string, unknown>>,
    { address }: Pick<RequestContext, "address">,
  ): Promise<void> {
    const { email } = parseCredentials(credentials);
    await this.#context.limits.enterTo({ ...this.#identityOf(email), address });
  }

  /**
   * Credentials `email` and `password`; with `register: true` those of a new account. Throws LoginError INVALID_REQUEST,
   * INVALID_CREDENTIALS (of an unknown address and a wrong password alike, after the same time), TOO_MANY_REQUESTS, FORBIDDEN
   * with `verifyEmail` where the address has to be confirmed first, and CONFLICT for a registration of a known address.
   */
  async authenticate(
    credentials: Readonly<Record<string, unknown>>,
    { address }: Pick<RequestContext, "address">,
  ): Promise<Identity> {
    const { email, password, register = false } = parseCredentials(credentials);
    if (register) return this.#register(email, password, address);
    const identity = this.#identityOf(email);
    const { account, credential } = await this.#context.limits.password({ ...identity, address }, () =>
      this.#check(identity, password),
    );
    if (credential.verifiedAt === null && this.#settings.requireVerified) {
      this.#sendToken("verify-email", { identity, account, credential });
      throw unverifiedError();
    }
    return { externalId: email, credential };
  }

  /** Mails a token for a new password to the owner of an address, if there is one: nobody else can tell. Throws TOO_MANY_REQUESTS, INVALID_REQUEST. */
  async forgotPassword(typed: string, address: string | null): Promise<void> {
    const { email } = parseAddress({ email: typed });
    const { accounts, limits } = this.#context;
    await limits.mail(address);
    const identity = this.#identityOf(email);
    const found = await accounts.findCredential(identity);
    if (found !== null) this.#sendToken("reset-password", { identity, ...found });
  }

  /**
   * A new password by a token that was mailed. Whoever has it has the mailbox, so the address counts as confirmed from then
   * on. Was it not before, the account may be a stranger's trap: every other way in to it is taken away. `endSessions` ends
   * those of a user; where it cannot, the token is good still. Throws TOKEN_INVALID, TOKEN_EXPIRED, INVALID_REQUEST.
   */
  async resetPassword(
    token: string,
    newPassword: string,
    address: string | null,
    endSessions: (userId: string) => Promise<unknown>,
  ): Promise<void> {
    this.#requireGood(newPassword);
    const { accounts, limits, clock } = this.#context;
    const { identity, account, credential } = await this.#holderOf("reset-password", token);
    const hash = await this.#passwords.hash(newPassword);
    const isTrap = credential.verifiedAt === null;
    // Before the address counts as confirmed, after which nobody would look again if this process ended here.
    if (isTrap) await this.#unlinkOthers(account.userId, identity);
    const next = { hash, version: randomId(), verifiedAt: credential.verifiedAt ?? clock.now() };
    await endSessions(account.userId);
    if (!(await accounts.replaceCredential(identity, credential.version, next))) throw usedUp();
    // Again: the old password opened sessions until now.
    await endSessions(account.userId);
    if (isTrap) {
      // While a session of the stranger's lived, it may have linked another way in, and come by it.
      await this.#unlinkOthers(account.userId, identity);
      await endSessions(account.userId);
    }
    await limits.forgive({ ...identity, address });
    this.#mails.send({ purpose: "password-changed", to: identity.externalId, account });
  }

  /** Confirms an address by a token that was mailed to it. Throws TOKEN_INVALID, TOKEN_EXPIRED. */
  async verifyEmail(token: string): Promise<void> {
    const { accounts, clock } = this.#context;
    const { identity, credential } = await this.#holderOf("verify-email", token);
    // The new version uses up this token, and every other one.
    const next = { hash: credential.hash, version: randomId(), verifiedAt: clock.now() };
    if (!(await accounts.replaceCredential(identity, credential.version, next))) throw usedUp();
  }

  /**
   * `endOthers` ends the user's other sessions; where it cannot, the password stays. Throws INVALID_CREDENTIALS for a wrong old
   * password, NOT_FOUND for an account without one, and as `authenticate`.
   */
  async changePassword(
    userId: string,
    { password, newPassword }: { readonly password: string; readonly newPassword: string },
    address: string | null,
    endOthers: () => Promise<unknown>,
  ): Promise<void> {
    this.#requireGood(newPassword);
    const { accounts, limits } = this.#context;
    const identity = await this.#identityOfUser(userId);
    if (identity === null) throw new LoginError("NOT_FOUND", "This account has no password.");
    const attempt = { ...identity, address };
    await limits.enterTo(attempt);
    const { account, credential } = await limits.password(attempt, () => this.#check(identity, password));
    const hash = await this.#passwords.hash(newPassword);
    const next = { hash, version: randomId(), verifiedAt: credential.verifiedAt };
    await endOthers();
    if (!(await accounts.replaceCredential(identity, credential.version, next))) {
      throw new LoginError("CONFLICT", "The password was changed at the same moment.");
    }
    await endOthers();
    this.#mails.send({ purpose: "password-changed", to: identity.externalId, account });
  }

  async #register(email: string, password: string, address: string | null): Promise<Identity> {
    this.#requireGood(password);
    const { accounts, limits, logger } = this.#context;
    await limits.registration(address);
    const identity = this.#identityOf(email);
    const hash = await this.#passwords.hash(password);
    const found = await accounts.findCredential(identity);
    const mustVerify = this.#settings.requireVerified;
    if (found !== null) {
      if (!mustVerify) throw new LoginError("CONFLICT", "This address has an account.");
      this.#sendToken("reset-password", { identity, ...found }, "already-registered");
      throw unverifiedError();
    }
    const credential = { hash, version: randomId(), verifiedAt: null };
    const welcome = (account: Account): void => {
      this.#sendToken("verify-email", { identity, account, credential });
      // Strangers do not hold the owner back here from now on.
      limits
        .forgive({ ...identity, address })
        .catch((error) => logger.warn("colyseus-login: the address of a registration could not be remembered", error));
    };
    return { externalId: email, registration: { credential, mustVerify, welcome } };
  }

  /** The account of an address, if the password is its. An unknown address takes as long as a wrong password. */
  async #check(identity: LinkedIdentity, password: string): Promise<{ account: Account; credential: Credential }> {
    const { accounts, logger } = this.#context;
    const found = await accounts.findCredential(identity);
    const isRight = await this.#passwords.matches(password, found?.credential.hash ?? null);
    if (found === null || !isRight)
      throw new LoginError("INVALID_CREDENTIALS", "The address or the password is wrong.");
    if (!this.#passwords.isOutdated(found.credential.hash)) return found;
    try {
      const credential = { ...found.credential, hash: await this.#passwords.hash(password) };
      await accounts.replaceCredential(identity, credential.version, credential);
      return { ...found, credential };
    } catch (error) {
      logger.warn("colyseus-login: a password could not be hashed anew; the next login tries again", error);
      return found;
    }
  }

  /** Whose a mailed token is, if it still is good. */
  async #holderOf(purpose: EmailPurpose, token: string): Promise<Holder> {
    const { accounts, emailTokens } = this.#context;
    const { userId, credentialVersion } = await emailTokens.verify(purpose, token);
    const identity = await this.#identityOfUser(userId);
    const found = identity === null ? null : await accounts.findCredential(identity);
    if (identity === null || found?.credential.version !== credentialVersion) throw usedUp();
    return { identity, ...found };
  }

  async #identityOfUser(userId: string): Promise<LinkedIdentity | null> {
    const identities = await this.#context.accounts.identities(userId);
    return identities.find(({ provider }) => provider === this.name) ?? null;
  }

  async #unlinkOthers(userId: string, kept: LinkedIdentity): Promise<void> {
    const { accounts } = this.#context;
    for (const { provider, externalId } of await accounts.identities(userId)) {
      if (provider === kept.provider && externalId === kept.externalId) continue;
      try {
        await accounts.unlink(userId, { provider, externalId });
      } catch (error) {
        // Gone already, by another call.
        if (!(error instanceof LoginError) || error.code !== "NOT_FOUND") throw error;
      }
    }
  }

  #requireGood(password: string): void {
    const { minPasswordLength } = this.#settings;
    const length = [...password].length;
    if (length >= minPasswordLength && length <= maxPasswordLength) return;
    const expectation = `expected ${minPasswordLength} to ${maxPasswordLength} characters`;
    throw new LoginError("INVALID_REQUEST", `password: ${expectation}`);
  }

  #sendToken(
    purpose: EmailPurpose,
    { identity, account, credential }: Holder,
    mail: EmailMessage["purpose"] = purpose,
  ): void {
    const { emailTokens } = this.#context;
    const issue = () => emailTokens.issue({ userId: account.userId, purpose, credentialVersion: credential.version });
    this.#mails.send({ purpose: mail, to: identity.externalId, account, issue });
  }

  #identityOf(email: string): LinkedIdentity {
    return { provider: this.name, externalId: email };
  }
}

function usedUp(): LoginError {
  return new LoginError("TOKEN_INVALID", "The token is not valid here.");
}
