// The contract of holders: one for a ticket, one ticket for a user, present, away and back.
import { describe, expect, it } from "vitest";
import { ticketResignSeconds } from "../../src/login-queue/queue-store.ts";
import { claimOf, type MakeStore, makeHarness, minute, poller, second, socket } from "./harness.ts";

/** Nobody is admitted, so that a test can look at the line. */
const paused = { mode: "paused" } as const;

export function holdersContract(make: MakeStore): void {
  describe("coming back", () => {
    it("within the grace gets the old place back", async () => {
      const h = await makeHarness(make, { queue: paused });
      const first = await h.join({ as: socket("a") });
      await h.join();
      await h.store.queue.drop(first.id, "a");
      await h.advanceAlive(90 * second - 1);
      const back = await h.tryJoin({ claim: claimOf(first), as: socket("b") });
      expect(back).toMatchObject({ outcome: "joined", how: "returned", ticket: { id: first.id, position: 1 } });
    });

    it("S41 after it the place is gone: a new one at the end", async () => {
      const h = await makeHarness(make, { queue: paused, ticketsMayReturn: true });
      const first = await h.join({ as: socket("a") });
      await h.join();
      await h.store.queue.drop(first.id, "a");
      await h.advanceAlive(90 * second);
      expect(await h.standing(first.id)).toEqual({ status: "gone", reason: "lapsed" });
      const back = await h.tryJoin({ claim: claimOf(first), newTicketId: "again" });
      expect(back).toMatchObject({ outcome: "joined", how: "new", ticket: { id: "again", position: 2 } });
    });

    it("S41 a ticket that left, was removed or is spent never comes back while its JWT lives", async () => {
      const h = await makeHarness(make, { ticketsMayReturn: true });
      await h.advance(10 * second);
      const left = await h.join();
      await h.store.queue.leave(left.id);
      const removed = await h.join();
      await h.store.queue.remove(removed.id, "idle");
      const spent = await h.admitted();
      await h.open({ ticketId: spent.id });
      expect(h.events).toContainEqual({ type: "ticketRemoved", ticketId: removed.id, reason: "idle" });
      await h.advance((ticketResignSeconds + 90) * second - 1);
      for (const [ticket, reason] of [
        [left, "left"],
        [removed, "removed"],
        [spent, "admitted"],
      ] as const) {
        expect(await h.standing(ticket.id)).toEqual({ status: "gone", reason });
        expect(await h.tryJoin({ claim: claimOf(ticket) })).toMatchObject({ how: "new" });
      }
    });

    it("the holder of before has no say any more", async () => {
      const h = await makeHarness(make, { queue: paused });
      const ticket = await h.join({ as: socket("a") });
      await h.join({ claim: claimOf(ticket), as: socket("b") });
      await h.store.queue.drop(ticket.id, "a");
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 0 });
      expect(await h.store.queue.leave(ticket.id, "a")).toBe(false);
      expect(await h.store.queue.leave(ticket.id, "b")).toBe(true);
      expect(await h.standing(ticket.id)).toEqual({ status: "gone", reason: "left" });
    });

    it("S41 copied to two sockets it has one holder, and the first is told", async () => {
      const h = await makeHarness(make, { queue: paused });
      const ticket = await h.join({ as: socket("a") });
      await h.join({ claim: claimOf(ticket), as: socket("b") });
      expect(h.events).toEqual([{ type: "ticketTakenOver", ticketId: ticket.id, from: socket("a") }]);
      await h.join({ claim: claimOf(ticket), as: socket("b") });
      expect(h.events).toHaveLength(1);
      await h.store.queue.poll(ticket.id, 5);
      expect(h.events).toHaveLength(2);
      expect(h.events[1]).toEqual({ type: "ticketTakenOver", ticketId: ticket.id, from: socket("b") });
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 0 });
    });

    it("tells nobody where the holder of before was gone", async () => {
      const h = await makeHarness(make, { queue: paused });
      const ticket = await h.join({ as: socket("a") });
      await h.store.queue.drop(ticket.id, "a");
      await h.join({ claim: claimOf(ticket), as: socket("b", "dead") });
      await h.advanceAlive(20 * second);
      await h.join({ claim: claimOf(ticket), as: socket("c") });
      expect(h.events).toEqual([]);
    });
  });

  describe("one place for a user", () => {
    it("S42 a second device takes the place over and adds none", async () => {
      const h = await makeHarness(make, { queue: paused });
      const { sid } = await h.open();
      const first = await h.join({ userId: "user", sid, as: socket("a") });
      await h.join();
      const again = await h.tryJoin({ userId: "user", sid, as: socket("b") });
      expect(again).toMatchObject({ how: "returned", ticket: { id: first.id, position: 1, holder: socket("b") } });
      expect(h.events).toEqual([{ type: "ticketTakenOver", ticketId: first.id, from: socket("a") }]);
      expect((await h.store.queue.status()).lanes["default"]?.waiting).toBe(2);
    });

    it("S42 a place taken without a session is bound to the user that comes back with one", async () => {
      const h = await makeHarness(make, { queue: paused });
      const { sid } = await h.open();
      const ticket = await h.join();
      const back = await h.join({ claim: claimOf(ticket), userId: "user", sid });
      expect(back).toMatchObject({ id: ticket.id, userId: "user", sid });
      expect((await h.join({ userId: "user", sid })).id).toBe(ticket.id);
    });

    it("S42 of two places the one further ahead stays, the other is given up", async () => {
      const h = await makeHarness(make, { queue: paused });
      const { sid } = await h.open();
      const guest = await h.join({ as: socket("a") });
      const known = await h.join({ userId: "user", sid, as: socket("b") });
      const kept = await h.join({ claim: claimOf(guest), userId: "user", sid, as: socket("c") });
      expect(kept.id).toBe(guest.id);
      expect(await h.standing(known.id)).toEqual({ status: "gone", reason: "left" });
      expect(h.events).toEqual([
        { type: "ticketTakenOver", ticketId: known.id, from: socket("b") },
        { type: "ticketTakenOver", ticketId: guest.id, from: socket("a") },
      ]);
      const later = await h.join();
      expect((await h.join({ claim: claimOf(later), userId: "user", sid })).id).toBe(guest.id);
      expect((await h.store.queue.status()).lanes["default"]?.waiting).toBe(1);
    });

    it("S42 a user whose place is over takes a new one", async () => {
      const h = await makeHarness(make, { queue: paused });
      const { sid } = await h.open();
      const { id } = await h.join({ userId: "user", sid });
      await h.store.queue.leave(id);
      expect(await h.tryJoin({ userId: "user", sid, newTicketId: "new" })).toMatchObject({
        how: "new",
        ticket: { id: "new", userId: "user" },
      });
    });

    it("S42 the ticket of another user is none", async () => {
      const h = await makeHarness(make, { queue: paused });
      const { sid } = await h.open();
      const ticket = await h.join({ userId: "user", sid });
      const other = await h.open({ userId: "other" });
      const joined = await h.tryJoin({ claim: claimOf(ticket), userId: "other", sid: other.sid });
      expect(joined).toMatchObject({ how: "new", ticket: { userId: "other", position: 2 } });
      expect(await h.ticket(ticket.id)).toMatchObject({ userId: "user", sid });
    });

    it("S42 a restored place counts as one too", async () => {
      const h = await makeHarness(make, { queue: paused, ticketsMayReturn: true });
      const { sid } = await h.open();
      const order = h.now() * 1000;
      await h.advance(second);
      const own = await h.join({ userId: "user", sid });
      const late = { id: "late", lane: "default", order: own.order + 5, position: 7 };
      expect(await h.tryJoin({ claim: late, userId: "user", sid })).toMatchObject({
        how: "returned",
        ticket: { id: own.id },
      });
      expect(await h.tryJoin({ claim: late })).toMatchObject({ how: "new" });
      const early = { id: "early", lane: "default", order: order - 5, position: 1 };
      expect(await h.tryJoin({ claim: early, userId: "user", sid })).toMatchObject({
        how: "restored",
        ticket: { id: "early", userId: "user" },
      });
      expect(await h.standing(own.id)).toEqual({ status: "gone", reason: "left" });
    });
  });

  describe("present and away", () => {
    it("only present tickets are admitted; one that returns is first", async () => {
      const h = await makeHarness(make, { queue: { targetLoginRatePerSecond: 1, loginBurst: 1 } });
      const [first, middle, last] = [
        await h.join({ as: socket("a") }),
        await h.join({ as: socket("b") }),
        await h.join({ as: socket("c") }),
      ];
      await h.store.queue.drop(first.id, "a");
      expect(await h.admit()).toEqual([middle.id]);
      await h.join({ claim: claimOf(first), as: socket("d") });
      await h.advance(second);
      expect(await h.admit()).toEqual([first.id]);
      await h.advance(second);
      expect(await h.admit()).toEqual([last.id]);
    });

    it("a process that renews its lease keeps all its tickets present", async () => {
      const h = await makeHarness(make, { queue: paused });
      await h.joinMany(3);
      await h.advanceAlive(10 * minute);
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 3, away: 0 });
    });

    it("the tickets of a dead process are away, lapse, and are present again should it come back", async () => {
      const h = await makeHarness(make, { queue: paused });
      const tickets = await h.joinMany(3);
      await h.advance(15 * second - 1);
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 3, away: 0 });
      await h.advance(1);
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 3, away: 3 });
      await h.store.queue.renewHost("host", []);
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 3, away: 0 });
      await h.advance(15 * second + 90 * second - 1);
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 3, away: 3 });
      await h.advance(1);
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 0, away: 0 });
      for (const { id } of tickets) expect(await h.standing(id)).toEqual({ status: "gone", reason: "lapsed" });
    });

    it("a ticket that was dropped stays away when its process renews its lease", async () => {
      const h = await makeHarness(make, { queue: paused });
      const { id } = await h.join({ as: socket("a") });
      await h.store.queue.drop(id, "a");
      await h.advance(20 * second);
      await h.store.queue.renewHost("host", []);
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 1 });
    });

    it("a join by a holder of a process keeps that process alive", async () => {
      const h = await makeHarness(make, { queue: paused });
      await h.join();
      await h.advance(20 * second);
      await h.join();
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 2, away: 0 });
    });

    it("a poller is present for a while after each poll, and its grace starts when the next is due", async () => {
      const h = await makeHarness(make, { queue: paused });
      const { id } = await h.join({ as: poller(60) });
      await h.advance(15 * second - 1);
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 0 });
      await h.advance(1);
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 1 });
      await h.advance(45 * second);
      expect(await h.store.queue.poll(id, 5)).toMatchObject({ status: "waiting", position: 1 });
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 0 });
      await h.advance(95 * second - 1);
      expect((await h.standing(id)).status).toBe("waiting");
      await h.advance(1);
      expect(await h.standing(id)).toEqual({ status: "gone", reason: "lapsed" });
    });

    it("a poller whose grace is shorter than its presence does not lapse while it is present", async () => {
      const h = await makeHarness(make, { queue: { ...paused, queueGraceSeconds: 1 } });
      const { id } = await h.join({ as: poller(1) });
      await h.advance(15 * second - 1);
      expect((await h.standing(id)).status).toBe("waiting");
      await h.advance(1);
      expect((await h.standing(id)).status).toBe("gone");
    });

    it("a poll does not become a socket's drop", async () => {
      const h = await makeHarness(make, { queue: paused });
      const { id } = await h.join({ as: socket("a") });
      await h.store.queue.poll(id, 5);
      await h.store.queue.drop(id, "a");
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 1, away: 0 });
    });

    it("nothing lingers: with everybody gone for good the queue is empty", async () => {
      const h = await makeHarness(make, { queue: paused });
      await h.joinMany(5);
      await h.joinMany(5, { as: poller() });
      await h.advance(10 * minute);
      await h.store.queue.sweep();
      expect(await h.store.queue.status()).toMatchObject({ lanes: { default: { waiting: 0, away: 0 } }, liveSlots: 0 });
    });
  });
}
