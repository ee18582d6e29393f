// The example of docs/accounts.md, run under the contract of all account stores: accounts in a database of one's own.
import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import {
  type Account,
  type AccountStore,
  type AccountStoreFactory,
  type Credential,
  checkGroups,
  generateUsername,
  type IdentityRecord,
  type LinkedIdentity,
  LoginError,
  maxIdentities,
  type NewAccount,
  type NewIdentity,
  parseUsername,
  usernameKey,
} from "../../src/index.ts";

const schema = `
  CREATE TABLE IF NOT EXISTS accounts (
    userId TEXT PRIMARY KEY,
    username TEXT NOT NULL,
    usernameKey TEXT NOT NULL UNIQUE,
    groups TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    fresh INTEGER NOT NULL DEFAULT 1
  );
  CREATE TABLE IF NOT EXISTS identities (
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    externalId TEXT NOT NULL,
    userId TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    linkedAt INTEGER NOT NULL,
    hash TEXT, version TEXT, verifiedAt INTEGER,
    UNIQUE (provider, externalId)
  );
  CREATE INDEX IF NOT EXISTS identitiesOfUser ON identities (userId);`;

type Row = Readonly<Record<string, unknown>>;

export function myAccounts(database: DatabaseSync): AccountStoreFactory {
  database.exec(`PRAGMA foreign_keys = ON; ${schema}`);
  return ({ clock }) => new MyAccounts(database, () => clock.now());
}

class MyAccounts implements AccountStore {
  readonly #database: DatabaseSync;
  readonly #now: () => number;

  constructor(database: DatabaseSync, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  async get(userId: string): Promise<Account | null> {
    return this.#step(() => this.#account(userId));
  }

  async findByIdentity(identity: LinkedIdentity): Promise<Account | null> {
    return this.#step(() => this.#owner(identity));
  }

  async findByUsername(username: string): Promise<Account | null> {
    return this.#step(() => {
      const owner = this.#ownerOf(username);
      return owner === null ? null : this.#account(owner);
    });
  }

  async findCredential(identity: LinkedIdentity): Promise<{ account: Account; credential: Credential } | null> {
    return this.#step(() => {
      const account = this.#owner(identity);
      const row = this.#identity(identity);
      if (account === null || row === undefined || row["hash"] === null) return null;
      const verifiedAt = row["verifiedAt"] === null ? null : Number(row["verifiedAt"]);
      return { account, credential: { hash: String(row["hash"]), version: String(row["version"]), verifiedAt } };
    });
  }

  async create(account: NewAccount, identity?: NewIdentity): Promise<Account> {
    return this.#step(() => this.#create(account, identity));
  }

  async findOrCreate(identity: LinkedIdentity, account: NewAccount): Promise<{ account: Account; created: boolean }> {
    return this.#step(() => {
      const found = this.#owner(identity);
      if (found === null) return { account: this.#create(account, identity), created: true };
      const groups = account.groups === undefined ? found.groups : this.#setGroups(found.userId, account.groups);
      return { account: { ...found, groups }, created: false };
    });
  }

  async link(userId: string, identity: NewIdentity): Promise<void> {
    this.#step(() => {
      this.#known(userId);
      const owner = this.#identity(identity)?.["userId"];
      if (owner === userId) return;
      if (owner !== undefined) throw linkedElsewhere();
      const others = this.#all("SELECT * FROM identities WHERE userId = ?", userId);
      const isRival = (row: Row) => row["provider"] === identity.provider && row["hash"] !== null;
      if (others.length >= maxIdentities || (identity.credential !== undefined && others.some(isRival))) {
        throw new LoginError("CONFLICT", "This account has no room for this identity.");
      }
      this.#attach(userId, identity);
    });
  }

  async unlink(
    userId: string,
    { provider, externalId }: { readonly provider: string; readonly externalId?: string },
    { evenLast = false }: { readonly evenLast?: boolean } = {},
  ): Promise<void> {
    this.#step(() => {
      const { total } = this.#one("SELECT count(*) AS total FROM identities WHERE userId = ?", userId) ?? {};
      const gone = this.#run(
        "DELETE FROM identities WHERE userId = ? AND provider = ? AND externalId = coalesce(?, externalId)",
        ...[userId, provider, externalId ?? null],
      );
      if (gone === 0) throw new LoginError("NOT_FOUND", "The account has no such identity.");
      if (gone === total && !evenLast) throw new LoginError("CONFLICT", "This is the last way in to the account.");
    });
  }

  async identities(userId: string): Promise<readonly IdentityRecord[]> {
    const rows = this.#step(() => this.#all("SELECT * FROM identities WHERE userId = ? ORDER BY id", userId));
    return rows.map(({ provider, externalId, linkedAt, verifiedAt }) => ({
      provider: String(provider),
      externalId: String(externalId),
      linkedAt: Number(linkedAt),
      verifiedAt: verifiedAt === null ? null : Number(verifiedAt),
    }));
  }

  async replaceCredential(
    { provider, externalId }: LinkedIdentity,
    expectedVersion: string,
    { hash, version, verifiedAt }: Credential,
  ): Promise<boolean> {
    const sql =
      "UPDATE identities SET hash = ?, version = ?, verifiedAt = ? WHERE provider = ? AND externalId = ? AND version = ?";
    return this.#step(() => this.#run(sql, hash, version, verifiedAt, provider, externalId, expectedVersion) === 1);
  }

  async setUsername(userId: string, username: string): Promise<Account> {
    const name = parseUsername(username);
    return this.#step(() => {
      const account = this.#known(userId);
      this.#refuseTaken(name, userId);
      const sql = "UPDATE accounts SET username = ?, usernameKey = ? WHERE userId = ?";
      this.#run(sql, name, usernameKey(name), userId);
      return { ...account, username: name };
    });
  }

  async setGroups(userId: string, groups: readonly string[]): Promise<Account> {
    return this.#step(() => ({ ...this.#known(userId), groups: this.#setGroups(userId, groups) }));
  }

  async discard(userId: string): Promise<boolean> {
    return this.#step(() => this.#run("DELETE FROM accounts WHERE userId = ? AND fresh = 1", userId) === 1);
  }

  async delete(userId: string): Promise<boolean> {
    return this.#step(() => this.#run("DELETE FROM accounts WHERE userId = ?", userId) === 1);
  }

  /** All of a call, or nothing of it. */
  #step<T>(work: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #create({ username, groups = [] }: NewAccount, identity?: NewIdentity): Account {
    if (identity !== undefined && this.#identity(identity) !== undefined) throw linkedElsewhere();
    const account: Account = {
      userId: randomBytes(16).toString("base64url"),
      username: username === undefined ? generateUsername() : parseUsername(username),
      groups: checkGroups(groups, "groups"),
      createdAt: this.#now(),
    };
    const { userId, username: name, createdAt } = account;
    this.#refuseTaken(name, userId);
    const sql = "INSERT INTO accounts (userId, username, usernameKey, groups, createdAt) VALUES (?, ?, ?, ?, ?)";
    this.#run(sql, userId, name, usernameKey(name), JSON.stringify(account.groups), createdAt);
    if (identity !== undefined) this.#attach(userId, identity);
    return account;
  }

  #attach(userId: string, { provider, externalId, credential }: NewIdentity): void {
    const { hash = null, version = null, verifiedAt = null } = credential ?? {};
    const sql =
      "INSERT INTO identities (provider, externalId, userId, linkedAt, hash, version, verifiedAt) VALUES (?, ?, ?, ?, ?, ?, ?)";
    this.#run(sql, provider, externalId, userId, this.#now(), hash, version, verifiedAt);
  }

  /** The account of an identity, for somebody who may have a login under way: it cannot be discarded any more. */
  #owner(identity: LinkedIdentity): Account | null {
    const row = this.#identity(identity);
    if (row === undefined) return null;
    this.#run("UPDATE accounts SET fresh = 0 WHERE userId = ? AND fresh = 1", String(row["userId"]));
    return this.#account(String(row["userId"]));
  }

  #known(userId: string): Account {
    const account = this.#account(userId);
    if (account === null) throw new LoginError("NOT_FOUND", "There is no such account.");
    return account;
  }

  #account(userId: string): Account | null {
    const row = this.#one("SELECT * FROM accounts WHERE userId = ?", userId);
    if (row === undefined) return null;
    const { username, groups, createdAt } = row;
    return { userId, username: String(username), groups: JSON.parse(String(groups)), createdAt: Number(createdAt) };
  }

  #identity({ provider, externalId }: LinkedIdentity): Row | undefined {
    return this.#one("SELECT * FROM identities WHERE provider = ? AND externalId = ?", provider, externalId);
  }

  #setGroups(userId: string, groups: readonly string[]): readonly string[] {
    const checked = checkGroups(groups, "groups");
    this.#run("UPDATE accounts SET groups = ? WHERE userId = ?", JSON.stringify(checked), userId);
    return checked;
  }

  #refuseTaken(username: string, userId: string): void {
    const owner = this.#ownerOf(username);
    if (owner !== null && owner !== userId) throw new LoginError("CONFLICT", "This username is taken.");
  }

  /** The user who has this name. */
  #ownerOf(username: string): string | null {
    const row = this.#one("SELECT userId FROM accounts WHERE usernameKey = ?", usernameKey(username));
    return row === undefined ? null : String(row["userId"]);
  }

  #one(sql: string, ...values: (string | number | null)[]): Row | undefined {
    return this.#database.prepare(sql).get(...values);
  }

  #all(sql: string, ...values: (string | number | null)[]): readonly Row[] {
    return this.#database.prepare(sql).all(...values);
  }

  #run(sql: string, ...values: (string | number | null)[]): number {
    return Number(this.#database.prepare(sql).run(...values).changes);
  }
}

function linkedElsewhere(): LoginError {
  return new LoginError("CONFLICT", "This identity belongs to another account.");
}
