// A process stands still for longer than every lease, and wakes up believing what was true before.
import { expect, it, vi } from "vitest";
import type { RedisServer } from "../../support/redis-server.ts";
import { Crowd } from "../members/crowd.ts";
import { eventually, Game, letInTwice } from "../members/game.ts";

const queue = { queueGraceSeconds: 3, playerGraceSeconds: 3, passSeconds: 20, restoreSeconds: 0 };

export function woken(server: RedisServer): void {
  it("a process that stood still for longer than every lease lets nobody in by what it remembers, and its players get on", async ({
    onTestFinished,
  }) => {
    const game = new Game(server, { queue, verify: "cached", concurrentSessions: "many" });
    onTestFinished(() => game.stop());
    const sleeper = await game.start();
    const [ann, bob] = [await sleeper.loggedIn("Ann"), await sleeper.loggedIn("Bob")];
    const room = await eventually(() => ann.play());
    await eventually(async () => expect((await bob.get("/me")).status).toBe(200));
    await sleeper.call("configure", { mode: "paused" });
    const crowd = new Crowd([sleeper], 6, queue.passSeconds);
    await crowd.arrive(1);
    const other = await game.start();
    await vi.waitFor(async () => expect(await other.call("status")).toMatchObject({ waiting: 6 }), 20_000);

    sleeper.pause();
    expect(await other.call("logout", bob.sid)).toBe(true);
    // Its slot and the tickets of those who wait there end by its lease and the graces, and by nothing else.
    await vi.waitFor(
      async () => expect(await other.call("status")).toMatchObject({ waiting: 0, liveSlots: 0 }),
      40_000,
    );
    const asleep = [bob.get("/me"), bob.tryRefresh()];
    sleeper.resume();
    // The first may be told that the store was out of reach.
    for (const answer of await Promise.all(asleep)) expect([401, 503]).toContain(answer.status);
    await eventually(async () => expect(await bob.get("/me")).toMatchObject({ body: { code: "SESSION_REVOKED" } }));
    await eventually(async () => expect((await bob.tryRefresh()).status).toBe(401));

    // Who plays there has a slot again, and who waits there a place, at the end.
    await vi.waitFor(
      async () => expect(await other.call("status")).toMatchObject({ waiting: 6, liveSlots: 1 }),
      20_000,
    );
    const said = new Promise((resolve) => room.onMessage("said", resolve));
    room.send("say", "still here");
    expect(await said).toBe("still here");
    await other.call("configure", { mode: "always" });
    await crowd.allIn();
    expect(letInTwice(await game.admitted())).toEqual([]);
    expect(crowd.odd).toEqual([]);
    expect(crowd.returns).toBe(0);
  });
}
