// What an admission costs in lines of 10 000, 100 000 and 1 000 000: the three lie in one Redis and take turns.
import { type BenchResult, inTurns, median, pairedRatio } from "../support/figures.ts";
import { startRedis } from "../support/redis.ts";
import { RedisLine } from "../support/redis-line.ts";

const rounds = 15;
const admittedPerRound = 1_000;

export async function benchAdmissions(): Promise<BenchResult> {
  const redis = await startRedis();
  const lineOf = async (waiting: number): Promise<RedisLine> => {
    const line = new RedisLine(redis, `line-${waiting}`);
    await line.copy(waiting - 1);
    if ((await line.length()) !== waiting) throw new Error("the line is not as long as it should be");
    return line;
  };
  const lines = { short: await lineOf(10_000), middle: await lineOf(100_000), long: await lineOf(1_000_000) };

  /** In µs for each. Who left the line at its front is made up for at its end. */
  const admit = async (line: RedisLine): Promise<number> => {
    const { queue } = line.store;
    await line.renew();
    const { liveSlots } = await queue.status();
    await queue.configure({ targetCcuLimit: liveSlots + admittedPerRound });
    const start = performance.now();
    const admitted = await queue.admit();
    const elapsedMs = performance.now() - start;
    if (admitted.length !== admittedPerRound) throw new Error(`${admitted.length} were let in`);
    await line.copy(admittedPerRound);
    return (elapsedMs * 1_000) / admittedPerRound;
  };
  const micros = await inTurns(rounds, {
    short: () => admit(lines.short),
    middle: () => admit(lines.middle),
    long: () => admit(lines.long),
  });
  for (const { store } of Object.values(lines)) await store.close();
  await redis.stop();

  const ratio = pairedRatio(micros.long, micros.short);
  return {
    rows: [
      ["µs for an admission, 10 000 waiting", median(micros.short).toFixed(1)],
      ["… 100 000 waiting", median(micros.middle).toFixed(1)],
      ["… 1 000 000 waiting", median(micros.long).toFixed(1)],
      ["1 000 000 / 10 000 (aim ≤ 1.5)", ratio.toFixed(2)],
    ],
    ratios: { admission_1m_vs_10k: ratio },
  };
}
