// The contract of players who come to the queue with a live session: their slot, their pass, their turn.
import { describe, expect, it } from "vitest";
import { claimOf, hour, lifetimes, type MakeStore, makeHarness, minute, second, socket } from "./harness.ts";

export function returningContract(make: MakeStore): void {
  describe("with a live session", () => {
    it("is admitted at once while its slot is there, and takes neither another nor a login's worth of the rate", async () => {
      const h = await makeHarness(make, {
        queue: { targetCcuLimit: 1, targetLoginRatePerSecond: 1, loginBurst: 1, maxQueueLength: 1 },
      });
      const { id } = await h.admitted();
      const { sid } = await h.open({ ticketId: id });
      await h.join();
      const ticket = await h.join({ userId: "user", sid });
      expect(ticket).toMatchObject({ status: "admitted", sid, passExpiresAt: h.now() + 30 * second });
      expect(await h.liveSlots()).toBe(1);
      expect(await h.tryOpen({ ticketId: ticket.id, userId: "other" })).toEqual({ outcome: "passInvalid" });
      await h.advance(30 * second);
      expect(await h.standing(ticket.id)).toEqual({ status: "gone", reason: "admitted" });
      expect(await h.liveSlots()).toBe(1);
    });

    it("with a slot does not renew it by queueing, told of its pass or not", async () => {
      const h = await makeHarness(make);
      const { id } = await h.admitted();
      const { sid } = await h.open({ ticketId: id });
      await h.advanceAlive(200 * second);
      const ticket = await h.join({ userId: "user", sid, as: socket("a") });
      await h.store.queue.drop(ticket.id, "a");
      await h.advance(30 * second);
      expect(await h.standing(ticket.id)).toEqual({ status: "gone", reason: "admitted" });
      await h.advance(70 * second - 1);
      expect(await h.liveSlots()).toBe(1);
      await h.advance(1);
      expect(await h.liveSlots()).toBe(0);
    });

    it("that got a slot while it was away costs nothing when its turn comes", async () => {
      const h = await makeHarness(make, { queue: { targetLoginRatePerSecond: 1, loginBurst: 1 } });
      const { sid } = await h.open();
      const bound = await h.join({ userId: "user", sid });
      await h.advance(15 * second);
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "taken" });
      await h.store.queue.renewHost("host", []);
      const next = await h.join();
      await h.advance(second);
      expect(await h.admit()).toEqual([bound.id, next.id]);
      expect(await h.liveSlots()).toBe(2);
    });

    it("that got a slot while it was away keeps it, though its admission reached nobody", async () => {
      const h = await makeHarness(make);
      const { sid } = await h.open();
      const { id } = await h.join({ userId: "user", sid, as: socket("a") });
      await h.advance(15 * second);
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "taken" });
      await h.store.queue.renewHost("host", []);
      expect(await h.admit()).toEqual([id]);
      await h.store.queue.drop(id, "a");
      await h.advance(30 * second);
      expect(await h.standing(id)).toEqual({ status: "gone", reason: "admitted" });
      expect(await h.liveSlots()).toBe(1);
    });

    it("keeps the session that its pass is bound to, should it come with another", async () => {
      const h = await makeHarness(make);
      const first = await h.open();
      const { id } = await h.join({ userId: "user", sid: first.sid });
      await h.admit();
      const second_ = await h.open();
      expect(await h.join({ userId: "user", sid: second_.sid })).toMatchObject({ id, sid: first.sid });
      await h.store.sessions.end(second_.sid, { reason: "logout", closeSockets: false });
      expect((await h.standing(id)).status).toBe("admitted");
      expect(await h.liveSlots()).toBe(1);
    });

    it("without a slot waits, and the new slot is its session's", async () => {
      const h = await makeHarness(make);
      const { sid } = await h.open();
      const { id } = await h.join({ userId: "user", sid });
      expect(await h.admit()).toEqual([id]);
      expect(await h.liveSlots()).toBe(1);
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "held" });
      expect(await h.liveSlots()).toBe(1);
    });

    it("S54 who logs in anew with the pass of its place has another session in its place, and the slot", async () => {
      const h = await makeHarness(make);
      const { sid } = await h.open();
      const { id } = await h.join({ userId: "user", sid });
      await h.admit();
      expect(await h.store.queue.passState(id)).toBe("bound");
      expect(await h.tryOpen({ ticketId: id, userId: "other" })).toEqual({ outcome: "passInvalid" });
      const anew = await h.tryOpen({ ticketId: id, limit: 1, onExceeded: "reject" });
      expect(anew).toMatchObject({ outcome: "opened", replaced: [{ sid, end: { reason: "replaced" } }] });
      expect(anew).not.toMatchObject({ record: { sid } });
      expect(await h.tryOpen({ ticketId: id })).toMatchObject({
        outcome: "repeated",
        record: { sid: Object(anew).record.sid },
      });
      expect(await h.store.queue.passState(id)).toBe("spent");
      expect(await h.standing(id)).toEqual({ status: "gone", reason: "admitted" });
      expect(await h.liveSlots()).toBe(1);
      expect((await h.store.queue.status()).departedSlots).toBe(0);
      expect(await h.store.queue.takeSlot(Object(anew).record.sid)).toEqual({ outcome: "held" });
    });

    it("who plays and logs in anew with the pass of its place keeps the first slot until its last socket is closed", async () => {
      const h = await makeHarness(make);
      const { sid } = await h.open();
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "taken" });
      await h.store.queue.setSocketsOpen(sid, "host", true);
      const { id } = await h.join({ userId: "user", sid });
      expect((await h.tryOpen({ ticketId: id })).outcome).toBe("opened");
      expect(await h.liveSlots()).toBe(2);
      await h.store.queue.setSocketsOpen(sid, "host", false);
      expect(await h.liveSlots()).toBe(1);
    });

    it("whose session was thrown out meanwhile has no pass to log in with", async () => {
      const h = await makeHarness(make);
      const { sid } = await h.open();
      const { id } = await h.join({ userId: "user", sid });
      await h.admit();
      await h.store.sessions.disconnect(sid, "afk");
      expect(await h.tryOpen({ ticketId: id })).toEqual({ outcome: "passInvalid" });
      expect(await h.liveSlots()).toBe(0);
    });

    it("whose session entered a room by its place has no pass left", async () => {
      const h = await makeHarness(make);
      const { sid } = await h.open();
      const { id } = await h.join({ userId: "user", sid });
      await h.admit();
      await h.store.queue.setSocketsOpen(sid, "host", true);
      expect(await h.tryOpen({ ticketId: id })).toEqual({ outcome: "passInvalid" });
      expect(await h.store.queue.passState(id)).toBe("none");
    });

    it("whose admission reached nobody has its place again, and no slot", async () => {
      const h = await makeHarness(make);
      const { sid } = await h.open();
      const { id } = await h.join({ userId: "user", sid, as: socket("a") });
      await h.admit();
      await h.store.queue.drop(id, "a");
      await h.advance(30 * second);
      expect(await h.ticket(id)).toMatchObject({ status: "waiting" });
      expect(await h.liveSlots()).toBe(0);
    });

    it("who plays by the time its pass ends was admitted, told or not", async () => {
      const h = await makeHarness(make);
      const { sid } = await h.open();
      const { id } = await h.join({ userId: "user", sid });
      await h.admit();
      await h.store.queue.setSocketsOpen(sid, "host", true);
      expect(await h.standing(id)).toEqual({ status: "gone", reason: "admitted" });
      await h.advanceAlive(minute, [sid]);
      expect(await h.liveSlots()).toBe(1);
    });

    it("whose session ran out while waiting gets a pass for a new login", async () => {
      const h = await makeHarness(make, { queue: { targetCcuLimit: 1 } });
      const full = await h.admitted();
      const { sid } = await h.open({ lifetimes: { ...lifetimes, idleMs: hour } });
      const { id } = await h.join({ userId: "user", sid });
      await h.store.queue.leave(full.id);
      await h.advanceAlive(hour);
      expect(await h.admit()).toEqual([id]);
      expect((await h.tryOpen({ ticketId: id })).outcome).toBe("opened");
      expect(await h.liveSlots()).toBe(1);
    });

    it("who comes with a session after the admission gives it the slot of the pass", async () => {
      const h = await makeHarness(make);
      const { sid } = await h.open();
      const ticket = await h.admitted();
      await h.join({ claim: claimOf(ticket), userId: "user", sid });
      expect(await h.liveSlots()).toBe(1);
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "held" });
      expect(await h.tryOpen({ ticketId: ticket.id, userId: "other" })).toEqual({ outcome: "passInvalid" });
    });

    it("whose session was logged out has neither ticket nor slot", async () => {
      const h = await makeHarness(make);
      const { sid } = await h.open();
      const { id } = await h.join({ userId: "user", sid });
      await h.admit();
      await h.store.sessions.end(sid, { reason: "logout", closeSockets: false });
      expect(await h.standing(id)).toEqual({ status: "gone", reason: "removed" });
      expect(await h.liveSlots()).toBe(0);
      expect(await h.tryOpen({ ticketId: id })).toEqual({ outcome: "passInvalid" });
    });

    it("gives up a place it was admitted with, and keeps the slot that is its session's", async () => {
      const h = await makeHarness(make);
      const { sid } = await h.open();
      const { id } = await h.join({ userId: "user", sid });
      await h.admit();
      expect(await h.store.queue.leave(id)).toBe(true);
      expect(await h.standing(id)).toEqual({ status: "gone", reason: "admitted" });
      expect(await h.liveSlots()).toBe(1);
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "held" });
    });
  });
}
