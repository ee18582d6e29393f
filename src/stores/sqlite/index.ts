// What `colyseus-login/sqlite` exports.
export { sqliteAccounts } from "./sqlite-accounts.ts";
export { sqliteStore } from "./sqlite-store.ts";
