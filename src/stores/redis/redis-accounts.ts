// Accounts in Redis: every process on it has the same ones. They outlive every session, so nothing of them expires.
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
} from "../../accounts/account-store.ts";
import { checkGroups, generateUsername, parseUsername, usernameKey } from "../../accounts/names.ts";
import { steadyClock } from "../../clock.ts";
import { LoginError } from "../../errors.ts";
import { randomId } from "../../random.ts";
import {
  credentialArguments,
  decodeAccount,
  decodeCredential,
  decodeIdentity,
  digestOf,
  identityArguments,
} from "./account-codec.ts";
import type { CallArgument, RedisCalls } from "./calls.ts";
import { checkClient, openClient, type RedisClient } from "./client.ts";
import { Connection } from "./connection.ts";
import { warnOfEviction } from "./eviction.ts";
import { Outages } from "./outages.ts";
import { checkPrefix, tagOf } from "./prefix.ts";
import { flagOf, listOf, type Reply, textOf } from "./replies.ts";
import { userIdOf } from "./session-codec.ts";
import { timedCalls } from "./timed-calls.ts";

export interface RedisAccountsOptions {
  /** What every key begins with, in braces, as for `redisStore`, beside whose keys these may stand; default `colyseus-login`. */
  readonly prefix?: string;
}

/**
 * Keeps accounts in Redis (6.2 or later, or Valkey). They never expire, so it should be a Redis that keeps its data on disk
 * (`appendonly yes`) and throws nothing away (`maxmemory-policy noeviction`).
 *
 * @param urlOrClient `redis://…` or `rediss://…`, for a connection of its own; or an ioredis client, which may be the store's: it
 *   is used as it is and stays open when the login shuts down
 * @throws TypeError for anything else, or a wrong prefix; Error that says what to install, where ioredis is missing
 */
export function redisAccounts(
  urlOrClient: string | RedisClient | undefined,
  options: RedisAccountsOptions = {},
): AccountStoreFactory {
  checkClient(urlOrClient, "redisAccounts");
  const prefix = checkPrefix(options.prefix, "redisAccounts");
  return ({ clock, logger }) => {
    const owned = typeof urlOrClient === "string";
    const client = owned ? openClient(urlOrClient) : urlOrClient;
    const outages = new Outages(logger, steadyClock);
    const connection = new Connection({ client, owned, name: "accounts", steady: steadyClock, outages });
    const { calls, stop } = timedCalls({
      connection,
      tag: tagOf(prefix),
      processId: randomId(9),
      // Accounts are stamped by the time of the store, wherever that is.
      testClock: clock,
      steady: steadyClock,
      // Its scripts publish nothing.
      tell: () => 0,
      heardBy: async () => 0,
    });
    void warnOfEviction(calls, outages, "accounts");
    return new RedisAccounts(calls, async () => {
      stop();
      await connection.close();
    });
  };
}

class RedisAccounts implements AccountStore {
  readonly #calls: RedisCalls;
  readonly close: () => Promise<void>;

  constructor(calls: RedisCalls, close: () => Promise<void>) {
    this.#calls = calls;
    this.close = close;
  }

  async get(userId: string): Promise<Account | null> {
    const key = this.#calls.key(`account:${userIdOf(userId)}`);
    const fields = listOf(await this.#calls.command("HMGET", [key, "username", "groups", "createdAt"]));
    return fields[0] === null ? null : decodeAccount([userId, ...fields]);
  }

  async findByIdentity(identity: LinkedIdentity): Promise<Account | null> {
    const found = await this.#run("account_find", digestOf(identity));
    return found === null ? null : decodeAccount(listOf(found)[0]);
  }

  async findByUsername(username: string): Promise<Account | null> {
    const found = await this.#run("account_find_by_username", usernameKey(username));
    return found === null ? null : decodeAccount(found);
  }

  async findCredential(identity: LinkedIdentity): Promise<{ account: Account; credential: Credential } | null> {
    const found = await this.#run("account_find", digestOf(identity));
    if (found === null) return null;
    const [account, secret] = listOf(found);
    const credential = decodeCredential(secret);
    return credential === null ? null : { account: decodeAccount(account), credential };
  }

  async create({ username, groups = [] }: NewAccount, identity?: NewIdentity): Promise<Account> {
    const linked = identity === undefined ? [""] : identityArguments(identity);
    const json = JSON.stringify(checkGroups(groups, "groups"));
    const [, account] = await this.#named(username === undefined ? undefined : parseUsername(username), (name) =>
      this.#run("account_create", randomId(), ...name, json, ...linked),
    );
    return decodeAccount(account);
  }

  async findOrCreate(
    identity: LinkedIdentity,
    { username, groups }: NewAccount,
  ): Promise<{ account: Account; created: boolean }> {
    const { provider, externalId } = identity;
    const json = JSON.stringify(checkGroups(groups ?? [], "groups"));
    const rest = [json, groups === undefined ? 0 : 1, ...identityArguments({ provider, externalId })];
    const wanted = username === undefined ? undefined : wellFormed(username);
    const [outcome, account] = await this.#named(wanted, (name) =>
      this.#run("account_find_or_create", randomId(), ...name, ...rest),
    );
    if (textOf(outcome) === "misnamed") parseUsername(username);
    return { account: decodeAccount(account), created: textOf(outcome) === "made" };
  }

  async link(userId: string, identity: NewIdentity): Promise<void> {
    refuse(await this.#run("account_link", userIdOf(userId), maxIdentities, ...identityArguments(identity)));
  }

  async unlink(
    userId: string,
    { provider, externalId }: { readonly provider: string; readonly externalId?: string },
    { evenLast = false }: { readonly evenLast?: boolean } = {},
  ): Promise<void> {
    const digest = externalId === undefined ? "" : digestOf({ provider, externalId });
    const args = [userIdOf(userId), JSON.stringify(provider), digest, evenLast ? 1 : 0];
    refuse(await this.#run("account_unlink", ...args));
  }

  async identities(userId: string): Promise<readonly IdentityRecord[]> {
    return listOf(await this.#run("account_identities", userIdOf(userId))).map(decodeIdentity);
  }

  async replaceCredential(identity: LinkedIdentity, expectedVersion: string, credential: Credential): Promise<boolean> {
    const args = [digestOf(identity), expectedVersion, ...credentialArguments(credential)];
    return flagOf(await this.#run("account_replace_credential", ...args));
  }

  async setUsername(userId: string, username: string): Promise<Account> {
    const name = parseUsername(username);
    return changed(await this.#run("account_set_username", userIdOf(userId), name, usernameKey(name)));
  }

  async setGroups(userId: string, groups: readonly string[]): Promise<Account> {
    const json = JSON.stringify(checkGroups(groups, "groups"));
    return changed(await this.#run("account_set_groups", userIdOf(userId), json));
  }

  async discard(userId: string): Promise<boolean> {
    return flagOf(await this.#run("account_delete", userIdOf(userId), 1));
  }

  async delete(userId: string): Promise<boolean> {
    return flagOf(await this.#run("account_delete", userIdOf(userId), 0));
  }

  async #run(script: string, ...args: readonly CallArgument[]): Promise<Reply> {
    return await this.#calls.run(script, args);
  }

  /** Makes an account with this name; without one, with the first free one of those that are made up. */
  async #named(
    wanted: string | undefined,
    make: (name: readonly [username: string, key: string]) => Promise<Reply>,
  ): Promise<readonly Reply[]> {
    for (;;) {
      const name = wanted ?? generateUsername();
      const answer = listOf(await make([name, usernameKey(name)]));
      if (textOf(answer[0]) !== "taken" || wanted !== undefined) return refused(answer);
    }
  }
}

/** A malformed name is refused where it is needed: an account that exists keeps the one it has. */
function wellFormed(username: string): string {
  try {
    return parseUsername(username);
  } catch {
    return "";
  }
}

/** Throws what an outcome other than a success means. */
function refuse(outcome: Reply | undefined): void {
  switch (textOf(outcome)) {
    case "unknown":
      throw new LoginError("NOT_FOUND", "There is no such account.");
    case "none":
      throw new LoginError("NOT_FOUND", "The account has no such identity.");
    case "taken":
      throw new LoginError("CONFLICT", "This username is taken.");
    case "linked":
      throw new LoginError("CONFLICT", "This identity belongs to another account.");
    case "full":
      throw new LoginError("CONFLICT", "This account has as many identities as it may.");
    case "rival":
      throw new LoginError("CONFLICT", "This account has such an identity already.");
    case "last":
      throw new LoginError("CONFLICT", "Without this identity nobody could log in to the account any more.");
  }
}

function refused(answer: readonly Reply[]): readonly Reply[] {
  refuse(answer[0]);
  return answer;
}

function changed(reply: Reply): Account {
  const [, account] = refused(listOf(reply));
  return decodeAccount(account);
}
