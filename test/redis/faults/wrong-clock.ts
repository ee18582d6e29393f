// A process whose own clock is an hour ahead works together with one whose clock is right: time is Redis's.
import { expect, it, vi } from "vitest";
import type { RedisServer } from "../../support/redis-server.ts";
import { left } from "../../support/room-clients.ts";
import { Crowd } from "../members/crowd.ts";
import { eventually, Game, hourAhead, letInTwice, mostInOneSecond } from "../members/game.ts";

const hourMs = 3_600_000;
const sessionMs = 10_000;
const queue = {
  mode: "paused",
  targetLoginRatePerSecond: 10,
  loginBurst: 2,
  targetCcuLimit: 50,
  playerGraceSeconds: 2,
  passSeconds: 20,
  restoreSeconds: 0,
} as const;

export function wrongClock(server: RedisServer): void {
  it("S17 a process whose clock is an hour ahead admits, issues and expires as the others do", async ({
    onTestFinished,
  }) => {
    const game = new Game(server, {
      queue,
      concurrentSessions: "many",
      tokens: { tokenExpirationMinutes: 0.1, sessionMaxMinutes: sessionMs / 60_000 },
    });
    onTestFinished(() => game.stop());
    const [right, ahead] = await Promise.all([game.start(), game.start({ execArgv: hourAhead })]);
    expect((await ahead.call("date")) - (await right.call("date"))).toBeGreaterThan(hourMs - 60_000);

    const crowd = new Crowd([right, ahead], 20, queue.passSeconds);
    await crowd.arrive(1);
    await right.call("configure", { mode: "always" });
    await crowd.allIn();
    const admitted = await game.admitted();
    expect(letInTwice(admitted)).toEqual([]);
    expect(crowd.odd).toEqual([]);
    expect(mostInOneSecond(admitted)).toBeLessThanOrEqual(queue.targetLoginRatePerSecond + queue.loginBurst);
    const order = crowd.bots.map(({ admissions }) => admissions[0]?.admittedAt ?? 0);
    expect(order).toEqual([...order].sort((one, other) => one - other));
    // Slots of those who left end by Redis's time, too.
    await vi.waitFor(async () => expect(await ahead.call("status")).toMatchObject({ liveSlots: 0 }), 20_000);

    await right.call("configure", { mode: "auto" });
    const ann = await ahead.loggedIn("Ann");
    expect(Math.abs(ann.login.session.createdAt - (await game.now()))).toBeLessThan(60_000);
    const rooms = [ann, right.visitedBy(ann)].map(({ client }) => eventually(() => client.create("game")));
    const closing = rooms.map(async (room) => ({ ...(await left(await room)), at: await game.now() }));
    for (const member of [right, ahead]) expect((await member.visitedBy(ann).get("/me")).status).toBe(200);
    const visitor = right.visitedBy(ann);
    await visitor.refresh();
    const back = ahead.visitedBy(visitor);
    await back.refresh();
    for (const member of [right, ahead]) expect((await member.visitedBy(back).get("/me")).status).toBe(200);
    // The session token ends on both when it ends, and not before.
    const closes = await Promise.all(closing);
    expect(closes.map(({ code }) => code)).toEqual([4408, 4408]);
    for (const { at } of closes) expect(at).toBeGreaterThanOrEqual(back.login.tokenExpiresAt);
    for (const member of [right, ahead]) {
      expect(await member.visitedBy(back).get("/me")).toMatchObject({ status: 401, body: { code: "TOKEN_EXPIRED" } });
    }
    // Its last moment, met on both by refreshes: from then on there is no live pair, and before there was one.
    const visitors = [right.visitedBy(back), ahead.visitedBy(back)];
    for (let isLive = true; isLive; ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const answers = await Promise.all(visitors.map((player) => player.tryRefresh()));
      answers.forEach((answer, index) => {
        if (answer.status === 200) visitors[index]?.take(answer);
        else expect(answer.status).toBe(401);
      });
      isLive = answers.every(({ status }) => status === 200);
    }
    expect(await game.now()).toBeGreaterThanOrEqual(back.login.session.createdAt + sessionMs);
    for (const player of visitors) {
      expect((await player.tryRefresh()).status).toBe(401);
      expect((await player.get("/me")).status).toBe(401);
    }
  });
}
