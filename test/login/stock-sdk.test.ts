// A whole journey by the stock SDK alone, as any client of Colyseus can make it.
import { Client, MatchMakeError } from "@colyseus/sdk";
import { decodeJwt } from "jose";
import { expect, it } from "vitest";
import { anonymousProvider } from "../../src/accounts/anonymous.ts";
import { emailProvider } from "../../src/accounts/email.ts";
import type { QueueView } from "../../src/login-queue/queue-state.ts";
import { left } from "../support/room-clients.ts";
import { settled } from "../support/settled.ts";
import { Outbox } from "./outbox.ts";
import { untilAdmitted } from "./player.ts";
import { loginServer } from "./server.ts";

const server = loginServer();

it("waits, logs in, plays, refreshes and logs out", async () => {
  const house = server.open({ queue: { targetCcuLimit: 1 } });
  const ann = await house.loggedIn("Ann");
  await house.clock.advance(1_000);
  const client = new Client(house.url);
  client.auth.token = "";

  const queue = await client.joinOrCreate("login_queue");
  const seen: Pick<QueueView, "status" | "position" | "etaMs">[] = [];
  queue.onStateChange(({ status, position, etaMs }: QueueView) => seen.push({ status, position, etaMs }));
  await new Promise<void>((resolve) => queue.onStateChange.once(() => resolve()));
  await house.clock.advance(5_000);
  await ann.logOut();
  await house.clock.advance(1_000);
  const { pass, passExpiresAt } = await untilAdmitted(queue);
  expect(seen[0]).toEqual({ status: "waiting", position: 1, etaMs: -1 });
  expect(seen.at(-1)).toEqual({ status: "admitted", position: 0, etaMs: 0 });
  expect(passExpiresAt).toBeGreaterThan(house.clock.now());

  const { data: login } = await client.http.post("/auth/authenticate/device", {
    body: { id: "the device of Bob", queuePass: pass, vars: { skin: "red" } },
  });
  expect(login).toMatchObject({ created: true, session: { vars: { skin: "red" }, kind: "player" } });
  client.auth.token = login.token;
  expect(await queue.leave()).toBe(4000);

  const game = await client.joinOrCreate("game");
  const said = new Promise((resolve) => game.onMessage("said", resolve));
  game.send("say", "hello");
  expect(await said).toBe("hello");

  const { data: refreshed } = await client.http.post("/auth/refresh", {
    body: { refreshToken: login.refreshToken, vars: { skin: "blue" } },
  });
  expect(refreshed.session).toMatchObject({ sid: login.session.sid, vars: { skin: "blue" } });
  client.auth.token = refreshed.token;
  expect((await client.http.get("/auth/session")).data.session).toEqual(refreshed.session);

  const closed = left(game);
  await client.http.post("/auth/logout", { body: { refreshToken: refreshed.refreshToken, disconnectSockets: true } });
  expect((await closed).code).toBe(4401);
  await expect(client.joinOrCreate("game")).rejects.toMatchObject({ code: 401, message: "SESSION_REVOKED" });
  expect(house.auths.map(({ userId, vars }) => ({ userId, vars }))).toEqual([
    { userId: login.user.id, vars: { skin: "red" } },
  ]);
});

it("reads an estimate that counts down", async () => {
  const house = server.open({ queue: { targetLoginRatePerSecond: 0.1, loginBurst: 1, estimatedSecondsToLogin: 4 } });
  await house.loggedIn("Ann");
  const rooms = [await house.player("Bob").queue(), await house.player("Cid").queue()];
  const estimates = () => rooms.map(({ state }) => Math.round(state.etaMs / 1_000));
  await house.clock.advance(5_000);
  await Promise.all(rooms.map(settled));
  const [first = 0, second = 0] = estimates();
  expect(first).toBeGreaterThan(4);
  expect(second).toBeGreaterThan(first);
});

it("signs in as a guest with vars and a pass, and asks who it is", async () => {
  const house = server.open({ queue: { mode: "always" } });
  const client = new Client(house.url);
  client.auth.token = "";
  const heard: unknown[] = [];
  client.auth.onChange(({ user, token }) => heard.push([user, typeof token]));

  const queue = await client.joinOrCreate("login_queue");
  await house.clock.advance(1_000);
  const { pass: queuePass } = await untilAdmitted(queue);
  const login = await client.auth.signInAnonymously({ vars: { skin: "green" }, queuePass });
  expect(login).toMatchObject({
    user: { id: expect.any(String), username: expect.any(String) },
    token: expect.any(String),
    session: { vars: { skin: "green" } },
    refreshToken: expect.any(String),
    created: true,
  });
  expect(await client.auth.getUserData()).toEqual({ user: login.user });
  expect(heard.at(-1)).toEqual([login.user, "string"]);

  // It keeps the token by itself, so the next join is the player's.
  await client.joinOrCreate("guarded");
  expect(house.auths).toMatchObject([{ userId: login.user.id, vars: { skin: "green" } }]);

  await client.auth.signOut();
  await expect(client.auth.getUserData()).rejects.toThrow("missing auth.token");
  expect(await refusedJoin(client)).toEqual({ code: 401, message: "TOKEN_INVALID" });
});

it("S54 plays as a guest, registers and keeps its user id, comes back, and resets a forgotten password", async () => {
  const outbox = new Outbox();
  const house = server.open({
    queue: {},
    providers: { anonymous: anonymousProvider(), email: emailProvider({ sendEmail: outbox.send }) },
  });
  const client = new Client(house.url);
  client.auth.token = "";
  const heard: unknown[] = [];
  client.auth.onChange(({ user, token }) => heard.push([user, typeof token]));

  const guest = await client.auth.signInAnonymously({ vars: { skin: "red" } });
  const address = ["ada@example.org", "a horse of one colour"] as const;
  const registered = await client.auth.registerWithEmailAndPassword(...address, { vars: { skin: "blue" } });
  expect(registered.user).toEqual(guest.user);
  expect(registered).toMatchObject({ token: expect.any(String), created: false, session: { vars: { skin: "blue" } } });
  expect(heard.slice(-2)).toEqual(Array(2).fill([guest.user, "string"]));
  // It keeps the token by itself, so the next join is the player's; the guest's session is over.
  await client.joinOrCreate("guarded");
  expect(house.auths).toMatchObject([{ userId: guest.user.id, vars: { skin: "blue" } }]);
  expect(await house.login.sessions.list(guest.user.id)).toHaveLength(1);

  const other = new Client(house.url);
  await client.auth.signOut();
  expect(heard.at(-1)).toEqual([null, "object"]);
  await expect(other.auth.signInWithEmailAndPassword(address[0], "not the horse")).rejects.toMatchObject({
    code: 401,
    data: { code: "INVALID_CREDENTIALS" },
  });
  expect((await other.auth.signInWithEmailAndPassword(...address)).user).toEqual(guest.user);
  expect(await other.auth.getUserData()).toEqual({ user: guest.user });

  expect(await other.auth.sendPasswordResetEmail(address[0])).toEqual({ accepted: true });
  const token = await outbox.token("reset-password");
  await other.http.post("/auth/reset-password", { body: { token, password: "another horse" } });
  await expect(other.auth.getUserData()).rejects.toMatchObject({ code: 401 });
  expect((await other.auth.signInWithEmailAndPassword(address[0], "another horse")).user).toEqual(guest.user);
  await expect(client.auth.registerWithEmailAndPassword(...address)).rejects.toMatchObject({ code: 409 });
});

it("is told in numbers and words why it may not play", async () => {
  const house = server.open({ queue: { targetCcuLimit: 0 } });
  const client = new Client(house.url);
  client.auth.token = "";
  expect(await refusedJoin(client)).toEqual({ code: 401, message: "TOKEN_INVALID" });
  await expect(client.auth.signInAnonymously()).rejects.toMatchObject({
    code: 429,
    data: { code: "QUEUE_REQUIRED", room: "login_queue" },
  });
  client.auth.token = "garbage";
  expect(await refusedJoin(client)).toEqual({ code: 401, message: "TOKEN_INVALID" });
  // A token that proves nothing makes its holder a stranger to the queue, and no more.
  expect((await client.joinOrCreate("login_queue")).roomId).toEqual(expect.any(String));
});

it("S10 reads nothing in its tokens that opens a door or names a person", async () => {
  const house = server.open({ queue: { mode: "always" } });
  const ann = house.player("Ann");
  const room = await ann.queue();
  await house.clock.advance(1_000);
  const { pass, ticket } = await untilAdmitted(room);
  await ann.logIn({ queuePass: pass, vars: { skin: "red" } });
  const claims = decodeJwt(ann.login.token);
  expect(Object.keys(claims).sort()).toEqual(
    ["aud", "exp", "gen", "iat", "iss", "jti", "kind", "sid", "sub", "svars", "username", "vars"].sort(),
  );
  const all = [ann.login.token, pass, ticket].map((token) => JSON.stringify(decodeJwt(token))).join();
  for (const secret of [ann.device, ann.login.refreshToken.split(".")[2] ?? "", "127.0.0.1"]) {
    expect(all).not.toContain(secret);
  }
});

async function refusedJoin(client: Client): Promise<{ code: number; message: string }> {
  const error = await client.joinOrCreate("game").catch((reason: unknown) => reason);
  if (!(error instanceof MatchMakeError)) throw error;
  return { code: error.code, message: error.message };
}
