// Redis answers three seconds late, to the store of one process: calls end at their deadline, and all goes on by itself after.
import { expect, it, vi } from "vitest";
import { RedisProxy } from "../../support/redis-proxy.ts";
import type { RedisServer } from "../../support/redis-server.ts";
import { refusal } from "../../support/room-clients.ts";
import { Crowd } from "../members/crowd.ts";
import { eventually, Game } from "../members/game.ts";

const queue = { targetCcuLimit: 1, restoreSeconds: 0, passSeconds: 20 };
const lateMs = 3_000;
/** How long it is looked at: several deadlines, and as long as a connection may stay silent. */
const slowMs = 6_000;
const unavailable = { status: 503, body: { code: "STORE_UNAVAILABLE" } };

export function slow(server: RedisServer): void {
  it("S28 Redis that answers late: every way in ends with 503, nothing spins or floods the log, and it recovers by itself", async ({
    onTestFinished,
  }) => {
    const proxy = new RedisProxy(server.port);
    await proxy.start();
    onTestFinished(() => proxy.stop());
    const game = new Game(server, { queue, concurrentSessions: "many" });
    onTestFinished(() => game.stop());
    const member = await game.start({ by: proxy });
    const ann = await member.loggedIn("Ann");
    const room = await eventually(() => ann.play());
    const crowd = new Crowd([member], 5, queue.passSeconds);
    await crowd.arrive(1);
    // Who looks for a fault hears of every refusal, and asked for it.
    const lines = async () => (await member.call("logged")).filter(({ level }) => level !== "debug").length;
    const before = { cpuMs: await member.call("cpuMs"), lines: await lines() };

    proxy.delayMs = lateMs;
    const slowUntil = performance.now() + slowMs;
    const ways = () =>
      Promise.all([
        ann.get("/auth/session"),
        ann.tryRefresh(),
        ann.post("/auth/logout", { refreshToken: ann.login.refreshToken }),
        ann.post("/auth/queue", {}),
        member.player("Cid").tryLogIn(),
      ]);
    await vi.waitFor(async () => expect((await ann.get("/auth/session")).status).toBe(503), 10_000);
    while (performance.now() < slowUntil) {
      const [answers, matchmaking, newcomer] = await Promise.all([
        ways(),
        refusal(ann.play()),
        refusal(member.player("Dan").client.joinOrCreate("login_queue")),
      ]);
      for (const answer of answers) expect(answer).toMatchObject(unavailable);
      for (const refused of [matchmaking, newcomer])
        expect(refused).toEqual({ code: 503, message: "STORE_UNAVAILABLE" });
    }
    await expect(member.call("logout", ann.sid)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await vi.waitFor(
      () => expect(new Set(crowd.bots.map(({ mode }) => mode))).toEqual(new Set(["unavailable"])),
      15_000,
    );
    const spentMs = (await member.call("cpuMs")) - before.cpuMs;
    expect(spentMs).toBeLessThan(slowMs / 2);
    expect((await lines()) - before.lines).toBeLessThanOrEqual(6);

    proxy.delayMs = 0;
    await vi.waitFor(() => expect(new Set(crowd.bots.map(({ mode }) => mode))).toEqual(new Set(["auto"])), 20_000);
    await vi.waitFor(async () => expect((await ann.get("/auth/session")).status).toBe(200), 20_000);
    await eventually(() => ann.play());
    const said = new Promise((resolve) => room.onMessage("said", resolve));
    room.send("say", "still here");
    expect(await said).toBe("still here");
    await member.call("configure", { targetCcuLimit: 100 });
    await crowd.allIn();
    expect(crowd.returns).toBe(0);
    expect((await member.call("logged")).filter(({ level }) => level === "error")).toEqual([]);
  });
}
