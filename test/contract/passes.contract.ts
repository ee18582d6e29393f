// The contract of passes: how long they live, whom they reach, and the one session each opens.
import { describe, expect, it } from "vitest";
import { passTries } from "../../src/login-queue/queue-store.ts";
import { claimOf, type MakeStore, makeHarness, poller, second, socket } from "./harness.ts";

export function passesContract(make: MakeStore): void {
  describe("the time of a pass", () => {
    it("live for passSeconds from the admission", async () => {
      const h = await makeHarness(make);
      const { id } = await h.join();
      const [ticket] = await h.store.queue.admit();
      expect(ticket).toMatchObject({
        id,
        status: "admitted",
        admittedAt: h.now(),
        passExpiresAt: h.now() + 30 * second,
      });
      expect(await h.standing(id)).toMatchObject({ status: "admitted", passExpiresAt: h.now() + 30 * second, ticket });
    });

    it("S39 delivered and unused, the slot goes to the next and the ticket lapses", async () => {
      const h = await makeHarness(make, { queue: { targetCcuLimit: 1 } });
      const first = await h.admitted();
      const next = await h.join();
      await h.advanceAlive(30 * second - 1);
      expect(await h.admit()).toEqual([]);
      await h.advance(1);
      expect(await h.admit()).toEqual([next.id]);
      expect(await h.standing(first.id)).toEqual({ status: "gone", reason: "lapsed" });
      expect(await h.tryOpen({ ticketId: first.id })).toEqual({ outcome: "passInvalid" });
    });

    it("that reached nobody give the ticket its place back, away, and free the slot", async () => {
      const h = await makeHarness(make, { queue: { targetCcuLimit: 1 } });
      const first = await h.join({ as: socket("a") });
      await h.join();
      await h.admit();
      await h.store.queue.drop(first.id, "a");
      await h.advanceAlive(30 * second);
      expect(await h.ticket(first.id)).toMatchObject({ status: "waiting", admittedAt: null, passExpiresAt: null });
      expect(await h.store.queue.status()).toMatchObject({ liveSlots: 0, lanes: { default: { waiting: 2, away: 1 } } });
      await h.advanceAlive(90 * second - 1);
      const back = await h.join({ claim: claimOf(first) });
      expect(back).toMatchObject({ id: first.id, position: 1 });
      expect(await h.admit()).toEqual([first.id]);
    });

    it("that reached nobody lapse for good when the grace is over", async () => {
      const h = await makeHarness(make);
      const { id } = await h.join({ as: socket("a") });
      await h.admit();
      await h.store.queue.drop(id, "a");
      await h.advance(120 * second);
      expect(await h.standing(id)).toEqual({ status: "gone", reason: "lapsed" });
    });

    it("that a connected holder was never told of give it its place back, present", async () => {
      const h = await makeHarness(make);
      const { id } = await h.join();
      await h.admit();
      await h.advanceAlive(30 * second);
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 0 });
      expect(await h.admit()).toEqual([id]);
    });

    it("that reached nobody give the place back to one who was there when it ended, and left later", async () => {
      const h = await makeHarness(make);
      await h.joinMany(1);
      await h.advanceAlive(20 * second);
      const { id } = await h.join();
      await h.admit();
      await h.advanceAlive(20 * second);
      // The process dies 15 seconds after this, 5 seconds after the pass ended: the grace counts from there.
      await h.advance(104 * second);
      expect((await h.standing(id)).status).toBe("waiting");
      await h.advance(second);
      expect(await h.standing(id)).toEqual({ status: "gone", reason: "lapsed" });
    });

    it("that reached nobody give the place back to one whose process had died, with the whole grace", async () => {
      const h = await makeHarness(make);
      const { id } = await h.join();
      await h.admit();
      await h.advance(120 * second - 1);
      expect((await h.standing(id)).status).toBe("waiting");
      await h.advance(1);
      expect(await h.standing(id)).toEqual({ status: "gone", reason: "lapsed" });
    });

    it("that somebody presented have been delivered, whatever came of it", async () => {
      const h = await makeHarness(make);
      await h.open();
      const { id } = await h.join();
      await h.admit();
      expect((await h.tryOpen({ ticketId: id, limit: 1, onExceeded: "reject" })).outcome).toBe("tooManySessions");
      const other = await h.join();
      await h.admit();
      await h.store.queue.failPass(other.id);
      await h.advanceAlive(30 * second);
      expect(await h.standing(id)).toEqual({ status: "gone", reason: "lapsed" });
      expect(await h.standing(other.id)).toEqual({ status: "gone", reason: "lapsed" });
    });

    it("of a poller are delivered by the poll that shows them", async () => {
      const h = await makeHarness(make);
      const { id } = await h.join({ as: poller(5) });
      await h.admit();
      expect(await h.store.queue.poll(id, 5)).toMatchObject({ status: "admitted" });
      await h.advance(30 * second);
      expect(await h.standing(id)).toEqual({ status: "gone", reason: "lapsed" });
    });

    it("of a poller who was told to come late wait for its next poll", async () => {
      const h = await makeHarness(make);
      const { id } = await h.join({ as: poller(300) });
      await h.admit();
      await h.advance(300 * second);
      expect(await h.store.queue.poll(id, 5)).toMatchObject({ status: "waiting", position: 1 });
      expect(await h.admit()).toEqual([id]);
    });

    it("shown to whoever comes back with the ticket", async () => {
      const h = await makeHarness(make);
      const ticket = await h.join({ as: socket("a") });
      await h.admit();
      await h.store.queue.drop(ticket.id, "a");
      const back = await h.tryJoin({ claim: claimOf(ticket), as: poller() });
      expect(back).toMatchObject({ how: "returned", ticket: { id: ticket.id, status: "admitted" } });
      await h.advance(30 * second);
      expect(await h.standing(ticket.id)).toEqual({ status: "gone", reason: "lapsed" });
    });
  });

  describe("the claim of a pass", () => {
    it("are no passes before the admission, nor after the ticket left", async () => {
      const h = await makeHarness(make, { queue: { mode: "paused" } });
      const { id } = await h.join();
      expect(await h.tryOpen({ ticketId: id })).toEqual({ outcome: "passInvalid" });
      expect(await h.tryOpen({ ticketId: "unknown" })).toEqual({ outcome: "passInvalid" });
      const g = await makeHarness(make);
      const ticket = await g.admitted();
      await g.store.queue.leave(ticket.id);
      expect(await g.tryOpen({ ticketId: ticket.id })).toEqual({ outcome: "passInvalid" });
      expect(await g.liveSlots()).toBe(0);
    });

    it("S39 single use: the same account gets the same session, another is refused", async () => {
      const h = await makeHarness(make);
      const { id } = await h.admitted();
      const { sid } = await h.open({ ticketId: id });
      expect(await h.standing(id)).toEqual({ status: "gone", reason: "admitted" });
      expect(await h.tryOpen({ ticketId: id })).toEqual({ outcome: "repeated", record: await h.record(sid) });
      expect(await h.tryOpen({ ticketId: id, userId: "other" })).toEqual({ outcome: "passInvalid" });
      expect(await h.liveSlots()).toBe(1);
      expect(await h.store.sessions.listByUser("user")).toHaveLength(1);
    });

    it("S39 answers the same session only while the pass lives, and only a live one", async () => {
      const h = await makeHarness(make);
      const first = await h.admitted();
      await h.open({ ticketId: first.id });
      await h.advance(30 * second - 1);
      expect((await h.tryOpen({ ticketId: first.id })).outcome).toBe("repeated");
      await h.advance(1);
      expect(await h.tryOpen({ ticketId: first.id })).toEqual({ outcome: "passInvalid" });
      const next = await h.admitted();
      const { sid } = await h.open({ ticketId: next.id });
      await h.store.sessions.end(sid, { reason: "logout", closeSockets: false });
      expect(await h.tryOpen({ ticketId: next.id })).toEqual({ outcome: "passInvalid" });
    });

    it("S39 five failed tries end it, and the slot goes on", async () => {
      const h = await makeHarness(make);
      const { id } = await h.admitted();
      for (let left = passTries - 1; left >= 1; left--) expect(await h.store.queue.failPass(id)).toBe(left);
      expect(await h.liveSlots()).toBe(1);
      expect(await h.store.queue.passState(id)).toBe("unspent");
      expect(await h.store.queue.failPass(id)).toBe(0);
      expect(await h.store.queue.passState(id)).toBe("none");
      expect(await h.store.queue.passState("unknown")).toBe("none");
      expect(await h.liveSlots()).toBe(0);
      expect(await h.tryOpen({ ticketId: id })).toEqual({ outcome: "passInvalid" });
      expect(await h.standing(id)).toEqual({ status: "gone", reason: "lapsed" });
      expect(await h.store.queue.failPass(id)).toBe(0);
      expect(await h.store.queue.failPass("unknown")).toBe(0);
    });

    it("S39 four failed tries and one good one open the session; five after it end the repeating", async () => {
      const h = await makeHarness(make);
      const { id } = await h.admitted();
      for (let tries = 0; tries < 4; tries++) await h.store.queue.failPass(id);
      const { sid } = await h.open({ ticketId: id });
      expect((await h.tryOpen({ ticketId: id })).outcome).toBe("repeated");
      expect(await h.store.queue.passState(id)).toBe("spent");
      expect(await h.store.queue.failPass(id)).toBe(0);
      expect(await h.store.queue.passState(id)).toBe("none");
      expect(await h.tryOpen({ ticketId: id })).toEqual({ outcome: "passInvalid" });
      expect((await h.record(sid)).end).toBeNull();
      expect(await h.liveSlots()).toBe(1);
    });

    it("S40 twenty logins in parallel with one pass open one session", async () => {
      const h = await makeHarness(make);
      const other = await h.connect();
      const { id } = await h.admitted();
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? h.store : other).sessions.open(h.openRequest({ ticketId: id })),
        ),
      );
      expect(outcomes.filter((outcome) => outcome.outcome === "opened")).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome.outcome === "repeated")).toHaveLength(19);
      expect(await h.store.sessions.listByUser("user")).toHaveLength(1);
      expect(await h.liveSlots()).toBe(1);
    });

    it("S45 a failed login loses no slot, and a refused one does not use up the pass", async () => {
      const h = await makeHarness(make);
      await h.open();
      const { id } = await h.admitted();
      expect(await h.tryOpen({ ticketId: id, limit: 1, onExceeded: "reject" })).toEqual({ outcome: "tooManySessions" });
      await h.store.access.ban("banned", { reason: "", until: null });
      expect((await h.tryOpen({ ticketId: id, userId: "banned" })).outcome).toBe("banned");
      expect(await h.liveSlots()).toBe(1);
      expect((await h.tryOpen({ ticketId: id, userId: "other" })).outcome).toBe("opened");
      expect(await h.liveSlots()).toBe(1);
    });

    it("a login that replaces a session frees its slot in the same step", async () => {
      const h = await makeHarness(make);
      const first = await h.admitted();
      await h.open({ ticketId: first.id, limit: 1 });
      const next = await h.admitted();
      expect(await h.liveSlots()).toBe(2);
      expect(await h.tryOpen({ ticketId: next.id, limit: 1 })).toMatchObject({ outcome: "opened", replaced: [{}] });
      expect(await h.liveSlots()).toBe(1);
    });
  });
}
