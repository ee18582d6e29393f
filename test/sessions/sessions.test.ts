// Opening a session and the answer that carries it.
import { decodeJwt, decodeProtectedHeader } from "jose";
import { describe, expect, it } from "vitest";
import { mergeVars, toSessionAuth } from "../../src/sessions/session.ts";
import { maxTokenBytes } from "../../src/tokens/jwt.ts";
import { createHouse, minute, refusal, refusalCode, unreachable } from "./setup.ts";

describe("a login's answer", () => {
  it("is what DESIGN 6 calls Login", async () => {
    const { login, clock, accounts } = createHouse();
    const account = await accounts.create({ username: "Ada" });
    const clientVars = { color: "red", level: "1" };
    const serverVars = { level: "7" };
    const answer = (await login({ account, clientVars, serverVars })).login;
    const now = clock.now();
    expect(answer).toEqual({
      token: expect.any(String),
      refreshToken: expect.stringMatching(/^[\w-]{22}\.1\.[\w-]{43}$/),
      tokenExpiresAt: now + 1440 * minute,
      refreshTokenExpiresAt: now + 43_200 * minute,
      refreshAt: expect.any(Number),
      session: {
        sid: expect.stringMatching(/^[\w-]{22}$/),
        userId: account.userId,
        username: "Ada",
        vars: { color: "red", level: "7" },
        serverVars: { level: "7" },
        kind: "player",
        createdAt: now,
        expiresAt: now + 1440 * minute,
      },
      user: { id: account.userId, username: "Ada" },
      loginData: {},
      created: true,
    });
  });

  it("carries a session token with the claims of DESIGN 4", async () => {
    const { login, clock, keys } = createHouse();
    const clientVars = { color: "red" };
    const { login: answer, account, record } = await login({ clientVars, serverVars: { level: "7" } });
    expect(decodeProtectedHeader(answer.token)).toEqual({ alg: "EdDSA", typ: "at+jwt", kid: keys.current.kid });
    expect(decodeJwt(answer.token)).toEqual({
      iss: "https://game.example",
      aud: "game",
      sub: account.userId,
      sid: answer.session.sid,
      username: account.username,
      vars: { color: "red", level: "7" },
      svars: { level: "7" },
      kind: "player",
      gen: 1,
      iat: clock.now() / 1000,
      exp: clock.now() / 1000 + 1440 * 60,
      jti: record.tokenId,
    });
  });

  it("S10 has nothing else in its token: no group, nonce, secret, address or credential", async () => {
    const { accounts, login } = createHouse();
    const { account } = await accounts.findOrCreate(
      { provider: "device", externalId: "device-secret" },
      { groups: ["vip"] },
    );
    const { login: answer, record } = await login({ account });
    const text = JSON.stringify([decodeProtectedHeader(answer.token), decodeJwt(answer.token)]);
    for (const secret of ["device-secret", "vip", record.nonce, answer.refreshToken, record.refreshSecretId]) {
      expect(text).not.toContain(secret);
    }
    expect(JSON.stringify(answer)).not.toContain(record.nonce);
  });

  it("says to refresh after 45 ± 5 minutes, drawn for each answer", async () => {
    const { login, sessions, clock } = createHouse();
    const { record } = await login();
    const drawn = new Set<number>();
    for (let i = 0; i < 200; i += 1) {
      const { refreshAt } = await sessions.toLogin(record, { created: false, loginData: {} });
      expect(refreshAt).toBeGreaterThanOrEqual(clock.now() + 40 * minute);
      expect(refreshAt).toBeLessThanOrEqual(clock.now() + 50 * minute);
      drawn.add(refreshAt);
    }
    expect(drawn.size).toBeGreaterThan(100);
    expect(Math.max(...drawn) - Math.min(...drawn)).toBeGreaterThan(5 * minute);
  });

  it("says to refresh before the token ends, however short it lives", async () => {
    for (const tokenMs of [1_500, 3_000, 20 * minute, 47 * minute]) {
      const lifetimes = { tokenMs, idleMs: 60 * minute, absoluteMs: 90 * minute, refreshGraceMs: 10_000 };
      const { refreshAt, tokenExpiresAt } = (await createHouse({ lifetimes }).login()).login;
      expect(refreshAt).toBeLessThan(tokenExpiresAt);
      expect(refreshAt).toBeGreaterThanOrEqual(tokenExpiresAt - Math.max(tokenMs / 10, 12 * minute));
    }
  });

  it("ends the token with the session where the session ends first", async () => {
    const lifetimes = { tokenMs: 60 * minute, idleMs: 20 * minute, absoluteMs: 90 * minute, refreshGraceMs: 10_000 };
    const { login, clock, sessions } = createHouse({ lifetimes });
    const { login: answer } = await login();
    expect(answer.tokenExpiresAt).toBe(clock.now() + 20 * minute);
    expect(decodeJwt(answer.token).exp).toBe((clock.now() + 20 * minute) / 1000);
    await clock.advance(20 * minute);
    expect(await refusalCode(sessions.verify(answer.token))).toBe("TOKEN_EXPIRED");
  });

  it("has a game and a social token where a shard is in play", async () => {
    const { login } = createHouse();
    const { login: answer, record } = await login({ shard: "eu-1" });
    expect(decodeJwt(answer.token)).toMatchObject({ aud: "game", shard: "eu-1", jti: record.tokenId });
    const social = decodeJwt(answer.socialToken ?? "");
    expect(social).toMatchObject({ aud: "social", sid: record.sid });
    expect(social).not.toHaveProperty("shard");
    expect(social.jti).not.toBe(record.tokenId);
    expect((await login()).login).not.toHaveProperty("socialToken");
  });
});

describe("opening", () => {
  it("S54 S55 each login has a sid of 128 random bits, and no part of it comes from the account", async () => {
    const { accounts, login } = createHouse();
    const account = await accounts.create({});
    const sids = new Set<string>();
    for (let i = 0; i < 50; i += 1) sids.add((await login({ account })).record.sid);
    expect(sids.size).toBe(50);
    for (const sid of sids) expect(Buffer.from(sid, "base64url")).toHaveLength(16);
  });

  it("S32 S19 a banned user gets no session, and hears why and until when", async () => {
    const { accounts, login, store, clock } = createHouse();
    const account = await accounts.create({});
    const until = clock.now() + minute;
    await store.access.ban(account.userId, { reason: "cheating", until });
    const error = await refusal(login({ account }));
    expect(error.toJSON()).toMatchObject({ code: "BANNED", reason: "cheating", until });
    await clock.advance(minute);
    expect((await login({ account })).record.end).toBeNull();
    await store.access.ban(account.userId, { reason: "for ever", until: null });
    expect((await refusal(login({ account }))).details).toEqual({ reason: "for ever" });
  });

  it("refuses one session too many, or ends the oldest", async () => {
    const rejecting = createHouse({ concurrent: { limit: 1, onExceeded: "reject" } });
    const { account } = await rejecting.login();
    expect(await refusalCode(rejecting.login({ account }))).toBe("CONFLICT");

    const ended: string[] = [];
    const replacing = createHouse({
      concurrent: { limit: 2, onExceeded: "replace" },
      hooks: { onSessionEnd: (session, reason) => void ended.push(`${session.sid} ${reason}`) },
    });
    const first = await replacing.login();
    await replacing.login({ account: first.account });
    expect(ended).toEqual([]);
    await replacing.login({ account: first.account });
    expect(ended).toEqual([`${first.record.sid} replaced`]);
    expect(await refusalCode(replacing.sessions.verify(first.login.token))).toBe("SESSION_REVOKED");
    expect(await replacing.sessions.list(first.account.userId)).toHaveLength(2);
  });

  it("S34 refuses vars beyond their limits, both parts together", async () => {
    const { login, accounts, sessions } = createHouse();
    const account = await accounts.create({});
    const many = (prefix: string) => Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`${prefix}${i}`, "v"]));
    expect(await refusalCode(login({ account, clientVars: many("a"), serverVars: many("b") }))).toBe("INVALID_REQUEST");
    expect(await refusalCode(login({ account, clientVars: { a: "\n" } }))).toBe("INVALID_REQUEST");
    expect(await refusalCode(login({ account, serverVars: { a: 1 } as never }))).toBe("INVALID_REQUEST");
    expect(await sessions.list(account.userId)).toEqual([]);
  });

  it("S07 refuses, before a session exists, what would make a token of over 4 096 bytes", async () => {
    const { login, accounts, sessions } = createHouse();
    const account = await accounts.create({});
    // Server vars stand twice in a token.
    const ofBytes = (bytes: number) => {
      const vars: Record<string, string> = {};
      for (let left = bytes, i = 10; left > 0; left -= 200, i += 1) vars[`k${i}`] = "x".repeat(Math.min(left, 200));
      return vars;
    };
    expect(await refusalCode(login({ account, serverVars: ofBytes(1_600) }))).toBe("INVALID_REQUEST");
    expect(await sessions.list(account.userId)).toEqual([]);

    let fits = 1_000;
    for (let bytes = fits; bytes < 1_600; bytes += 1) {
      try {
        const { login: answer } = await login({ account, serverVars: ofBytes(bytes) });
        expect(answer.token.length).toBeLessThanOrEqual(maxTokenBytes);
        fits = bytes;
      } catch {
        break;
      }
    }
    // What a login may carry, every later refresh may carry: a generation of ten digits is allowed for.
    const { login: answer, record } = await login({ account, serverVars: ofBytes(fits) });
    expect(answer.token.length).toBeGreaterThan(maxTokenBytes - 30);
    const late = await sessions.toLogin({ ...record, generation: 9_999_999_999 }, { created: false, loginData: {} });
    expect(late.token.length).toBeLessThanOrEqual(maxTokenBytes);
  });

  it("S20 server vars lie over client vars of the same name", async () => {
    const { login } = createHouse();
    const { record } = await login({ clientVars: { level: "99", color: "red" }, serverVars: { level: "1" } });
    expect(mergeVars(record)).toEqual({ level: "1", color: "red" });
    const auth = toSessionAuth(record);
    expect(auth.vars).toEqual({ level: "1", color: "red" });
    expect(auth.serverVars).toEqual({ level: "1" });
    expect(auth.id).toBe(auth.userId);
    expect(auth).not.toHaveProperty("sessionId");
    for (const part of [auth, auth.vars, auth.serverVars, auth.groups]) expect(Object.isFrozen(part)).toBe(true);
  });

  it("S28 a store out of reach makes it fail", async () => {
    const { login } = createHouse({ store: unreachable });
    expect(await refusalCode(login())).toBe("STORE_UNAVAILABLE");
  });
});
