// The contract of slots: who holds one, how long, and what frees it.
import { describe, expect, it } from "vitest";
import type { SessionRecord } from "../../src/sessions/session.ts";
import { type Harness, hour, type MakeStore, makeHarness, minute, second, socket } from "./harness.ts";

const logout = { reason: "logout", closeSockets: false } as const;

export function slotsContract(make: MakeStore): void {
  /** A session that was let in through the queue. */
  async function letIn(h: Harness, userId = "user"): Promise<SessionRecord> {
    await h.store.queue.admitDirectly(`direct of ${userId}`);
    return h.open({ userId, ticketId: `direct of ${userId}` });
  }

  describe("the lease", () => {
    it("ends with player grace where no socket ever opened", async () => {
      const h = await makeHarness(make);
      const { sid } = await letIn(h);
      await h.advance(300 * second - 1);
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "held" });
      await h.advance(1);
      expect(await h.liveSlots()).toBe(0);
    });

    it("goes on while the session has a socket, and for player grace after the last has closed", async () => {
      const h = await makeHarness(make);
      const { sid } = await letIn(h);
      await h.store.queue.setSocketsOpen(sid, "host", true);
      await h.store.queue.setSocketsOpen(sid, "other", true);
      await h.advanceAlive(hour, [sid]);
      await h.store.queue.setSocketsOpen(sid, "other", false);
      expect(await h.liveSlots()).toBe(1);
      await h.store.queue.setSocketsOpen(sid, "host", false);
      await h.advance(300 * second - 1);
      expect(await h.liveSlots()).toBe(1);
      await h.advance(1);
      expect(await h.liveSlots()).toBe(0);
    });

    it("starts anew with the last socket to close, not with the last renewal", async () => {
      const h = await makeHarness(make, { queue: { playerGraceSeconds: 10 } });
      const { sid } = await letIn(h);
      await h.store.queue.setSocketsOpen(sid, "host", true);
      await h.advance(9 * second);
      await h.store.queue.setSocketsOpen(sid, "host", false);
      await h.advance(10 * second - 1);
      expect(await h.liveSlots()).toBe(1);
      await h.advance(1);
      expect(await h.liveSlots()).toBe(0);
    });

    it("is renewed by a refresh that rotates", async () => {
      const h = await makeHarness(make);
      const { sid } = await letIn(h);
      await h.advance(200 * second);
      await h.rotate(sid);
      await h.advance(300 * second - 1);
      expect(await h.liveSlots()).toBe(1);
      await h.advance(1);
      expect(await h.liveSlots()).toBe(0);
      await h.rotate(sid);
      expect(await h.liveSlots()).toBe(0);
    });

    it("of a dead process's session runs out", async () => {
      const h = await makeHarness(make);
      const { sid } = await letIn(h);
      await h.store.queue.setSocketsOpen(sid, "host", true);
      await h.advance(16 * minute);
      expect(await h.liveSlots()).toBe(0);
    });

    it("of a connected session is always renewed, and posted again where the store forgot it, beyond the limit too", async () => {
      const h = await makeHarness(make, { queue: { targetCcuLimit: 1 } });
      await letIn(h);
      await h.store.queue.renewHost("host", ["lost one", "lost two"]);
      expect(await h.liveSlots()).toBe(3);
      await h.advanceAlive(hour, ["lost one", "lost two"]);
      expect(await h.liveSlots()).toBe(2);
      await h.store.queue.renewHost("host", ["lost two"]);
      await h.store.queue.setSocketsOpen("lost two", "host", false);
      await h.advance(300 * second);
      expect(await h.liveSlots()).toBe(0);
    });

    it("of a connected session lasts as long as its process lives, and then for a player grace that is shorter", async () => {
      const h = await makeHarness(make, { queue: { playerGraceSeconds: 2 } });
      const { sid } = await letIn(h);
      await h.store.queue.setSocketsOpen(sid, "host", true);
      await h.advance(4 * second);
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "held" });
      await h.advanceAlive(minute, [sid]);
      await h.advance(14 * second);
      expect(await h.liveSlots()).toBe(1);
      await h.store.queue.setSocketsOpen(sid, "host", false);
      await h.advance(2 * second - 1);
      expect(await h.liveSlots()).toBe(1);
      await h.advance(1);
      expect(await h.liveSlots()).toBe(0);
    });

    it("of a session that a renewal does not name any more ends with player grace", async () => {
      const h = await makeHarness(make);
      const { sid } = await letIn(h);
      await h.store.queue.setSocketsOpen(sid, "host", true);
      await h.advanceAlive(minute, [sid]);
      await h.advanceAlive(5 * minute + 5 * second, []);
      expect(await h.liveSlots()).toBe(0);
    });

    it("is not made by a socket that was not let in", async () => {
      const h = await makeHarness(make, { queue: { mode: "always" } });
      const { sid } = await h.open();
      await h.store.queue.setSocketsOpen(sid, "host", true);
      expect(await h.liveSlots()).toBe(0);
      expect(await h.store.queue.takeSlot(sid)).toMatchObject({ outcome: "queueRequired" });
    });
  });

  describe("ends", () => {
    it("free the slot at once where no socket is open", async () => {
      const h = await makeHarness(make);
      const { sid } = await letIn(h);
      await h.store.sessions.end(sid, logout);
      expect(await h.liveSlots()).toBe(0);
    });

    it("with sockets left open free it when the last of them closes, on any process", async () => {
      const h = await makeHarness(make);
      const { sid } = await letIn(h);
      await h.store.queue.setSocketsOpen(sid, "host", true);
      await h.store.queue.setSocketsOpen(sid, "other", true);
      await h.store.sessions.end(sid, logout);
      await h.store.queue.renewHost("host", [sid]);
      await h.store.queue.setSocketsOpen(sid, "other", false);
      expect(await h.liveSlots()).toBe(1);
      await h.store.queue.setSocketsOpen(sid, "host", false);
      expect(await h.liveSlots()).toBe(0);
    });

    it("with sockets on a process that dies free it when that process counts as dead", async () => {
      const h = await makeHarness(make);
      const { sid } = await letIn(h);
      await h.store.queue.setSocketsOpen(sid, "host", true);
      await h.store.sessions.end(sid, logout);
      await h.advance(15 * second);
      expect(await h.liveSlots()).toBe(0);
    });

    it("that nobody called for, by the time alone, free it with the last socket", async () => {
      const h = await makeHarness(make);
      await h.store.queue.admitDirectly("brief");
      const { sid } = await h.open({ ticketId: "brief", lifetimes: { idleMs: minute } });
      await h.store.queue.setSocketsOpen(sid, "host", true);
      await h.advanceAlive(2 * minute, [sid]);
      expect(await h.liveSlots()).toBe(1);
      await h.store.queue.setSocketsOpen(sid, "host", false);
      expect(await h.liveSlots()).toBe(0);
    });

    it("count the sockets of sessions alone", async () => {
      const h = await makeHarness(make);
      const { sid } = await letIn(h);
      await h.join({ userId: "user", sid });
      h.store.subscribe(() => 1);
      expect(await h.store.access.ban("user", { reason: "", until: null })).toMatchObject({ socketsClosed: 1 });
      expect(h.events.map((event) => event.type)).toEqual(["ticketRemoved", "sessionEnded"]);
    });

    it("of all kinds do: replacement, reuse, expiry, ban, the end of everything", async () => {
      const h = await makeHarness(make);
      await letIn(h);
      await h.store.access.ban("user", { reason: "", until: null });
      expect(await h.liveSlots()).toBe(0);

      const reused = await letIn(h, "reused");
      for (let count = 0; count < 3; count++) await h.rotate(reused.sid);
      expect(await h.refresh(reused.sid, 1)).toMatchObject({ outcome: "reuse" });
      expect(await h.liveSlots()).toBe(0);

      await h.store.queue.admitDirectly("brief");
      const brief = await h.open({ userId: "brief", ticketId: "brief", lifetimes: { idleMs: second } });
      await h.advance(second);
      expect(await h.refresh(brief.sid, 1)).toMatchObject({ outcome: "expired" });
      expect(await h.liveSlots()).toBe(0);

      await letIn(h, "one");
      await letIn(h, "two");
      await h.store.sessions.endAllOfUser("one", logout);
      expect(await h.liveSlots()).toBe(1);
      await h.store.sessions.endAll(h.now(), logout);
      expect(await h.liveSlots()).toBe(0);
    });

    it("of a ban take the slot of an unspent pass too", async () => {
      const h = await makeHarness(make);
      const { sid } = await h.open();
      const ticket = await h.admitted({ userId: "user", sid: null });
      expect(await h.liveSlots()).toBe(1);
      await h.store.access.ban("user", { reason: "", until: null });
      expect(await h.liveSlots()).toBe(0);
      expect(await h.standing(ticket.id)).toEqual({ status: "gone", reason: "removed" });
      expect((await h.record(sid)).end?.reason).toBe("banned");
    });
  });

  describe("being thrown out", () => {
    it("frees the slot with the last socket, and the session lives", async () => {
      const h = await makeHarness(make);
      const { sid } = await letIn(h);
      await h.store.queue.setSocketsOpen(sid, "host", true);
      await h.store.sessions.disconnect(sid, "idle");
      expect(await h.liveSlots()).toBe(1);
      await h.store.queue.setSocketsOpen(sid, "host", false);
      expect(await h.liveSlots()).toBe(0);
      expect((await h.record(sid)).end).toBeNull();
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "taken" });
    });

    it("frees it at once where there is no socket", async () => {
      const h = await makeHarness(make);
      const { sid } = await letIn(h);
      await h.store.sessions.disconnect(sid, "idle");
      expect(await h.liveSlots()).toBe(0);
    });

    it("does not let the session back in past the others while its sockets close", async () => {
      const h = await makeHarness(make, { queue: { targetCcuLimit: 1 } });
      const { sid } = await letIn(h);
      await h.store.queue.setSocketsOpen(sid, "host", true);
      const waiting = await h.join({ as: socket("a") });
      await h.store.sessions.disconnect(sid, "idle");
      expect(await h.store.queue.takeSlot(sid)).toMatchObject({ outcome: "queueRequired" });
      await h.store.queue.drop(waiting.id, "a");
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "taken" });
      expect(await h.liveSlots()).toBe(1);
      await h.store.queue.setSocketsOpen(sid, "host", false);
      expect(await h.liveSlots()).toBe(1);
    });
  });

  describe("a session without a slot", () => {
    it("S45 takes one where nobody waits, once however often it asks", async () => {
      const h = await makeHarness(make, { queue: { targetLoginRatePerSecond: 1, loginBurst: 1 } });
      const other = await h.connect();
      const { sid } = await h.open();
      const outcomes = await Promise.all([
        h.store.queue.takeSlot(sid),
        other.queue.takeSlot(sid),
        h.store.queue.takeSlot(sid),
      ]);
      expect(outcomes.map((outcome) => outcome.outcome)).toEqual(["taken", "held", "held"]);
      expect(await h.liveSlots()).toBe(1);
      const next = await h.open({ userId: "other" });
      expect(await h.store.queue.takeSlot(next.sid)).toEqual({ outcome: "queueRequired", queueLength: 0 });
      await h.advance(second);
      expect(await h.store.queue.takeSlot(next.sid)).toEqual({ outcome: "taken" });
    });

    it("S47 is sent to the queue where others wait, or the server is full", async () => {
      const h = await makeHarness(make, { queue: { targetCcuLimit: 1 } });
      const { sid } = await h.open();
      await letIn(h, "other");
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "queueRequired", queueLength: 0 });
      await h.join();
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "queueRequired", queueLength: 1 });
    });

    it("S45 is not given one when it has ended, nor when it never was", async () => {
      const h = await makeHarness(make);
      const { sid } = await letIn(h);
      await h.store.sessions.end(sid, logout);
      expect(await h.store.queue.takeSlot(sid)).toMatchObject({ outcome: "queueRequired" });
      expect(await h.store.queue.takeSlot("unknown")).toMatchObject({ outcome: "queueRequired" });
      expect(await h.liveSlots()).toBe(0);
    });

    it("S45 S40 logins, joins and renewals of one session at the same moment hold one slot", async () => {
      const h = await makeHarness(make);
      const { id } = await h.admitted();
      const { sid } = await h.open({ ticketId: id });
      await Promise.all([
        h.store.queue.takeSlot(sid),
        h.tryOpen({ ticketId: id }),
        h.join({ userId: "user", sid }),
        h.store.queue.setSocketsOpen(sid, "host", true),
        h.store.queue.renewHost("host", [sid]),
        h.admit(),
      ]);
      expect(await h.liveSlots()).toBe(1);
    });

    it("that waits in the queue and gets a slot meanwhile takes no second one", async () => {
      const h = await makeHarness(make);
      const { sid } = await h.open();
      const ticket = await h.join({ userId: "user", sid, as: socket("a") });
      await h.store.queue.drop(ticket.id, "a");
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "taken" });
      await h.join({ userId: "user", sid });
      expect(await h.liveSlots()).toBe(1);
    });
  });
}
