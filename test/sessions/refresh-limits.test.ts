// What a refresh runs into: ends, bans, deleted accounts, a store that fails.
import { decodeJwt } from "jose";
import { describe, expect, it, vi } from "vitest";
import { LoginError } from "../../src/errors.ts";
import type { SessionStore } from "../../src/sessions/session-store.ts";
import { attempt, createHouse, day, type House, minute, refresh, refusal, refusalCode } from "./setup.ts";

describe("S17 a refresh against an end at the same moment", () => {
  const ends: Record<string, (house: House, sid: string, userId: string) => Promise<unknown>> = {
    logout: (house, sid) => house.sessions.logout(sid),
    "logout everywhere": (house, _sid, userId) => house.sessions.logoutUser(userId),
    ban: (house, _sid, userId) => house.store.access.ban(userId, { reason: "x", until: null }),
    expiry: (house) => house.clock.advance(30 * day),
  };
  it.each(Object.keys(ends))("%s: no pair lives afterwards", async (name) => {
    // The end comes before the refresh, or at each of its turns: while it reads the record, the account, asks its hook.
    for (const turn of ["before", "get", "account", "hook", "after"]) {
      const at = async (here: string, sid: string, userId: string) => {
        if (here === turn) await ends[name]?.(house, sid, userId);
      };
      let sid = "";
      let userId = "";
      const house: House = createHouse();
      const store: SessionStore = new Proxy(house.store.sessions, {
        get: (target, verb: keyof SessionStore) =>
          verb !== "get"
            ? target[verb].bind(target)
            : async (asked: string) => {
                const record = await target.get(asked);
                await at("get", sid, userId);
                return record;
              },
      });
      const process = house.peer({
        store,
        accounts: {
          get: async (id) => {
            await at("account", sid, userId);
            return house.accounts.get(id);
          },
        },
        hooks: { beforeRefresh: () => at("hook", sid, userId) },
      });
      const { login, record } = await house.login();
      ({ sid, userId } = record);
      await at("before", sid, userId);
      const answer = await process.refresh(login).catch((error: unknown) => error);
      await at("after", sid, userId);
      if (answer instanceof LoginError) {
        expect(["SESSION_REVOKED", "BANNED", "TOKEN_EXPIRED"]).toContain(answer.code);
      } else {
        expect(turn).toBe("after");
      }
      const { token, refreshToken } = await house.sessions.toLogin((await house.sessions.get(sid))!, {
        created: false,
        loginData: {},
      });
      await expect(house.sessions.verify(token)).rejects.toBeInstanceOf(LoginError);
      await expect(house.sessions.verify(login.token)).rejects.toBeInstanceOf(LoginError);
      await expect(house.sessions.refresh({ refreshToken })).rejects.toBeInstanceOf(LoginError);
    }
  });
});

describe("S18 ends", () => {
  it("the idle end slides with each refresh; past it, TOKEN_EXPIRED ends the session", async () => {
    const ended = vi.fn();
    const house = createHouse({ hooks: { onSessionEnd: ended } });
    const { login, record } = await house.login();
    await house.clock.advance(29 * day);
    const next = await refresh(house, login.refreshToken);
    await house.clock.advance(29 * day);
    const last = await refresh(house, next.refreshToken);
    await house.clock.advance(30 * day);
    expect(await refusalCode(refresh(house, last.refreshToken))).toBe("TOKEN_EXPIRED");
    expect((await house.sessions.get(record.sid))?.end?.reason).toBe("expired");
    expect(ended.mock.calls).toEqual([[expect.objectContaining({ sid: record.sid }), "expired"]]);
    expect(await refusalCode(refresh(house, last.refreshToken))).toBe("SESSION_REVOKED");
    expect(ended).toHaveBeenCalledTimes(1);
  });

  it("the absolute end never moves, and no pair outlives it", async () => {
    const house = createHouse();
    const made = house.clock.now();
    let { login } = await house.login();
    for (let days = 25; days <= 75; days += 25) {
      await house.clock.advance(25 * day);
      login = await refresh(house, login.refreshToken);
    }
    await house.clock.advance(14.5 * day);
    login = await refresh(house, login.refreshToken);
    expect(login.refreshTokenExpiresAt).toBe(made + 90 * day);
    expect(login.tokenExpiresAt).toBe(made + 90 * day);
    expect(decodeJwt(login.token).exp).toBe((made + 90 * day) / 1000);
    await house.clock.advance(0.5 * day);
    expect(await refusalCode(refresh(house, login.refreshToken))).toBe("TOKEN_EXPIRED");
    expect(await refusalCode(house.sessions.verify(login.token))).toBe("TOKEN_EXPIRED");
  });
});

describe("S19 the account is read again", () => {
  it("banned: BANNED while the ban lasts, then SESSION_REVOKED", async () => {
    const house = createHouse();
    const { login, account } = await house.login();
    await house.store.access.ban(account.userId, { reason: "cheating", until: house.clock.now() + minute });
    expect((await refusal(refresh(house, login.refreshToken))).toJSON()).toMatchObject({
      code: "BANNED",
      reason: "cheating",
    });
    await house.clock.advance(minute);
    expect(await refusalCode(refresh(house, login.refreshToken))).toBe("SESSION_REVOKED");
  });

  it("deleted: SESSION_REVOKED, for a new pair and for a repeat", async () => {
    const house = createHouse();
    const { login } = await house.login();
    const orphaned = house.peer({ accounts: { get: async () => null } });
    expect(await refusalCode(orphaned.refresh(login))).toBe("SESSION_REVOKED");
    await house.sessions.refresh(login);
    expect(await refusalCode(orphaned.refresh(login))).toBe("SESSION_REVOKED");
  });

  it("renamed, with other groups: the session shows it", async () => {
    const house = createHouse();
    const identity = { provider: "custom", externalId: "ada" };
    const { account } = await house.accounts.findOrCreate(identity, { username: "Ada", groups: ["staff"] });
    const { login } = await house.login({ account });
    await house.accounts.setUsername(account.userId, "Countess");
    await house.accounts.findOrCreate(identity, { groups: [] });
    const record = await house.sessions.refresh(login);
    expect([record.username, record.groups]).toEqual(["Countess", []]);
    expect(decodeJwt((await house.sessions.toLogin(record, { created: false, loginData: {} })).token)["username"]).toBe(
      "Countess",
    );
  });
});

describe("S21 a store that fails", () => {
  /** Fails once at a verb, before or after the verb had its effect. */
  function failingOnce(store: SessionStore, failing: keyof SessionStore, when: "before" | "after"): SessionStore {
    let failed = false;
    const failure = () => new LoginError("STORE_UNAVAILABLE", "The store is out of reach.");
    return new Proxy(store, {
      get: (target, verb: keyof SessionStore) => {
        const method: (...args: never[]) => Promise<unknown> = target[verb].bind(target);
        if (verb !== failing || failed) return method;
        return async (...args: never[]) => {
          failed = true;
          if (when === "before") throw failure();
          await method(...args);
          throw failure();
        };
      },
    });
  }

  it.each([
    ["get", "before"],
    ["get", "after"],
    ["refresh", "before"],
    ["refresh", "after"],
  ] as const)("at %s, %s its effect: the owner refreshes with the same token", async (verb, when) => {
    for (const extras of [{ attempt }, {}]) {
      const house = createHouse();
      const { login } = await house.login();
      const process = house.peer({ store: failingOnce(house.store.sessions, verb, when) });
      expect(await refusalCode(process.refresh({ ...login, ...extras }))).toBe("STORE_UNAVAILABLE");
      await house.clock.advance(60 * minute);
      const record = await process.refresh({ ...login, ...extras });
      expect(record.generation).toBe(2);
      const next = await process.toLogin(record, { created: false, loginData: {} });
      expect(await process.verify(next.token)).toBeDefined();
      expect((await process.refresh(next)).generation).toBe(3);
    }
  });
});
