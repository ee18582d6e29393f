// Login data over the whole login: what the client gets, and that a login without its data has left nothing behind.
import { describe, expect, it } from "vitest";
import { createLoginClient } from "../../src/client/index.ts";
import { LoginError } from "../../src/errors.ts";
import { resolveOptions } from "../../src/options/options.ts";
import { untilAdmitted } from "./player.ts";
import { type House, loginServer } from "./server.ts";

const server = loginServer();

const unavailable = { status: 503, body: { code: "LOGIN_DATA_UNAVAILABLE", message: expect.any(String) } };

/** Somebody new queues and is admitted. */
async function admitted(house: House) {
  const player = house.player("nobody yet");
  const room = await player.queue();
  await house.clock.advance(200);
  return (await untilAdmitted(room)).pass;
}

describe("a login", () => {
  it("brings its data, of jobs that see the session before anybody can use it", async () => {
    const seen: unknown[] = [];
    const house = server.open({
      hooks: { beforeAuthenticate: () => ({ serverVars: { rank: "7" }, groups: ["testers"] }) },
      loginData: {
        inventory: async ({ session, request, created }) => {
          const inStore = await house.login.sessions.get(session.sid);
          const listed = await house.login.sessions.list(session.userId);
          seen.push({ ...session }, request.provider, request.address, created, inStore, listed);
          return [{ name: "sword", count: 1 }];
        },
        weight: { after: ["inventory"], run: ({ results }) => Object(results["inventory"])[0].count * 2 },
      },
    });
    const ann = await house.loggedIn("Ann", { vars: { skin: "red" } });
    expect(ann.login.loginData).toEqual({ inventory: [{ name: "sword", count: 1 }], weight: 2 });
    const info = await house.login.sessions.get(ann.sid);
    const { address: _, agent: __, createdAt: ___, lastSeenAt: ____, ended: _____, ...auth } = Object(info);
    expect(seen).toEqual([auth, "device", expect.any(String), true, null, []]);
    expect(auth).toMatchObject({ vars: { skin: "red", rank: "7" }, groups: ["testers"] });
    expect((await ann.refresh()).loginData).toEqual({});
  });

  it("shows it in the client helper, through refreshes too", async () => {
    const house = server.open({ loginData: { gold: () => 7 } });
    const { client } = house.player("Ann");
    const login = createLoginClient<typeof client, Record<string, string>, { gold: number }>(client);
    try {
      expect((await login.authenticate("device", { id: "the device of Ann" })).loginData.gold).toBe(7);
      expect((await login.refresh()).loginData.gold).toBe(7);
    } finally {
      login.dispose();
    }
  });

  it("fits into its answer with the longest data, vars, names and tokens there may be", async () => {
    const house = server.open({ gameShardId: "s".repeat(64), loginData: { story: () => "x".repeat(44 * 1024 - 2) } });
    const vars = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`${index}`, "v".repeat(256)]));
    const answer = await house.player("Ann").tryLogIn({ vars, username: "☃".repeat(64) });
    expect(answer.status).toBe(200);
    const bytes = Buffer.byteLength(JSON.stringify(answer.body));
    expect(bytes).toBeGreaterThan(50 * 1024);
    expect(bytes).toBeLessThan(60 * 1024);
  });
});

describe("a failed job", () => {
  function broken(options: Parameters<typeof server.open>[0] = {}) {
    const state = { isBroken: true };
    const house = server.open({
      ...options,
      loginData: {
        inventory: () => {
          if (state.isBroken) throw new Error("the inventory is away");
          return [];
        },
      },
    });
    return { house, state };
  }

  it("fails the login, says so, and leaves no session; the one there was goes on", async () => {
    const { house, state } = broken({ concurrentSessions: "one" });
    state.isBroken = false;
    const phone = await house.loggedIn("Ann");
    state.isBroken = true;
    expect(await house.player("Ann").tryLogIn()).toMatchObject(unavailable);
    expect((await house.login.sessions.list(phone.userId)).map(({ sid }) => sid)).toEqual([phone.sid]);
    expect((await phone.get("/auth/session")).status).toBe(200);
    expect(house.logged).toMatchObject([{ level: "error", text: expect.stringContaining("inventory") }]);
    house.logger.lines.length = 0;
  });

  it("takes an account back that the login made, with its name", async () => {
    const { house, state } = broken();
    expect(await house.player("Ann").tryLogIn({ username: "Ann" })).toMatchObject(unavailable);
    state.isBroken = false;
    expect((await house.loggedIn("Bob", { username: "ann" })).login.created).toBe(true);
    expect((await house.loggedIn("Ann", { username: "Ann the second" })).login.created).toBe(true);
    house.logger.lines.length = 0;
  });

  it("gives a pass that was taken on the spot back at once", async () => {
    const { house } = broken({ queue: { targetCcuLimit: 1 } });
    expect(await house.player("Ann").tryLogIn()).toMatchObject(unavailable);
    expect(await house.liveSlots()).toBe(0);
    house.logger.lines.length = 0;
  });

  it("costs a pass that was presented none of its tries", async () => {
    const { house, state } = broken({ queue: { mode: "always", targetCcuLimit: 1 } });
    const queuePass = await admitted(house);
    const ann = house.player("Ann");
    for (let times = 0; times < 7; times++) expect(await ann.tryLogIn({ queuePass })).toMatchObject(unavailable);
    state.isBroken = false;
    await ann.logIn({ queuePass });
    expect(await house.liveSlots()).toBe(1);
    house.logger.lines.length = 0;
  });

  it("that refuses with a LoginError is heard as it is", async () => {
    const house = server.open({
      loginData: {
        licence: () => {
          throw new LoginError("FORBIDDEN", "Buy the game.");
        },
      },
    });
    const answer = await house.player("Ann").tryLogIn();
    expect(answer).toMatchObject({ status: 403, body: { code: "FORBIDDEN", message: "Buy the game." } });
  });

  it("that is optional is absent, and logged", async () => {
    const house = server.open({
      loginData: { gold: () => 7, offers: { optional: true, run: () => ({ since: new Date(0) }) } },
    });
    expect((await house.loggedIn("Ann")).login.loginData).toEqual({ gold: 7 });
    expect(house.logged).toMatchObject([
      { level: "warn", text: expect.stringContaining("its result.since is a Date") },
    ]);
    house.logger.lines.length = 0;
  });

  it("by its time fails as any other", async () => {
    const begun = Promise.withResolvers<void>();
    const house = server.open({
      loginDataTimeoutSeconds: 2,
      loginData: {
        slow: () => {
          begun.resolve();
          return new Promise<never>(() => {});
        },
      },
    });
    const answer = house.player("Ann").tryLogIn();
    await begun.promise;
    await house.clock.advance(2_000);
    expect(await answer).toMatchObject(unavailable);
    house.logger.lines.length = 0;
  });
});

describe("while the jobs run", () => {
  it("S32 a ban leaves no session and no slot", async () => {
    let job = async (_userId: string) => {};
    const house = server.open({
      queue: { targetCcuLimit: 1 },
      loginData: { inventory: ({ session }) => job(session.userId).then(() => []) },
    });
    const ann = await house.loggedIn("Ann");
    await ann.logOut();
    job = async (userId) => void (await house.login.bans.ban(userId, { reason: "just now" }));
    expect(await ann.tryLogIn()).toMatchObject({ status: 403, body: { code: "BANNED", reason: "just now" } });
    expect(await house.login.sessions.list(ann.userId)).toEqual([]);
    expect(await house.liveSlots()).toBe(0);
  });

  it("S40 twenty logins with one pass open one session, and each is answered data of that one", async () => {
    const house = server.open({
      queue: { mode: "always", targetCcuLimit: 5 },
      loginData: { whose: ({ session }) => session.sid },
    });
    const queuePass = await admitted(house);
    const answers = await Promise.all(Array.from({ length: 20 }, () => house.player("Ann").logIn({ queuePass })));
    const sids = new Set(answers.map(({ session }) => session.sid));
    expect(sids.size).toBe(1);
    expect(new Set(answers.map(({ loginData }) => loginData["whose"]))).toEqual(sids);
    expect(await house.liveSlots()).toBe(1);
  });

  it("S40 the loser of two logins with one pass is answered the winner's session and its data", async () => {
    const both = Promise.withResolvers<void>();
    let begun = 0;
    const house = server.open({
      queue: { mode: "always", targetCcuLimit: 5 },
      loginData: {
        whose: async ({ session }) => {
          begun += 1;
          if (begun === 2) both.resolve();
          await both.promise;
          return session.sid;
        },
      },
    });
    const queuePass = await admitted(house);
    const logIn = () => house.player("Ann").logIn({ queuePass });
    const [one, other] = await Promise.all([logIn(), logIn()]);
    expect(one.session.sid).toBe(other.session.sid);
    expect([one.loginData["whose"], other.loginData["whose"]]).toEqual([one.session.sid, one.session.sid]);
    expect(begun).toBe(3);
  });

  it("a pass that ends opens nothing", async () => {
    const begun = Promise.withResolvers<void>();
    const done = Promise.withResolvers<number>();
    const house = server.open({
      queue: { mode: "always", targetCcuLimit: 1, passSeconds: 3 },
      loginData: {
        gold: () => {
          begun.resolve();
          return done.promise;
        },
      },
    });
    const queuePass = await admitted(house);
    const ann = house.player("Ann");
    const answer = ann.tryLogIn({ queuePass });
    await begun.promise;
    await house.clock.advance(3_000);
    done.resolve(7);
    expect(await answer).toMatchObject({ status: 403, body: { code: "PASS_INVALID" } });
    expect(await house.liveSlots()).toBe(0);
  });
});

it("nothing runs for who is banned", async () => {
  let runs = 0;
  const house = server.open({ loginData: { gold: () => ++runs } });
  const ann = await house.loggedIn("Ann");
  await house.login.bans.ban(ann.userId, { reason: "cheating" });
  expect((await ann.tryLogIn()).body).toMatchObject({ code: "BANNED" });
  expect(runs).toBe(1);
});

describe("jobs that cannot be", () => {
  const run = () => 1;
  it.each([
    [
      { rewards: { after: ["inventry"], run }, inventory: run },
      'loginData.rewards.after.0: expected the name of another job, got "inventry"',
    ],
    [{ a: { after: ["b"], run }, b: { after: ["a"], run } }, "circle (a → b → a)"],
    [{ a: { after: ["a"], run } }, "circle (a → a)"],
    [{ a: { run, timeoutMs: 5 } }, "there is no option loginData.a.timeoutMs"],
    [{ a: { run, timeoutSeconds: 0 } }, "loginData.a.timeoutSeconds: expected a number above 0, got 0"],
    [{ a: { run, optional: "yes" } }, "loginData.a.optional: expected true or false"],
    [{ a: { run, after: "b" } }, "loginData.a.after: expected an array of names of jobs"],
    [{ "no spaces": run }, "as a name"],
  ])("are refused at the start: %j", (loginData, words) => {
    expect(() => resolveOptions({ loginData })).toThrow(TypeError);
    expect(() => resolveOptions({ loginData })).toThrow(words);
  });
});
