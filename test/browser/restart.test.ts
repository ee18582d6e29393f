// The example's server ended and started again while three hundred wait: their tickets bring them back to the old order.
import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { freePort } from "../support/free-port.ts";
import { type ExampleServer, startExample } from "./support/example.ts";
import { QueueBot } from "./support/queue-bot.ts";

const restoreSeconds = 8;
const passSeconds = 20;
const config = {
  tokens: {
    keys: { current: generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }) },
    refreshSecrets: { current: "the same one before and after, in every life" },
  },
  queue: { targetLoginRatePerSecond: 30, loginBurst: 1, targetCcuLimit: 1_000, restoreSeconds, passSeconds },
};

let port = 0;
let server: ExampleServer;
/** When each life of the server had not begun yet. */
const lives: number[] = [];

async function start(): Promise<void> {
  lives.push(Date.now());
  server = await startExample(config, port);
}

/** A few at a time, as clients in the world would. */
async function each(bots: readonly QueueBot[], work: (bot: QueueBot) => Promise<void>): Promise<void> {
  const left = [...bots];
  const next = async (): Promise<void> => {
    for (let bot = left.shift(); bot !== undefined; bot = left.shift()) await work(bot);
  };
  await Promise.all(Array.from({ length: 20 }, next));
}

beforeAll(async () => {
  // The SDK tells the console of every closed connection.
  vi.spyOn(console, "info").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
  port = await freePort();
});

afterAll(async () => {
  await server.program.stop("SIGKILL");
});

it("two restarts under 300 bots keep their order and admit nobody twice, and nobody while they come back", async () => {
  await start();
  const newBot = () => new QueueBot(server.url, passSeconds);
  const bots = Array.from({ length: 300 }, newBot);
  await each(bots, (bot) => bot.join());
  const deserters: QueueBot[] = [];
  const inOrder = () =>
    bots.filter((bot) => !deserters.includes(bot)).toSorted((one, other) => one.order - other.order);
  const waiting = () => inOrder().filter((bot) => !bot.isIn);

  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    await Promise.all(
      waiting()
        .slice(0, 60)
        .map((bot) => bot.entered),
    );
    await server.program.stop(signal);
    await each(waiting(), (bot) => bot.dropped());
    const staying = waiting();
    // Somebody who had nearly made it, and somebody at the end, do not come back.
    deserters.push(...staying.splice(-1), ...staying.splice(20, 1));
    await start();
    // Somebody new is there before all of them, and those who were last come back first.
    const newcomer = newBot();
    await newcomer.join();
    bots.push(newcomer);
    const late = staying.splice(-10);
    await each(staying.toReversed(), (bot) => bot.join());
    await staying[0]?.entered;
    // These have missed the time that the queue waits for them, and not their grace.
    await each(late, (bot) => bot.join());
  }

  const stayed = inOrder();
  await Promise.all(stayed.map((bot) => bot.entered));

  // Everybody got in once, and nobody had to be refused.
  expect(stayed.map((bot) => bot.logins)).toEqual(stayed.map(() => [200]));
  expect(stayed.flatMap((bot) => bot.rises)).toEqual([]);
  // The pass that let somebody in was the last one that they were given, and there was another only where the server died.
  for (const bot of stayed) {
    const livesOfPasses = bot.admissions.map(({ admittedAt }) => lives.findLastIndex((began) => began <= admittedAt));
    expect(new Set(livesOfPasses).size).toBe(livesOfPasses.length);
  }
  const admittedAt = stayed.map((bot) => bot.admissions.at(-1)?.admittedAt ?? Number.NaN);
  expect(admittedAt).toEqual(admittedAt.toSorted((one, other) => one - other));
  for (const began of lives) {
    const first = Math.min(...admittedAt.filter((at) => at >= began));
    expect(first - began).toBeGreaterThanOrEqual(restoreSeconds * 1_000);
  }
  // What let somebody in once lets nobody in again, before the restart or after.
  const spent = [stayed.at(0), stayed.at(100), stayed.at(-1)].flatMap((bot) => bot?.admissions.at(-1)?.pass ?? []);
  const stranger = newBot();
  expect(await Promise.all(spent.map((pass) => stranger.present(pass)))).toEqual([403, 403, 403]);
});
