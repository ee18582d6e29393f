// What an account is, and what sessions and logins need of the place where accounts are kept. Accounts outlive every session.
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";

export interface Account {
  /** Random, never derived from a credential; it never changes. */
  readonly userId: string;
  /** 1 to 64 characters, unique by `usernameKey`: without regard to case, width and invisible characters. */
  readonly username: string;
  readonly groups: readonly string[];
  /** ms since the epoch. */
  readonly createdAt: number;
}

/** What is known of a new account. Without a username one is made up. */
export interface NewAccount {
  readonly username?: string;
  readonly groups?: readonly string[];
}

/** Who somebody is to an identity provider. The store treats both as plain text, to be compared to the letter. */
export interface LinkedIdentity {
  /** The name under which the provider stands in the options. */
  readonly provider: string;
  /** At most 1 024 characters. Of an e-mail provider: the address. */
  readonly externalId: string;
}

/** What an identity provider keeps beside an identity to check a secret against. The store treats it as plain data. */
export interface Credential {
  /** The secret's hash with its parameters and salt, a PHC string. It never leaves the server. */
  readonly hash: string;
  /** Random, 1 to 64 characters, new with every change but a rehash of the same secret: e-mail tokens of an older one are dead. */
  readonly version: string;
  /** When its owner showed that mail to the address arrives, ms since the epoch; null: not yet. */
  readonly verifiedAt: number | null;
}

/** An identity on its way into the store. */
export interface NewIdentity extends LinkedIdentity {
  readonly credential?: Credential;
}

/** An identity as its account lists it: without the secret's hash. */
export interface IdentityRecord extends LinkedIdentity {
  /** ms since the epoch. */
  readonly linkedAt: number;
  /** Of its credential; null also where it has none. */
  readonly verifiedAt: number | null;
}

/** The most identities that one account has. */
export const maxIdentities = 32;

/**
 * Where accounts are kept. Each call is one atomic step: two logins of a new player at the same moment make one account.
 * Every call throws LoginError STORE_UNAVAILABLE where the store is out of reach. A malformed username is INVALID_REQUEST
 * (`parseUsername`), one that somebody else has CONFLICT; malformed groups are a TypeError (`checkGroups`). A call that throws
 * has changed nothing. What it answers is the caller's to read, not to change.
 */
export interface AccountStore {
  /** null: there is no such account, or no more. Its sessions cannot be refreshed then. */
  get(userId: string): Promise<Account | null>;

  /** The account of an identity, or null. */
  findByIdentity(identity: LinkedIdentity): Promise<Account | null>;

  /**
   * The account whose username has this one's `usernameKey`, or null; a name that nobody may have is nobody's. For an operator's
   * eyes and no login: it is not a find by which `discard` leaves the account where it is.
   */
  findByUsername(username: string): Promise<Account | null>;

  /** The same as `findByIdentity` with the identity's credential; null also where it has none. */
  findCredential(
    identity: LinkedIdentity,
  ): Promise<{ readonly account: Account; readonly credential: Credential } | null>;

  /**
   * A new account with a new `userId`. Without an identity nobody can log in to it again until one is linked. Throws CONFLICT
   * where the identity is linked already.
   */
  create(account: NewAccount, identity?: NewIdentity): Promise<Account>;

  /**
   * The account of an identity, made if there is none. An account that exists keeps its username; its groups are replaced
   * where `account` names some, so that a provider that takes a group away is heard.
   */
  findOrCreate(
    identity: LinkedIdentity,
    account: NewAccount,
  ): Promise<{ readonly account: Account; readonly created: boolean }>;

  /**
   * One more way to log in to an account. Linking it again changes nothing, not even its credential. Throws NOT_FOUND for an
   * unknown user; CONFLICT for an identity of another account, for the 33rd of an account (`maxIdentities`), and for a second
   * one with a credential of the same provider.
   */
  link(userId: string, identity: NewIdentity): Promise<void>;

  /**
   * Takes an identity away, with its credential; without an `externalId` all that the account has of the provider. Throws
   * NOT_FOUND where the account has none such, and CONFLICT where no other identity would be left, unless `evenLast`.
   */
  unlink(
    userId: string,
    identity: { readonly provider: string; readonly externalId?: string },
    options?: { readonly evenLast?: boolean },
  ): Promise<void>;

  /** The identities of an account in the order in which they were linked; none for an unknown user. */
  identities(userId: string): Promise<readonly IdentityRecord[]>;

  /**
   * Puts `credential` in the place of an identity's credential whose version is `expectedVersion`. Answers whether it did:
   * false for an unknown identity, one without a credential, or a credential that has changed meanwhile. Of several calls at
   * once that expect one version and bring others, one succeeds.
   */
  replaceCredential(identity: LinkedIdentity, expectedVersion: string, credential: Credential): Promise<boolean>;

  /** Throws NOT_FOUND for an unknown user. The username it had is free from then on. */
  setUsername(userId: string, username: string): Promise<Account>;

  /** Replaces the groups. Throws NOT_FOUND for an unknown user. */
  setGroups(userId: string, groups: readonly string[]): Promise<Account>;

  /**
   * Takes back an account that `create` or `findOrCreate` has made for a login that was refused after all, with its identities
   * and its username. It stays where another login may hold it: where since its creation a `findByIdentity`, `findCredential`
   * or `findOrCreate` has answered it. Answers whether it is gone by this call.
   */
  discard(userId: string): Promise<boolean>;

  /** Takes an account away with its identities; its username is free again. Answers whether there was one. */
  delete(userId: string): Promise<boolean>;

  /** Called once, when the login shuts down. */
  close?(): Promise<void>;
}

/** What `accounts` takes in the options beside a finished store: opened once, by `defineLogin`. */
export type AccountStoreFactory = (context: {
  /** The store's time. */
  readonly clock: Clock;
  /** Where it tells that it lost its connection and found it again. Left out: nowhere. */
  readonly logger?: Pick<Logger, "info" | "warn">;
}) => AccountStore;
