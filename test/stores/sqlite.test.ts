// The SQLite store under the contract of all stores, and its accounts under theirs.
import { sqliteAccounts } from "../../src/stores/sqlite/sqlite-accounts.ts";
import { accountStoreContract } from "../contract/accounts.contract.ts";
import { storeProperties } from "../contract/properties.ts";
import { storeContract } from "../contract/store.contract.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { makeSqliteStore, newFile } from "./sqlite-setup.ts";

storeContract("SQLite", makeSqliteStore);
storeProperties("SQLite", makeSqliteStore, 0.05);

accountStoreContract("SQLite", async () => {
  const clock = new ManualClock();
  const path = newFile();
  return {
    accounts: sqliteAccounts(path)({ clock }),
    connect: async () => sqliteAccounts(path)({ clock }),
    now: () => clock.now(),
    advance: (milliseconds) => clock.advance(milliseconds),
  };
});
