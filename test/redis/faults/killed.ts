// One of three processes is killed in the middle of admissions, while Redis forgets its scripts again and again.
import { expect, it, vi } from "vitest";
import { hostLeaseSeconds } from "../../../src/login-queue/queue-store.ts";
import type { RedisServer } from "../../support/redis-server.ts";
import { Crowd } from "../members/crowd.ts";
import { eventually, Game, letInTwice, mostInOneSecond } from "../members/game.ts";

const size = 300;
const queue = {
  targetLoginRatePerSecond: 50,
  loginBurst: 10,
  targetCcuLimit: 110,
  playerGraceSeconds: 2,
  passSeconds: 30,
  restoreSeconds: 0,
};
/** Looks that come a little late after a lease has run out. */
const slackMs = 5_000;

export function killed(server: RedisServer): void {
  it(`a process killed among ${size} who are let in: places are kept, nobody is let in twice, rate, limit and leases hold`, async ({
    onTestFinished,
  }) => {
    const game = new Game(server, { queue, concurrentSessions: "many" });
    onTestFinished(() => game.stop());
    const [victim, ...others] = await Promise.all([game.start(), game.start(), game.start()]);
    const [other] = others;
    if (other === undefined) throw new Error("three were started");

    // They play on the process that dies, and never come back.
    for (const name of ["Ann", "Bob", "Cid"]) {
      const player = await victim.loggedIn(name);
      const room = await eventually(() => player.client.create("game"));
      room.reconnection.enabled = false;
    }
    await other.call("configure", { mode: "paused" });
    const crowd = new Crowd([victim, ...others], size, queue.passSeconds);
    await crowd.arrive();
    const forgetting = setInterval(() => void server.forgetScripts(), 200);
    onTestFinished(() => clearInterval(forgetting));
    const fullest = { slots: 0 };
    const watching = setInterval(async () => {
      const { liveSlots } = await other.call("status").catch(() => ({ liveSlots: 0 }));
      fullest.slots = Math.max(fullest.slots, liveSlots);
    }, 50);
    onTestFinished(() => clearInterval(watching));

    const everybody = crowd.allIn();
    await other.call("configure", { mode: "always" });
    await vi.waitFor(async () => expect((await game.admitted()).length).toBeGreaterThan(size / 4), 30_000);
    await victim.kill();
    const killedAt = await game.now();
    expect((await game.admitted()).length).toBeLessThan(size);
    await everybody;

    expect(crowd.returns).toBeGreaterThan(size / 10);
    expect(crowd.bots.flatMap(({ rises }) => rises)).toEqual([]);
    expect(crowd.odd).toEqual([]);
    const admitted = await game.admitted();
    expect(letInTwice(admitted)).toEqual([]);
    expect(mostInOneSecond(admitted)).toBeLessThanOrEqual(queue.targetLoginRatePerSecond + queue.loginBurst);
    expect(fullest.slots).toBeGreaterThan(queue.targetCcuLimit / 2);
    expect(fullest.slots).toBeLessThanOrEqual(queue.targetCcuLimit);

    await vi.waitFor(
      async () => expect(await other.call("status")).toMatchObject({ liveSlots: 0, waiting: 0 }),
      60_000,
    );
    const lostMs = (await game.now()) - killedAt;
    expect(lostMs).toBeLessThan((hostLeaseSeconds + queue.playerGraceSeconds) * 1_000 + slackMs);
    for (const member of others) {
      expect((await member.call("logged")).filter(({ level }) => level === "error")).toEqual([]);
    }
  });
}
