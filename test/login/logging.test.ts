// S61: what is logged in a whole journey, at every level and in every failure, shows nothing that opens a door.
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { customProvider } from "../../src/accounts/custom.ts";
import { deviceProvider } from "../../src/accounts/device.ts";
import { LoginError } from "../../src/errors.ts";
import { recordingLogger } from "../support/recording-logger.ts";
import { drop, left, reconnectAtOnce, refusal } from "../support/room-clients.ts";
import { FragileStore } from "./fragile-store.ts";
import { newKey, refreshSecrets } from "./keys.ts";
import { untilAdmitted } from "./player.ts";
import { loginServer } from "./server.ts";

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
    tokens: { keys: { current: key }, refreshSecrets, tokenExpirationMinutes: 60, refreshTokenExpirationMinutes: 120 },
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
  await house.clock.advance(3 * 3_600_000);
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
  house.logger.lines.length = 0;
});
