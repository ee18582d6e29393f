// Accounts that every process knows without asking another: whoever logs in has one, and it follows from the identity alone.
import { randomUUID } from "node:crypto";
import type { Account, AccountStore, LinkedIdentity } from "../../../src/accounts/account-store.ts";

function accountOf(userId: string): Account {
  return { userId, username: userId, groups: [], createdAt: 0 };
}

function neverAsked(): never {
  throw new Error("no test asks for this");
}

export function namedAccounts(): AccountStore {
  const byIdentity = async ({ externalId }: LinkedIdentity) => accountOf(externalId);
  return {
    get: async (userId) => accountOf(userId),
    findByIdentity: byIdentity,
    findByUsername: async (username) => accountOf(username),
    findCredential: async () => null,
    create: async () => accountOf(randomUUID()),
    findOrCreate: async (identity) => ({ account: await byIdentity(identity), created: false }),
    discard: async () => false,
    identities: async () => [],
    link: neverAsked,
    unlink: neverAsked,
    replaceCredential: neverAsked,
    setUsername: neverAsked,
    setGroups: neverAsked,
    delete: neverAsked,
  };
}
