// Accounts in memory under the contract of all account stores.
import { memoryAccounts } from "../../src/accounts/memory-accounts.ts";
import { accountStoreContract } from "../contract/accounts.contract.ts";
import { ManualClock } from "../support/manual-clock.ts";

accountStoreContract("memory", async () => {
  const clock = new ManualClock();
  const accounts = memoryAccounts()({ clock });
  return {
    accounts,
    connect: async () => accounts,
    now: () => clock.now(),
    advance: (milliseconds) => clock.advance(milliseconds),
  };
});
