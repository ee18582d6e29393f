// Accounts in the memory of one process: the default, for development and for games whose players need not come back after a restart.
import type { Clock } from "../clock.ts";
import { LoginError } from "../errors.ts";
import { randomId } from "../random.ts";
import type { Account, AccountStore, AccountStoreFactory, LinkedIdentity, NewAccount } from "./account-store.ts";
import { checkGroups, generateUsername, parseUsername, usernameKey } from "./names.ts";

/** Every account is kept until the process ends: about half a KiB each. */
export function memoryAccounts(): AccountStoreFactory {
  return ({ clock }) => new MemoryAccounts(clock);
}

class MemoryAccounts implements AccountStore {
  readonly #clock: Clock;
  readonly #byId = new Map<string, Account>();
  readonly #idByUsername = new Map<string, string>();
  readonly #idByIdentity = new Map<string, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async get(userId: string): Promise<Account | null> {
    return this.#byId.get(userId) ?? null;
  }

  async findByIdentity(identity: LinkedIdentity): Promise<Account | null> {
    return this.#find(identity);
  }

  async create(account: NewAccount): Promise<Account> {
    return this.#add(account);
  }

  async findOrCreate(identity: LinkedIdentity, account: NewAccount): Promise<{ account: Account; created: boolean }> {
    const found = this.#find(identity);
    if (found === null) {
      const created = this.#add(account);
      this.#idByIdentity.set(identityKey(identity), created.userId);
      return { account: created, created: true };
    }
    if (account.groups === undefined) return { account: found, created: false };
    return { account: this.#put({ ...found, groups: checkGroups(account.groups, "groups") }), created: false };
  }

  async link(userId: string, identity: LinkedIdentity): Promise<void> {
    const account = this.#known(userId);
    const linkedTo = this.#idByIdentity.get(identityKey(identity)) ?? account.userId;
    if (linkedTo !== userId) throw new LoginError("CONFLICT", "This identity belongs to another account.");
    this.#idByIdentity.set(identityKey(identity), userId);
  }

  async setUsername(userId: string, username: string): Promise<Account> {
    const account = this.#known(userId);
    const name = parseUsername(username);
    this.#refuseTaken(name, userId);
    this.#idByUsername.delete(usernameKey(account.username));
    this.#idByUsername.set(usernameKey(name), userId);
    return this.#put({ ...account, username: name });
  }

  #find(identity: LinkedIdentity): Account | null {
    const userId = this.#idByIdentity.get(identityKey(identity));
    return userId === undefined ? null : (this.#byId.get(userId) ?? null);
  }

  #known(userId: string): Account {
    const account = this.#byId.get(userId);
    if (account === undefined) throw new LoginError("NOT_FOUND", "There is no such account.");
    return account;
  }

  #add({ username, groups = [] }: NewAccount): Account {
    const account = {
      userId: randomId(),
      username: username === undefined ? this.#freeUsername() : parseUsername(username),
      groups: checkGroups(groups, "groups"),
      createdAt: this.#clock.now(),
    };
    this.#refuseTaken(account.username, account.userId);
    this.#idByUsername.set(usernameKey(account.username), account.userId);
    return this.#put(account);
  }

  #put(account: Account): Account {
    const frozen = Object.freeze(account);
    this.#byId.set(account.userId, frozen);
    return frozen;
  }

  #freeUsername(): string {
    for (;;) {
      const username = generateUsername();
      if (!this.#idByUsername.has(usernameKey(username))) return username;
    }
  }

  #refuseTaken(username: string, userId: string): void {
    const owner = this.#idByUsername.get(usernameKey(username));
    if (owner !== undefined && owner !== userId) throw new LoginError("CONFLICT", "This username is taken.");
  }
}

/** Both parts are arbitrary text, so no separator is safe between them. */
function identityKey({ provider, externalId }: LinkedIdentity): string {
  return JSON.stringify([provider, externalId]);
}
