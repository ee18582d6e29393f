// A store that fails in the middle of a refresh, or loses one, leaves a session that its owner can still refresh on any process.
import { expect, it } from "vitest";
import { Scripts } from "../../../src/stores/redis/scripts.ts";
import { RedisProxy } from "../../support/redis-proxy.ts";
import type { RedisServer } from "../../support/redis-server.ts";
import { Game } from "../members/game.ts";

export function refreshes(server: RedisServer): void {
  it("S21 a refresh that one process lost, before or after Redis did it, is answered by the other", async ({
    onTestFinished,
  }) => {
    const proxy = new RedisProxy(server.port);
    await proxy.start();
    onTestFinished(() => proxy.stop());
    // Without a grace, so that it is the attempt alone that tells its owner from a thief.
    const game = new Game(server, { tokens: { refreshGraceSeconds: 0 } });
    onTestFinished(() => game.stop());
    const [cutOff, other] = await Promise.all([game.start({ by: proxy }), game.start()]);
    const ann = await cutOff.loggedIn("Ann");

    const lost = proxy.loseAnswerTo(new Scripts().get("refresh").sha1);
    const refreshing = ann.tryRefresh({ attempt: "a".repeat(16) });
    await lost;
    await proxy.stop();
    expect(await refreshing).toMatchObject({ status: 503, body: { code: "STORE_UNAVAILABLE" } });
    // It was done: who asks again is given the same pair, and so is who asks once more.
    const visitor = other.visitedBy(ann);
    const { refreshToken } = await visitor.refresh({ attempt: "a".repeat(16) });
    expect((await other.visitedBy(ann).refresh({ attempt: "a".repeat(16) })).refreshToken).toBe(refreshToken);

    // This one never reaches Redis.
    expect((await cutOff.visitedBy(visitor).tryRefresh({ attempt: "b".repeat(16) })).status).toBe(503);
    await visitor.refresh({ attempt: "b".repeat(16) });
    expect((await visitor.get("/auth/session")).status).toBe(200);
  });

  it("S22 a store that lost the last refreshes does not log their owner out", async ({ onTestFinished }) => {
    const game = new Game(server);
    onTestFinished(() => game.stop());
    const [here, there] = await game.startTwo();
    const ann = await here.loggedIn("Ann");
    const key = `{${game.prefix}}:s:${ann.sid}`;
    for (const lostWrites of [1, 2, 3]) {
      const kept = await game.redis.getBuffer(key);
      if (kept === null) throw new Error("there is no such session");
      for (let times = 0; times < lostWrites; times += 1) await ann.refresh();
      await game.redis.set(key, kept, "KEEPTTL");
      const visitor = there.visitedBy(ann);
      expect((await visitor.get("/auth/session")).status).toBe(200);
      ann.take(await visitor.tryRefresh());
      expect((await visitor.get("/auth/session", ann.login.token)).status).toBe(200);
    }
  });
}
