// With REDIS_URL this process is a member of a cluster: every process on that Redis shares rooms, sessions and the queue with it.
import { RedisDriver } from "@colyseus/redis-driver";
import { RedisPresence } from "@colyseus/redis-presence";
import type { ServerOptions } from "colyseus";
import type { LoginOptions } from "colyseus-login";
import { redisAccounts, redisStore } from "colyseus-login/redis";
import { Redis } from "ioredis";
import { orStop, readRedisUrl, withLoginConfig } from "./config.ts";

interface Member {
  readonly redisUrl: string;
  /** Where browsers reach this very process: host and port. */
  readonly publicAddress: string;
}

const member = orStop(readMember);

/** Whether there may be other processes, on other addresses. */
export const isMember = member !== null;

/** What a member says to Colyseus. */
export function memberOfServers(): Pick<ServerOptions, "publicAddress" | "presence" | "driver"> {
  if (member === null) return {};
  const { redisUrl, publicAddress } = member;
  return { publicAddress, presence: new RedisPresence(redisUrl), driver: new RedisDriver(openForDriver(redisUrl)) };
}

/** What a member says to defineLogin. */
export function memberOfLogins(): Pick<LoginOptions, "store" | "accounts"> {
  if (member === null) return {};
  // Connections of its own: when the server ends, driver and presence close theirs before the login has said goodbye.
  return { store: redisStore(member.redisUrl), accounts: redisAccounts(member.redisUrl) };
}

/** The store tells of an outage, once; ioredis would write every failed attempt to the console. */
function openForDriver(redisUrl: string): Redis {
  return new Redis(redisUrl).on("error", () => {});
}

function readMember(): Member | null {
  const redisUrl = readRedisUrl();
  if (redisUrl === null) return null;
  const publicAddress = process.env["PUBLIC_ADDRESS"] ?? "";
  if (!/^([\w.-]+|\[[\da-f:]+\])(:\d+)?(\/[\w./-]*)?$/i.test(publicAddress)) {
    throw new TypeError(
      "PUBLIC_ADDRESS must say, beside REDIS_URL, where browsers reach this very process, such as localhost:2567, " +
        `got ${JSON.stringify(publicAddress)}`,
    );
  }
  requireKeys();
  return { redisUrl, publicAddress };
}

/** A token that one process signs, every other must be able to read. */
function requireKeys(): void {
  const { tokens } = withLoginConfig<{ tokens: Record<string, unknown> }>({ tokens: {} });
  if (tokens?.["keys"] !== undefined && tokens["refreshSecrets"] !== undefined) return;
  throw new TypeError(
    "With REDIS_URL every process needs the same keys, in LOGIN_CONFIG. Make some once, and start each process with them:\n" +
      "  npx colyseus-login keys > keys.json\n" +
      '  LOGIN_CONFIG="$(cat keys.json)" … npm start',
  );
}
