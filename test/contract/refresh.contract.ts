// The contract of refreshing: the table of DESIGN 4 row by row, and what it is there for.
import { beforeEach, describe, expect, it } from "vitest";
import { day, type Harness, hour, lifetimes, type MakeStore, makeHarness, minute, second } from "./harness.ts";

export function refreshContract(make: MakeStore): void {
  let h: Harness;
  beforeEach(async () => {
    h = await makeHarness(make, { queue: null });
  });

  describe("the table", () => {
    it("S12 rotates at every refresh with the pair in force", async () => {
      const opened = await h.open({ clientVars: { a: "1" }, serverVars: { b: "2" } });
      await h.advance(hour);
      const refreshed = await h.refresh(opened.sid, 1, {
        attempt: "attempt",
        username: "Renamed",
        groups: ["g"],
        tokenId: "jti",
        refreshSecretId: "next",
      });
      const record = {
        ...opened,
        username: "Renamed",
        groups: ["g"],
        generation: 2,
        rotatedAt: h.now(),
        confirmedAt: null,
        attempt: "attempt",
        refreshSecretId: "next",
        tokenId: "jti",
        tokenIssuedAt: h.now(),
        tokenExpiresAt: h.now() + lifetimes.tokenMs,
        idleEndsAt: h.now() + lifetimes.idleMs,
        seenAt: h.now(),
      };
      expect(refreshed).toEqual({ outcome: "rotated", lostWrites: false, record });
      expect(await h.record(opened.sid)).toEqual(record);
    });

    it("keeps the vars when there are none, and replaces them as a whole when there are", async () => {
      const { sid } = await h.open({ clientVars: { a: "1", b: "2" }, serverVars: { s: "1" } });
      expect(await h.rotate(sid)).toMatchObject({ clientVars: { a: "1", b: "2" }, serverVars: { s: "1" } });
      expect((await h.rotate(sid, { clientVars: { c: "3" } })).clientVars).toEqual({ c: "3" });
      expect((await h.rotate(sid, { serverVars: { t: "2" } })).serverVars).toEqual({ t: "2" });
      expect(await h.rotate(sid, { clientVars: {} })).toMatchObject({ clientVars: {}, serverVars: { t: "2" } });
    });

    it("S13 none, or ended: revoked, nothing written", async () => {
      expect(await h.refresh("unknown", 1)).toEqual({ outcome: "revoked" });
      const { sid } = await h.open();
      await h.store.sessions.end(sid, { reason: "logout", closeSockets: false });
      const record = await h.record(sid);
      for (const presented of [0, 1, 2]) expect(await h.refresh(sid, presented)).toEqual({ outcome: "revoked" });
      expect(await h.record(sid)).toEqual(record);
    });

    it("S19 banned while a ban lasts, ended or not", async () => {
      const { sid } = await h.open();
      await h.store.access.ban("user", { reason: "cheating", until: h.now() + hour });
      expect(await h.refresh(sid, 1)).toEqual({
        outcome: "banned",
        ban: { reason: "cheating", until: h.now() + hour },
      });
      await h.advance(hour);
      expect(await h.refresh(sid, 1)).toEqual({ outcome: "revoked" });
    });

    it("S18 past its idle end: ends it, once", async () => {
      const { sid } = await h.open();
      await h.advance(lifetimes.idleMs);
      expect(await h.refresh(sid, 1)).toMatchObject({
        outcome: "expired",
        record: { sid, end: { reason: "expired" } },
      });
      expect(await h.refresh(sid, 1)).toEqual({ outcome: "revoked" });
      expect(h.events).toEqual([{ type: "sessionEnded", sid, userId: "user", reason: "expired", closeSockets: false }]);
    });

    it("S18 an unrotated session lives up to its idle end, and is known for a while after it", async () => {
      const { sid } = await h.open();
      await h.advance(lifetimes.idleMs - 1);
      expect(await h.refresh(sid, 1)).toMatchObject({ outcome: "rotated" });
      const idle = await h.open();
      await h.advance(lifetimes.idleMs + 12 * hour);
      expect(await h.refresh(idle.sid, 1)).toMatchObject({ outcome: "expired" });
    });

    it("S18 the idle end slides up to the absolute end, which never moves", async () => {
      const { sid, createdAt } = await h.open();
      for (let days = 0; days < 80; days += 20) {
        await h.advance(20 * day);
        const record = await h.rotate(sid);
        expect(record.absoluteEndsAt).toBe(createdAt + lifetimes.absoluteMs);
        expect(record.createdAt).toBe(createdAt);
        expect(record.idleEndsAt).toBe(Math.min(h.now() + lifetimes.idleMs, record.absoluteEndsAt));
      }
      await h.advance(9 * day + 12 * hour);
      expect((await h.rotate(sid)).tokenExpiresAt).toBe(createdAt + lifetimes.absoluteMs);
      await h.advance(12 * hour);
      expect(await h.refresh(sid, 6)).toMatchObject({ outcome: "expired" });
    });

    it("S13 the generation before, pending, of the same attempt: repeats to the letter", async () => {
      const { sid } = await h.open();
      const successor = await h.rotate(sid, { attempt: "attempt", clientVars: { a: "1" } });
      await h.advance(40 * hour);
      const repeated = await h.refresh(sid, 1, {
        attempt: "attempt",
        clientVars: { a: "2" },
        username: "Other",
        tokenId: "other",
      });
      expect(repeated).toEqual({ outcome: "repeated", record: successor });
      expect(await h.record(sid)).toEqual(successor);
    });

    it("S13 both without attempt count as the same for 24 hours", async () => {
      const { sid } = await h.open();
      const successor = await h.rotate(sid);
      await h.advance(day - 1);
      expect(await h.refresh(sid, 1)).toEqual({ outcome: "repeated", record: successor });
      await h.advance(1);
      expect(await h.refresh(sid, 1)).toMatchObject({ outcome: "reuse" });
    });

    it("S13 the generation before, of another attempt: repeats within the grace, then is reuse", async () => {
      for (const attempts of [
        ["one", "two"],
        ["one", null],
        [null, "two"],
      ] as const) {
        const { sid } = await h.open();
        await h.rotate(sid, { attempt: attempts[0] });
        await h.advance(10 * second - 1);
        expect(await h.refresh(sid, 1, { attempt: attempts[1] })).toMatchObject({ outcome: "repeated" });
        await h.advance(1);
        expect(await h.refresh(sid, 1, { attempt: attempts[1] })).toMatchObject({ outcome: "reuse" });
      }
    });

    it("S13 the generation before, confirmed a moment ago: repeats within the grace of the confirmation", async () => {
      const { sid } = await h.open();
      await h.rotate(sid, { attempt: "attempt" });
      await h.advance(hour);
      await h.store.sessions.confirm(sid, 2);
      await h.advance(10 * second - 1);
      expect(await h.refresh(sid, 1, { attempt: "attempt" })).toMatchObject({ outcome: "repeated" });
      await h.advance(1);
      expect(await h.refresh(sid, 1, { attempt: "attempt" })).toMatchObject({ outcome: "reuse" });
    });

    it("S13 two generations before: repeats within the grace of its own replacement alone", async () => {
      const { sid } = await h.open();
      await h.rotate(sid);
      await h.advance(4 * second);
      const current = await h.rotate(sid);
      await h.advance(6 * second - 1);
      expect(await h.refresh(sid, 1)).toEqual({ outcome: "repeated", record: current });
      await h.advance(1);
      expect(await h.refresh(sid, 2)).toMatchObject({ outcome: "repeated" });
      expect(await h.refresh(sid, 1)).toMatchObject({ outcome: "reuse" });
    });

    it("S13 older, or never minted: reuse at once", async () => {
      for (const presented of [0, -1, 1]) {
        const { sid } = await h.open();
        for (let count = 0; count < 3; count++) await h.rotate(sid);
        expect(await h.refresh(sid, presented)).toMatchObject({ outcome: "reuse" });
      }
      const { sid } = await h.open();
      expect(await h.refresh(sid, 0)).toMatchObject({ outcome: "reuse" });
    });

    it("S13 reuse ends the session, closes its sockets and tells the feed", async () => {
      const { sid } = await h.open();
      await h.rotate(sid);
      await h.advance(day);
      expect(await h.refresh(sid, 1)).toMatchObject({
        outcome: "reuse",
        record: { sid, end: { at: h.now(), reason: "reuse" } },
      });
      expect(h.events).toEqual([{ type: "sessionEnded", sid, userId: "user", reason: "reuse", closeSockets: true }]);
      expect(await h.refresh(sid, 2)).toEqual({ outcome: "revoked" });
    });
  });

  describe("lost answers, thieves and races", () => {
    it("S22 a generation that the store has forgotten is taken over, and its owner goes on", async () => {
      const { sid } = await h.open();
      await h.rotate(sid);
      expect(await h.refresh(sid, 5)).toMatchObject({
        outcome: "rotated",
        lostWrites: true,
        record: { generation: 6 },
      });
      expect(await h.refresh(sid, 6)).toMatchObject({
        outcome: "rotated",
        lostWrites: false,
        record: { generation: 7 },
      });
    });

    it("S14 fifty parallel refreshes make one successor, and the session lives", async () => {
      const other = await h.connect();
      for (const attempt of ["attempt", null]) {
        const { sid } = await h.open();
        const outcomes = await Promise.all(
          Array.from({ length: 50 }, (_, index) =>
            (index % 2 === 0 ? h.store : other).sessions.refresh(h.refreshRequest(sid, 1, { attempt })),
          ),
        );
        const rotated = outcomes.filter((outcome) => outcome.outcome === "rotated");
        expect(rotated).toHaveLength(1);
        expect(outcomes.filter((outcome) => outcome.outcome === "repeated")).toHaveLength(49);
        const pairs = outcomes.map((outcome) => ("record" in outcome ? outcome.record.tokenId : null));
        expect(new Set(pairs).size).toBe(1);
        expect(await h.record(sid)).toMatchObject({ generation: 2, end: null });
      }
    });

    it("S15 the grace is counted from the rotation and slides with no repeat", async () => {
      const { sid } = await h.open();
      await h.rotate(sid, { attempt: "one" });
      for (let count = 0; count < 3; count++) {
        await h.advance(3 * second);
        expect(await h.refresh(sid, 1, { attempt: "two" })).toMatchObject({ outcome: "repeated" });
      }
      await h.advance(second);
      expect(await h.refresh(sid, 1, { attempt: "two" })).toMatchObject({ outcome: "reuse" });
    });

    it("S15 a second confirmation does not slide it either", async () => {
      const { sid } = await h.open();
      await h.rotate(sid);
      await h.advance(hour);
      await h.store.sessions.confirm(sid, 2);
      await h.advance(6 * second);
      await h.store.sessions.confirm(sid, 2);
      await h.advance(4 * second);
      expect(await h.refresh(sid, 1)).toMatchObject({ outcome: "reuse" });
    });

    it("S16 a thief who refreshed in between is caught at the victim's next refresh", async () => {
      const { sid } = await h.open();
      // The thief has the pair of generation 1 and uses it; the victim comes later with an attempt of its own.
      await h.rotate(sid, { attempt: "of the thief" });
      await h.advance(lifetimes.refreshGraceMs + minute);
      expect(await h.refresh(sid, 1, { attempt: "of the victim" })).toMatchObject({ outcome: "reuse" });
      expect(await h.refresh(sid, 2)).toEqual({ outcome: "revoked" });
    });

    it("S21 an answer that is lost at any step leaves a pair that its owner can still refresh", async () => {
      const { sid } = await h.open();
      // Lost before the store saw it: the same generation again.
      expect(await h.refresh(sid, 1, { attempt: "one" })).toMatchObject({ outcome: "rotated" });
      // Lost on the way back: the old generation again, however late.
      await h.advance(20 * day);
      expect(await h.refresh(sid, 1, { attempt: "one" })).toMatchObject({ outcome: "repeated" });
      expect(await h.refresh(sid, 2, { attempt: "two" })).toMatchObject({ outcome: "rotated" });
    });

    it("S17 a refresh beside an end, a ban or the expiry leaves no live pair", async () => {
      const end = (sid: string) => h.store.sessions.end(sid, { reason: "logout", closeSockets: false });
      for (const order of ["before", "after"] as const) {
        const { sid } = await h.open();
        const refresh = () => h.refresh(sid, 1);
        await Promise.all(order === "before" ? [refresh(), end(sid)] : [end(sid), refresh()]);
        expect((await h.record(sid)).end?.reason).toBe("logout");

        const banned = await h.open({ userId: `banned ${order}` });
        const ban = () => h.store.access.ban(`banned ${order}`, { reason: "", until: null });
        const refreshBanned = () => h.refresh(banned.sid, 1);
        await Promise.all(order === "before" ? [refreshBanned(), ban()] : [ban(), refreshBanned()]);
        expect((await h.record(banned.sid)).end?.reason).toBe("banned");
      }
      const { sid } = await h.open({ lifetimes: { absoluteMs: second } });
      await h.advance(second);
      const outcomes = await Promise.all([h.refresh(sid, 1), h.refresh(sid, 1)]);
      expect(outcomes.map((outcome) => outcome.outcome).sort()).toEqual(["expired", "revoked"]);
    });
  });
}
