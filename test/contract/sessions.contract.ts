// The contract of sessions: opening, reading, confirming, forgetting.
import { beforeEach, describe, expect, it } from "vitest";
import { day, type Harness, hour, lifetimes, type MakeStore, makeHarness, second } from "./harness.ts";

export function sessionsContract(make: MakeStore): void {
  let h: Harness;
  beforeEach(async () => {
    h = await makeHarness(make, { queue: null });
  });

  describe("open", () => {
    it("stamps the record by the store's clock", async () => {
      const request = h.openRequest({ clientVars: { a: "1" }, serverVars: { b: "2" }, groups: ["g"], shard: "s" });
      const opened = await h.store.sessions.open(request);
      expect(opened).toEqual({
        outcome: "opened",
        replaced: [],
        record: {
          ...request.session,
          createdAt: h.now(),
          seenAt: h.now(),
          idleEndsAt: h.now() + lifetimes.idleMs,
          absoluteEndsAt: h.now() + lifetimes.absoluteMs,
          generation: 1,
          rotatedAt: h.now(),
          previousRotatedAt: h.now(),
          confirmedAt: null,
          attempt: null,
          tokenIssuedAt: h.now(),
          tokenExpiresAt: h.now() + lifetimes.tokenMs,
          end: null,
        },
      });
      expect(await h.store.sessions.get(request.session.sid)).toEqual(opened.outcome === "opened" && opened.record);
    });

    it("keeps its own copy of vars and groups", async () => {
      const clientVars: Record<string, string> = { a: "1" };
      const groups = ["g"];
      const { sid } = await h.open({ clientVars, groups });
      clientVars["a"] = "2";
      groups.push("h");
      expect(await h.record(sid)).toMatchObject({ clientVars: { a: "1" }, groups: ["g"] });
    });

    it("never lets a token or the idle end outlive the absolute end", async () => {
      const record = await h.open({ lifetimes: { tokenMs: 10 * hour, idleMs: 20 * hour, absoluteMs: hour } });
      expect(record.tokenExpiresAt).toBe(record.createdAt + hour);
      expect(record.idleEndsAt).toBe(record.createdAt + hour);
    });

    it("answers null for an unknown session", async () => {
      expect(await h.store.sessions.get("unknown")).toBeNull();
    });

    it("is seen by every process", async () => {
      const { sid } = await h.open();
      const other = await h.connect();
      expect((await other.sessions.get(sid))?.sid).toBe(sid);
    });

    it("lists the live sessions of a user, oldest first", async () => {
      const first = await h.open();
      await h.advance(1);
      const ended = await h.open();
      const brief = await h.open({ lifetimes: { idleMs: second } });
      const last = await h.open();
      await h.open({ userId: "other" });
      await h.store.sessions.end(ended.sid, { reason: "logout", closeSockets: false });
      await h.advance(second);
      expect((await h.store.sessions.listByUser("user")).map((record) => record.sid)).toEqual([first.sid, last.sid]);
      expect(brief.sid).not.toBe(last.sid);
      expect(await h.store.sessions.listByUser("nobody")).toEqual([]);
    });

    it("ends the oldest sessions beyond the limit, in the same step", async () => {
      const first = await h.open({ limit: 2 });
      await h.advance(1);
      const middle = await h.open({ limit: 2 });
      await h.advance(1);
      const opened = await h.tryOpen({ limit: 2 });
      expect(opened).toMatchObject({ outcome: "opened", replaced: [{ sid: first.sid, end: { reason: "replaced" } }] });
      expect((await h.record(first.sid)).end).toEqual({ at: h.now(), reason: "replaced" });
      expect((await h.record(middle.sid)).end).toBeNull();
      expect(h.events).toEqual([
        { type: "sessionEnded", sid: first.sid, userId: "user", reason: "replaced", closeSockets: true },
      ]);
    });

    it("ends as many as a lowered limit asks for", async () => {
      for (let count = 0; count < 3; count++) await h.open();
      expect(await h.tryOpen({ limit: 1 })).toMatchObject({ outcome: "opened", replaced: [{}, {}, {}] });
      expect(await h.store.sessions.listByUser("user")).toHaveLength(1);
    });

    it("refuses beyond the limit where it is to reject, and counts neither ended nor expired sessions", async () => {
      const { sid } = await h.open({ limit: 1, onExceeded: "reject" });
      expect(await h.tryOpen({ limit: 1, onExceeded: "reject" })).toEqual({ outcome: "tooManySessions" });
      expect(await h.tryOpen({ userId: "other", limit: 1, onExceeded: "reject" })).toMatchObject({ outcome: "opened" });
      await h.store.sessions.end(sid, { reason: "logout", closeSockets: false });
      const brief = await h.tryOpen({ limit: 1, onExceeded: "reject", lifetimes: { idleMs: second } });
      expect(brief.outcome).toBe("opened");
      await h.advance(second);
      expect((await h.tryOpen({ limit: 1, onExceeded: "reject" })).outcome).toBe("opened");
    });

    it("refuses a pass where there is no queue", async () => {
      await expect(h.tryOpen({ ticketId: "ticket" })).rejects.toThrow(TypeError);
      expect(await h.store.sessions.listByUser("user")).toEqual([]);
    });
  });

  describe("confirm", () => {
    it("remembers when a token of the generation in force was first presented", async () => {
      const { sid } = await h.open();
      await h.advance(second);
      await h.store.sessions.confirm(sid, 1);
      expect((await h.record(sid)).confirmedAt).toBe(h.now());
      expect((await h.rotate(sid)).confirmedAt).toBeNull();
    });

    it("does nothing for another generation, an ended session or an unknown one", async () => {
      const { sid } = await h.open();
      await h.rotate(sid);
      await h.store.sessions.confirm(sid, 1);
      await h.store.sessions.confirm(sid, 3);
      expect((await h.record(sid)).confirmedAt).toBeNull();
      await h.store.sessions.end(sid, { reason: "logout", closeSockets: false });
      await h.store.sessions.confirm(sid, 2);
      expect((await h.record(sid)).confirmedAt).toBeNull();
      await h.store.sessions.confirm("unknown", 1);
    });
  });

  describe("markSeen", () => {
    it("remembers when the session was in use last; a confirmation and a rotation do too", async () => {
      const { sid } = await h.open();
      await h.advance(second);
      await h.store.sessions.markSeen(sid);
      expect((await h.record(sid)).seenAt).toBe(h.now());
      await h.advance(second);
      await h.store.sessions.confirm(sid, 1);
      expect((await h.record(sid)).seenAt).toBe(h.now());
      await h.advance(second);
      expect((await h.rotate(sid)).seenAt).toBe(h.now());
    });

    it("does nothing for an ended session, one that ran out or an unknown one", async () => {
      const ended = await h.open();
      const brief = await h.open({ lifetimes: { idleMs: second } });
      await h.store.sessions.end(ended.sid, { reason: "logout", closeSockets: false });
      await h.advance(second);
      for (const { sid, seenAt } of [ended, brief]) {
        await h.store.sessions.markSeen(sid);
        expect((await h.record(sid)).seenAt).toBe(seenAt);
      }
      await h.store.sessions.markSeen("unknown");
      expect(await h.store.sessions.get("unknown")).toBeNull();
    });
  });

  describe("forgetting", () => {
    it("keeps an ended session readable while its tokens could be presented, then forgets it", async () => {
      const { sid } = await h.open();
      await h.store.sessions.end(sid, { reason: "logout", closeSockets: false });
      await h.advance(lifetimes.idleMs - 1);
      expect((await h.record(sid)).end?.reason).toBe("logout");
      await h.advance(2 * 60 * second);
      expect(await h.store.sessions.get(sid)).toBeNull();
    });

    it("keeps it while its session token outlives its idle end", async () => {
      const { sid } = await h.open({ lifetimes: { tokenMs: hour, idleMs: second } });
      await h.store.sessions.end(sid, { reason: "logout", closeSockets: false });
      await h.advance(hour - 1);
      expect((await h.record(sid)).end?.reason).toBe("logout");
      await h.advance(2 * 60 * second);
      expect(await h.store.sessions.get(sid)).toBeNull();
    });

    it("forgets an expired session that nobody asked for, in the end", async () => {
      const { sid } = await h.open();
      await h.advance(lifetimes.idleMs + 3 * day);
      expect(await h.store.sessions.get(sid)).toBeNull();
      expect(await h.store.sessions.listByUser("user")).toEqual([]);
    });
  });
}
