// What a waiting ticket and a session take up in Redis, over all keys, with 100 000 of each.
import { systemClock } from "../../src/clock.ts";
import { inParallel } from "../../src/parallel.ts";
import { randomId } from "../../src/random.ts";
import type { OpenRequest } from "../../src/sessions/session-store.ts";
import { redisStore } from "../../src/stores/redis/redis-store.ts";
import type { BenchResult } from "../support/figures.ts";
import { type BenchRedis, startRedis } from "../support/redis.ts";
import { RedisLine } from "../support/redis-line.ts";

const count = 100_000;
const opensAtOnce = 64;
const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const dayMs = 24 * 60 * 60 * 1_000;

export async function benchMemory(): Promise<BenchResult> {
  const redis = await startRedis();
  const ticket = await bytesOfTicket(redis);
  await redis.client.flushall();
  const session = await bytesOfSession(redis, null);
  await redis.client.flushall();
  const fromBrowser = await bytesOfSession(redis, browser);
  await redis.stop();
  return {
    rows: [
      ["bytes of a waiting ticket (aim ≤ 400)", ticket.toFixed(0)],
      ["bytes of a session (aim ≤ 700), no user agent known", session.toFixed(0)],
      [`… with a browser's, ${browser.length} characters`, fromBrowser.toFixed(0)],
    ],
    ratios: { bytes_per_ticket: ticket, bytes_per_session: session, bytes_per_browser_session: fromBrowser },
  };
}

async function bytesOfTicket(redis: BenchRedis): Promise<number> {
  const line = new RedisLine(redis, "line");
  // What there is once is not counted.
  await line.join(100);
  const before = await redis.memory();
  await line.join(count);
  const bytes = (await redis.memory()) - before;
  await line.store.close();
  return bytes / count;
}

async function bytesOfSession(redis: BenchRedis, agent: string | null): Promise<number> {
  const store = redisStore(redis.url, { prefix: "bench" })({
    clock: systemClock,
    queue: null,
    ticketsMayReturn: false,
  });
  const open = (number: number) => store.sessions.open(openRequest(number, agent));
  await inParallel(Array(100).keys(), opensAtOnce, open);
  const before = await redis.memory();
  await inParallel(Array(count).keys(), opensAtOnce, open);
  const bytes = (await redis.memory()) - before;
  await store.close();
  return bytes / count;
}

/** A player's, with two vars. */
function openRequest(number: number, agent: string | null): OpenRequest {
  return {
    session: {
      sid: randomId(),
      userId: randomId(),
      username: `Player ${number}`,
      groups: [],
      kind: "player",
      clientVars: { skin: "blue" },
      serverVars: { level: "12" },
      shard: null,
      address: `203.0.${(number >> 8) & 255}.${number & 255}`,
      agent,
      nonce: randomId(),
      refreshSecretId: "kR9sXw2a",
      tokenId: randomId(),
    },
    lifetimes: { tokenMs: dayMs, idleMs: 30 * dayMs, absoluteMs: 90 * dayMs, refreshGraceMs: 10_000 },
    ticketId: null,
    concurrent: { limit: Number.POSITIVE_INFINITY, onExceeded: "replace" },
  };
}
