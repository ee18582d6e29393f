// Positions read per second against a Lua script that does nothing but ask for ranks.
import { inParallel } from "../../src/parallel.ts";
import { type BenchResult, inTurns, median, pairedRatio } from "../support/figures.ts";
import { startRedis } from "../support/redis.ts";
import { RedisLine } from "../support/redis-line.ts";

const waiting = 100_000;
const rounds = 15;
const callsPerRound = 60;
/** As many tickets as one call of the store takes. */
const idsPerCall = 500;
/** Queue rooms ask at the same time. */
const callsAtOnce = 4;

const bareRanks = `
  local ranks = {}
  for index = 1, #ARGV do ranks[index] = redis.call("ZRANK", KEYS[1], ARGV[index]) end
  return ranks`;

export async function benchPositions(): Promise<BenchResult> {
  const redis = await startRedis();
  const line = new RedisLine(redis, "line");
  await line.copy(waiting - 1);
  await line.renew();
  const sha1 = String(await redis.client.script("LOAD", bareRanks));
  const key = line.key("wait:default");
  const askBare = (ids: string[]) => redis.client.evalsha(sha1, 1, key, ...ids);
  const askOurs = (ids: string[]) => line.store.queue.standings(ids);

  /** Of tickets that stand so far from each other: answers how many a second of Redis's own time, which all processes share. */
  const perSecond = async (apart: number, ask: (ids: string[]) => Promise<unknown>): Promise<number> => {
    const before = await redis.cpuMs();
    const calls = Array.from({ length: callsPerRound }, (_, call) => call * 1_201);
    await inParallel(calls, callsAtOnce, (from) => ask(chosen(line.ids, from, apart)));
    return (callsPerRound * idsPerCall * 1_000) / ((await redis.cpuMs()) - before);
  };
  const rates = await inTurns(rounds, {
    bareNear: () => perSecond(1, askBare),
    near: () => perSecond(1, askOurs),
    bareFar: () => perSecond(197, askBare),
    far: () => perSecond(197, askOurs),
  });
  await line.store.close();
  await redis.stop();

  const near = pairedRatio(rates.near, rates.bareNear);
  const far = pairedRatio(rates.far, rates.bareFar);
  return {
    rows: [
      [`a bare Lua loop of ZRANK, ${waiting} waiting: ranks/s of Redis's CPU`, median(rates.bareNear).toFixed(0)],
      ["positions/s of Redis's CPU, neighbours as in a queue room", median(rates.near).toFixed(0)],
      ["positions / bare ranks (aim ≥ 0.7)", near.toFixed(2)],
      ["… of tickets from all over the line", far.toFixed(2)],
    ],
    ratios: { positions_vs_zrank: near, far_positions_vs_zrank: far },
  };
}

function chosen(ids: readonly string[], from: number, apart: number): string[] {
  return Array.from({ length: idsPerCall }, (_, index) => ids[(from + index * apart) % ids.length] ?? "");
}
