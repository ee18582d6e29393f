// What `colyseus-login/redis` exports.
export type { RedisClient } from "./client.ts";
export { type RedisAccountsOptions, redisAccounts } from "./redis-accounts.ts";
export { type RedisStoreOptions, redisStore } from "./redis-store.ts";
