// Who is let in: by token, and by sid at a join or a reconnection.
import { decodeJwt } from "jose";
import { describe, expect, it, vi } from "vitest";
import type { SessionStore } from "../../src/sessions/session-store.ts";
import { parseSessionToken, sessionTokenContent } from "../../src/sessions/session-token.ts";
import { JwtSigner, tokenKinds } from "../../src/tokens/jwt.ts";
import { createKeyRing } from "../../src/tokens/keys.ts";
import { createHouse, type House, issuer, minute, refusal, refusalCode, unreachable } from "./setup.ts";

/** Both ways to ask. */
const doors = (house: House, peer = house.peer()) => ({
  "by token, on the process that issued it": (login: { token: string }) => house.sessions.verify(login.token),
  "by token, on another process": (login: { token: string }) => peer.verify(login.token),
  "by sid": (login: { session: { sid: string } }) => house.sessions.requireLive(login.session.sid),
});

describe("a live session", () => {
  it("is let in at every door, with its record of now", async () => {
    const house = createHouse();
    const { login, record } = await house.login();
    for (const door of Object.values(doors(house))) expect((await door(login)).sid).toBe(record.sid);
  });

  it("costs one read of its record, and one write the first time a generation is shown", async () => {
    const calls: string[] = [];
    const house = createHouse();
    const counted = new Proxy(house.store.sessions, {
      get(store, verb: keyof SessionStore) {
        calls.push(verb);
        return store[verb].bind(store);
      },
    });
    const process = house.peer({ store: counted });
    const { login } = await house.login();
    await process.verify(login.token);
    expect(calls).toEqual(["get", "confirm"]);
    await process.verify(login.token);
    await process.requireLive(login.session.sid);
    expect(calls).toEqual(["get", "confirm", "get", "get"]);
  });

  it("is confirmed by one write, however many show its token at once", async () => {
    const house = createHouse();
    const confirm = vi.spyOn(house.store.sessions, "confirm");
    const { login } = await house.login();
    await Promise.all(Array.from({ length: 50 }, () => house.sessions.verify(login.token)));
    expect(confirm).toHaveBeenCalledTimes(1);
    expect((await house.sessions.get(login.session.sid))?.confirmedAt).toBe(house.clock.now());
  });

  it("is confirmed again where the store lost the write", async () => {
    const house = createHouse();
    const confirm = vi.spyOn(house.store.sessions, "confirm").mockResolvedValueOnce();
    const { login } = await house.login();
    await house.sessions.verify(login.token);
    await house.sessions.verify(login.token);
    expect(confirm).toHaveBeenCalledTimes(2);
    expect((await house.sessions.get(login.session.sid))?.confirmedAt).not.toBeNull();
  });

  it("by a token of an older generation shows the vars of today and confirms nothing", async () => {
    const house = createHouse();
    const { login } = await house.login({ clientVars: { color: "red" } });
    await house.sessions.refresh({ refreshToken: login.refreshToken, vars: { color: "blue" } });
    const record = await house.sessions.verify(login.token);
    expect(record.clientVars).toEqual({ color: "blue" });
    expect(record.generation).toBe(2);
    expect((await house.sessions.get(record.sid))?.confirmedAt).toBeNull();
  });
});

describe("a session that is over", () => {
  it.each(["logout", "replaced", "reuse"] as const)(
    "S23 ended by %s: SESSION_REVOKED at every door",
    async (reason) => {
      const house = createHouse();
      const { login, record } = await house.login();
      const ways = doors(house);
      for (const door of Object.values(ways)) await door(login);
      await house.store.sessions.end(record.sid, { reason, closeSockets: false });
      for (const door of Object.values(ways)) expect(await refusalCode(door(login))).toBe("SESSION_REVOKED");
    },
  );

  it("S19 S23 banned: BANNED with reason and end while the ban lasts, then SESSION_REVOKED", async () => {
    const house = createHouse();
    const { login, account } = await house.login();
    const until = house.clock.now() + minute;
    await house.store.access.ban(account.userId, { reason: "cheating", until });
    for (const door of Object.values(doors(house))) {
      expect((await refusal(door(login))).toJSON()).toMatchObject({ code: "BANNED", reason: "cheating", until });
    }
    await house.clock.advance(minute);
    for (const door of Object.values(doors(house))) expect(await refusalCode(door(login))).toBe("SESSION_REVOKED");
  });

  it("S27 of a store that forgot it: SESSION_REVOKED, or BANNED where the token's user is", async () => {
    const house = createHouse();
    const { login, account } = await house.login();
    const forgetful = house.peer({ store: { ...unreachable, get: async () => null } });
    expect(await refusalCode(forgetful.verify(login.token))).toBe("SESSION_REVOKED");
    expect(await refusalCode(forgetful.requireLive(login.session.sid))).toBe("SESSION_REVOKED");
    await house.store.access.ban(account.userId, { reason: "cheating", until: null });
    expect(await refusalCode(forgetful.verify(login.token))).toBe("BANNED");
  });

  it("S06 past the end of its token: TOKEN_EXPIRED at every door, to the millisecond", async () => {
    const house = createHouse({
      lifetimes: { tokenMs: 1_500, idleMs: 60 * minute, absoluteMs: 90 * minute, refreshGraceMs: 10_000 },
    });
    const { login } = await house.login();
    const ways = doors(house);
    await house.clock.advance(1_499);
    for (const door of Object.values(ways)) await door(login);
    await house.clock.advance(1);
    for (const door of Object.values(ways)) expect(await refusalCode(door(login))).toBe("TOKEN_EXPIRED");
  });

  it("S26 a new login in the same moment does not revive it", async () => {
    const house = createHouse();
    const { login, account } = await house.login();
    await house.sessions.logout(login.session.sid);
    await house.login({ account });
    for (const door of Object.values(doors(house))) expect(await refusalCode(door(login))).toBe("SESSION_REVOKED");
  });

  it("S28 a store out of reach lets nobody in", async () => {
    const house = createHouse();
    const { login } = await house.login();
    const cut = house.peer({ store: unreachable });
    expect(await refusalCode(cut.verify(login.token))).toBe("STORE_UNAVAILABLE");
    expect(await refusalCode(cut.requireLive(login.session.sid))).toBe("STORE_UNAVAILABLE");
    const half = house.peer({ store: { ...unreachable, get: (sid) => house.store.sessions.get(sid) } });
    // Nobody may be let in unconfirmed: a thief could go unnoticed.
    expect(await refusalCode(half.verify(login.token))).toBe("STORE_UNAVAILABLE");
    expect((await house.sessions.verify(login.token)).sid).toBe(login.session.sid);
  });
});

describe("S04 audiences and shards", () => {
  it("a door may want game tokens alone", async () => {
    const house = createHouse();
    const { login } = await house.login({ shard: "eu-1" });
    const { token, socialToken = "" } = login;
    for (const process of [house.sessions, house.peer()]) {
      expect(await refusalCode(process.verify(socialToken, { audiences: ["game"] }))).toBe("TOKEN_INVALID");
      expect((await process.verify(token, { audiences: ["game"] })).sid).toBe(login.session.sid);
      expect((await process.verify(socialToken)).sid).toBe(login.session.sid);
    }
  });

  it("a server with a shard takes game tokens of exactly that shard", async () => {
    const house = createHouse();
    const own = house.peer({ gameShardId: "eu-1" });
    const right = (await house.login({ shard: "eu-1" })).login;
    const wrong = (await house.login({ shard: "eu-2" })).login;
    const none = (await house.login()).login;
    expect((await own.verify(right.token)).sid).toBe(right.session.sid);
    expect(await refusalCode(own.verify(wrong.token))).toBe("TOKEN_INVALID");
    expect(await refusalCode(own.verify(none.token))).toBe("TOKEN_INVALID");
    expect((await own.verify(wrong.socialToken ?? "")).sid).toBe(wrong.session.sid);
    // A server without one serves them all.
    for (const { token } of [right, wrong, none]) expect(await house.sessions.verify(token)).toBeDefined();
  });
});

describe("S05 the claims of a session token", () => {
  it.each([
    ["sid", undefined],
    ["sid", 7],
    ["sid", ""],
    ["username", undefined],
    ["vars", undefined],
    ["vars", "a"],
    ["vars", { level: 7 }],
    ["svars", undefined],
    ["svars", ["a"]],
    ["kind", undefined],
    ["kind", "operator"],
    ["gen", undefined],
    ["gen", "1"],
    ["gen", 0],
    ["gen", 1.5],
    ["shard", 7],
  ])("%s is not %j", async (claim, value) => {
    const house = createHouse();
    const { record, login } = await house.login();
    const content = sessionTokenContent(record, "game");
    const good = await house.jwt.sign(tokenKinds.player, "game", content);
    expect((await house.sessions.verify(good)).sid).toBe(login.session.sid);
    const bad = await house.jwt.sign(tokenKinds.player, "game", {
      ...content,
      claims: { ...content.claims, [claim]: value },
    });
    expect(await refusalCode(house.sessions.verify(bad))).toBe("TOKEN_INVALID");
    expect(await refusalCode(house.peer().verify(bad))).toBe("TOKEN_INVALID");
  });

  it("a subject is there", async () => {
    const house = createHouse();
    const { record } = await house.login();
    const { subject: _subject, ...content } = sessionTokenContent(record, "game");
    const anonymous = await house.jwt.sign(tokenKinds.player, "game", content);
    expect(await refusalCode(house.sessions.verify(anonymous))).toBe("TOKEN_INVALID");
  });

  it("tell the session they were made from", async () => {
    const house = createHouse();
    const { record, login } = await house.login({ shard: "eu-1" });
    const claims = parseSessionToken(await house.jwt.verify(tokenKinds.player, login.token));
    const { sid, userId, generation } = record;
    expect(claims).toEqual({ audience: "game", userId, sid, generation, shard: "eu-1" });
  });
});

it("S09 a token of another server, under other keys or another issuer, is refused", async () => {
  const house = createHouse();
  const { record, login } = await house.login();
  const content = sessionTokenContent(record, "game");
  const otherKeys = new JwtSigner({ keys: createKeyRing({ algorithm: "EdDSA" }), issuer, clock: house.clock });
  const otherIssuer = new JwtSigner({ keys: house.keys, issuer: "https://other.example", clock: house.clock });
  for (const foreign of [otherKeys, otherIssuer]) {
    const token = await foreign.sign(tokenKinds.player, "game", content);
    expect(decodeJwt(token).sub).toBe(decodeJwt(login.token).sub);
    expect(await refusalCode(house.sessions.verify(token))).toBe("TOKEN_INVALID");
  }
});
