// What the store contract says of an operator's hand on one ticket: let in, put elsewhere, taken away.
import { describe, expect, it } from "vitest";
import type { Ticket } from "../../src/login-queue/queue-store.ts";
import { claimOf, type Harness, type MakeStore, makeHarness, minute, second, socket } from "./harness.ts";

/** The line as it is: ids in the order in which they are admitted. */
async function admittedInTurn(h: Harness): Promise<string[]> {
  await h.store.queue.configure({ mode: "open" });
  return h.admit();
}

async function ids(tickets: Promise<Ticket[]>): Promise<[string, string, string, string]> {
  const [a, b, c, d] = (await tickets).map(({ id }) => id);
  if (a === undefined || b === undefined || c === undefined || d === undefined)
    throw new Error("expected four tickets");
  return [a, b, c, d];
}

export function operatorContract(make: MakeStore): void {
  describe("admitting one ticket", () => {
    it("goes past the order, the rate and the pause, and costs a login's worth of the rate", async () => {
      const h = await makeHarness(make, { queue: { targetLoginRatePerSecond: 1, loginBurst: 1 } });
      const [a, b, , d] = await ids(h.joinMany(4));
      expect(await h.admit()).toEqual([a]);
      await h.store.queue.configure({ mode: "paused" });
      expect(await h.store.queue.admitTicket(d)).toBe("admitted");
      expect(await h.standing(d)).toMatchObject({ status: "admitted", passExpiresAt: h.now() + 30 * second });
      expect(h.events).toContainEqual({ type: "ticketsAdmitted", ticketIds: [d] });
      expect(await h.liveSlots()).toBe(2);
      await h.store.queue.configure({ mode: "auto" });
      await h.advance(second);
      expect(await h.admit()).toEqual([]);
      await h.advance(second);
      expect(await h.admit()).toEqual([b]);
    });

    it("not past the limit, save in mode open", async () => {
      const h = await makeHarness(make, { queue: { targetCcuLimit: 1 } });
      await h.admitted();
      const { id } = await h.join();
      expect(await h.store.queue.admitTicket(id)).toBe("full");
      expect(await h.standing(id)).toMatchObject({ status: "waiting", position: 1 });
      await h.store.queue.configure({ mode: "open" });
      expect(await h.store.queue.admitTicket(id)).toBe("admitted");
      expect(await h.liveSlots()).toBe(2);
    });

    it("one that was admitted before stays so and is told apart, and so is an unknown one", async () => {
      const h = await makeHarness(make);
      const { id } = await h.admitted();
      expect(await h.store.queue.admitTicket(id)).toBe("already");
      expect(await h.liveSlots()).toBe(1);
      expect(await h.store.queue.admitTicket("nobody")).toBe("unknown");
    });

    it("a holder who is away finds the pass, or has the place back", async () => {
      const h = await makeHarness(make);
      await h.store.queue.configure({ mode: "paused" });
      const [back, gone] = [await h.join({ as: socket("a") }), await h.join({ as: socket("b") })];
      await h.store.queue.drop(back.id, "a");
      await h.store.queue.drop(gone.id, "b");
      for (const { id } of [back, gone]) expect(await h.store.queue.admitTicket(id)).toBe("admitted");
      expect(await h.tryJoin({ claim: claimOf(back) })).toMatchObject({
        how: "returned",
        ticket: { status: "admitted" },
      });
      await h.advance(30 * second);
      expect(await h.standing(gone.id)).toMatchObject({ status: "waiting", position: 1 });
    });

    it("binds the slot to the live session that waits", async () => {
      const h = await makeHarness(make, { queue: { mode: "paused" } });
      const { sid } = await h.open();
      const { id } = await h.join({ userId: "user", sid });
      expect(await h.store.queue.admitTicket(id)).toBe("admitted");
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "held" });
      expect(await h.liveSlots()).toBe(1);
    });
  });

  describe("moving a ticket", () => {
    it("to the front, the middle and the end of its lane", async () => {
      const h = await makeHarness(make, { queue: { mode: "paused" } });
      const [a, b, c, d] = await ids(h.joinMany(4));
      expect(await h.store.queue.move(d, 1)).toBe(1);
      expect(await h.store.queue.move(a, 3)).toBe(3);
      expect(await h.store.queue.move(b, 99)).toBe(4);
      expect(await Promise.all([d, a, c, b].map((id) => h.position(id)))).toEqual([1, 2, 3, 4]);
      expect(await admittedInTurn(h)).toEqual([d, a, c, b]);
    });

    it("raises that ticket's position and no other, which it follows from then on", async () => {
      const h = await makeHarness(make, { queue: { mode: "paused" } });
      const [a, b, c, d] = await ids(h.joinMany(4));
      expect(await h.position(a)).toBe(1);
      expect(await h.store.queue.move(a, 4)).toBe(4);
      expect(await h.ticket(a)).toMatchObject({ position: 4 });
      expect(await Promise.all([b, c, d].map((id) => h.position(id)))).toEqual([1, 2, 3]);
      expect(await h.store.queue.move(d, 1)).toBe(1);
      expect(await Promise.all([b, c].map((id) => h.position(id)))).toEqual([1, 2]);
      await h.store.queue.remove(b, "gone");
      expect(await h.position(a)).toBe(3);
    });

    it("to the place it has changes nothing", async () => {
      const h = await makeHarness(make, { queue: { mode: "paused" } });
      const line = await ids(h.joinMany(4));
      for (const [index, id] of line.entries()) expect(await h.store.queue.move(id, index + 1)).toBe(index + 1);
      expect(await admittedInTurn(h)).toEqual(line);
    });

    it("keeps the order of all others, be there room between their orders or not, and other lanes between them", async () => {
      for (const gap of [0, 7]) {
        const h = await makeHarness(make, { queue: { mode: "paused", lanes: { default: 1, friends: 1 } } });
        const line: string[] = [];
        for (let count = 0; count < 12; count++) {
          line.push((await h.join()).id);
          await h.join({ lane: "friends" });
          await h.advance(gap);
        }
        // Any moves; the numbers mean nothing.
        for (let step = 0; step < 60; step++) {
          const [from, to] = [(step * 7) % 12, (step * 5 + 3) % 12];
          const [id = ""] = line.splice(from, 1);
          line.splice(to, 0, id);
          expect(await h.store.queue.move(id, to + 1)).toBe(to + 1);
        }
        const lanes = new Map<string, string>();
        for (const id of line) lanes.set(id, (await h.ticket(id)).lane);
        expect((await admittedInTurn(h)).filter((id) => lanes.has(id))).toEqual(line);
      }
    });

    it("an away ticket stays away at its new place", async () => {
      const h = await makeHarness(make, { queue: { mode: "paused" } });
      const [away, other] = [await h.join({ as: socket("a") }), await h.join()];
      await h.store.queue.drop(away.id, "a");
      expect(await h.store.queue.move(away.id, 2)).toBe(2);
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 2, away: 1 });
      expect(await admittedInTurn(h)).toEqual([other.id]);
      await h.advance(90 * second);
      expect(await h.standing(away.id)).toEqual({ status: "gone", reason: "lapsed" });
    });

    it("its holder comes back to the new place, not to the one of an older ticket", async () => {
      const h = await makeHarness(make, { queue: { mode: "paused" } });
      const first = await h.join({ as: socket("a") });
      await h.joinMany(3);
      await h.store.queue.move(first.id, 4);
      await h.store.queue.drop(first.id, "a");
      expect(await h.join({ claim: claimOf(first) })).toMatchObject({ id: first.id, position: 4 });
    });

    it("moves nobody who does not wait", async () => {
      const h = await makeHarness(make);
      const { id } = await h.admitted();
      expect(await h.store.queue.move(id, 1)).toBeNull();
      expect(await h.store.queue.move("nobody", 1)).toBeNull();
    });
  });

  describe("what an operator sees", () => {
    it("how long the first in line waits, moved or restored", async () => {
      const h = await makeHarness(make, {
        ticketsMayReturn: true,
        queue: { mode: "paused", lanes: { default: 1, vip: 1 } },
      });
      const oldest = async () => (await h.store.queue.status()).oldestEnqueuedAt;
      expect(await oldest()).toBeNull();
      const start = h.now();
      const [first, last] = [await h.join({ lane: "vip" }), await h.join()];
      await h.advance(5 * second);
      await h.join({ lane: "vip" });
      expect(await oldest()).toBe(start);
      await h.store.queue.leave(first.id);
      await h.store.queue.leave(last.id);
      expect(await oldest()).toBe(start + 5 * second);
      const order = (start - minute) * 1000;
      await h.join({ claim: { id: "old", lane: "default", order, position: 1 } });
      expect(await oldest()).toBe(start - minute);
    });

    it("passes that ran out unused, and when the admission step ran last", async () => {
      const h = await makeHarness(make);
      expect(await h.store.queue.status()).toMatchObject({ noShows: 0, admissionStepAt: null });
      await h.admitted();
      // Its holder is never told, and has its place again.
      const untold = await h.join();
      await h.admit();
      const stepAt = h.now();
      await h.advanceAlive(30 * second);
      expect(await h.store.queue.status()).toMatchObject({ noShows: 2, admissionStepAt: stepAt });
      await h.store.queue.leave(untold.id);
      const used = await h.admitted();
      await h.open({ ticketId: used.id });
      await h.advanceAlive(30 * second);
      expect((await h.store.queue.status()).noShows).toBe(2);
    });
  });

  describe("removing a ticket", () => {
    it("frees the slot of its pass, and it is never good again", async () => {
      const h = await makeHarness(make, { ticketsMayReturn: true, queue: { restoreSeconds: 0 } });
      const ticket = await h.admitted();
      expect(await h.store.queue.remove(ticket.id, "cheating")).toBe(true);
      expect(await h.liveSlots()).toBe(0);
      expect(h.events).toContainEqual({ type: "ticketRemoved", ticketId: ticket.id, reason: "cheating" });
      expect(await h.store.queue.remove(ticket.id, "cheating")).toBe(false);
      await h.advance(minute);
      expect(await h.tryJoin({ claim: claimOf(ticket) })).toMatchObject({ how: "new" });
    });
  });
}
