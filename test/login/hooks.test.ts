// The game's own code at the turns of a session's life, called by the whole login.
import { describe, expect, it } from "vitest";
import type { RequestContext } from "../../src/accounts/providers.ts";
import { LoginError } from "../../src/errors.ts";
import type { AuthenticateHookRequest, RefreshHookRequest } from "../../src/sessions/hooks.ts";
import type { SessionAuth } from "../../src/sessions/session.ts";
import { left } from "../support/room-clients.ts";
import { loginServer } from "./server.ts";

const server = loginServer();

describe("beforeAuthenticate", () => {
  it("is asked with who logs in, and never with the credentials", async () => {
    const asked: [AuthenticateHookRequest, RequestContext][] = [];
    const house = server.open({ hooks: { beforeAuthenticate: (...values) => void asked.push(values) } });
    const ann = await house.loggedIn("Ann", { vars: { skin: "red" }, username: "ann" });
    expect(asked.map(([request]) => request)).toEqual([
      { provider: "device", userId: ann.userId, username: "ann", vars: { skin: "red" } },
    ]);
    expect(asked[0]?.[1]).toMatchObject({ provider: "device", headers: expect.any(Headers) });
    expect(JSON.stringify(asked)).not.toContain(ann.device);
    expect(ann.login.session).toMatchObject({ vars: { skin: "red" }, serverVars: {} });
  });

  it("S20 changes client vars, lays server vars over them, and names groups; no client writes what it set", async () => {
    const house = server.open({
      hooks: {
        beforeAuthenticate: ({ vars }) => ({
          vars: { skin: vars["skin"] === "gold" ? "plain" : (vars["skin"] ?? "") },
          serverVars: { rank: "7" },
          groups: ["testers"],
        }),
      },
    });
    const ann = await house.loggedIn("Ann", { vars: { skin: "gold", rank: "99", other: "dropped" } });
    const vars = { skin: "plain", rank: "7" };
    expect(ann.login.session).toMatchObject({ vars, serverVars: { rank: "7" } });
    await ann.play();
    expect(house.auths).toMatchObject([{ vars, serverVars: { rank: "7" }, groups: ["testers"] }]);
    await ann.refresh({ vars: { rank: "99" } });
    expect(ann.login.session).toMatchObject({ vars: { rank: "7" }, serverVars: { rank: "7" } });
  });

  it("refuses with a LoginError of its own, and leaves no session", async () => {
    const house = server.open({
      hooks: {
        beforeAuthenticate({ username }) {
          if (username === "eve") throw new LoginError("ACCESS_LIMITED", "Testers only.");
        },
      },
    });
    const answer = await house.player("Eve").tryLogIn({ username: "eve" });
    expect(answer).toMatchObject({ status: 403, body: { code: "ACCESS_LIMITED", message: "Testers only." } });
    expect(house.logged).toEqual([]);
    await house.loggedIn("Ann");
  });

  it.each([
    [
      "throws something else",
      () => {
        throw new TypeError("the database says no: password=hunter2");
      },
    ],
    ["answers vars that are none", () => ({ serverVars: { rank: 7 } })],
    ["answers more than vars may hold", () => ({ serverVars: { story: "x".repeat(257) } })],
    ["answers groups that are none", () => ({ groups: "testers" })],
  ])("is refused as FORBIDDEN, logged, and not told to the player when it %s", async (_what, hook) => {
    const house = server.open({ hooks: { beforeAuthenticate: hook as () => never } });
    const { status, body } = await house.player("Ann").tryLogIn();
    expect(status).toBe(403);
    expect(body).toEqual({ code: "FORBIDDEN", message: "Refused by the server." });
    expect(house.logged).toMatchObject([{ level: "error", text: expect.stringContaining("hook beforeAuthenticate") }]);
    house.logger.lines.length = 0;
  });
});

describe("afterAuthenticate", () => {
  it("hears of the open session, frozen, and cannot undo it", async () => {
    const heard: SessionAuth[] = [];
    const house = server.open({
      hooks: {
        afterAuthenticate(session) {
          heard.push(session);
          throw new LoginError("FORBIDDEN", "too late");
        },
      },
    });
    const ann = await house.loggedIn("Ann");
    expect(heard).toMatchObject([{ sid: ann.sid, userId: ann.userId, id: ann.userId, kind: "player" }]);
    expect(Object.isFrozen(heard[0])).toBe(true);
    await ann.play();
    expect(house.logged).toMatchObject([{ level: "error", text: expect.stringContaining("afterAuthenticate") }]);
    house.logger.lines.length = 0;
  });
});

describe("beforeRefresh", () => {
  it("recomputes the server vars; what it leaves out stays", async () => {
    const asked: [string, RefreshHookRequest][] = [];
    let rank: string | null = "8";
    const house = server.open({
      hooks: {
        beforeAuthenticate: () => ({ serverVars: { rank: "7" } }),
        beforeRefresh(session, request) {
          asked.push([session.sid, request]);
          return rank === null ? undefined : { serverVars: { rank } };
        },
      },
    });
    const ann = await house.loggedIn("Ann", { vars: { skin: "red" } });
    await ann.refresh();
    expect(ann.login.session).toMatchObject({ vars: { skin: "red", rank: "8" }, serverVars: { rank: "8" } });
    rank = null;
    await ann.refresh({ vars: {} });
    expect(ann.login.session.vars).toEqual({ rank: "8" });
    expect(asked).toEqual([
      [ann.sid, { vars: null }],
      [ann.sid, { vars: {} }],
    ]);
  });

  it("is not asked again where a lost answer is repeated", async () => {
    let asked = 0;
    const house = server.open({
      hooks: {
        beforeRefresh() {
          asked += 1;
        },
      },
    });
    const ann = await house.loggedIn("Ann");
    const attempt = "attempt-of-16-chars";
    const first = await ann.tryRefresh({ attempt });
    const again = await ann.tryRefresh({ attempt });
    expect(again.body["token"]).toBe(first.body["token"]);
    expect(asked).toBe(1);
  });

  it("refuses, and the session can still be refreshed", async () => {
    let refuse: (() => void) | null = () => {
      throw new LoginError("ACCESS_LIMITED", "Not now.");
    };
    const house = server.open({ hooks: { beforeRefresh: () => refuse?.() } });
    const ann = await house.loggedIn("Ann");
    expect((await ann.tryRefresh()).body).toEqual({ code: "ACCESS_LIMITED", message: "Not now." });
    refuse = () => {
      throw new Error("a fault of the game's");
    };
    expect((await ann.tryRefresh()).body).toMatchObject({ code: "FORBIDDEN" });
    house.logger.lines.length = 0;
    refuse = null;
    await ann.refresh();
    await ann.play();
  });
});

describe("onSessionEnd is called once for each session, with its reason", () => {
  function openHouse(options: Parameters<typeof server.open>[0] = {}) {
    const ended: [string, string][] = [];
    const house = server.open({
      ...options,
      hooks: { onSessionEnd: (session, reason) => void ended.push([session.sid, reason]) },
    });
    return { house, ended };
  }

  it("logout, however often it is asked for", async () => {
    const { house, ended } = openHouse();
    const ann = await house.loggedIn("Ann");
    await ann.logOut();
    await ann.logOut({ disconnectSockets: true });
    await house.login.sessions.logout(ann.sid);
    await house.login.sessions.logoutUser(ann.userId);
    await house.login.bans.ban(ann.userId, { reason: "late" });
    expect(ended).toEqual([[ann.sid, "logout"]]);
  });

  it("replaced by a newer login", async () => {
    const { house, ended } = openHouse({ concurrentSessions: "one" });
    const [phone, desktop] = [await house.loggedIn("Ann"), await house.loggedIn("Ann")];
    expect(ended).toEqual([[phone.sid, "replaced"]]);
    await desktop.logOut();
    expect(ended).toEqual([
      [phone.sid, "replaced"],
      [desktop.sid, "logout"],
    ]);
  });

  it("S16 reuse of a stolen refresh token, which closes the sockets of owner and thief", async () => {
    const { house, ended } = openHouse();
    const ann = await house.loggedIn("Ann");
    const stolen = ann.login.refreshToken;
    const closed = left(await ann.play());
    const attempt = "thief-of-16-chars";
    expect((await ann.post("/auth/refresh", { refreshToken: stolen, attempt })).status).toBe(200);
    await house.clock.advance(11_000);
    expect((await ann.tryRefresh({ attempt: "owner-of-16-chars" })).body).toMatchObject({ code: "SESSION_REVOKED" });
    expect((await closed).code).toBe(4401);
    expect(ended).toEqual([[ann.sid, "reuse"]]);
    expect((await ann.tryRefresh()).status).toBe(401);
    expect(ended).toHaveLength(1);
  });

  it("banned", async () => {
    const { house, ended } = openHouse();
    const ann = await house.loggedIn("Ann");
    await house.login.bans.ban(ann.userId, { reason: "cheating" });
    await house.login.bans.ban(ann.userId, { reason: "cheating more" });
    expect(ended).toEqual([[ann.sid, "banned"]]);
  });

  it("expired, noticed by a refresh that came too late", async () => {
    const { house, ended } = openHouse({ tokens: { refreshTokenExpirationMinutes: 60, tokenExpirationMinutes: 30 } });
    const ann = await house.loggedIn("Ann");
    await house.clock.advance(61 * 60_000);
    expect((await ann.tryRefresh()).body).toMatchObject({ code: "TOKEN_EXPIRED" });
    expect((await ann.tryRefresh()).status).toBe(401);
    expect(ended).toEqual([[ann.sid, "expired"]]);
  });

  it("everywhere, and its own failure ends nothing else", async () => {
    const ended: string[] = [];
    const house = server.open({
      hooks: {
        async onSessionEnd({ sid }) {
          ended.push(sid);
          throw new Error("the game's database is away");
        },
      },
    });
    const players = [await house.loggedIn("Ann"), await house.loggedIn("Ann"), await house.loggedIn("Ann")];
    await players[1]?.logOut({ everywhere: true });
    expect(ended).toEqual(players.map(({ sid }) => sid));
    for (const player of players) expect((await player.get("/auth/session")).status).toBe(401);
    expect(house.logged).toHaveLength(3);
    house.logger.lines.length = 0;
  });
});
