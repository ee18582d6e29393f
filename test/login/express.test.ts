// The game's own HTTP calls behind `login.middleware()` in express, on the real login.
import { describe, expect, it } from "vitest";
import { FragileStore } from "./fragile-store.ts";
import { request } from "./player.ts";
import { loginServer } from "./server.ts";

const server = loginServer();

describe("a call behind the middleware", () => {
  it("sees the session of its bearer, with all that rooms see of it", async () => {
    const house = server.open({
      hooks: { beforeAuthenticate: () => ({ serverVars: { rank: "7" }, groups: ["testers"] }) },
    });
    const ann = await house.loggedIn("Ann", { vars: { skin: "red" }, username: "ann" });
    await ann.play();
    const { status, body } = await ann.get("/me");
    expect(status).toBe(200);
    expect(body).toEqual({
      id: ann.userId,
      userId: ann.userId,
      sid: ann.sid,
      username: "ann",
      vars: { skin: "red", rank: "7" },
      serverVars: { rank: "7" },
      kind: "player",
      groups: ["testers"],
      expiresAt: ann.login.tokenExpiresAt,
    });
    expect(body).toEqual({ ...house.auths[0] });
  });

  it("sees today's vars, whichever generation the token is of", async () => {
    const house = server.open();
    const ann = await house.loggedIn("Ann", { vars: { skin: "red" } });
    const { token } = ann.login;
    await ann.refresh({ vars: { skin: "blue" } });
    expect((await ann.get("/me", token)).body).toMatchObject({ vars: { skin: "blue" } });
  });

  it.each([
    ["no token", null],
    ["garbage", "garbage"],
    ["a huge token", "x".repeat(10_000)],
  ])("is refused with %s, in the shape of every refusal", async (_what, token) => {
    const house = server.open();
    const answer = await request(`${house.url}/me`, { token });
    expect(answer).toMatchObject({ status: 401, body: { code: "TOKEN_INVALID", message: expect.any(String) } });
    expect(answer.headers.get("content-type")).toContain("application/json");
  });

  it("S04 is refused with any other token of this server", async () => {
    const house = server.open({ queue: { mode: "always" } });
    const ann = house.player("Ann");
    const room = await ann.queue();
    await house.clock.advance(1_000);
    const place = await ann.pollPlace(room.state.ticket);
    await ann.logIn({ queuePass: place.pass });
    for (const token of [place.ticket, place.pass ?? "", ann.login.refreshToken]) {
      expect(await ann.get("/me", token)).toMatchObject({ status: 401, body: { code: "TOKEN_INVALID" } });
    }
    expect((await ann.get("/me")).status).toBe(200);
  });

  it("is refused when the token has run out, and when the store is out of reach", async () => {
    const store = new FragileStore();
    const house = server.open({ store: store.open, tokens: { tokenExpirationMinutes: 1 } });
    const ann = await house.loggedIn("Ann");
    store.isDown = true;
    expect(await ann.get("/me")).toMatchObject({ status: 503, body: { code: "STORE_UNAVAILABLE" } });
    store.isDown = false;
    expect((await ann.get("/me")).status).toBe(200);
    await house.clock.advance(60_000);
    expect(await ann.get("/me")).toMatchObject({ status: 401, body: { code: "TOKEN_EXPIRED" } });
  });
});

it("stands under another prefix where the option says so", async () => {
  const house = server.open({ prefix: "/players/auth" });
  const body = { id: "the device of Ann" };
  const login = await request(`${house.url}/players/auth/authenticate/device`, { method: "POST", body });
  expect(login.status).toBe(200);
  expect((await request(`${house.url}/auth/authenticate/device`, { method: "POST", body })).status).toBe(404);
  const token = String(login.body["token"]);
  expect((await request(`${house.url}/players/auth/session`, { token })).status).toBe(200);
});
