// S61: what is logged in a whole journey, at every level and in every failure, shows nothing that opens a door.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { customProvider } from "../../src/accounts/custom.ts";
import { deviceProvider } from "../../src/accounts/device.ts";
import { LoginError } from "../../src/errors.ts";
import { recordingLogger } from "../support/recording-logger.ts";
import { drop, left, reconnectAtOnce, refusal } from "../support/room-clients.ts";
import { FragileStore } from "./fragile-store.ts";
import { newKey, refreshSecrets } from "./keys.ts";
import { untilAdmitted } from "./player.ts";
import { type House, loginServer } from "./server.ts";

/** What Colyseus logs, and what anybody prints on the console. */
const printed = recordingLogger();
const server = loginServer({ ...printed, trace: printed.debug });

beforeAll(() => {
  for (const level of ["debug", "info", "log", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation(printed.info);
  }
});

afterAll(() => {
  vi.restoreAllMocks();
});

it("S61 the loudest logging of a whole journey contains no token, secret, password or whole sid", async () => {
  const secrets = new Set<string>([refreshSecrets.current]);
  /** A token, and each part of it that proves something. */
  const keepSecret = (...tokens: unknown[]) => {
    for (const token of tokens) {
      if (typeof token !== "string" || token === "") continue;
      secrets.add(token);
      for (const part of token.split(".").slice(1)) if (part.length > 12) secrets.add(part);
    }
  };

  const store = new FragileStore();
  const key = newKey();
  keepSecret(key["d"]);
  const password = "correct horse battery staple";
  keepSecret(password);
  let hookFails = false;
  const failing = () => {
    if (hookFails) throw new TypeError("the game's database is away");
  };
  const house = server.open({
    tokens: { keys: { current: key }, refreshSecrets, tokenExpirationMinutes: 10, refreshTokenExpirationMinutes: 20 },
    gameShardId: "eu-1",
    store: store.open,
    providers: {
      device: deviceProvider(),
      secret: customProvider(({ word }) => {
        if (word === password) return { externalId: "ali" };
        if (word === "fault") throw new TypeError("the game's database is away");
        return null;
      }),
    },
    queue: { targetCcuLimit: 4, restoreSeconds: 0, playerGraceSeconds: 60 },
    hooks: { beforeAuthenticate: failing, afterAuthenticate: failing, beforeRefresh: failing, onSessionEnd: failing },
  });
  const keepLogin = (player: ReturnType<typeof house.player>) => {
    const { token, socialToken, refreshToken } = player.login;
    keepSecret(token, socialToken, refreshToken, player.sid, player.device);
    return player;
  };

  // Logins that succeed and fail in every way.
  const ann = keepLogin(await house.loggedIn("Ann", { vars: { skin: "red" } }));
  const logInAli = (word: string) => ann.post("/auth/authenticate/secret", { word });
  for (const word of [password, "wrong", "fault"]) keepSecret((await logInAli(word)).body["token"]);
  await ann.post("/auth/authenticate/nobody", { id: ann.device });
  const bob = keepLogin(await house.loggedIn("Bob"));
  hookFails = true;
  await house.player("Eve").tryLogIn();
  await bob.tryRefresh();
  hookFails = false;

  // The queue, with its tickets and passes.
  await house.loggedIn("Fay");
  const waiting = await house.player("Cid").queue();
  keepSecret(waiting.state.ticket);
  await bob.logOut();
  await house.clock.advance(1_000);
  const { pass } = await untilAdmitted(waiting);
  keepSecret(pass);
  store.broken.set("sessions.open", new TypeError("a fault of the store's"));
  await house.player("Cid").tryLogIn({ queuePass: pass });
  store.broken.clear();
  store.broken.set("queue.failPass", new TypeError("a fault of the store's"));
  await ann.post("/auth/authenticate/secret", { word: "wrong", queuePass: pass });
  store.broken.clear();
  const cid = keepLogin(await house.loggedIn("Cid", { queuePass: pass }));
  const place = await house.player("Dan").takePlace();
  keepSecret(place.ticket);
  await house.player("Dan").pollPlace(place.ticket);
  for (const garbage of ["garbage", `${cid.login.token.slice(0, -4)}AAAA`]) {
    await cid.get("/auth/session", garbage);
    await cid.get("/auth/queue", garbage);
    await cid.post("/auth/refresh", { refreshToken: garbage });
    await cid.tryLogIn({ queuePass: garbage });
  }

  // Rooms: joins, drops, refusals, ends.
  house.holdsSeats = true;
  const game = await ann.play();
  reconnectAtOnce(game);
  const back = new Promise<void>((resolve) => game.onReconnect(resolve));
  drop(game);
  await back;
  const closed = left(game);
  await ann.refresh();
  keepLogin(ann);
  hookFails = true;
  await house.login.sessions.disconnect(ann.sid, { reason: "out" });
  expect((await closed).code).toBe(4410);
  await ann.logOut();
  hookFails = false;
  await refusal(ann.play());
  const stolen = cid.login.refreshToken;
  await cid.refresh({ attempt: "owner-of-16-chars" });
  keepLogin(cid);
  await house.clock.advance(20_000);
  await cid.post("/auth/refresh", { refreshToken: stolen, attempt: "thief-of-16-chars" });
  await house.login.bans.ban(cid.userId, { reason: "cheating" });
  await cid.tryLogIn();

  // The store goes and comes back, in the middle of everything.
  const dan = keepLogin(await house.loggedIn("Dan"));
  await dan.play();
  for (const error of [
    new LoginError("STORE_UNAVAILABLE", "away", {}, { cause: new Error("connect ECONNREFUSED") }),
    new TypeError("a fault of the store's"),
  ]) {
    store.broken.set("*", error);
    await refusal(dan.play());
    await dan.tryRefresh();
    await dan.get("/auth/session");
    await dan.get("/me");
    await dan.tryLogIn();
    await dan.post("/auth/logout", { refreshToken: dan.login.refreshToken });
    await refusal(dan.client.joinOrCreate("login_queue"));
    await house.clock.advance(120_000);
    store.broken.clear();
    await house.clock.advance(5_000);
  }
  for (let part = 0; part < 3; part += 1) {
    await house.clock.advance(600_000);
    // A connection that is quiet for long is closed by the server.
    await dan.get("/auth/.well-known/jwks.json");
  }
  await dan.tryRefresh();

  const said = house.logger.lines.map(({ text }) => text).join("\n");
  for (const event of [
    "hook beforeAuthenticate failed",
    "hook beforeRefresh failed",
    "hook onSessionEnd failed",
    "identity provider secret failed",
    "could not give its pass back",
    "an entry could not be checked",
    "the admission step failed",
    "the store answers again",
  ]) {
    expect(said).toContain(event);
  }
  const lines = [...house.logger.lines, ...printed.lines].map(({ text }) => text);
  for (const secret of secrets) {
    for (const line of lines) expect(line).not.toContain(secret);
  }
  expect(secrets.size).toBeGreaterThan(30);
  for (const { text } of house.logger.lines) expect(text).toMatch(/^colyseus-login: /);
  house.logger.lines.length = 0;
});

/** What was logged at these levels, and is forgotten with that. */
function said(house: House, ...levels: readonly string[]): string[] {
  const lines = house.logger.lines.filter(({ level }) => levels.includes(level));
  house.logger.lines.length = 0;
  return lines.map(({ level, text }) => `${level} ${text.replace("colyseus-login: ", "")}`);
}

describe("log lines", () => {
  it("of a whole journey as it should be: one for the start, and none a player above debug", async () => {
    const house = server.open({ queue: { targetCcuLimit: 1, playerGraceSeconds: 60 }, store: new FragileStore().open });
    const ann = await house.loggedIn("Ann");
    const waiting = await house.player("Bob").queue();
    await ann.play();
    await ann.refresh();
    await house.player("Cid").tryLogIn();
    await refusal(house.player("Cid").client.joinOrCreate("game"));
    await ann.logOut({ disconnectSockets: true });
    await house.clock.advance(1_000);
    const { pass } = await untilAdmitted(waiting);
    const bob = await house.loggedIn("Bob", { queuePass: pass });
    await house.login.bans.ban(bob.userId, { reason: "cheating" });
    await bob.tryLogIn();
    await house.login.bans.unban(bob.userId);

    const lines = [...house.logger.lines];
    expect(said(house, "info", "warn", "error")).toEqual([
      "warn tokens.keys and tokens.refreshSecrets not configured: made for this start, so a restart logs everybody out",
      "info started, with sessions in its own store and a queue: mode auto, 50 logins a second, up to 1 at once",
    ]);
    const [a, b] = [ann, bob].map(({ sid, userId }) => `session ${sid.slice(0, 8)}… of user ${userId.slice(0, 8)}…`);
    const ofPlayers = lines.filter(({ level }) => level === "debug").map(({ text }) => text);
    expect(ofPlayers).toEqual([
      `colyseus-login: ${a} logged in by device, with a new account`,
      "colyseus-login: a login by device was refused: QUEUE_REQUIRED",
      "colyseus-login: refused by the matchmaking: TOKEN_INVALID",
      `colyseus-login: ${a} ended: logout`,
      expect.stringMatching(/^colyseus-login: ticket [\w-]{8}… of lane default was admitted$/),
      `colyseus-login: ${b} logged in by device, with a new account`,
      `colyseus-login: user ${bob.userId.slice(0, 8)}… was banned for good`,
      `colyseus-login: ${b} ended: banned`,
      "colyseus-login: a login by device was refused: BANNED",
      `colyseus-login: the ban of user ${bob.userId.slice(0, 8)}… was lifted`,
    ]);
  });

  it("of what an operator does: each once, with what it was before", async () => {
    const house = server.open({ queue: {} });
    await house.clock.advance(1_000);
    said(house);
    await house.login.queue.configure({ mode: "paused", targetCcuLimit: 5, notice: "Words for players." });
    await house.clock.advance(3_000);
    expect(said(house, "info", "warn", "error")).toEqual([
      'info the queue goes by mode "paused" (was "auto"), a new notice, targetCcuLimit 5 (was 10000)',
    ]);
    await house.login.access.set({ mode: "limited" });
    await house.clock.advance(3_000);
    expect(said(house, "info", "warn", "error")).toEqual(["info the access rules were set"]);
  });

  it("of a start that finds settings of before, say which", async () => {
    const store = new FragileStore();
    const house = server.open({
      queue: {},
      store: (context) => {
        const opened = store.open(context);
        void opened.queue.configure({ mode: "paused" });
        return opened;
      },
    });
    await house.clock.advance(3_000);
    expect(said(house, "info").slice(1)).toEqual([
      'info the queue goes by settings that were changed before this start: mode "paused" (was "auto")',
    ]);
  });

  it("of a store that goes and comes back: one each", async () => {
    const store = new FragileStore();
    const house = server.open({ queue: {}, store: store.open });
    await house.clock.advance(1_000);
    said(house);
    store.isDown = true;
    await house.clock.advance(60_000);
    expect(said(house, "info", "warn", "error")).toEqual([
      expect.stringMatching(/^warn .* failed \(STORE_UNAVAILABLE\)/),
    ]);
    store.isDown = false;
    await house.clock.advance(60_000);
    expect(said(house, "info", "warn", "error")).toEqual(["info the store answers again"]);
  });

  it("of reuse are warnings, and a flood of them is some lines and a number", async () => {
    const house = server.open();
    said(house);
    const thefts: (() => Promise<unknown>)[] = [];
    for (let count = 0; count < 25; count += 1) {
      const player = await house.loggedIn(`Ann ${count}`);
      const stolen = player.login.refreshToken;
      await player.refresh({ attempt: "owner-of-16-chars" });
      thefts.push(() => player.post("/auth/refresh", { refreshToken: stolen, attempt: "thief-of-16-chars" }));
    }
    await house.clock.advance(20_000);
    for (const steal of thefts) await steal();
    await house.clock.advance(60_000);
    const warnings = said(house, "warn");
    expect(warnings).toHaveLength(11);
    expect(warnings[0]).toMatch(
      /^warn session [\w-]{8}… of user [\w-]{8}… was ended: a refresh token of it was shown again/,
    );
    expect(warnings.at(-1)).toMatch(/^warn 15 more lines in one minute like: .* was ended: a refresh token/);
  });

  it("of a hook that always fails do not flood the log", async () => {
    const house = server.open({
      hooks: {
        beforeAuthenticate: () => {
          throw new TypeError("the game's database is away");
        },
      },
    });
    said(house);
    for (let count = 0; count < 40; count += 1) await house.player("Ann").tryLogIn();
    await house.clock.advance(60_000);
    const errors = said(house, "error");
    expect(errors).toHaveLength(11);
    expect(errors.at(-1)).toBe(
      "error 30 more lines in one minute like: colyseus-login: hook beforeAuthenticate failed",
    );
  });

  it("that were left out are counted when the process ends, too", async () => {
    const house = server.open({
      hooks: {
        beforeAuthenticate: () => {
          throw new TypeError("the game's database is away");
        },
      },
    });
    for (let count = 0; count < 12; count += 1) await house.player("Ann").tryLogIn();
    expect(said(house, "error")).toHaveLength(10);
    await house.shutDownAlone();
    expect(said(house, "error")).toEqual([
      "error 2 more lines in one minute like: colyseus-login: hook beforeAuthenticate failed",
    ]);
  });

  it("are one line each, whatever an account store calls its users", async () => {
    const house = server.open();
    said(house);
    await house.login.bans.ban("a\nb colyseus-login: all is well", { reason: "" });
    expect(said(house, "debug")).toEqual(["debug user a_b_coly… was banned for good"]);
  });
});
