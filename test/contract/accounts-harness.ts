// What the contract suite of account stores needs: a way to make one whose time stands still, and a few identities.
import type { AccountStore, Credential } from "../../src/accounts/account-store.ts";

export interface AccountsUnderTest {
  readonly accounts: AccountStore;
  /** Another client of the same accounts: another process. A store of one process answers itself. */
  connect(): Promise<AccountStore>;
  /** The store's time, ms since the epoch. It stands still until moved. */
  now(): number;
  advance(milliseconds: number): Promise<void>;
}

/** Makes an account store over a new, empty state. */
export type MakeAccounts = () => Promise<AccountsUnderTest>;

export const device = { provider: "device", externalId: "hash-1" };
export const mail = { provider: "email", externalId: "ada@example.org" };
export const unverified: Credential = { hash: "$scrypt$ln=15,r=8,p=3$c2FsdA$aGFzaA", version: "v1", verifiedAt: null };

/** How many of the calls succeed. */
export async function fulfilled(calls: readonly Promise<unknown>[]): Promise<number> {
  return (await Promise.allSettled(calls)).filter(({ status }) => status === "fulfilled").length;
}
