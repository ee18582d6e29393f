// The sessions of a user: what is kept of each, who sees it, and how to end the others.
import { describe, expect, it } from "vitest";
import { agentOf } from "../../src/callers.ts";
import { left } from "../support/room-clients.ts";
import { FragileStore } from "./fragile-store.ts";
import type { Player } from "./player.ts";
import { type House, loginServer } from "./server.ts";

const server = loginServer();

const minute = 60_000;

/** A login with this `User-Agent`. */
async function loggedInWith(house: House, agent: string): Promise<Player> {
  const player = house.player("Ann");
  const answer = await fetch(`${house.url}/auth/authenticate/device`, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": agent },
    body: JSON.stringify({ id: player.device }),
  });
  player.take({ status: answer.status, headers: answer.headers, body: Object(await answer.json()) });
  return player;
}

describe("a user's list of sessions", () => {
  it("shows when, from where and by what each was made, and which one asks", async () => {
    const house = server.open();
    const phone = await loggedInWith(house, "Phone/1.0");
    await house.clock.advance(5 * minute);
    const desktop = await loggedInWith(house, "Desktop/2.0");
    await house.loggedIn("Bob");
    const { body } = await desktop.get("/auth/sessions");
    const address = expect.stringMatching(/^127\.0\.0\.1$|^::1$/);
    const [made, now] = [house.clock.now() - 5 * minute, house.clock.now()];
    expect(body["sessions"]).toEqual([
      { ...phone.login.session, address, agent: "Phone/1.0", createdAt: made, lastSeenAt: made, current: false },
      { ...desktop.login.session, address, agent: "Desktop/2.0", createdAt: now, lastSeenAt: now, current: true },
    ]);
    const [first] = await house.login.sessions.list(phone.userId);
    expect(first).toMatchObject({ sid: phone.sid, address, agent: "Phone/1.0", lastSeenAt: made, ended: null });
  });

  it("is the same session's after a refresh", async () => {
    const house = server.open();
    const phone = await loggedInWith(house, "Phone/1.0");
    await phone.refresh();
    expect((await phone.get("/auth/sessions")).body["sessions"]).toMatchObject([{ agent: "Phone/1.0", current: true }]);
  });

  it("shows nobody's session to anybody else", async () => {
    const house = server.open();
    await house.loggedIn("Ann");
    const bob = await house.loggedIn("Bob");
    expect((await bob.get("/auth/sessions")).body["sessions"]).toMatchObject([{ sid: bob.sid }]);
  });
});

describe("the user agent", () => {
  it.each([
    [null, null],
    ["", null],
    ["Game/1.0 (Linux)", "Game/1.0 (Linux)"],
    ["a\tb", "ab"],
    ["x".repeat(300), "x".repeat(256)],
    ["x".repeat(20_000), "x".repeat(256)],
  ])("%j is kept as %j", (sent, kept) => {
    expect(agentOf(new Headers(sent === null ? {} : { "user-agent": sent }))).toBe(kept);
  });
});

describe("when a session was last in use", () => {
  it("is written once a minute at most, by tokens shown and rooms entered", async () => {
    const fragile = new FragileStore();
    const house = server.open({ store: fragile.open });
    const ann = await house.loggedIn("Ann");
    const made = house.clock.now();
    const writes = () => fragile.calls.filter((call) => call === "sessions.markSeen").length;
    const lastSeenAt = async () => (await house.login.sessions.get(ann.sid))?.lastSeenAt;
    await ann.get("/auth/session");
    await house.clock.advance(minute - 1);
    await Promise.all(Array.from({ length: 5 }, () => ann.get("/auth/session")));
    expect(writes()).toBe(0);
    await house.clock.advance(1);
    await Promise.all(Array.from({ length: 5 }, () => ann.get("/auth/session")));
    expect([writes(), await lastSeenAt()]).toEqual([1, made + minute]);
    await house.clock.advance(minute);
    await ann.play();
    expect([writes(), await lastSeenAt()]).toEqual([2, made + 2 * minute]);
  });

  it("refuses nobody where it cannot be written, and is tried again a minute later", async () => {
    const fragile = new FragileStore();
    const house = server.open({ store: fragile.open });
    const ann = await house.loggedIn("Ann");
    await ann.get("/auth/session");
    await house.clock.advance(minute);
    fragile.broken.set("sessions.markSeen", new Error("away"));
    expect((await ann.get("/auth/session")).status).toBe(200);
    const marks = house.logger.lines.filter(({ text }) => text.includes("could not be marked as seen"));
    expect(marks).toMatchObject([{ level: "debug", text: expect.not.stringContaining(ann.sid) }]);
    expect(house.logged).toEqual([]);
    fragile.broken.clear();
    await ann.get("/auth/session");
    expect(fragile.calls.filter((call) => call === "sessions.markSeen")).toHaveLength(1);
    await house.clock.advance(minute);
    await ann.get("/auth/session");
    expect((await house.login.sessions.get(ann.sid))?.lastSeenAt).toBe(house.clock.now());
  });
});

describe("logging out the others", () => {
  async function three() {
    const ended: unknown[] = [];
    const house = server.open({ hooks: { onSessionEnd: ({ sid }, reason) => void ended.push([sid, reason]) } });
    const [own, second, third] = [
      await house.loggedIn("Ann"),
      await house.loggedIn("Ann"),
      await house.loggedIn("Ann"),
    ];
    const bob = await house.loggedIn("Bob");
    return { house, ended, own, second, third, bob };
  }

  it("ends them and spares the one that asks, by its session token", async () => {
    const { ended, own, second, third, bob } = await three();
    expect((await own.post("/auth/logout", { others: true }, own.login.token)).status).toBe(204);
    expect(ended).toEqual([
      [second.sid, "logout"],
      [third.sid, "logout"],
    ]);
    expect((await own.get("/auth/session")).status).toBe(200);
    expect((await bob.get("/auth/session")).status).toBe(200);
    for (const player of [second, third]) {
      expect((await player.get("/auth/session")).status).toBe(401);
      expect((await player.tryRefresh()).status).toBe(401);
    }
  });

  it("does the same by its refresh token, and closes sockets if asked", async () => {
    const { own, second } = await three();
    const [ownRoom, closed] = [await own.play(), left(await second.play())];
    await own.logOut({ others: true, disconnectSockets: true });
    expect((await closed).code).toBe(4401);
    expect(ownRoom.connection.isOpen).toBe(true);
    await own.refresh();
  });

  it("does nothing for a token that proves nothing, or no live session", async () => {
    const { own, second } = await three();
    const forged = `${own.login.refreshToken.slice(0, -2)}AA`;
    expect((await own.post("/auth/logout", { others: true, refreshToken: forged })).status).toBe(204);
    await own.logOut();
    await own.logOut({ others: true });
    expect((await second.get("/auth/session")).status).toBe(200);
  });

  it("goes behind everywhere, and is a boolean", async () => {
    const { own, second } = await three();
    expect((await own.post("/auth/logout", { others: "yes" }, own.login.token)).status).toBe(400);
    await own.logOut({ others: true, everywhere: true });
    for (const player of [own, second]) expect((await player.get("/auth/session")).status).toBe(401);
  });

  it("is the server's to call too, and answers how many", async () => {
    const { house, own, second } = await three();
    expect(await house.login.sessions.logoutOthers(own.sid)).toBe(2);
    expect(await house.login.sessions.logoutOthers(own.sid)).toBe(0);
    expect(await house.login.sessions.logoutOthers("nobody's")).toBe(0);
    expect((await second.get("/auth/session")).status).toBe(401);
    expect(await house.login.sessions.logoutUser(own.userId)).toBe(1);
  });
});
