// Names that are made up for accounts in Redis, where chance brings one that is taken.
import { afterEach, expect, it, vi } from "vitest";
import type { AccountStore } from "../../src/accounts/account-store.ts";
import { randomId } from "../../src/random.ts";
import { redisAccounts } from "../../src/stores/redis/redis-accounts.ts";
import { device } from "../contract/accounts-harness.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { useRedisServer } from "../support/redis-server.ts";

/** The names that are made up next; then they are left to chance. */
const madeUp = vi.hoisted((): string[] => []);
vi.mock("../../src/accounts/names.ts", async (importOriginal) => {
  const names = await importOriginal<typeof import("../../src/accounts/names.ts")>();
  return { ...names, generateUsername: () => madeUp.shift() ?? names.generateUsername() };
});

const server = useRedisServer();
let accounts: AccountStore;
afterEach(() => accounts.close?.());

it("a name that is made up and taken gives way to the next", async () => {
  accounts = redisAccounts(server.url, { prefix: randomId(6) })({ clock: new ManualClock() });
  await accounts.create({ username: "player-00000000" });
  madeUp.push("player-00000000", "player-11111111", "player-11111111", "player-22222222");
  expect((await accounts.create({})).username).toBe("player-11111111");
  expect((await accounts.findOrCreate(device, {})).account.username).toBe("player-22222222");
});
