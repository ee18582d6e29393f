// What a refresh may change of a session's vars, and the hook that alone may change the server's part.
import { decodeJwt } from "jose";
import { describe, expect, it, vi } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { randomId } from "../../src/random.ts";
import type { RefreshHookRequest } from "../../src/sessions/hooks.ts";
import { createHouse, pairOf, refresh, refusal, refusalCode } from "./setup.ts";

describe("S20 vars at a refresh", () => {
  const serverVars = { level: "7", rank: "gold" };

  it("absent keep the client vars, present replace them all", async () => {
    const house = createHouse();
    const { login } = await house.login({ clientVars: { color: "red", hat: "top" } });
    const kept = await refresh(house, login.refreshToken);
    expect(kept.session.vars).toEqual({ color: "red", hat: "top" });
    const replaced = await refresh(house, kept.refreshToken, { vars: { color: "blue" } });
    expect(replaced.session.vars).toEqual({ color: "blue" });
    const emptied = await refresh(house, replaced.refreshToken, { vars: {} });
    expect(emptied.session.vars).toEqual({});
  });

  it("neither overwrite nor drop server vars", async () => {
    const house = createHouse();
    const { login } = await house.login({ serverVars });
    const next = await refresh(house, login.refreshToken, { vars: { level: "99", svars: "x", serverVars: "y" } });
    expect(next.session.serverVars).toEqual(serverVars);
    expect(next.session.vars).toEqual({ ...serverVars, svars: "x", serverVars: "y" });
    expect(decodeJwt(next.token)["svars"]).toEqual(serverVars);
    const emptied = await refresh(house, next.refreshToken, { vars: {} });
    expect(emptied.session.vars).toEqual(serverVars);
  });

  it("S34 beyond their limits are refused, and the pair stays good", async () => {
    const house = createHouse();
    const { login, record } = await house.login({ serverVars });
    const many = Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`k${i}`, "v"]));
    const wide = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${i}`, "界".repeat(66)]));
    for (const vars of [many, wide, { a: 1 }, { a: "\u0000" }, [], null, "x"]) {
      const call = house.sessions.refresh({ refreshToken: login.refreshToken, vars: vars as Record<string, string> });
      expect(await refusalCode(call)).toBe("INVALID_REQUEST");
    }
    expect((await house.sessions.get(record.sid))?.generation).toBe(1);
    expect((await refresh(house, login.refreshToken)).session.vars).toEqual(serverVars);
  });

  it("S07 that make the token too long are refused, and the pair stays good", async () => {
    const house = createHouse();
    const long = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`k${i}`, "x".repeat(240)]));
    const { login } = await house.login({ serverVars: Object.fromEntries(Object.entries(long).slice(0, 3)) });
    const hooked = house.peer({ hooks: { beforeRefresh: () => ({ serverVars: long }) } });
    expect(await refusalCode(hooked.refresh(login))).toBe("INVALID_REQUEST");
    expect(pairOf(await refresh(house, login.refreshToken)).gen).toBe(2);
  });

  it.each(["", "x".repeat(15), "x".repeat(65), "x".repeat(100_000), 1234567890123456, null, {}, ["x".repeat(20)]])(
    "S35 an attempt of %j is refused",
    async (wrong) => {
      const house = createHouse();
      const { login, record } = await house.login();
      const call = house.sessions.refresh({ refreshToken: login.refreshToken, attempt: wrong as string });
      expect(await refusalCode(call)).toBe("INVALID_REQUEST");
      expect((await house.sessions.get(record.sid))?.generation).toBe(1);
    },
  );
});

describe("the hook beforeRefresh", () => {
  it("sees the session and the vars asked for, and alone may change server vars", async () => {
    const seen: RefreshHookRequest[] = [];
    const house = createHouse({
      hooks: {
        beforeRefresh(session, request) {
          seen.push(request);
          expect(session.vars).toEqual({ color: "red", level: "7" });
          return { serverVars: { level: "8" }, groups: ["vip"] };
        },
      },
    });
    const { login } = await house.login({ clientVars: { color: "red" }, serverVars: { level: "7" } });
    const next = await house.sessions.refresh({ ...login, vars: { color: "blue" } });
    expect(seen).toEqual([{ vars: { color: "blue" } }]);
    expect([next.clientVars, next.serverVars, next.groups]).toEqual([{ color: "blue" }, { level: "8" }, ["vip"]]);
  });

  it("is told null where the vars stay, and what it leaves out stays too", async () => {
    const beforeRefresh = vi.fn(() => {});
    const house = createHouse({ hooks: { beforeRefresh } });
    const { login } = await house.login({ serverVars: { level: "7" } });
    expect((await house.sessions.refresh(login)).serverVars).toEqual({ level: "7" });
    expect(beforeRefresh.mock.calls).toEqual([[expect.objectContaining({ sid: login.session.sid }), { vars: null }]]);
  });

  it("refuses by a LoginError, and the pair stays good", async () => {
    const refuse = () => {
      throw new LoginError("ACCESS_LIMITED", "Maintenance.");
    };
    const house = createHouse();
    const { login } = await house.login();
    expect(await refusalCode(house.peer({ hooks: { beforeRefresh: refuse } }).refresh(login))).toBe("ACCESS_LIMITED");
    expect(pairOf(await refresh(house, login.refreshToken)).gen).toBe(2);
  });

  it.each<[string, () => never]>([
    [
      "throws an error",
      () => {
        throw new Error("database password is hunter2");
      },
    ],
    ["rejects with no error at all", () => Promise.reject("hunter2") as never],
    ["returns vars that are no strings", () => ({ serverVars: { level: 7 } }) as never],
    ["returns groups that are no names", () => ({ groups: [""] }) as never],
    ["returns null vars", () => ({ serverVars: null }) as never],
  ])("that %s refuses with FORBIDDEN, is logged, and tells nothing", async (_name, beforeRefresh) => {
    const house = createHouse({ hooks: { beforeRefresh } });
    const { login, record } = await house.login();
    const error = await refusal(house.sessions.refresh(login));
    expect(error.toJSON()).toEqual({ code: "FORBIDDEN", message: "Refused by the server." });
    expect(house.logger.lines).toMatchObject([
      { level: "error", parts: ["colyseus-login: hook beforeRefresh failed", expect.anything()] },
    ]);
    expect((await house.sessions.get(record.sid))?.generation).toBe(1);
  });

  it("is not asked for a token that would get no new pair", async () => {
    const beforeRefresh = vi.fn();
    const house = createHouse({ hooks: { beforeRefresh } });
    const { login, record } = await house.login();
    await house.sessions.refresh({ refreshToken: `${record.sid}.1.${randomId(32)}` }).catch(() => {});
    await house.sessions.logout(record.sid);
    await house.sessions.refresh(login).catch(() => {});
    expect(beforeRefresh).not.toHaveBeenCalled();
  });
});
