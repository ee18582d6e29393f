// The contract of endings: one session, many, a ban, a disconnect, and what the feed tells of them.
import { beforeEach, describe, expect, it } from "vitest";
import { type Harness, hour, type MakeStore, makeHarness, second } from "./harness.ts";

export function endingContract(make: MakeStore): void {
  let h: Harness;
  beforeEach(async () => {
    h = await makeHarness(make, { queue: null });
  });

  describe("end", () => {
    it("ends a session once", async () => {
      const { sid } = await h.open();
      await h.advance(second);
      const first = await h.store.sessions.end(sid, { reason: "logout", closeSockets: false });
      expect(first).toEqual({ record: await h.record(sid), ended: true, socketsClosed: 0 });
      expect(first.record?.end).toEqual({ at: h.now(), reason: "logout" });
      await h.advance(second);
      const again = await h.store.sessions.end(sid, { reason: "reuse", closeSockets: false });
      expect(again).toEqual({ record: first.record, ended: false, socketsClosed: 0 });
      expect(h.events).toEqual([{ type: "sessionEnded", sid, userId: "user", reason: "logout", closeSockets: false }]);
    });

    it("tells the reason in words, where there are any", async () => {
      const { sid } = await h.open();
      await h.store.sessions.end(sid, { reason: "logout", closeSockets: true, message: "Good night" });
      expect(h.events).toMatchObject([{ message: "Good night", closeSockets: true }]);
    });

    it("sums up the sockets that every process was told to close", async () => {
      const { sid } = await h.open();
      const other = await h.connect();
      h.store.subscribe(() => 2);
      other.subscribe(() => 3);
      const ended = await h.store.sessions.end(sid, { reason: "logout", closeSockets: true });
      expect(ended.socketsClosed).toBe(5);
      expect(await h.store.sessions.disconnect(sid, "bye")).toBe(5);
    });

    it("closes the sockets that an earlier end left open, without ending again", async () => {
      const { sid } = await h.open();
      await h.store.sessions.end(sid, { reason: "logout", closeSockets: false });
      h.store.subscribe((event) => (event.type === "sessionEnded" && event.closeSockets ? 1 : 0));
      const again = await h.store.sessions.end(sid, { reason: "logout", closeSockets: true });
      expect(again).toMatchObject({ ended: false, socketsClosed: 1, record: { end: { reason: "logout" } } });
    });

    it("closes sockets whose session it does not know", async () => {
      h.store.subscribe(() => 1);
      const unknown = await h.store.sessions.end("unknown", { reason: "logout", closeSockets: true });
      expect(unknown).toEqual({ record: null, ended: false, socketsClosed: 1 });
      expect(h.events).toMatchObject([{ type: "sessionEnded", sid: "unknown", userId: null, closeSockets: true }]);
      expect((await h.store.sessions.end("unknown", { reason: "logout", closeSockets: false })).socketsClosed).toBe(0);
    });

    it("S26 ends in the millisecond of the login, twice, and a new login stays", async () => {
      const { sid } = await h.open();
      const again = await h.open();
      await h.store.sessions.end(sid, { reason: "logout", closeSockets: false });
      await h.store.sessions.end(sid, { reason: "logout", closeSockets: false });
      expect(await h.refresh(sid, 1)).toEqual({ outcome: "revoked" });
      expect(await h.refresh(again.sid, 1)).toMatchObject({ outcome: "rotated" });
    });

    it("S26 nothing brings an ended session back", async () => {
      const { sid } = await h.open();
      await h.rotate(sid);
      await h.store.sessions.end(sid, { reason: "logout", closeSockets: false });
      await h.refresh(sid, 1);
      await h.refresh(sid, 2);
      await h.refresh(sid, 9);
      await h.store.sessions.confirm(sid, 2);
      await h.store.sessions.end(sid, { reason: "expired", closeSockets: false });
      expect((await h.record(sid)).end?.reason).toBe("logout");
      expect(await h.store.sessions.listByUser("user")).toEqual([]);
    });
  });

  describe("ending many", () => {
    it("ends every session of a user but one", async () => {
      const first = await h.open();
      const kept = await h.open();
      const last = await h.open();
      const other = await h.open({ userId: "other" });
      const outcome = await h.store.sessions.endAllOfUser("user", { reason: "logout", closeSockets: false }, kept.sid);
      expect(outcome.ended.map((record) => [record.sid, record.end?.reason])).toEqual([
        [first.sid, "logout"],
        [last.sid, "logout"],
      ]);
      expect((await h.record(kept.sid)).end).toBeNull();
      expect((await h.record(other.sid)).end).toBeNull();
      expect(h.events).toHaveLength(2);
    });

    it("S33 ends everything made at or before a moment, and nothing made after", async () => {
      const before = await h.open();
      await h.advance(1);
      const at = await h.open({ userId: "other" });
      const moment = h.now();
      await h.advance(1);
      const after = await h.open();
      const outcome = await h.store.sessions.endAll(moment, { reason: "logout", closeSockets: false });
      expect(outcome.ended.map((record) => record.sid).sort()).toEqual([before.sid, at.sid].sort());
      expect((await h.record(after.sid)).end).toBeNull();
      const again = await h.store.sessions.endAll(moment, { reason: "logout", closeSockets: false });
      expect(again.ended).toEqual([]);
    });

    it("closes what earlier ends left open, if asked", async () => {
      const { sid } = await h.open();
      await h.store.sessions.end(sid, { reason: "logout", closeSockets: false });
      h.store.subscribe((event) => (event.type === "sessionEnded" && event.closeSockets ? 1 : 0));
      const request = { reason: "logout", closeSockets: true } as const;
      expect(await h.store.sessions.endAllOfUser("user", request)).toEqual({ ended: [], socketsClosed: 1 });
      expect(await h.store.sessions.endAll(h.now(), request)).toEqual({ ended: [], socketsClosed: 1 });
    });
  });

  describe("ban", () => {
    it("ends the user's sessions and closes their sockets, the logged-out ones' too", async () => {
      const live = await h.open();
      const loggedOut = await h.open();
      const other = await h.open({ userId: "other" });
      await h.store.sessions.end(loggedOut.sid, { reason: "logout", closeSockets: false });
      h.store.subscribe((event) => (event.type === "sessionEnded" && event.closeSockets ? 1 : 0));
      const outcome = await h.store.access.ban("user", { reason: "cheating", until: null });
      expect(outcome.ended).toMatchObject([{ sid: live.sid, end: { reason: "banned" } }]);
      expect(outcome.socketsClosed).toBe(2);
      expect((await h.record(other.sid)).end).toBeNull();
      expect(h.events).toContainEqual({
        type: "sessionEnded",
        sid: live.sid,
        userId: "user",
        reason: "banned",
        closeSockets: true,
        message: "cheating",
      });
    });

    it("refuses logins while it lasts, and ends by itself", async () => {
      const ban = { reason: "cheating", until: h.now() + hour };
      await h.store.access.ban("user", ban);
      expect(await h.store.access.getBan("user")).toEqual(ban);
      expect(await h.tryOpen()).toEqual({ outcome: "banned", ban });
      expect((await h.tryOpen({ userId: "other" })).outcome).toBe("opened");
      await h.advance(hour - 1);
      expect(await h.tryOpen()).toEqual({ outcome: "banned", ban });
      await h.advance(1);
      expect(await h.store.access.getBan("user")).toBeNull();
      expect((await h.tryOpen()).outcome).toBe("opened");
      expect(await h.store.access.unban("user")).toBeNull();
    });

    it("without end lasts until it is lifted", async () => {
      await h.store.access.ban("user", { reason: "", until: null });
      await h.advance(1000 * 24 * hour);
      expect((await h.tryOpen()).outcome).toBe("banned");
      expect(await h.store.access.unban("user")).toEqual({ reason: "", until: null });
      expect((await h.tryOpen()).outcome).toBe("opened");
    });

    it("a later ban stands in place of the earlier one", async () => {
      await h.store.access.ban("user", { reason: "", until: h.now() + second });
      await h.store.access.ban("user", { reason: "longer", until: null });
      await h.advance(hour);
      expect(await h.store.access.getBan("user")).toEqual({ reason: "longer", until: null });
      await h.store.access.ban("user", { reason: "shorter", until: h.now() + second });
      await h.advance(second);
      expect(await h.store.access.getBan("user")).toBeNull();
    });

    it("tells which one was in force before, also of many at once", async () => {
      const until = h.now() + hour;
      expect((await h.store.access.ban("user", { reason: "first words", until })).previous).toBeNull();
      const longer = await h.store.access.ban("user", { reason: "", until: null });
      expect(longer.previous).toEqual({ reason: "first words", until });
      const other = await h.connect();
      const reasons = Array.from({ length: 20 }, (_, index) => `${index}`);
      const before = await Promise.all(
        reasons.map(async (reason, index) => {
          const { access } = index % 2 === 0 ? h.store : other;
          return (await access.ban("user", { reason, until: null })).previous?.reason;
        }),
      );
      const last = await Promise.all([h.store.access.unban("user"), other.access.unban("user")]);
      const lifted = last.filter((ban) => ban !== null);
      expect(lifted).toHaveLength(1);
      expect([...before, lifted[0]?.reason].sort()).toEqual(["", ...reasons].sort());
    });

    it("one that is over already ends nothing", async () => {
      const { sid } = await h.open();
      expect((await h.store.access.ban("user", { reason: "", until: h.now() })).ended).toEqual([]);
      expect((await h.record(sid)).end).toBeNull();
    });

    it("S32 a ban beside a login leaves no session", async () => {
      const other = await h.connect();
      for (let round = 0; round < 20; round++) {
        const userId = `user ${round}`;
        const logins = Array.from({ length: 4 }, () => h.tryOpen({ userId }));
        const ban = other.access.ban(userId, { reason: "", until: null });
        const late = Array.from({ length: 4 }, () => h.tryOpen({ userId }));
        await Promise.all([...logins, ban, ...late]);
        expect(await h.store.sessions.listByUser(userId)).toEqual([]);
      }
    });
  });

  describe("disconnect", () => {
    it("tells every process and leaves the session alive", async () => {
      const { sid } = await h.open();
      await h.store.sessions.disconnect(sid, "Come back later");
      expect(h.events).toEqual([{ type: "disconnect", sid, reason: "Come back later" }]);
      expect((await h.record(sid)).end).toBeNull();
      expect(await h.refresh(sid, 1)).toMatchObject({ outcome: "rotated" });
    });

    it("does the same for every session of a user, ended ones too", async () => {
      const first = await h.open();
      const last = await h.open();
      await h.open({ userId: "other" });
      await h.store.sessions.end(first.sid, { reason: "logout", closeSockets: false });
      h.store.subscribe((event) => (event.type === "disconnect" ? 1 : 0));
      expect(await h.store.sessions.disconnectAllOfUser("user", "bye")).toBe(2);
      expect(h.events.slice(1)).toEqual([
        { type: "disconnect", sid: first.sid, reason: "bye" },
        { type: "disconnect", sid: last.sid, reason: "bye" },
      ]);
    });
  });

  describe("feed", () => {
    it("a listener that throws breaks neither the verb nor the others", async () => {
      const { sid } = await h.open();
      h.store.subscribe(() => {
        throw new Error("broken listener");
      });
      h.store.subscribe(() => 1);
      const ended = await h.store.sessions.end(sid, { reason: "logout", closeSockets: true });
      expect(ended).toMatchObject({ ended: true, socketsClosed: 1 });
    });

    it("tells nothing any more to one who stopped", async () => {
      const { sid } = await h.open();
      let heard = 0;
      const listener = () => {
        heard += 1;
        return 1;
      };
      const stopFirst = h.store.subscribe(listener);
      const stopSecond = h.store.subscribe(listener);
      stopFirst();
      stopFirst();
      expect(await h.store.sessions.disconnect(sid, "")).toBe(1);
      stopSecond();
      expect(await h.store.sessions.disconnect(sid, "")).toBe(0);
      expect(heard).toBe(1);
    });

    it("tells of a step when it is done", async () => {
      const { sid } = await h.open();
      const seen: Promise<unknown>[] = [];
      h.store.subscribe(() => {
        seen.push(h.record(sid));
        return 0;
      });
      await h.store.sessions.end(sid, { reason: "logout", closeSockets: true });
      expect(await Promise.all(seen)).toMatchObject([{ end: { reason: "logout" } }]);
    });
  });

  it("has no queue to use where none was configured", () => {
    expect(() => h.store.queue.status()).toThrow(TypeError);
  });
}
