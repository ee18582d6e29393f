// Accounts in a file of this machine: each call is one transaction, which outlives even a power cut once it has answered.
import type {
  Account,
  AccountStore,
  AccountStoreFactory,
  Credential,
  IdentityRecord,
  LinkedIdentity,
  NewAccount,
  NewIdentity,
} from "../../accounts/account-store.ts";
import { maxIdentities } from "../../accounts/account-store.ts";
import { checkGroups, generateUsername, parseUsername, usernameKey } from "../../accounts/names.ts";
import type { Clock } from "../../clock.ts";
import { LoginError } from "../../errors.ts";
import { randomId } from "../../random.ts";
import type { Database, Row } from "./database.ts";
import { fileOf, openDatabase } from "./open-database.ts";

/**
 * Keeps accounts in a file, by Node's own `node:sqlite` (Node 22.13 or later); it may be that of `sqliteStore`. Several
 * processes of one machine may use it at once.
 *
 * @param path The file, made if it is not there; its folder must exist and be on a disk of this machine.
 * @throws TypeError, here for what is no path, and in `defineLogin` for a file that cannot be used, naming it
 */
export function sqliteAccounts(path: string): AccountStoreFactory {
  const file = fileOf(path, "sqliteAccounts");
  // An account is what a game hangs its players' progress on: it is worth the wait for the disk.
  return ({ clock }) => new SqliteAccounts(openDatabase(file, "power"), clock);
}

class SqliteAccounts implements AccountStore {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async get(userId: string): Promise<Account | null> {
    return this.#account(userId);
  }

  async findByIdentity(identity: LinkedIdentity): Promise<Account | null> {
    return this.#tell(identity)?.account ?? null;
  }

  async findByUsername(username: string): Promise<Account | null> {
    return accountOf(this.#database.one("SELECT * FROM accounts WHERE usernameKey = ?", usernameKey(username)));
  }

  async findCredential(identity: LinkedIdentity): Promise<{ account: Account; credential: Credential } | null> {
    const told = this.#tell(identity);
    const credential = told === null ? null : credentialOf(told.identity);
    return told === null || credential === null ? null : { account: told.account, credential };
  }

  async create(account: NewAccount, identity?: NewIdentity): Promise<Account> {
    return this.#database.transaction(() => this.#create(account, identity));
  }

  async findOrCreate(identity: LinkedIdentity, account: NewAccount): Promise<{ account: Account; created: boolean }> {
    const groups = account.groups === undefined ? null : checkGroups(account.groups, "groups");
    return this.#database.transaction(() => {
      const found = this.#tellWithin(identity)?.account;
      if (found === undefined) return { account: this.#create(account, identity), created: true };
      return { account: groups === null ? found : this.#setGroups(found, groups), created: false };
    });
  }

  async link(userId: string, identity: NewIdentity): Promise<void> {
    this.#database.transaction(() => {
      const { userId: owner } = this.#known(userId);
      const linked = this.#identity(identity);
      if (linked?.["userId"] === owner) return;
      if (linked !== undefined) throw linkedElsewhere();
      const others = this.#identitiesOf(userId);
      if (others.length >= maxIdentities)
        throw new LoginError("CONFLICT", "This account has as many identities as it may.");
      const isRival = (row: Row) => row["provider"] === identity.provider && credentialOf(row) !== null;
      if (identity.credential !== undefined && others.some(isRival)) {
        throw new LoginError("CONFLICT", "This account has such an identity already.");
      }
      this.#attach(userId, identity);
    });
  }

  async unlink(
    userId: string,
    { provider, externalId }: { readonly provider: string; readonly externalId?: string },
    { evenLast = false }: { readonly evenLast?: boolean } = {},
  ): Promise<void> {
    const unlink = "DELETE FROM identities WHERE userId = ? AND provider = ? AND externalId = coalesce(?, externalId)";
    this.#database.transaction(() => {
      const before = this.#identitiesOf(userId).length;
      const gone = this.#database.run(unlink, userId, provider, externalId ?? null);
      if (gone === 0) throw new LoginError("NOT_FOUND", "The account has no such identity.");
      if (gone === before && !evenLast) {
        throw new LoginError("CONFLICT", "Without this identity nobody could log in to the account any more.");
      }
    });
  }

  async identities(userId: string): Promise<readonly IdentityRecord[]> {
    return this.#identitiesOf(userId).map((row) => ({
      provider: String(row["provider"]),
      externalId: String(row["externalId"]),
      linkedAt: Number(row["linkedAt"]),
      verifiedAt: credentialOf(row)?.verifiedAt ?? null,
    }));
  }

  async replaceCredential(
    { provider, externalId }: LinkedIdentity,
    expectedVersion: string,
    { hash, version, verifiedAt }: Credential,
  ): Promise<boolean> {
    const replace = `UPDATE identities SET hash = ?, version = ?, verifiedAt = ?
      WHERE provider = ? AND externalId = ? AND version = ?`;
    const values = [hash, version, verifiedAt, provider, externalId, expectedVersion];
    return this.#database.run(replace, ...values) === 1;
  }

  async setUsername(userId: string, username: string): Promise<Account> {
    return this.#database.transaction(() => {
      const account = this.#known(userId);
      const name = parseUsername(username);
      this.#refuseTaken(name, userId);
      const rename = "UPDATE accounts SET username = ?, usernameKey = ? WHERE userId = ?";
      this.#database.run(rename, name, usernameKey(name), userId);
      return { ...account, username: name };
    });
  }

  async setGroups(userId: string, groups: readonly string[]): Promise<Account> {
    return this.#database.transaction(() => this.#setGroups(this.#known(userId), checkGroups(groups, "groups")));
  }

  async discard(userId: string): Promise<boolean> {
    return this.#database.run("DELETE FROM accounts WHERE userId = ? AND isFresh = 1", userId) === 1;
  }

  async delete(userId: string): Promise<boolean> {
    return this.#database.run("DELETE FROM accounts WHERE userId = ?", userId) === 1;
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  /** The identity and its account, for an answer to somebody who may have a login under way: it cannot be taken back any more. */
  #tell(identity: LinkedIdentity): { identity: Row; account: Account } | null {
    const owner = this.#identity(identity)?.["userId"];
    if (owner === undefined) return null;
    const known = this.#database.one("SELECT isFresh FROM accounts WHERE userId = ?", owner);
    // A login of a known player writes nothing, and waits for no disk.
    return known?.["isFresh"] === 0
      ? this.#owned(identity)
      : this.#database.transaction(() => this.#tellWithin(identity));
  }

  #tellWithin(identity: LinkedIdentity): { identity: Row; account: Account } | null {
    const owned = this.#owned(identity);
    if (owned !== null) {
      this.#database.run("UPDATE accounts SET isFresh = 0 WHERE userId = ? AND isFresh = 1", owned.account.userId);
    }
    return owned;
  }

  #owned(identity: LinkedIdentity): { identity: Row; account: Account } | null {
    const row = this.#identity(identity);
    const account = row === undefined ? null : this.#account(String(row["userId"]));
    return row === undefined || account === null ? null : { identity: row, account };
  }

  #create({ username, groups = [] }: NewAccount, identity?: NewIdentity): Account {
    if (identity !== undefined && this.#identity(identity) !== undefined) throw linkedElsewhere();
    const account: Account = {
      userId: randomId(),
      username: username === undefined ? this.#freeUsername() : parseUsername(username),
      groups: checkGroups(groups, "groups"),
      createdAt: this.#clock.now(),
    };
    const { userId, username: name, createdAt } = account;
    this.#refuseTaken(name, userId);
    this.#database.run(
      "INSERT INTO accounts (userId, username, usernameKey, accountGroups, createdAt, isFresh) VALUES (?, ?, ?, ?, ?, 1)",
      ...[userId, name, usernameKey(name), JSON.stringify(account.groups), createdAt],
    );
    if (identity !== undefined) this.#attach(userId, identity);
    return account;
  }

  #attach(userId: string, { provider, externalId, credential }: NewIdentity): void {
    const { hash = null, version = null, verifiedAt = null } = credential ?? {};
    this.#database.run(
      `INSERT INTO identities (provider, externalId, userId, linkedAt, hash, version, verifiedAt)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...[provider, externalId, userId, this.#clock.now(), hash, version, verifiedAt],
    );
  }

  #known(userId: string): Account {
    const account = this.#account(userId);
    if (account === null) throw new LoginError("NOT_FOUND", "There is no such account.");
    return account;
  }

  #account(userId: string): Account | null {
    return accountOf(this.#database.one("SELECT * FROM accounts WHERE userId = ?", userId));
  }

  #identity({ provider, externalId }: LinkedIdentity): Row | undefined {
    const find = "SELECT * FROM identities WHERE provider = ? AND externalId = ?";
    return this.#database.one(find, provider, externalId);
  }

  #identitiesOf(userId: string): readonly Row[] {
    return this.#database.all("SELECT * FROM identities WHERE userId = ? ORDER BY position", userId);
  }

  #setGroups(account: Account, groups: readonly string[]): Account {
    const replace = "UPDATE accounts SET accountGroups = ? WHERE userId = ?";
    this.#database.run(replace, JSON.stringify(groups), account.userId);
    return { ...account, groups };
  }

  #freeUsername(): string {
    for (;;) {
      const username = generateUsername();
      if (this.#ownerOf(username) === undefined) return username;
    }
  }

  #refuseTaken(username: string, claimant: string): void {
    const owner = this.#ownerOf(username) ?? claimant;
    if (owner !== claimant) throw new LoginError("CONFLICT", "This username is taken.");
  }

  #ownerOf(username: string): unknown {
    return this.#database.one("SELECT userId FROM accounts WHERE usernameKey = ?", usernameKey(username))?.["userId"];
  }
}

function accountOf(row: Row | undefined): Account | null {
  if (row === undefined) return null;
  const { userId, username, accountGroups, createdAt } = row;
  const groups: readonly string[] = JSON.parse(String(accountGroups));
  return { userId: String(userId), username: String(username), groups, createdAt: Number(createdAt) };
}

function credentialOf({ hash, version, verifiedAt }: Row): Credential | null {
  if (hash === null) return null;
  return {
    hash: String(hash),
    version: String(version),
    verifiedAt: verifiedAt === null ? null : Number(verifiedAt),
  };
}

function linkedElsewhere(): LoginError {
  return new LoginError("CONFLICT", "This identity belongs to another account.");
}
