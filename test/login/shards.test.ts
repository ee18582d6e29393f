// Shards: a game token is for one server's games, a social token for everything but games.
import { matchMaker } from "@colyseus/core";
import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import { refusal } from "../support/room-clients.ts";
import { loginServer } from "./server.ts";

const server = loginServer();

const tokenInvalid = { code: 401, message: "TOKEN_INVALID" };

describe("a server with a shard", () => {
  it("gives its own shard to whoever names none, and a social token beside it", async () => {
    const house = server.open({ gameShardId: "eu-1" });
    const ann = await house.loggedIn("Ann");
    const { token, socialToken = "" } = ann.login;
    expect(decodeJwt(token)).toMatchObject({ aud: "game", shard: "eu-1" });
    expect(decodeJwt(socialToken)).toMatchObject({ aud: "social", sid: ann.sid });
    expect(decodeJwt(socialToken)).not.toHaveProperty("shard");
    await ann.play();
    await ann.play("guarded");
  });

  it("S04 accepts the social token at /auth and refuses it in game rooms", async () => {
    const house = server.open({ gameShardId: "eu-1", queue: {} });
    const ann = await house.loggedIn("Ann");
    const { socialToken = "", refreshToken } = ann.login;
    for (const path of ["/auth/session", "/auth/sessions", "/auth/userdata", "/me"]) {
      expect((await ann.get(path, socialToken)).status, path).toBe(200);
    }
    ann.client.auth.token = socialToken;
    expect(await refusal(ann.play())).toEqual(tokenInvalid);
    expect(await refusal(ann.play("guarded"))).toEqual(tokenInvalid);
    // The queue knows its holder by either.
    expect((await ann.queue()).state).toMatchObject({ status: "admitted" });
    expect((await ann.post("/auth/logout", {}, socialToken)).status).toBe(204);
    expect((await ann.post("/auth/refresh", { refreshToken })).status).toBe(401);
  });

  it("refuses a game token for another shard at every door, and takes its social token", async () => {
    const house = server.open({ gameShardId: "eu-1" });
    const ann = await house.loggedIn("Ann", { gameShardId: "us-1" });
    const { token, socialToken = "" } = ann.login;
    expect(decodeJwt(token)).toMatchObject({ aud: "game", shard: "us-1" });
    expect(await refusal(ann.play())).toEqual(tokenInvalid);
    expect(await refusal(ann.play("guarded"))).toEqual(tokenInvalid);
    expect((await ann.get("/auth/session", token)).body).toMatchObject({ code: "TOKEN_INVALID" });
    expect((await ann.get("/auth/session", socialToken)).status).toBe(200);
  });

  it("refuses a session of another shard at the socket too, with a seat that server code reserved", async () => {
    const house = server.open({ gameShardId: "eu-1" });
    const ann = await house.loggedIn("Ann", { gameShardId: "us-1" });
    const bob = await house.loggedIn("Bob");
    const { roomId } = await bob.play();
    const room = await matchMaker.driver.findOne({ roomId });
    const seat = await matchMaker.reserveSeatFor(room, {}, { sid: ann.sid });
    house.calls.clear();
    expect(await refusal(ann.client.consumeSeatReservation(seat))).toEqual(tokenInvalid);
    expect(house.calls.seen).toEqual([]);
  });

  it("keeps the shard through refreshes", async () => {
    const house = server.open({ gameShardId: "eu-1" });
    const ann = await house.loggedIn("Ann");
    const { token, socialToken = "" } = await ann.refresh();
    expect([decodeJwt(token)["shard"], decodeJwt(socialToken).aud]).toEqual(["eu-1", "social"]);
    await ann.play();
  });
});

describe("a server without one", () => {
  it("gives no social token, and plays with whoever comes", async () => {
    const house = server.open();
    const ann = await house.loggedIn("Ann");
    expect(ann.login).not.toHaveProperty("socialToken");
    expect(decodeJwt(ann.login.token)).not.toHaveProperty("shard");
    await ann.play();
  });

  it("gives the shard that a login names", async () => {
    const house = server.open();
    const ann = await house.loggedIn("Ann", { gameShardId: "us-1" });
    expect(decodeJwt(ann.login.token)["shard"]).toBe("us-1");
    expect(ann.login.socialToken).toEqual(expect.any(String));
  });
});
