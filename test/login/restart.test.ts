// What a restart of the process keeps: with configured keys the order of the queue, with a store of its own the sessions too.
import { describe, expect, it } from "vitest";
import { createLogin, type Login } from "../../src/login.ts";
import { resolveOptions } from "../../src/options/options.ts";
import { refusal } from "../support/room-clients.ts";
import { settled } from "../support/settled.ts";
import { keptAccounts, keptStore } from "./kept-store.ts";
import { newKey, refreshSecrets } from "./keys.ts";
import { type Player, untilAdmitted } from "./player.ts";
import { type House, loginServer } from "./server.ts";

const server = loginServer();

/** Three wait, one after the other; answers them with their tickets. */
async function threeWait(house: House) {
  const waiting: { player: Player; ticket: string }[] = [];
  for (const name of ["Ann", "Bob", "Cid"]) {
    const player = house.player(name);
    const { ticket } = (await player.queue()).state;
    waiting.push({ player, ticket });
    await house.clock.advance(1_000);
  }
  return waiting;
}

describe("after a restart with an empty store", () => {
  it("tickets restore the order, and nobody is let in ahead of those who come back", async () => {
    const tokens = { keys: { current: newKey() }, refreshSecrets };
    const house = server.open({ tokens, queue: { targetCcuLimit: 0 } });
    const waiting = await threeWait(house);
    await house.restart({ queue: { targetCcuLimit: 100, targetLoginRatePerSecond: 1, loginBurst: 1 } });

    const newcomer = house.player("Dan");
    expect((await newcomer.tryLogIn()).body).toMatchObject({ code: "QUEUE_REQUIRED" });
    const rooms = [await newcomer.queue()];
    // They come back in the wrong order.
    for (const { player, ticket } of waiting.toReversed()) {
      await house.clock.advance(2_000);
      rooms.unshift(await player.queue({ ticket }));
    }
    // Nobody is told a place behind the one of before.
    for (const [index, { state }] of rooms.slice(0, 3).entries()) {
      expect(state.position).toBeLessThanOrEqual(index + 1);
    }
    await house.clock.advance(3_900);
    await Promise.all(rooms.map(settled));
    expect(rooms.map(({ state }) => state.status)).toEqual(rooms.map(() => "waiting"));

    const order: number[] = [];
    rooms.forEach((room, index) => void untilAdmitted(room).then(() => order.push(index)));
    for (let second = 0; second < 5; second += 1) {
      await house.clock.advance(1_000);
      await Promise.all(rooms.map(settled));
    }
    expect(order).toEqual([0, 1, 2, 3]);
  });

  it("nobody holds a place of before where the keys were made at the start", async () => {
    const house = server.open({ queue: { targetCcuLimit: 0 } });
    const waiting = await threeWait(house);
    await house.restart();
    const places: unknown[] = [];
    for (const { player, ticket } of waiting.toReversed()) places.push((await player.queue({ ticket })).state.position);
    expect(places).toEqual([1, 2, 3]);
  });

  it("sessions are gone, and their holders are told to log in again", async () => {
    const tokens = { keys: { current: newKey() }, refreshSecrets };
    const house = server.open({ tokens });
    const ann = await house.loggedIn("Ann");
    await house.restart();
    expect(await refusal(ann.play())).toEqual({ code: 401, message: "SESSION_REVOKED" });
    expect((await ann.tryRefresh()).body).toMatchObject({ code: "SESSION_REVOKED" });
    expect((await ann.get("/auth/session")).body).toMatchObject({ code: "SESSION_REVOKED" });
  });
});

describe("S27 after a restart with the store of before", () => {
  it("sessions live on, and ends and bans hold", async () => {
    const tokens = { keys: { current: newKey() }, refreshSecrets };
    const house = server.open({ tokens, store: keptStore(), accounts: keptAccounts() });
    const [ann, bob, cid] = [await house.loggedIn("Ann"), await house.loggedIn("Bob"), await house.loggedIn("Cid")];
    await bob.logOut();
    await house.login.bans.ban(cid.userId, { reason: "cheating" });
    await house.restart();

    await ann.play();
    expect((await ann.refresh()).session.sid).toBe(ann.sid);
    expect(await refusal(bob.play())).toEqual({ code: 401, message: "SESSION_REVOKED" });
    expect((await bob.tryRefresh()).status).toBe(401);
    expect(await refusal(cid.play())).toEqual({ code: 403, message: "BANNED" });
    expect((await cid.tryLogIn()).body).toMatchObject({ code: "BANNED", reason: "cheating" });
  });
});

describe("S09 rotating the signing key", () => {
  const first = newKey();
  const second = newKey();
  const stages = {
    alone: { keys: { current: first }, refreshSecrets },
    announced: { keys: { current: first, next: second }, refreshSecrets },
    rotated: { keys: { current: second, previous: [first] }, refreshSecrets },
    done: { keys: { current: second }, refreshSecrets },
  };
  const kidOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid;

  it("next, current, previous: logs nobody out; removing a key ends exactly its tokens", async () => {
    const house = server.open({ tokens: stages.alone, store: keptStore(), accounts: keptAccounts() });
    const ann = await house.loggedIn("Ann");
    await house.restart({ tokens: stages.announced });
    await ann.play();
    const bob = await house.loggedIn("Bob");
    expect(kidOf(bob.login.token)).toBe(kidOf(ann.login.token));
    await house.restart({ tokens: stages.rotated });
    const cid = await house.loggedIn("Cid");
    expect(kidOf(cid.login.token)).not.toBe(kidOf(ann.login.token));
    for (const player of [ann, bob, cid]) await player.play();
    const { keys } = (await ann.get("/auth/.well-known/jwks.json")).body as { keys: { kid: string; d?: string }[] };
    expect(keys.map(({ kid, d }) => [kid, d])).toEqual([cid, ann].map(({ login }) => [kidOf(login.token), undefined]));

    await house.restart({ tokens: stages.done });
    for (const player of [ann, bob]) {
      expect(await refusal(player.play())).toEqual({ code: 401, message: "TOKEN_INVALID" });
      expect((await player.get("/auth/session")).body).toMatchObject({ code: "TOKEN_INVALID" });
      // The session itself lives, and its refresh token was never signed.
      await player.refresh();
      await player.play();
    }
    await cid.play();
  });

  it("two processes on one store, a stage apart, accept each other's tokens", async () => {
    const store = keptStore();
    const accounts = keptAccounts();
    const house = server.open({ tokens: stages.announced, store, accounts });
    const options = resolveOptions({ tokens: stages.rotated, store, accounts, logger: house.logger });
    const other: Login = createLogin(options, house.clock);
    const ann = await house.loggedIn("Ann");
    expect(await other.sessions.verify(ann.login.token)).toMatchObject({ sid: ann.sid });

    const next = await other.sessions.refresh({ refreshToken: ann.login.refreshToken });
    expect(kidOf(next.token)).not.toBe(kidOf(ann.login.token));
    expect(await house.login.sessions.verify(next.token)).toMatchObject({ sid: ann.sid });
    // What one process ends, the other lets in no more.
    await other.sessions.logout(ann.sid);
    expect((await ann.get("/auth/session", next.token)).body).toMatchObject({ code: "SESSION_REVOKED" });
    await other.shutdown();
  });

  it("a retired refresh secret verifies as long as it stands among the previous ones", async () => {
    const keys = { current: first };
    const secrets = ["Xc4Qm8Zt1Vb6Nr3Kp9Lw5Jd7Hs2Gf0Ya", "Ru7Ei2Wo9Pq4Ty1Zx6Cv3Bn8Ml5Kj0Hg"] as const;
    const house = server.open({
      tokens: { keys, refreshSecrets: { current: secrets[0] } },
      store: keptStore(),
      accounts: keptAccounts(),
    });
    const [ann, bob] = [await house.loggedIn("Ann"), await house.loggedIn("Bob")];
    await house.restart({ tokens: { keys, refreshSecrets: { current: secrets[1], previous: [secrets[0]] } } });
    await ann.refresh();
    await house.restart({ tokens: { keys, refreshSecrets: { current: secrets[1] } } });
    await ann.refresh();
    expect((await bob.tryRefresh()).body).toMatchObject({ code: "TOKEN_INVALID" });
    expect((await bob.get("/auth/session")).status).toBe(200);
  });
});
