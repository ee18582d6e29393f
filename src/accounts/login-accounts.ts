// From an identity that proved itself to its account: found, made, or one that somebody has already and adds the identity to.
import { LoginError, unverifiedError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Account, AccountStore, Credential, LinkedIdentity, NewIdentity } from "./account-store.ts";
import type { Identity, Registration } from "./providers.ts";

/** What a login asks for. */
export interface AccountRequest {
  /** The name of the provider. */
  readonly provider: string;
  readonly identity: Identity;
  /** Whether an unknown identity gets an account. */
  readonly create: boolean;
  /** The name wished for a new account. */
  readonly username: string | null;
  /** Whether its pass is good for one user alone, so that a new account will not do. */
  readonly isPassOfOneUser: boolean;
  /** Whose live session came with a registration: the identity is added to that account. */
  readonly upgradeOf: string | null;
}

export interface TakenAccount extends Taken {
  readonly account: Account;
  readonly created: boolean;
  /**
   * Whether the identity leads to the account still, by the same credential. To be asked when the session is there: whoever
   * takes an identity away or changes a password first does so and then ends the sessions, so one of the two sees the other.
   */
  stillLeads(): Promise<boolean>;
}

/** What was taken, for as long as it is not certain. */
export interface Taken {
  /** To be called when the login has succeeded. */
  stand(): void;
  /** To be called where the login is refused after all: what it has made is taken away. Never rejects. */
  takeBack(): Promise<void>;
}

type RegisteredIdentity = NewIdentity & { readonly credential: Credential };

export class LoginAccounts {
  readonly #accounts: AccountStore;
  readonly #logger: Pick<Logger, "warn">;

  constructor(deps: { readonly accounts: AccountStore; readonly logger: Pick<Logger, "warn"> }) {
    this.#accounts = deps.accounts;
    this.#logger = deps.logger;
  }

  /**
   * Throws LoginError NOT_FOUND (no account, and none is to be made), PASS_INVALID, INVALID_CREDENTIALS (the account went
   * away meanwhile), CONFLICT (username or identity), FORBIDDEN with `verifyEmail`, INVALID_REQUEST.
   */
  async take(request: AccountRequest): Promise<TakenAccount> {
    const { identity, provider, create, isPassOfOneUser } = request;
    const { externalId, registration } = identity;
    if (externalId === null) {
      if (isPassOfOneUser) throw passInvalid();
      return this.#made(await this.#accounts.create(wishes(request)));
    }
    const linked = { provider, externalId };
    if (registration !== undefined) return this.#register(linked, registration, request);
    if (isPassOfOneUser || identity.credential !== undefined || !create) await this.#requireFound(linked, request);
    const { account, created } = await this.#accounts.findOrCreate(linked, wishes(request));
    if (created) return this.#made(account);
    const stillLeads = () => this.#leads(linked, account, identity.credential);
    return { account, created, stillLeads, stand() {}, takeBack: nothingToDo };
  }

  /** Adds an identity to an account, as the account store does; taking it back leaves one that was there before. */
  async link(userId: string, linked: LinkedIdentity): Promise<Taken> {
    const owner = await this.#accounts.findByIdentity(linked);
    if (owner?.userId === userId) return { stand() {}, takeBack: nothingToDo };
    await this.#accounts.link(userId, linked);
    return { stand() {}, takeBack: () => this.#unlink(userId, linked) };
  }

  async #requireFound(linked: LinkedIdentity, { identity, isPassOfOneUser }: AccountRequest): Promise<void> {
    if ((await this.#accounts.findByIdentity(linked)) !== null) return;
    if (isPassOfOneUser) throw passInvalid();
    if (identity.credential !== undefined)
      throw new LoginError("INVALID_CREDENTIALS", "These credentials are not right.");
    throw new LoginError("NOT_FOUND", "There is no account for these credentials.");
  }

  async #register(linked: LinkedIdentity, registration: Registration, request: AccountRequest): Promise<TakenAccount> {
    const { credential, mustVerify, welcome } = registration;
    const { upgradeOf } = request;
    const identity = { ...linked, credential };
    if (mustVerify) return this.#registerUnseen(identity, welcome, upgradeOf);
    if (upgradeOf === null && request.isPassOfOneUser) throw passInvalid();
    const taken =
      upgradeOf === null
        ? this.#made(await this.#accounts.create(wishes(request), identity))
        : await this.#upgrade(upgradeOf, identity);
    return { ...taken, stand: () => welcome(taken.account) };
  }

  /**
   * The login ends here, with the answer that a known address gets, which is looked at no further: so neither a name in use,
   * nor a spent pass, nor an account without room for the identity may tell an unknown one.
   */
  async #registerUnseen(
    identity: RegisteredIdentity,
    welcome: Registration["welcome"],
    upgradeOf: string | null,
  ): Promise<never> {
    try {
      const { account } =
        upgradeOf === null
          ? this.#made(await this.#accounts.create({}, identity))
          : await this.#upgrade(upgradeOf, identity);
      welcome(account);
    } catch (error) {
      if (!(error instanceof LoginError) || error.code !== "CONFLICT") throw error;
    }
    throw unverifiedError();
  }

  async #upgrade(userId: string, identity: RegisteredIdentity): Promise<TakenAccount> {
    await this.#accounts.link(userId, identity);
    const found = await this.#accounts.findCredential(identity);
    if (found === null) throw new LoginError("NOT_FOUND", "There is no such account.");
    const { account, credential } = found;
    // Linking it again has changed nothing: of two registrations at once it is the other that stands.
    if (credential.version !== identity.credential.version)
      throw new LoginError("CONFLICT", "This address has an account.");
    return {
      account,
      created: false,
      stillLeads: () => this.#leads(identity, account, credential),
      stand() {},
      takeBack: () => this.#unlink(userId, identity),
    };
  }

  #made(account: Account): TakenAccount {
    const takeBack = () => this.#quietly(this.#accounts.discard(account.userId));
    return { account, created: true, stillLeads: async () => true, stand() {}, takeBack };
  }

  async #leads(linked: LinkedIdentity, { userId }: Account, credential: Credential | undefined): Promise<boolean> {
    if (credential === undefined) return (await this.#accounts.findByIdentity(linked))?.userId === userId;
    const found = await this.#accounts.findCredential(linked);
    return found?.account.userId === userId && isSameSecret(found.credential, credential);
  }

  #unlink(userId: string, { provider, externalId }: LinkedIdentity): Promise<void> {
    return this.#quietly(this.#accounts.unlink(userId, { provider, externalId }, { evenLast: true }));
  }

  async #quietly(step: Promise<unknown>): Promise<void> {
    try {
      await step;
    } catch (error) {
      this.#logger.warn("colyseus-login: a refused login could not take back what it had made of an account", error);
    }
  }
}

/** A rehash keeps the version, and an address that was confirmed meanwhile the hash. */
function isSameSecret(one: Credential, other: Credential): boolean {
  return one.version === other.version || one.hash === other.hash;
}

function wishes({ username, identity }: AccountRequest): { username?: string; groups?: readonly string[] } {
  const wished = username ?? identity.username;
  return {
    ...(wished === undefined ? {} : { username: wished }),
    ...(identity.groups === undefined ? {} : { groups: identity.groups }),
  };
}

function passInvalid(): LoginError {
  return new LoginError("PASS_INVALID", "The pass is not valid.");
}

async function nothingToDo(): Promise<void> {}
