// How many sessions a user may have at once, and what happens beyond it.
import { expect, it } from "vitest";
import { concurrentSessions } from "../../src/login-settings.ts";
import { resolveOptions } from "../../src/options/options.ts";
import { left, refusal } from "../support/room-clients.ts";
import { loginServer } from "./server.ts";

const server = loginServer();

it("a thousand at the most, so that nobody can make more than one step of a store ends", () => {
  expect(concurrentSessions(resolveOptions({}))).toEqual({ limit: 1_000, onExceeded: "replace" });
  expect(concurrentSessions(resolveOptions({ concurrentSessions: 3, onExceeded: "reject" }))).toEqual({
    limit: 3,
    onExceeded: "reject",
  });
});

it("many by default", async () => {
  const house = server.open();
  const ann = await house.loggedIn("Ann");
  const players = [ann, await house.loggedIn("Ann"), await house.loggedIn("Ann")];
  for (const player of players) await player.play();
  const { sessions } = (await ann.get("/auth/sessions")).body as { sessions: { sid: string }[] };
  expect(sessions.map(({ sid }) => sid)).toEqual(players.map(({ sid }) => sid));
});

it("one where a queue is configured, or the option says so: the older one ends with 4409", async () => {
  for (const options of [{ queue: {} }, { concurrentSessions: "one" as const }]) {
    const house = server.open(options);
    const phone = await house.loggedIn("Ann");
    const closed = left(await phone.play());
    const desktop = await house.loggedIn("Ann");
    expect(await closed).toEqual({ code: 4409, reason: "replaced by a newer login" });
    expect(await refusal(phone.play())).toEqual({ code: 401, message: "SESSION_REVOKED" });
    await desktop.play();
    await house.close();
  }
});

it("so many: the oldest ends", async () => {
  const house = server.open({ concurrentSessions: 2 });
  const players = [await house.loggedIn("Ann"), await house.loggedIn("Ann"), await house.loggedIn("Ann")];
  const statuses = await Promise.all(players.map(async (player) => (await player.get("/auth/session")).status));
  expect(statuses).toEqual([401, 200, 200]);
  expect(await house.login.sessions.list(players[2]?.userId ?? "")).toHaveLength(2);
});

it("so many, and the login beyond is refused with CONFLICT, until one is free", async () => {
  const house = server.open({ concurrentSessions: 2, onExceeded: "reject", queue: {} });
  const [phone, desktop] = [await house.loggedIn("Ann"), await house.loggedIn("Ann")];
  const third = house.player("Ann");
  expect(await third.tryLogIn()).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
  // What the refused login took on the spot it gave back.
  expect(await house.liveSlots()).toBe(2);
  await desktop.play();
  await phone.logOut();
  await third.logIn();
});

it("fifty logins at once of one user leave as many sessions as it may have", async () => {
  const house = server.open({ concurrentSessions: "one" });
  const ann = house.player("Ann");
  const answers = await Promise.all(Array.from({ length: 50 }, () => ann.tryLogIn()));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await house.login.sessions.list(ann.userId)).toHaveLength(1);
});
