// The operator's calls about players' sessions, on the real login: found by user, name or id; disconnected and ended with a reason.
import { describe, expect, it } from "vitest";
import { memoryAccounts } from "../../src/accounts/memory-accounts.ts";
import { loginServer } from "../login/server.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { left } from "../support/room-clients.ts";
import { Desk } from "./desk.ts";

const server = loginServer();

describe("GET sessions", () => {
  it("finds a user's sessions by user, by name and by session, with the ban", async () => {
    const house = server.open({
      hooks: { beforeAuthenticate: () => ({ serverVars: { rank: "7" }, groups: ["testers"] }) },
    });
    const desk = await Desk.open(house);
    const ann = await house.loggedIn("Ann", { username: "Änne", vars: { skin: "red" } });
    const second = await house.loggedIn("Ann");
    await house.loggedIn("Bob");
    const account = { userId: ann.userId, username: "Änne", groups: [], ban: null };
    const first = {
      sid: ann.sid,
      userId: ann.userId,
      username: "Änne",
      kind: "player",
      groups: ["testers"],
      vars: { skin: "red", rank: "7" },
      address: "127.0.0.1",
      agent: expect.any(String),
      createdAt: ann.login.session.createdAt,
      lastSeenAt: expect.any(Number),
      expiresAt: ann.login.tokenExpiresAt,
      ended: null,
    };
    const both = { user: account, sessions: [first, expect.objectContaining({ sid: second.sid })] };
    expect(await desk.ok(desk.get(`/sessions?userId=${ann.userId}`))).toEqual(both);
    expect(await desk.ok(desk.get(`/sessions?username=${encodeURIComponent("ÄNNE")}`))).toEqual(both);
    expect(await desk.ok(desk.get(`/sessions?sid=${ann.sid}`))).toEqual({ user: account, sessions: [first] });
  });

  it("shows an ended session by its id, and the ban that ended it", async () => {
    const house = server.open();
    const desk = await Desk.open(house);
    const ann = await house.loggedIn("Ann");
    await house.login.bans.ban(ann.userId, { reason: "cheating" });
    expect(await desk.ok(desk.get(`/sessions?sid=${ann.sid}`))).toMatchObject({
      user: { ban: { reason: "cheating", until: null } },
      sessions: [{ ended: { at: house.clock.now(), reason: "banned" } }],
    });
    expect(await desk.ok(desk.get(`/sessions?userId=${ann.userId}`))).toMatchObject({ sessions: [] });
  });

  it("knows the user of a session whose account is gone", async () => {
    const accounts = memoryAccounts()({ clock: new ManualClock() });
    const house = server.open({ accounts: () => accounts });
    const desk = await Desk.open(house);
    const ann = await house.loggedIn("Ann", { username: "ann" });
    await accounts.delete(ann.userId);
    const { user, sessions } = await desk.ok(desk.get(`/sessions?userId=${ann.userId}`));
    expect(user).toEqual({ userId: ann.userId, username: "ann", groups: [], ban: null });
    expect(sessions).toHaveLength(1);
    expect((await desk.get("/sessions?username=ann")).status).toBe(404);
  });

  it("S60 comes in pages of at most 200 and 60 KiB", async () => {
    const house = server.open();
    const desk = await Desk.open(house);
    const vars = { note: "é".repeat(250), more: "ö".repeat(250) };
    const ann = await house.loggedIn("Ann", { vars });
    for (let count = 1; count < 150; count += 1) await house.loggedIn("Ann", { vars });
    const seen: unknown[] = [];
    let pages = 0;
    for (let from: unknown = 0; from !== undefined; pages += 1) {
      const { sessions, next } = await desk.ok(desk.get(`/sessions?userId=${ann.userId}&from=${from}`));
      seen.push(...Object(sessions).map(({ sid }: { sid: string }) => sid));
      from = next;
    }
    expect(new Set(seen).size).toBe(150);
    expect(seen).toHaveLength(150);
    expect(pages).toBeGreaterThan(2);
  });

  it.each(["userId=nobody", "username=nobody", "sid=nobody"])("is 404 for %s", async (query) => {
    const desk = await Desk.open(server.open());
    expect(await desk.get(`/sessions?${query}`)).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
  });

  it.each(["", "?", "?userId=a&username=b", "?userId=a&sid=b", "?from=0"])(
    "is 400 for the query '%s'",
    async (query) => {
      const desk = await Desk.open(server.open());
      expect(await desk.get(`/sessions${query}`)).toMatchObject({
        status: 400,
        body: { message: "query: expected one of userId, username and sid" },
      });
    },
  );
});

describe("what is done to a session", () => {
  it("disconnect closes its sockets with 4410 and the reason, and it lives on", async () => {
    const house = server.open();
    const desk = await Desk.open(house);
    const ann = await house.loggedIn("Ann");
    const closed = [left(await ann.play()), left(await ann.play("guarded"))];
    const answer = desk.post(`/sessions/${ann.sid}/disconnect`, { reason: "Take a break." });
    expect(await desk.ok(answer)).toEqual({ socketsClosed: 2 });
    expect(await Promise.all(closed)).toEqual(closed.map(() => ({ code: 4410, reason: "Take a break." })));
    expect((await ann.get("/auth/session")).status).toBe(200);
    expect(await desk.ok(desk.post(`/sessions/${ann.sid}/disconnect`))).toEqual({ socketsClosed: 0 });
  });

  it("logout ends it, and its sockets stay unless asked", async () => {
    const house = server.open();
    const desk = await Desk.open(house);
    const [ann, bob] = [await house.loggedIn("Ann"), await house.loggedIn("Bob")];
    const room = await ann.play();
    expect(await desk.ok(desk.post(`/sessions/${ann.sid}/logout`, {}))).toEqual({ ended: true });
    expect((await ann.get("/auth/session")).body).toMatchObject({ code: "SESSION_REVOKED" });
    expect(room.connection.isOpen).toBe(true);
    expect(await desk.ok(desk.post(`/sessions/${ann.sid}/logout`))).toEqual({ ended: false });

    const closed = left(await bob.play());
    const body = { reason: "Maintenance", disconnectSockets: true };
    expect(await desk.ok(desk.post(`/sessions/${bob.sid}/logout`, body))).toEqual({ ended: true });
    expect(await closed).toEqual({ code: 4401, reason: "Maintenance" });
  });

  it.each(["disconnect", "logout"])("%s of one that nobody knows is 404", async (deed) => {
    const desk = await Desk.open(server.open());
    expect(await desk.post(`/sessions/nobody/${deed}`, {})).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
  });
});
