// E-mail and password over HTTP: registering, logging in, guests who register.
import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import { customProvider } from "../../src/accounts/custom.ts";
import { deviceProvider } from "../../src/accounts/device.ts";
import { emailProvider } from "../../src/accounts/email.ts";
import { memoryAccounts } from "../../src/accounts/memory-accounts.ts";
import { Passwords } from "../../src/accounts/passwords.ts";
import { ada, newPassword, openWithEmail, registered, type Settings } from "./email-house.ts";
import { quickEmailProvider } from "./quick-email.ts";
import { loginServer } from "./server.ts";

const server = loginServer();
const open = (...settings: Settings) => openWithEmail(server, ...settings);

describe("registering and logging in", () => {
  it("makes an account that the address and the password lead to", async () => {
    const { house } = open();
    const player = await registered(house, { username: "Ada", options: { vars: { skin: "red" } } });
    expect(player.login).toMatchObject({
      created: true,
      user: { username: "Ada" },
      session: { vars: { skin: "red" } },
    });
    const again = await player.post("/auth/login", { ...ada, email: "  Ada@Example.ORG ", vars: { skin: "blue" } });
    expect(again).toMatchObject({
      status: 200,
      body: { created: false, user: player.login.user, session: { vars: { skin: "blue" } } },
    });
    const byProvider = await player.post("/auth/authenticate/email", ada);
    expect(byProvider).toMatchObject({ status: 200, body: { created: false, user: player.login.user } });
    const sids = [player.login, again.body, byProvider.body].map((login) =>
      Reflect.get(Object(Reflect.get(login, "session")), "sid"),
    );
    // S54: a new login has a new sid.
    expect(new Set(sids).size).toBe(3);
  });

  it("refuses what is wrong, and keeps nothing of it", async () => {
    const { house } = open();
    const player = house.player("Ada");
    for (const [body, field] of [
      [{ ...ada, email: "ada" }, "email"],
      [{ ...ada, email: `${"a".repeat(250)}@example.org` }, "email"],
      [{ ...ada, email: "ada@exämple.org" }, "email"],
      [{ ...ada, password: "seven 7" }, "password"],
      [{ ...ada, password: "x".repeat(1_025) }, "password"],
      [{ ...ada, username: "" }, "username"],
    ] as const) {
      const answer = await player.post("/auth/register", body);
      expect(answer).toMatchObject({ status: 400, body: { code: "INVALID_REQUEST" } });
      expect(answer.body["message"]).toContain(field);
    }
    expect((await registered(house)).login.created).toBe(true);
    expect(await player.post("/auth/register", { ...ada, password: newPassword })).toMatchObject({
      status: 409,
      body: { code: "CONFLICT" },
    });
    expect((await player.post("/auth/login", { ...ada, password: newPassword })).status).toBe(401);
  });

  it("S50 answers an unknown address and a wrong password alike", async () => {
    const { house } = open();
    const player = await registered(house);
    const wrong = await player.post("/auth/login", { ...ada, password: "not the horse" });
    const unknown = await player.post("/auth/login", { ...ada, email: "eve@example.org" });
    expect(wrong).toMatchObject({ status: 401, body: { code: "INVALID_CREDENTIALS" } });
    expect(unknown.body).toEqual(wrong.body);
    // An address alone makes no account.
    expect((await player.post("/auth/login", { ...ada, email: "eve@example.org", create: true })).status).toBe(401);
  });

  it("S50 checks a password once, whether there is an account or not", async () => {
    class Counted extends Passwords {
      readonly checks: boolean[] = [];
      override matches(password: string, hash: string | null): Promise<boolean> {
        this.checks.push(hash !== null);
        return super.matches(password, hash);
      }
    }
    const passwords = new Counted({ ln: 4, r: 8, p: 1 });
    const house = server.open({ providers: { email: quickEmailProvider({}, passwords) } });
    const player = await registered(house);
    for (const email of [ada.email, "eve@example.org"]) {
      await player.post("/auth/login", { email, password: "not the horse" });
    }
    expect(passwords.checks).toEqual([true, false]);
  });

  it("S49 hashes a password anew where the parameters have risen", async () => {
    const accounts = memoryAccounts();
    let kept: ReturnType<typeof accounts> | undefined;
    const identity = { provider: "email", externalId: ada.email };
    const weak = new Passwords({ ln: 3, r: 8, p: 1 });
    const credential = { hash: await weak.hash(ada.password), version: "v1", verifiedAt: 5 };
    const { house } = open({
      accounts(context) {
        kept = accounts(context);
        return kept;
      },
    });
    await kept?.create({}, { ...identity, credential });
    const player = house.player("Ada");
    for (const password of ["not the horse", ada.password, ada.password]) {
      await player.post("/auth/login", { ...ada, password });
    }
    const found = await kept?.findCredential(identity);
    expect(found?.credential).toEqual({ ...credential, hash: expect.stringContaining("$scrypt$ln=4,") });
    expect((await player.post("/auth/login", ada)).status).toBe(200);
  });

  it("S51 is held back after wrong passwords, and its pass is not used up by that", async () => {
    const { house } = open({ queue: { mode: "always" } });
    const player = house.player("Ada");
    const { ticket } = await player.takePlace();
    await house.clock.advance(1_000);
    const { pass: queuePass } = await player.pollPlace(ticket);
    const wrong = { ...ada, password: "not the horse" };
    expect((await player.post("/auth/login", wrong)).status).toBe(429);
    await house.login.queue.configure({ mode: "auto" });
    for (let index = 0; index < 6; index += 1) expect((await player.post("/auth/login", wrong)).status).toBe(401);
    // The delay doubles with each that comes through, so hardly one of these does, however slow the machine is.
    const answers = [];
    for (let index = 0; index < 10; index += 1) answers.push(await player.post("/auth/login", { ...wrong, queuePass }));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(5);
    for (const { headers, body } of refused) {
      expect(body).toMatchObject({ code: "TOO_MANY_REQUESTS", retryAfterSeconds: expect.any(Number) });
      expect(headers.get("retry-after")).toBe(String(body["retryAfterSeconds"]));
    }
    player.take(await player.post("/auth/register", { ...ada, email: "eve@example.org", queuePass }));
  });

  it("S51 an address that guesses at many accounts waits, and takes nothing from the queue meanwhile", async () => {
    const check = customProvider(() => null);
    const { house } = open({
      queue: { targetLoginRatePerSecond: 10 },
      loginLimits: { failuresPerAddress: 2 },
      providers: { email: quickEmailProvider({}), device: deviceProvider(), custom: check },
    });
    const player = await registered(house);
    const guesses = {
      "/auth/login": (index: number) => ({ ...ada, email: `${index}@example.org` }),
      "/auth/authenticate/custom": (index: number) => ({ word: `${index}` }),
    };
    for (const [path, guess] of Object.entries(guesses)) {
      await house.clock.advance(10_000);
      const statuses = [];
      for (let index = 0; index < 20; index += 1) statuses.push((await player.post(path, guess(index))).status);
      expect(statuses.slice(0, 3)).toEqual([401, 401, 401]);
      // The delay doubles with each that comes through, however slow the machine is.
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(12);
      // Whoever was here before, or tries something else, gets in: the rate is not used up.
      expect((await player.post("/auth/login", ada)).status).toBe(200);
      expect((await house.player("Bob").tryLogIn()).status).toBe(200);
    }
  });

  it("S51 is held back after too many registrations and mails from one address", async () => {
    const { house, outbox } = open({ loginLimits: { registrationsPerHour: 2, mailsPerHour: 2 } });
    const player = await registered(house);
    const register = (name: string) => player.post("/auth/register", { ...ada, email: `${name}@example.org` });
    expect((await register("eve")).status).toBe(200);
    expect(await register("bob")).toMatchObject({ status: 429, body: { retryAfterSeconds: 3_600 } });
    const forget = () => player.post("/auth/forgot-password", { email: "eve@example.org" });
    expect([(await forget()).status, (await forget()).status, (await forget()).status]).toEqual([200, 200, 429]);
    for (let index = 0; index < 2; index += 1) await outbox.next("reset-password");
  });

  it("waits in the queue like every login", async () => {
    const { house } = open({ queue: { targetCcuLimit: 0 } });
    const player = house.player("Ada");
    const refused = await player.post("/auth/register", { ...ada, username: "Ada" });
    expect(refused).toMatchObject({ status: 429, body: { code: "QUEUE_REQUIRED" } });
    const { ticket } = await player.takePlace();
    await house.login.queue.configure({ targetCcuLimit: 10 });
    await house.clock.advance(1_000);
    const { pass } = await player.pollPlace(ticket);
    const wrong = await player.post("/auth/register", { ...ada, options: { queuePass: "garbage" } });
    expect(wrong).toMatchObject({ status: 403, body: { code: "PASS_INVALID" } });
    // Nothing was made by those who were refused.
    player.take(await player.post("/auth/register", { ...ada, username: "Ada", options: { queuePass: pass } }));
    expect(player.login.user.username).toBe("Ada");
    // The answer was lost: the pass answers the same session to who logs in.
    const again = await player.post("/auth/login", { ...ada, queuePass: pass });
    expect(again).toMatchObject({ status: 200, body: { session: { sid: player.sid } } });
    const other = { ...ada, email: "eve@example.org", queuePass: pass };
    expect(await player.post("/auth/register", other)).toMatchObject({ status: 403, body: { code: "PASS_INVALID" } });
    expect(await house.liveSlots()).toBe(1);
  });

  it("leaves no account where a hook refuses, and none in the way of the next try", async () => {
    let refuses = true;
    const { house, outbox } = open({
      hooks: {
        beforeAuthenticate() {
          if (refuses) throw new TypeError("no");
        },
      },
    });
    const player = house.player("Ada");
    expect((await player.post("/auth/register", { ...ada, username: "Ada" })).status).toBe(403);
    expect((await player.tryLogIn({ username: "Ada" })).status).toBe(403);
    expect((await player.post("/auth/anonymous", { username: "Ada" })).status).toBe(403);
    expect(outbox.mails).toEqual([]);
    refuses = false;
    house.logger.lines.length = 0;
    expect((await registered(house, { username: "Ada" })).login.created).toBe(true);
    expect((await house.player("Ada").tryLogIn()).body).toMatchObject({ created: true });
  });
});

describe("S54 a guest who registers", () => {
  it("keeps the user id and gets a new session; the guest's own is over", async () => {
    const { house } = open();
    const guest = house.player("Ada");
    guest.take(await guest.post("/auth/anonymous", {}));
    const { token, refreshToken, user, session } = guest.login;
    const answer = await guest.post("/auth/register", ada, token);
    expect(answer).toMatchObject({ status: 200, body: { created: false, user } });
    guest.take(answer);
    expect(guest.sid).not.toBe(session.sid);
    expect((await guest.get("/auth/session", token)).status).toBe(401);
    expect((await guest.post("/auth/refresh", { refreshToken })).status).toBe(401);
    expect((await guest.post("/auth/login", ada)).body).toMatchObject({ user });
  });

  it("with the pass of a place that was taken as a guest gets a new session too, with the guest's slot", async () => {
    const { house } = open({ queue: { playerGraceSeconds: 60 } });
    const guest = house.player("Ada");
    guest.take(await guest.post("/auth/anonymous", {}));
    const { token, refreshToken, user, session } = guest.login;
    await house.clock.advance(60_000);
    const { ticket } = await guest.takePlace({}, token);
    await house.clock.advance(1_000);
    const { pass: queuePass } = await guest.pollPlace(ticket);
    expect(await house.liveSlots()).toBe(1);

    const mallory = { ...ada, email: "mallory@example.com" };
    expect(await house.player("Mallory").post("/auth/register", { ...mallory, queuePass })).toMatchObject({
      status: 403,
      body: { code: "PASS_INVALID" },
    });
    const answer = await guest.post("/auth/register", { ...ada, queuePass }, token);
    expect(answer).toMatchObject({ status: 200, body: { created: false, user } });
    guest.take(answer);
    expect(guest.sid).not.toBe(session.sid);
    expect((await guest.get("/auth/session", token)).status).toBe(401);
    expect((await guest.post("/auth/refresh", { refreshToken })).status).toBe(401);
    expect(await house.liveSlots()).toBe(1);
    expect((await guest.post("/auth/login", { ...ada, queuePass })).body).toMatchObject({
      session: { sid: guest.sid },
    });
  });

  it("with a device keeps both ways in", async () => {
    const { house } = open();
    const player = await house.loggedIn("Ada");
    const { user } = player.login;
    player.take(await player.post("/auth/register", ada, player.login.token));
    expect(player.login.user).toEqual(user);
    expect((await player.logIn()).user).toEqual(user);
    expect((await player.get("/auth/link")).body["identities"]).toEqual([
      { provider: "device", linkedAt: house.clock.now() },
      { provider: "email", linkedAt: house.clock.now(), email: ada.email, emailVerified: false },
    ]);
  });

  it("stays what it was where the login is refused", async () => {
    let refuses = false;
    const { house } = open({
      hooks: {
        beforeAuthenticate() {
          if (refuses) throw new TypeError("no");
        },
      },
    });
    const guest = house.player("Ada");
    guest.take(await guest.post("/auth/anonymous", {}));
    refuses = true;
    expect((await guest.post("/auth/register", ada, guest.login.token)).status).toBe(403);
    refuses = false;
    house.logger.lines.length = 0;
    expect((await guest.get("/auth/link")).body).toEqual({ identities: [] });
    guest.take(await guest.post("/auth/register", ada, guest.login.token));
    expect(guest.login.created).toBe(false);
  });

  it("with a token that proves nothing, or of somebody with an address, makes an account", async () => {
    const { house } = open();
    const player = await registered(house);
    const eve = { ...ada, email: "eve@example.org" };
    const other = await player.post("/auth/register", eve, player.login.token);
    expect(other).toMatchObject({ status: 200, body: { created: true } });
    expect(Object(other.body["user"]).id).not.toBe(player.userId);
    expect((await player.get("/auth/session")).status).toBe(200);
    for (const [index, token] of ["garbage", "a.b.c", `${player.login.token}x`].entries()) {
      const answer = await player.post("/auth/register", { ...ada, email: `${index}@example.org` }, token);
      expect(answer).toMatchObject({ status: 200, body: { created: true } });
    }
    await house.login.bans.ban(player.userId, { reason: "cheating" });
    const banned = await player.post("/auth/register", { ...ada, email: "f@example.org" }, player.login.token);
    expect(banned).toMatchObject({ status: 403, body: { code: "BANNED" } });
  });
});

it("S61 S10 nothing of a mail, an address or a password is logged or stands in a token, whatever fails", async () => {
  const accounts = memoryAccounts();
  let kept: ReturnType<typeof accounts> | undefined;
  const { house, outbox } = open({
    accounts(context) {
      kept = accounts(context);
      return kept;
    },
  });
  const player = await registered(house);
  const secrets = [ada.email, "ada@", "example.org", ada.password, newPassword, await outbox.token("verify-email")];
  await player.post("/auth/forgot-password", { email: ada.email });
  const token = await outbox.token("reset-password");
  secrets.push(token, ...token.split(".").slice(1));
  await player.post("/auth/login", { ...ada, password: newPassword });
  await player.post("/auth/reset-password", { token, password: newPassword });
  const found = await kept?.findCredential({ provider: "email", externalId: ada.email });
  secrets.push(found?.credential.hash ?? "");
  for (const session of [player.login.token, token]) expect(JSON.stringify(decodeJwt(session))).not.toContain("ada@");
  // The accounts fail in every call, in words that name what they were asked for.
  const broken = new Error(`connect ECONNREFUSED`);
  for (const verb of ["findCredential", "identities", "get"] as const) {
    Object.assign(kept ?? {}, { [verb]: () => Promise.reject(broken) });
  }
  for (const path of ["login", "register", "forgot-password", "change-password", "reset-password"]) {
    await player.post(`/auth/${path}`, { ...ada, newPassword, token }, player.login.token);
  }
  const lines = house.logger.lines.map(({ text }) => text).join("\n");
  expect(lines).toContain("identity provider email failed");
  for (const secret of secrets) expect(lines).not.toContain(secret);
  house.logger.lines.length = 0;
});

it("two e-mail providers are one too many", () => {
  const provider = emailProvider({ sendEmail() {} });
  expect(() => server.open({ providers: { email: provider, mail: provider } })).toThrow(
    /providers.mail: .*emailProvider/,
  );
});

it("accounts outlive a login that shuts down, where they are kept elsewhere", async () => {
  const clockless = memoryAccounts();
  let kept: ReturnType<typeof clockless> | undefined;
  const { house } = open({
    accounts: (context) => {
      kept ??= clockless(context);
      return kept;
    },
  });
  const player = await registered(house);
  await house.restart();
  expect((await player.post("/auth/login", ada)).body).toMatchObject({ user: player.login.user, created: false });
});
