// What a mail brings: confirmed addresses and new passwords; and what a changed password ends.
import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import { left } from "../support/room-clients.ts";
import { ada, newPassword, openWithEmail, registered, type Settings } from "./email-house.ts";
import { loginServer } from "./server.ts";

const server = loginServer();
const open = (...settings: Settings) => openWithEmail(server, ...settings);

describe("S52 a token from a mail", () => {
  it("confirms the address, once", async () => {
    const { house, outbox } = open();
    const player = await registered(house);
    const mail = await outbox.next("verify-email");
    expect(mail).toEqual({
      purpose: "verify-email",
      to: ada.email,
      userId: player.userId,
      username: player.login.user.username,
      token: expect.any(String),
    });
    const verify = () => player.post("/auth/verify-email", { token: mail.token });
    expect((await Promise.all([verify(), verify()])).map(({ status }) => status).sort()).toEqual([204, 401]);
    expect(await verify()).toMatchObject({ status: 401, body: { code: "TOKEN_INVALID" } });
    expect((await player.get("/auth/link")).body).toMatchObject({ identities: [{ emailVerified: true }] });
    // S10: it names nobody.
    expect(JSON.stringify(decodeJwt(mail.token ?? ""))).not.toMatch(/ada@|example/i);
  });

  it("sets a new password, once, ends every session and confirms the address", async () => {
    const { house, outbox } = open();
    const player = await registered(house);
    expect(await player.post("/auth/forgot-password", { email: "Ada@example.org" })).toMatchObject({
      status: 200,
      body: { accepted: true },
    });
    const token = await outbox.token("reset-password");
    const room = await player.play();
    const closed = left(room);
    const reset = (password: string) => player.post("/auth/reset-password", { token, password });
    expect(await reset("short")).toMatchObject({ status: 400 });
    const answers = await Promise.all([reset(newPassword), reset("a third horse")]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 401]);
    expect((await closed).code).toBe(4401);
    expect((await player.get("/auth/session")).status).toBe(401);
    expect((await player.tryRefresh()).status).toBe(401);
    expect((await reset(newPassword)).status).toBe(401);
    expect((await player.post("/auth/login", ada)).status).toBe(401);
    const password = answers[0]?.status === 204 ? newPassword : "a third horse";
    player.take(await player.post("/auth/login", { ...ada, password }));
    expect((await player.get("/auth/link")).body).toMatchObject({ identities: [{ emailVerified: true }] });
    expect(await outbox.next("password-changed")).not.toHaveProperty("token");
  });

  it("is for one purpose, and dies with a password change, at its end, and with its account", async () => {
    const { house, outbox } = open();
    const player = await registered(house);
    const verify = await outbox.token("verify-email");
    const ask = async () => {
      await player.post("/auth/forgot-password", { email: ada.email });
      return outbox.token("reset-password");
    };
    const reset = (token: string) => player.post("/auth/reset-password", { token, password: newPassword });
    expect((await reset(verify)).body).toMatchObject({ code: "TOKEN_INVALID" });
    expect((await reset(player.login.token)).body).toMatchObject({ code: "TOKEN_INVALID" });
    const first = await ask();
    expect((await player.post("/auth/verify-email", { token: first })).status).toBe(401);
    const change = { password: ada.password, newPassword };
    expect((await player.post("/auth/change-password", change, player.login.token)).status).toBe(204);
    for (const token of [first, verify]) expect((await reset(token)).body).toMatchObject({ code: "TOKEN_INVALID" });
    expect((await player.post("/auth/verify-email", { token: verify })).status).toBe(401);
    const late = await ask();
    await house.clock.advance(10_080 * 60_000);
    expect((await reset(late)).body).toMatchObject({ code: "TOKEN_EXPIRED" });
    const last = await ask();
    await house.login.accounts.delete(player.userId);
    expect((await reset(last)).body).toMatchObject({ code: "TOKEN_INVALID" });
  });

  it("answers a forgotten password the same for an unknown address, and mails nobody", async () => {
    const { house, outbox } = open();
    const player = await registered(house);
    await outbox.next("verify-email");
    const unknown = await player.post("/auth/forgot-password", { email: "eve@example.org" });
    const known = await player.post("/auth/forgot-password", { email: ada.email });
    expect(unknown).toMatchObject({ status: known.status, body: known.body });
    expect((await player.post("/auth/forgot-password", { email: "eve" })).status).toBe(400);
    expect(await outbox.next("reset-password")).toMatchObject({ to: ada.email });
    expect(outbox.mails).toEqual([]);
  });

  it("closes a trap: who never confirmed the address loses every other way in by a new password", async () => {
    const { house, outbox } = open();
    // A stranger who ties the owner's address to a device of the stranger's.
    const stranger = await house.loggedIn("Eve");
    stranger.take(await stranger.post("/auth/register", ada, stranger.login.token));
    await stranger.post("/auth/forgot-password", { email: ada.email });
    const token = await outbox.token("reset-password");
    expect((await stranger.post("/auth/reset-password", { token, password: newPassword })).status).toBe(204);
    const owner = house.player("Ada");
    owner.take(await owner.post("/auth/login", { ...ada, password: newPassword }));
    expect((await owner.get("/auth/link")).body["identities"]).toHaveLength(1);
    expect((await stranger.tryLogIn()).body).toMatchObject({ created: true });
    expect(stranger.userId).not.toBe(owner.userId);
  });
});

describe("a changed password", () => {
  it("S53 ends the other sessions and keeps the one that asked", async () => {
    const { house } = open();
    const player = await registered(house);
    const other = house.player("Ada elsewhere");
    other.take(await other.post("/auth/login", ada));
    const closed = left(await other.play());
    const change = (password: string) =>
      player.post("/auth/change-password", { password, newPassword }, player.login.token);
    expect(await change("not the horse")).toMatchObject({ status: 401, body: { code: "INVALID_CREDENTIALS" } });
    expect((await other.get("/auth/session")).status).toBe(200);
    expect((await change(ada.password)).status).toBe(204);
    expect((await other.get("/auth/session")).status).toBe(401);
    expect((await other.tryRefresh()).status).toBe(401);
    expect((await closed).code).toBe(4401);
    expect((await player.get("/auth/session")).status).toBe(200);
    await player.refresh();
    expect((await player.post("/auth/login", ada)).status).toBe(401);
    expect((await player.post("/auth/login", { ...ada, password: newPassword })).status).toBe(200);
  });

  it("is asked for by its owner alone", async () => {
    const { house } = open();
    const player = await house.loggedIn("Bob");
    const change = { password: "not the horse", newPassword };
    expect((await player.post("/auth/change-password", change)).status).toBe(401);
    expect((await player.post("/auth/change-password", change, player.login.token)).status).toBe(404);
    await registered(house);
    const short = { password: ada.password, newPassword: "short" };
    expect((await player.post("/auth/change-password", short, player.login.token)).status).toBe(400);
  });
});

describe("with requireVerified", () => {
  it("nobody gets in before the address is confirmed, and nobody learns which are known", async () => {
    const { house, outbox } = open({}, { requireVerified: true });
    const player = house.player("Ada");
    const first = await player.post("/auth/register", { ...ada, username: "Ada" });
    expect(first).toMatchObject({ status: 403, body: { code: "FORBIDDEN", verifyEmail: true } });
    const token = await outbox.token("verify-email");
    // A login with the right password asks for another mail; that of a wrong one says nothing.
    expect(await player.post("/auth/login", ada)).toMatchObject({ status: 403, body: { verifyEmail: true } });
    await outbox.next("verify-email");
    expect((await player.post("/auth/login", { ...ada, password: "wrong horse" })).status).toBe(401);
    const again = await player.post("/auth/register", { ...ada, password: newPassword, username: "Eve" });
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    const told = await outbox.next("already-registered");
    expect(told.token).toEqual(expect.any(String));
    expect((await player.post("/auth/verify-email", { token })).status).toBe(204);
    player.take(await player.post("/auth/login", ada));
    expect(player.login.user.username).toMatch(/^player-/);
    // Confirming used the other tokens up.
    expect((await player.post("/auth/reset-password", { token: told.token, password: newPassword })).status).toBe(401);
  });

  it("a forgotten password confirms the address", async () => {
    const { house, outbox } = open({}, { requireVerified: true });
    const player = house.player("Ada");
    await player.post("/auth/register", ada);
    await player.post("/auth/forgot-password", { email: ada.email });
    const token = await outbox.token("reset-password");
    expect((await player.post("/auth/reset-password", { token, password: newPassword })).status).toBe(204);
    expect((await player.post("/auth/login", { ...ada, password: newPassword })).status).toBe(200);
  });
});

it("a mail that cannot be sent changes no answer, and is told without its address", async () => {
  const { house } = open(
    {},
    {
      sendEmail: ({ to }) => {
        throw new Error(`no mailbox ${to}`);
      },
    },
  );
  const player = await registered(house);
  expect((await player.post("/auth/forgot-password", { email: ada.email })).status).toBe(200);
  await expect.poll(() => house.logged.length).toBe(2);
  for (const { text } of house.logged) expect(text).toMatch(/^colyseus-login: a mail \([\w-]+\) could not be sent$/);
  house.logger.lines.length = 0;
});
