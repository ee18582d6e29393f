// What an account is, and what sessions and logins need of the place where accounts are kept. Accounts outlive every session.
import type { Clock } from "../clock.ts";

export interface Account {
  /** Random, never derived from a credential; it never changes. */
  readonly userId: string;
  /** 1 to 64 characters, unique without regard to case. */
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

/** Who somebody is to an identity provider. The store treats both as plain text. */
export interface LinkedIdentity {
  readonly provider: string;
  readonly externalId: string;
}

/**
 * Where accounts are kept. Each call is atomic: two logins of a new player at the same moment make one account. A username in
 * use throws LoginError CONFLICT, a malformed one INVALID_REQUEST, an unknown user NOT_FOUND, a store out of reach STORE_UNAVAILABLE.
 */
export interface AccountStore {
  /** null: there is no such account, or no more. Its sessions cannot be refreshed then. */
  get(userId: string): Promise<Account | null>;
  findByIdentity(identity: LinkedIdentity): Promise<Account | null>;
  /** An account without an identity: nobody can log in to it again until one is linked. */
  create(account: NewAccount): Promise<Account>;
  /**
   * The account of an identity, made if there is none. An account that exists keeps its username; its groups are replaced
   * where `account` names some, so that a provider that takes a group away is heard.
   */
  findOrCreate(
    identity: LinkedIdentity,
    account: NewAccount,
  ): Promise<{ readonly account: Account; readonly created: boolean }>;
  /** One more way to log in to an account. Linking it again does nothing; one that is another account's throws CONFLICT. */
  link(userId: string, identity: LinkedIdentity): Promise<void>;
  setUsername(userId: string, username: string): Promise<Account>;
}

/** What `accounts` takes in the options beside a finished store: opened once, by `defineLogin`. */
export type AccountStoreFactory = (context: { readonly clock: Clock }) => AccountStore;
