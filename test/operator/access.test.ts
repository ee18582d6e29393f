// The operator's calls about who may come in, on the real login: bans, and limited access.
import { describe, expect, it } from "vitest";
import { loginServer } from "../login/server.ts";
import { left } from "../support/room-clients.ts";
import { Desk } from "./desk.ts";

const server = loginServer();
const day = 86_400_000;

describe("bans", () => {
  it("PUT ends the user's sessions and closes their sockets with 4403 and the reason", async () => {
    const house = server.open();
    const desk = await Desk.open(house);
    const ann = await house.loggedIn("Ann");
    const closed = left(await ann.play());
    const until = house.clock.now() + day;
    const answer = await desk.ok(desk.put(`/bans/${ann.userId}`, { reason: "cheating", until }));
    expect(answer).toEqual({ ban: { reason: "cheating", until }, previous: null, socketsClosed: 1 });
    expect(await closed).toEqual({ code: 4403, reason: "cheating" });
    expect(await ann.tryLogIn()).toMatchObject({ status: 403, body: { code: "BANNED", reason: "cheating", until } });
    expect(await desk.ok(desk.get(`/bans/${ann.userId}`))).toEqual({ ban: { reason: "cheating", until } });
  });

  it("PUT over a ban tells the one before, DELETE lifts it", async () => {
    const house = server.open();
    const desk = await Desk.open(house);
    const ann = await house.loggedIn("Ann");
    await desk.ok(desk.put(`/bans/${ann.userId}`, { reason: "first" }));
    expect(await desk.ok(desk.put(`/bans/${ann.userId}`, { reason: "second", until: null }))).toEqual({
      ban: { reason: "second", until: null },
      previous: { reason: "first", until: null },
      socketsClosed: 0,
    });
    expect(await desk.ok(desk.delete(`/bans/${ann.userId}`))).toEqual({ previous: { reason: "second", until: null } });
    expect((await ann.tryLogIn()).status).toBe(200);
    expect((await desk.delete(`/bans/${ann.userId}`)).status).toBe(404);
    expect((await desk.get(`/bans/${ann.userId}`)).status).toBe(404);
  });

  it.each([0, -1, 1.5, 1_700_000_000, 1e300, "tomorrow", true, {}])(
    "refuse until %j, and ban nobody",
    async (until) => {
      const house = server.open();
      const desk = await Desk.open(house);
      const refused = await desk.put("/bans/ann", { reason: "cheating", until });
      expect(refused.status).toBe(400);
      expect(refused.body["message"]).toContain("body.until: expected a moment that is to come");
      expect(await house.login.bans.get("ann")).toBeNull();
    },
  );
});

describe("access", () => {
  it("PUT sets the rules as a whole, and answers those before", async () => {
    const house = server.open({ accessRules: { friends: () => true } });
    const desk = await Desk.open(house);
    const ann = await house.loggedIn("Ann");
    const closesAt = house.clock.now() + day;
    const change = { mode: "limited", allow: { userIds: [ann.userId], groups: ["staff"], rule: "friends" } };
    const { access, previous } = await desk.ok(desk.put("/access", { ...change, opensAt: null, closesAt }));
    expect(previous).toEqual({
      mode: "open",
      allow: { userIds: [], groups: [], rule: null },
      opensAt: null,
      closesAt: null,
      modeNow: "open",
    });
    expect(access).toEqual({ ...change, opensAt: null, closesAt, modeNow: "limited" });
    expect(await desk.ok(desk.get("/access"))).toEqual(access);
    expect((await ann.get("/auth/session")).status).toBe(200);
  });

  it("keeps out whom the rules do not name", async () => {
    const house = server.open();
    const desk = await Desk.open(house);
    const ann = await house.loggedIn("Ann");
    await desk.ok(desk.put("/access", { mode: "limited" }));
    expect(await ann.tryRefresh()).toMatchObject({ status: 403, body: { code: "ACCESS_LIMITED" } });
  });

  it("refuses a rule that the server does not have, in the words of the server's own call", async () => {
    const desk = await Desk.open(server.open({ accessRules: { friends: () => true } }));
    expect(await desk.put("/access", { mode: "limited", allow: { rule: "foes" } })).toMatchObject({
      status: 400,
      body: { message: "body.allow.rule: expected the name of one of accessRules (friends)" },
    });
  });

  it("S60 shows what one answer can carry of long lists, and says how much it does not show", async () => {
    const house = server.open();
    const desk = await Desk.open(house);
    const userIds = Array.from({ length: 10_000 }, (_, index) => `user-${String(index).padStart(12, "0")}-é`);
    await house.login.access.set({ mode: "limited", allow: { userIds, groups: ["staff"] } });
    for (const answer of [await desk.ok(desk.get("/access")), Object(await desk.ok(desk.get("/status"))).access]) {
      const { allow } = Object(answer);
      expect(allow.groups).toEqual(["staff"]);
      expect(allow.userIds.length).toBeGreaterThan(500);
      expect(allow.userIds.length + allow.notListed).toBe(10_000);
    }
    // What was shown cannot be mistaken for the whole and sent back.
    const { mode, allow } = await desk.ok(desk.get("/access"));
    const few = { ...Object(allow), userIds: ["ann"] };
    const refused = await desk.put("/access", { mode, allow: few });
    expect(refused.body["message"]).toBe("body.allow: there is no notListed");
    expect((await house.login.access.get()).allow.userIds).toHaveLength(10_000);
    // Both in one answer.
    expect((await desk.put("/access", { mode: "limited", allow: { userIds: userIds.slice(0, 500) } })).status).toBe(
      200,
    );
  });
});
