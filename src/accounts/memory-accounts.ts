// Accounts in the memory of one process: the default, for development and for games whose players need not come back after a restart.
import type { Clock } from "../clock.ts";
import { LoginError } from "../errors.ts";
import { randomId } from "../random.ts";
import {
  type Account,
  type AccountStore,
  type AccountStoreFactory,
  type Credential,
  type IdentityRecord,
  type LinkedIdentity,
  maxIdentities,
  type NewAccount,
  type NewIdentity,
} from "./account-store.ts";
import { checkGroups, generateUsername, parseUsername, usernameKey } from "./names.ts";

/** Every account is kept until the process ends: about half a KiB each. */
export function memoryAccounts(): AccountStoreFactory {
  return ({ clock }) => new MemoryAccounts(clock);
}

interface Entry {
  account: Account;
  /** Whether nobody but its maker was ever told of it: it may be taken back. */
  isFresh: boolean;
  /** In the order in which they were linked. */
  readonly identities: Set<Identity>;
}

interface Identity extends LinkedIdentity {
  readonly owner: Entry;
  readonly linkedAt: number;
  credential: Credential | null;
}

class MemoryAccounts implements AccountStore {
  readonly #clock: Clock;
  readonly #byId = new Map<string, Entry>();
  readonly #byUsername = new Map<string, Entry>();
  readonly #identities = new Map<string, Identity>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async get(userId: string): Promise<Account | null> {
    return this.#byId.get(userId)?.account ?? null;
  }

  async findByIdentity(identity: LinkedIdentity): Promise<Account | null> {
    return this.#tell(identity)?.owner.account ?? null;
  }

  async findByUsername(username: string): Promise<Account | null> {
    return this.#byUsername.get(usernameKey(username))?.account ?? null;
  }

  async findCredential(identity: LinkedIdentity): Promise<{ account: Account; credential: Credential } | null> {
    const { owner, credential = null } = this.#tell(identity) ?? {};
    return owner === undefined || credential === null ? null : { account: owner.account, credential };
  }

  async create(account: NewAccount, identity?: NewIdentity): Promise<Account> {
    if (identity !== undefined && this.#identities.has(identityKey(identity))) throw linkedElsewhere();
    const entry = this.#add(account);
    if (identity !== undefined) this.#attach(entry, identity);
    return entry.account;
  }

  async findOrCreate(identity: LinkedIdentity, account: NewAccount): Promise<{ account: Account; created: boolean }> {
    const groups = account.groups === undefined ? null : checkGroups(account.groups, "groups");
    const found = this.#tell(identity)?.owner;
    if (found === undefined) return { account: await this.create(account, identity), created: true };
    if (groups !== null) this.#change(found, { groups });
    return { account: found.account, created: false };
  }

  async link(userId: string, identity: NewIdentity): Promise<void> {
    const entry = this.#known(userId);
    const linked = this.#identities.get(identityKey(identity));
    if (linked?.owner === entry) return;
    if (linked !== undefined) throw linkedElsewhere();
    const { identities } = entry;
    if (identities.size >= maxIdentities)
      throw new LoginError("CONFLICT", "This account has as many identities as it may.");
    const rival = [...identities].find(
      ({ provider, credential }) => provider === identity.provider && credential !== null,
    );
    if (identity.credential !== undefined && rival !== undefined) {
      throw new LoginError("CONFLICT", "This account has such an identity already.");
    }
    this.#attach(entry, identity);
  }

  async unlink(
    userId: string,
    { provider, externalId }: { readonly provider: string; readonly externalId?: string },
    { evenLast = false }: { readonly evenLast?: boolean } = {},
  ): Promise<void> {
    const identities = this.#byId.get(userId)?.identities ?? new Set();
    const parting = [...identities].filter(
      (identity) => identity.provider === provider && (externalId ?? identity.externalId) === identity.externalId,
    );
    if (parting.length === 0) throw new LoginError("NOT_FOUND", "The account has no such identity.");
    if (parting.length === identities.size && !evenLast) {
      throw new LoginError("CONFLICT", "Without this identity nobody could log in to the account any more.");
    }
    for (const identity of parting) {
      identities.delete(identity);
      this.#identities.delete(identityKey(identity));
    }
  }

  async identities(userId: string): Promise<readonly IdentityRecord[]> {
    return [...(this.#byId.get(userId)?.identities ?? [])].map(({ provider, externalId, linkedAt, credential }) => ({
      provider,
      externalId,
      linkedAt,
      verifiedAt: credential?.verifiedAt ?? null,
    }));
  }

  async replaceCredential(identity: LinkedIdentity, expectedVersion: string, credential: Credential): Promise<boolean> {
    const linked = this.#identities.get(identityKey(identity));
    if (linked === undefined || linked.credential?.version !== expectedVersion) return false;
    linked.credential = Object.freeze({ ...credential });
    return true;
  }

  async setUsername(userId: string, username: string): Promise<Account> {
    const entry = this.#known(userId);
    const name = parseUsername(username);
    this.#refuseTaken(name, entry);
    this.#byUsername.delete(usernameKey(entry.account.username));
    this.#byUsername.set(usernameKey(name), entry);
    return this.#change(entry, { username: name });
  }

  async setGroups(userId: string, groups: readonly string[]): Promise<Account> {
    return this.#change(this.#known(userId), { groups: checkGroups(groups, "groups") });
  }

  async discard(userId: string): Promise<boolean> {
    return this.#byId.get(userId)?.isFresh === true && this.delete(userId);
  }

  async delete(userId: string): Promise<boolean> {
    const entry = this.#byId.get(userId);
    if (entry === undefined) return false;
    for (const identity of entry.identities) this.#identities.delete(identityKey(identity));
    this.#byUsername.delete(usernameKey(entry.account.username));
    return this.#byId.delete(userId);
  }

  /** The identity, for an answer to somebody who may have a login under way: its account cannot be taken back any more. */
  #tell(identity: LinkedIdentity): Identity | null {
    const linked = this.#identities.get(identityKey(identity));
    if (linked === undefined) return null;
    linked.owner.isFresh = false;
    return linked;
  }

  #known(userId: string): Entry {
    const entry = this.#byId.get(userId);
    if (entry === undefined) throw new LoginError("NOT_FOUND", "There is no such account.");
    return entry;
  }

  #add({ username, groups = [] }: NewAccount): Entry {
    const account: Account = Object.freeze({
      userId: randomId(),
      username: username === undefined ? this.#freeUsername() : parseUsername(username),
      groups: checkGroups(groups, "groups"),
      createdAt: this.#clock.now(),
    });
    const entry: Entry = { account, isFresh: true, identities: new Set() };
    this.#refuseTaken(account.username, entry);
    this.#byUsername.set(usernameKey(account.username), entry);
    this.#byId.set(account.userId, entry);
    return entry;
  }

  #attach(owner: Entry, { provider, externalId, credential }: NewIdentity): void {
    const kept = credential === undefined ? null : Object.freeze({ ...credential });
    const identity = { provider, externalId, owner, linkedAt: this.#clock.now(), credential: kept };
    owner.identities.add(identity);
    this.#identities.set(identityKey(identity), identity);
  }

  #change(entry: Entry, changes: Partial<Account>): Account {
    entry.account = Object.freeze({ ...entry.account, ...changes });
    return entry.account;
  }

  #freeUsername(): string {
    for (;;) {
      const username = generateUsername();
      if (!this.#byUsername.has(usernameKey(username))) return username;
    }
  }

  #refuseTaken(username: string, claimant: Entry): void {
    const owner = this.#byUsername.get(usernameKey(username)) ?? claimant;
    if (owner !== claimant) throw new LoginError("CONFLICT", "This username is taken.");
  }
}

/** Both parts are arbitrary text, so no separator is safe between them. */
function identityKey({ provider, externalId }: LinkedIdentity): string {
  return JSON.stringify([provider, externalId]);
}

function linkedElsewhere(): LoginError {
  return new LoginError("CONFLICT", "This identity belongs to another account.");
}
