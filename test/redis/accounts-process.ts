// A process of its own that makes accounts in Redis when it is told to, as fast as it can.
import { systemClock } from "../../src/clock.ts";
import { redisAccounts } from "../../src/stores/redis/redis-accounts.ts";

/** What it answers: the accounts that it was given for these devices, and how many of these usernames it got. */
export interface Made {
  readonly userIds: readonly string[];
  readonly created: number;
  readonly names: number;
}

const [url = "", prefix = "", count = "0"] = process.argv.slice(2);
const accounts = redisAccounts(url, { prefix })({ clock: systemClock });
const indices = Array.from({ length: Number(count) }, (_, index) => index);

process.once("message", async () => {
  const found = await Promise.all(
    indices.map((index) => accounts.findOrCreate({ provider: "device", externalId: `device-${index}` }, {})),
  );
  const names = await Promise.allSettled(indices.map((index) => accounts.create({ username: `Name ${index}` })));
  const made: Made = {
    userIds: found.map(({ account }) => account.userId),
    created: found.filter(({ created }) => created).length,
    names: names.filter(({ status }) => status === "fulfilled").length,
  };
  await accounts.close?.();
  process.send?.(made, () => process.disconnect());
});

await accounts.get("nobody");
process.send?.("ready");
