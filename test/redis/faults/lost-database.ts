// Redis stands still, and comes back with nothing in it.
import { expect, it, vi } from "vitest";
import { RedisServer } from "../../support/redis-server.ts";
import { refusal } from "../../support/room-clients.ts";
import { Crowd } from "../members/crowd.ts";
import { eventually, Game, letInTwice } from "../members/game.ts";

/** Longer than any call waits (1 s), a cached yes is good for (3 s) and a connection may stay silent (3 s). */
const stillMs = 5_000;
const queue = {
  targetCcuLimit: 1,
  targetLoginRatePerSecond: 5,
  loginBurst: 1,
  // Within it every process has posted again what it has: they do so every five seconds.
  restoreSeconds: 8,
  passSeconds: 20,
};
const unavailable = { status: 503, body: { code: "STORE_UNAVAILABLE" } };

export function lostDatabase(): void {
  it("S28 Redis stands still and comes back empty: nobody loses the connection or the order, nobody is let in beyond the limit", async ({
    onTestFinished,
  }) => {
    const server = new RedisServer();
    await server.start();
    onTestFinished(() => server.stop());
    const game = new Game(server, { queue, concurrentSessions: "many" });
    onTestFinished(() => game.stop());
    const [here, there] = await game.startTwo();
    const ann = here.player("Ann");
    await vi.waitFor(async () => expect(await ann.tryLogIn()).toMatchObject({ status: 200 }), 15_000);
    const room = await eventually(() => ann.play());
    const speaks = async () => {
      const said = new Promise((resolve) => room.onMessage("said", resolve));
      room.send("say", "still here");
      expect(await said).toBe("still here");
    };
    const crowd = new Crowd([here, there], 8, queue.passSeconds);
    await crowd.arrive(1);
    const modes = () => new Set(crowd.bots.map(({ mode }) => mode));
    const orders = () => crowd.bots.map(({ order }) => order);
    const arrived = orders();
    expect(arrived).toEqual([...arrived].sort((one, other) => one - other));

    server.pause();
    const stillUntil = performance.now() + stillMs;
    for (const member of [here, there]) {
      await expect(member.call("logout", ann.sid)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      await expect(member.call("ban", ann.userId)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      const visitor = member.visitedBy(ann);
      expect(await visitor.get("/auth/session")).toMatchObject(unavailable);
      expect(await visitor.post("/auth/logout", { refreshToken: ann.login.refreshToken })).toMatchObject(unavailable);
      expect(await refusal(visitor.play())).toEqual({ code: 503, message: "STORE_UNAVAILABLE" });
    }
    await vi.waitFor(() => expect(modes()).toEqual(new Set(["unavailable"])), 15_000);
    await speaks();
    await new Promise((resolve) => setTimeout(resolve, stillUntil - performance.now()));
    await server.restartEmpty();

    await vi.waitFor(() => expect(modes()).toEqual(new Set(["auto"])), 20_000);
    await vi.waitFor(
      async () => expect(await there.call("status")).toMatchObject({ waiting: 8, liveSlots: 1 }),
      20_000,
    );
    await speaks();
    expect(orders()).toEqual(arrived);
    const { holdUntil } = await there.call("status");
    await vi.waitFor(async () => expect(await game.now()).toBeGreaterThan(holdUntil), 20_000);
    expect(await game.admitted()).toEqual([]);

    await here.call("configure", { targetCcuLimit: 100 });
    await crowd.allIn();
    const admittedAt = crowd.bots.map(({ admissions }) => admissions.map((admission) => admission.admittedAt));
    expect(crowd.odd).toEqual([]);
    expect(admittedAt).toEqual([...admittedAt].sort(([one = 0], [other = 0]) => one - other));
    expect(letInTwice(await game.admitted())).toEqual([]);
    expect(crowd.returns).toBe(0);
    expect(crowd.bots.flatMap(({ rises }) => rises)).toEqual([]);
    expect((await there.call("logged")).filter(({ level }) => level === "error")).toEqual([]);
  });
}
