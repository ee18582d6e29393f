// Several processes of the example on one Redis, and browsers on all of them: one queue, one arena, and restarts that cost no place.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { useRedisServer } from "../support/redis-server.ts";
import { type ExampleServer, startMember } from "./support/example.ts";
import { newTokens } from "./support/keys.ts";
import { LoadBalancer } from "./support/load-balancer.ts";
import type { Player } from "./support/player.ts";
import { usePlayers } from "./support/players.ts";

const redis = useRedisServer();
const config = { tokens: newTokens(), queue: { targetCcuLimit: 1, restoreSeconds: 0 } };
const players = usePlayers();
const members: ExampleServer[] = [];

beforeEach(async () => {
  await redis.client.flushall();
});

afterEach(async () => {
  await players.leave();
  await Promise.all(members.splice(0).map(({ program }) => program.stop()));
});

async function start(): Promise<ExampleServer> {
  const member = await startMember(redis.url, config);
  members.push(member);
  return member;
}

/** Resolves when the page has a place in a room that it joins from now on. */
function seatTaken({ page }: Player): Promise<void> {
  return new Promise((resolve) => {
    page.once("websocket", (socket) => socket.once("framereceived", () => resolve()));
  });
}

it("lets the second in when the first, on another process, logs out", async () => {
  const [one, other] = [await start(), await start()];
  const first = await players.arrive(one.url);
  const second = await players.arrive(other.url);
  await first.press("Play as guest");
  await first.plays();
  await second.press("Play as guest");
  await second.waitsAt(1);
  expect(await second.me.count()).toBe(0);

  await first.press("Log out");
  await first.reads("Come in and play");
  await second.plays();
  for (const player of [first, second]) expect(player.complaints).toEqual([]);

  await second.press("Disconnect me");
  await second.reads("You asked the server to disconnect you.");
  await second.press("Rejoin the arena");
  await second.plays();
  expect(second.complaints).toEqual([]);
});

describe("behind a load balancer", () => {
  const balancer = new LoadBalancer();
  beforeAll(() => balancer.start());
  afterAll(() => balancer.stop());

  it("a process that ends hands its waiting players over, with their places", async () => {
    const old = await start();
    balancer.add(old.url);
    const first = await players.arrive(balancer.url);
    await first.press("Play as guest");
    await first.plays();
    const waiting: Player[] = [];
    for (const place of [1, 2]) {
      const player = await players.arrive(balancer.url);
      await player.press("Play as guest");
      await player.waitsAt(place);
      await player.page.evaluate(() => {
        const seen: string[] = [];
        const element = document.querySelector("#place");
        Object.assign(globalThis, { seenPlaces: seen });
        new MutationObserver(() => seen.push(element?.textContent ?? "")).observe(element ?? document, {
          childList: true,
          characterData: true,
          subtree: true,
        });
      });
      waiting.push(player);
    }

    const fresh = await start();
    balancer.add(fresh.url);
    const back = waiting.map(seatTaken);
    const { code, output } = await old.program.stop("SIGTERM");
    expect(code).toBe(0);
    expect(output).not.toMatch(/error/i);
    await first.reads("The server is shutting down.");
    // Somebody new comes before those who were sent away are back, and stands behind them.
    const late = await players.arrive(balancer.url);
    await late.press("Play as guest");
    await late.waitsAt(3);

    // Whoever is still on the way is not let in yet.
    await Promise.all(back);
    // The slot of who plays outlives the process too.
    await first.press("Rejoin the arena");
    await first.plays();
    await first.press("Log out");
    await waiting[0]?.plays();
    await waiting[1]?.waitsAt(1);
    await late.waitsAt(2);
    for (const player of waiting) {
      const places = await player.page.evaluate(() => Reflect.get(globalThis, "seenPlaces"));
      expect(places).not.toContain("3");
    }
    for (const player of waiting) expect(player.complaints).toEqual([]);
  });
});
