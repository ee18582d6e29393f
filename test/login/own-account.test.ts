// What players do to their own accounts over HTTP, and a server to anybody's.
import { Client } from "@colyseus/sdk";
import { describe, expect, it } from "vitest";
import { left } from "../support/room-clients.ts";
import { ada, openWithEmail, registered, type Settings } from "./email-house.ts";
import { loginServer } from "./server.ts";

const server = loginServer();
const open = (...settings: Settings) => openWithEmail(server, ...settings);

describe("one's own account", () => {
  it("gets and loses ways to log in, but never the last", async () => {
    const { house } = open();
    const player = await registered(house);
    const { token, user } = player.login;
    const link = (provider: string, body: unknown) => player.post(`/auth/link/${provider}`, body, token);
    expect((await link("device", { id: player.device })).body["identities"]).toHaveLength(2);
    expect((await player.logIn()).user).toEqual(user);
    const other = await house.loggedIn("Bob");
    expect(await link("device", { id: other.device })).toMatchObject({ status: 409 });
    expect(await link("device", { id: "short" })).toMatchObject({ status: 400 });
    expect(await link("anonymous", {})).toMatchObject({ status: 400 });
    expect(await link("nobody", {})).toMatchObject({ status: 404 });
    expect(await link("email", { ...ada, email: "b@example.org" })).toMatchObject({ status: 409 });
    const linked = await other.post("/auth/link/email", { ...ada, email: "b@example.org" }, other.login.token);
    expect(linked).toMatchObject({ status: 200, body: { identities: [{}, { email: "b@example.org" }] } });
    expect((await other.get("/auth/session")).status).toBe(200);
    expect((await player.delete("/auth/link/email", token)).body["identities"]).toHaveLength(1);
    expect((await player.post("/auth/login", ada)).status).toBe(401);
    expect(await player.delete("/auth/link/device", token)).toMatchObject({ status: 409 });
    expect(await player.delete("/auth/link/email", token)).toMatchObject({ status: 404 });
    expect((await player.get("/auth/link", null)).status).toBe(401);
    expect((await player.post("/auth/link/device", {})).status).toBe(401);
    expect((await player.delete("/auth/link/device", "garbage")).status).toBe(401);
  });

  it("S19 that was deleted lets nobody in, nor refreshes", async () => {
    const { house } = open();
    const player = await registered(house);
    const closed = left(await player.play());
    expect(await house.login.accounts.delete(player.userId)).toBe(true);
    expect((await closed).code).toBe(4401);
    expect((await player.get("/auth/userdata")).status).toBe(401);
    expect((await player.tryRefresh()).status).toBe(401);
    expect((await player.post("/auth/login", ada)).status).toBe(401);
    expect((await registered(house)).login.created).toBe(true);
  });

  it("S19 that is deleted at the moment of its login leaves no session", async () => {
    let deletes = false;
    const { house } = open({
      hooks: {
        async beforeAuthenticate({ userId }) {
          if (deletes) await house.login.accounts.delete(userId);
        },
      },
    });
    const player = await registered(house);
    deletes = true;
    expect(await player.post("/auth/login", ada)).toMatchObject({ status: 401, body: { code: "SESSION_REVOKED" } });
    expect(await house.login.sessions.list(player.userId)).toEqual([]);
  });
});

it("a username is changed by its owner, once it is free", async () => {
  const { house } = open();
  const player = await house.loggedIn("Ada", { username: "Ada" });
  await house.loggedIn("Bob", { username: "Bob" });
  const client = new Client(house.url);
  client.auth.token = player.login.token;
  const rename = (username: unknown) => client.http.patch("/auth/user", { body: { username } });
  await expect(rename("BOB")).rejects.toMatchObject({ code: 409 });
  await expect(rename("")).rejects.toMatchObject({ code: 400 });
  expect((await rename(" Countess ")).data).toEqual({ user: { id: player.userId, username: "Countess" } });
  expect(await client.auth.getUserData()).toEqual({ user: { id: player.userId, username: "Countess" } });
  expect((await player.refresh()).session.username).toBe("Countess");
  expect((await house.player("Eve").tryLogIn({ username: "ada" })).status).toBe(200);
});
