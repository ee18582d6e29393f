// Time is the store's: a process whose own clock is an hour off lets in, prolongs and ends what it should.
import { describe, expect, it } from "vitest";
import type { Clock } from "../../src/clock.ts";
import type { StoreFactory } from "../../src/stores/store.ts";
import { refusal } from "../support/room-clients.ts";
import { keptStore } from "./kept-store.ts";
import { untilAdmitted } from "./player.ts";
import { loginServer } from "./server.ts";

const server = loginServer();
const hourMs = 3_600_000;

/** A store whose time is not that of the process. */
function storeAhead(byMs: number): StoreFactory {
  const open = keptStore();
  return (context) => {
    const { clock } = context;
    const ahead: Clock = {
      now: () => clock.now() + byMs,
      every: (milliseconds, task) => clock.every(milliseconds, task),
      after: (milliseconds, task) => clock.after(milliseconds, task),
    };
    return open({ ...context, clock: ahead });
  };
}

describe.each([
  ["behind", hourMs],
  ["ahead", -hourMs],
])("a process whose clock is an hour %s", (_how, byMs) => {
  it("issues tokens and ends by the store's time, and takes them", async () => {
    const house = server.open({ store: storeAhead(byMs), tokens: { tokenExpirationMinutes: 30 } });
    const storeNow = () => house.clock.now() + byMs;
    const ann = await house.loggedIn("Ann");
    expect(ann.login.tokenExpiresAt).toBe(storeNow() + 1_800_000);
    expect(ann.login.refreshAt).toBeGreaterThan(storeNow());
    expect(ann.login.refreshAt).toBeLessThanOrEqual(ann.login.tokenExpiresAt);
    await ann.play();
    await ann.refresh();
    await house.clock.advance(1_801_000);
    expect(await refusal(ann.play())).toEqual({ code: 401, message: "TOKEN_EXPIRED" });
    await ann.refresh();
    await ann.play();
  });

  it("takes places, hands out passes, and takes them by the store's time", async () => {
    const house = server.open({ store: storeAhead(byMs), queue: { mode: "always", passSeconds: 30 } });
    const bob = house.player("Bob");
    const room = await bob.queue();
    const asOf = house.clock.now() + byMs;
    expect(room.state.asOf).toBe(asOf);
    await house.clock.advance(1_000);
    const { pass, passExpiresAt } = await untilAdmitted(room);
    expect(passExpiresAt).toBeGreaterThan(asOf);
    expect(passExpiresAt).toBeLessThanOrEqual(asOf + 31_000);
    await bob.logIn({ queuePass: pass });
    await bob.play();
  });

  it("bans until a moment of the store's time", async () => {
    const house = server.open({ store: storeAhead(byMs) });
    const ann = await house.loggedIn("Ann");
    await house.login.bans.ban(ann.userId, { reason: "cheating", until: house.clock.now() + byMs + 60_000 });
    expect((await ann.tryLogIn()).status).toBe(403);
    await house.clock.advance(61_000);
    await ann.logIn();
  });
});
