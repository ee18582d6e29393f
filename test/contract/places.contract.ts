// The contract of places: tickets, their order, the positions shown, and their return after a loss.
import { describe, expect, it } from "vitest";
import { claimOf, type MakeStore, makeHarness, second, socket } from "./harness.ts";

/** Nobody is admitted, so that a test can look at the line. */
const paused = { mode: "paused" } as const;

export function placesContract(make: MakeStore): void {
  describe("taking a place", () => {
    it("gives places in the order of arrival, never the same order twice", async () => {
      const h = await makeHarness(make, { queue: paused });
      const tickets = await h.joinMany(5);
      const orders = tickets.map((ticket) => ticket.order);
      expect(new Set(orders).size).toBe(5);
      expect(orders).toEqual([...orders].sort((a, b) => a - b));
      expect(Math.floor(orders[0]! / 1000)).toBe(h.now());
      expect(tickets.map((ticket) => ticket.position)).toEqual([1, 2, 3, 4, 5]);
      await h.advance(1);
      expect((await h.join()).order).toBeGreaterThan(orders[4]!);
      expect(await h.standing(tickets[2]!.id)).toMatchObject({ status: "waiting", position: 3, queueLength: 6 });
    });

    it("keeps what a ticket was made with", async () => {
      const h = await makeHarness(make, { queue: { ...paused, lanes: { default: 1, friends: 2 } } });
      const joined = await h.tryJoin({ newTicketId: "mine", lane: "friends", as: socket("a") });
      expect(joined).toEqual({
        outcome: "joined",
        how: "new",
        ticket: {
          id: "mine",
          lane: "friends",
          order: h.now() * 1000,
          position: 1,
          status: "waiting",
          userId: null,
          sid: null,
          enqueuedAt: h.now(),
          holder: socket("a"),
          admittedAt: null,
          passExpiresAt: null,
        },
      });
    });

    it("counts places by lane", async () => {
      const h = await makeHarness(make, { queue: { ...paused, lanes: { default: 1, friends: 2 } } });
      await h.joinMany(3);
      const friend = await h.join({ lane: "friends" });
      expect(await h.standing(friend.id)).toMatchObject({ position: 1, queueLength: 1 });
      expect((await h.store.queue.status()).lanes).toMatchObject({
        default: { waiting: 3, away: 0 },
        friends: { waiting: 1, away: 0 },
      });
    });

    it("is full for new tickets alone", async () => {
      const h = await makeHarness(make, { queue: { ...paused, maxQueueLength: 2 } });
      const [first] = await h.joinMany(2);
      expect(await h.tryJoin()).toEqual({ outcome: "queueFull" });
      expect(await h.tryJoin({ claim: claimOf(first!) })).toMatchObject({ outcome: "joined", how: "returned" });
      await h.store.queue.leave(first!.id);
      expect(await h.tryJoin()).toMatchObject({ outcome: "joined", how: "new" });
    });

    it("refuses the banned and takes their place away", async () => {
      const h = await makeHarness(make, { queue: paused });
      const { sid } = await h.open();
      const { id } = await h.join({ userId: "user", sid });
      const ban = { reason: "cheating", until: null };
      await h.store.access.ban("user", ban);
      expect(h.events).toContainEqual({ type: "ticketRemoved", ticketId: id, reason: "cheating", cause: "banned" });
      expect(await h.standing(id)).toEqual({ status: "gone", reason: "removed" });
      expect(await h.tryJoin({ userId: "user", sid })).toEqual({ outcome: "banned", ban });
      expect(await h.tryJoin()).toMatchObject({ outcome: "joined" });
    });

    it("ends the place that is bound to a session with it, and no other", async () => {
      const h = await makeHarness(make, { queue: paused });
      const { sid } = await h.open();
      const other = await h.open();
      const { id } = await h.join({ userId: "user", sid });
      await h.store.sessions.end(other.sid, { reason: "logout", closeSockets: false });
      expect((await h.standing(id)).status).toBe("waiting");
      await h.store.sessions.end(sid, { reason: "logout", closeSockets: false });
      expect(await h.standing(id)).toEqual({ status: "gone", reason: "removed" });
      expect(h.events).toContainEqual({ type: "ticketRemoved", ticketId: id, reason: "logout" });
    });

    it("does not know what was never there", async () => {
      const h = await makeHarness(make);
      expect(await h.standing("unknown")).toEqual({ status: "gone", reason: null });
      expect(await h.store.queue.poll("unknown", 5)).toEqual({ status: "gone", reason: null });
      expect(await h.store.queue.leave("unknown")).toBe(false);
      expect(await h.store.queue.remove("unknown", "")).toBe(false);
      await h.store.queue.drop("unknown", "a");
      await h.store.queue.markDelivered(["unknown"]);
    });

    it("answers standings in the order asked", async () => {
      const h = await makeHarness(make, { queue: paused });
      const [first, second_] = await h.joinMany(2);
      const standings = await h.store.queue.standings([second_!.id, "unknown", first!.id]);
      expect(standings.map((standing) => (standing.status === "waiting" ? standing.position : 0))).toEqual([2, 0, 1]);
    });
  });

  describe("positions", () => {
    it("count those in front, away ones included, and never rise", async () => {
      const h = await makeHarness(make, { queue: { ...paused, passSeconds: 30 }, ticketsMayReturn: true });
      const order = h.now() * 1000;
      await h.advance(second);
      const first = await h.join({ as: socket("a") });
      const last = await h.join({ as: socket("b") });
      await h.store.queue.drop(first.id, "a");
      expect(await h.position(last.id)).toBe(2);
      await h.store.queue.leave(first.id);
      expect(await h.position(last.id)).toBe(1);
      await h.join({ claim: { id: "old", lane: "default", order, position: 1 } });
      expect(await h.position(last.id)).toBe(1);
      expect((await h.ticket(last.id)).position).toBe(1);
      expect(await h.standing(last.id)).toMatchObject({ queueLength: 2 });
    });

    it("a restored ticket starts from the position it was shown", async () => {
      const h = await makeHarness(make, { queue: paused, ticketsMayReturn: true });
      const order = h.now() * 1000;
      const shown = await h.join({ claim: { id: "b", lane: "default", order: order - 5, position: 2 } });
      expect(shown).toMatchObject({ order: order - 5, position: 1 });
      const later = await h.join({ claim: { id: "c", lane: "default", order: order - 3, position: 1 } });
      expect(later.position).toBe(1);
      expect(await h.standing("c")).toMatchObject({ position: 1, rank: 2 });
      await h.join({ claim: { id: "a", lane: "default", order: order - 9, position: 1 } });
      expect(await h.standing("c")).toMatchObject({ position: 1, rank: 3 });
      expect(await h.admit()).toEqual([]);
    });
  });

  describe("after the store was lost", () => {
    it("tickets come back in their old order, and nobody is admitted before they could", async () => {
      const h = await makeHarness(make, { ticketsMayReturn: true });
      const order = h.now() * 1000 - 10;
      const newcomer = await h.join();
      expect(await h.store.queue.admitDirectly("direct")).toMatchObject({ outcome: "queueRequired" });
      const { sid } = await h.open();
      expect(await h.store.queue.takeSlot(sid)).toMatchObject({ outcome: "queueRequired" });
      for (const [id, offset] of [
        ["third", 3],
        ["first", 1],
        ["second", 2],
      ] as const) {
        const claim = { id, lane: "default", order: order + offset, position: offset };
        expect(await h.tryJoin({ claim })).toMatchObject({ how: "restored", ticket: { id, order: order + offset } });
      }
      await h.advance(10 * second - 1);
      expect(await h.admit()).toEqual([]);
      await h.advance(1);
      expect(await h.admit()).toEqual(["first", "second", "third", newcomer.id]);
    });

    it("holds nobody where no ticket could come back, and takes none back", async () => {
      const h = await makeHarness(make, { ticketsMayReturn: false });
      const claim = { id: "old", lane: "default", order: h.now() * 1000 - 10, position: 1 };
      expect(await h.tryJoin({ claim, newTicketId: "new" })).toMatchObject({ how: "new", ticket: { id: "new" } });
      expect(await h.admit()).toEqual(["new"]);
    });

    it("no order is given twice, not even where the clock was set back", async () => {
      const h = await makeHarness(make, { queue: paused, ticketsMayReturn: true });
      const own = await h.join();
      const ahead = own.order + 1_000_000;
      const same = await h.join({ claim: { id: "same", lane: "default", order: own.order, position: 1 } });
      await h.join({ claim: { id: "ahead", lane: "default", order: ahead, position: 1 } });
      const next = await h.join();
      expect(next.order).toBeGreaterThan(ahead);
      expect(same.order).not.toBe(own.order);
      expect(await h.standing(next.id)).toMatchObject({ position: 4, queueLength: 4 });
    });

    it("a lane that is no more still holds its tickets and admits them", async () => {
      const h = await makeHarness(make, { ticketsMayReturn: true });
      await h.advance(10 * second);
      const claim = { id: "old", lane: "gone", order: h.now() * 1000 - 10, position: 1 };
      expect(await h.join({ claim })).toMatchObject({ lane: "gone", position: 1 });
      expect(await h.admit()).toEqual(["old"]);
    });
  });

  describe("other processes", () => {
    it("see the same line", async () => {
      const h = await makeHarness(make);
      const other = await h.connect();
      const { id } = await h.join();
      expect(await other.queue.standings([id])).toMatchObject([{ status: "waiting", position: 1 }]);
      const admitted = await Promise.all([h.store.queue.admit(), other.queue.admit()]);
      expect(admitted.flat().map((ticket) => ticket.id)).toEqual([id]);
    });

    it("hear who was admitted", async () => {
      const h = await makeHarness(make);
      const tickets = await h.joinMany(2);
      await h.admit();
      await h.admit();
      expect(h.events).toEqual([{ type: "ticketsAdmitted", ticketIds: tickets.map((ticket) => ticket.id) }]);
    });
  });
}
