// The contract of who may make tickets: how many an address may have, and none where none is to be made.
import { describe, expect, it } from "vitest";
import { claimOf, type MakeStore, makeHarness, poller, second, socket } from "./harness.ts";

const home = "192.0.2.1";
const cafe = "198.51.100.0";
const two = { targetLoginRatePerSecond: 1, loginBurst: 1, maxTicketsPerIp: 2, mode: "paused" } as const;

export function crowdContract(make: MakeStore): void {
  describe("the tickets of one address", () => {
    it("are no more than may be, away ones included; others and those of nowhere are not counted", async () => {
      const h = await makeHarness(make, { queue: two });
      await h.join({ address: home, as: socket("a") });
      const { id } = await h.join({ address: home, as: socket("b") });
      await h.store.queue.drop(id, "b");
      await h.join();
      await h.join({ address: null });
      expect(await h.tryJoin({ address: home })).toEqual({ outcome: "tooManyTickets", queueLength: 4 });
      expect(await h.tryJoin({ address: home, as: poller() })).toMatchObject({ outcome: "tooManyTickets" });
      await h.join({ address: cafe });
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 5, away: 1 });
    });

    it("make room when one leaves, lapses, is taken away or let in, and crowd again when its pass is given back", async () => {
      const h = await makeHarness(make, { queue: { ...two, mode: "auto", targetCcuLimit: 0, passSeconds: 30 } });
      const full = async (): Promise<void> => {
        expect(await h.tryJoin({ address: home })).toMatchObject({ outcome: "tooManyTickets" });
      };
      await h.join({ address: home, as: socket("a") });
      const left = await h.join({ address: home, as: socket("b") });
      await full();
      await h.store.queue.leave(left.id);
      const removed = await h.join({ address: home });
      await full();
      await h.store.queue.remove(removed.id, "");
      const dropped = await h.join({ address: home, as: socket("c") });
      await full();
      await h.store.queue.drop(dropped.id, "c");
      await h.advanceAlive(90 * second);
      await h.join({ address: home, as: socket("d") });
      await full();
      await h.store.queue.configure({ targetCcuLimit: 1 });
      expect(await h.admit()).toHaveLength(1);
      await h.join({ address: home, as: socket("e") });
      await full();
      // Nobody was told of the pass: its ticket waits again, and two are three.
      await h.advanceAlive(30 * second);
      await h.store.queue.configure({ maxTicketsPerIp: 3 });
      await full();
      await h.store.queue.configure({ maxTicketsPerIp: 0 });
      await h.joinMany(3, { address: home });
    });

    it("are not refused when they come back, and count where they are", async () => {
      const h = await makeHarness(make, { queue: two });
      const [first, other] = await h.joinMany(2, { address: home });
      const back = await h.tryJoin({ claim: claimOf(first!), address: home });
      expect(back).toMatchObject({ how: "returned", ticket: { id: first!.id } });
      expect(await h.tryJoin({ claim: claimOf(first!), address: cafe })).toMatchObject({ how: "returned" });
      await h.join({ address: home });
      await h.join({ address: cafe });
      expect(await h.tryJoin({ address: cafe })).toMatchObject({ outcome: "tooManyTickets" });
      // A poll tells as much as a join, and where nobody knows from where, nothing changes.
      await h.store.queue.leave(first!.id);
      await h.store.queue.poll(other!.id, 5, cafe);
      await h.store.queue.poll(other!.id, 5);
      await h.tryJoin({ claim: claimOf(other!), address: null });
      expect(await h.tryJoin({ address: cafe })).toMatchObject({ outcome: "tooManyTickets" });
      await h.join({ address: home });
    });

    it("S43 are no more for being carried from one address to another", async () => {
      const h = await makeHarness(make, { queue: two });
      const made = [...(await h.joinMany(2, { address: home })), ...(await h.joinMany(2, { address: cafe }))];
      for (const ticket of made) {
        expect(await h.tryJoin({ claim: claimOf(ticket), address: cafe })).toMatchObject({ how: "returned" });
        await h.store.queue.poll(ticket.id, 5, cafe);
      }
      expect(await h.tryJoin({ address: home })).toMatchObject({ outcome: "tooManyTickets" });
      expect(await h.tryJoin({ address: cafe })).toMatchObject({ outcome: "tooManyTickets" });
    });

    it("come back after the store was lost, and count from then on", async () => {
      const h = await makeHarness(make, { queue: two, ticketsMayReturn: true });
      const order = h.now() * 1000;
      for (const id of ["x", "y", "z"]) {
        const claim = { id, lane: "default", order: order - id.charCodeAt(0), position: 1 };
        expect(await h.tryJoin({ claim, address: home })).toMatchObject({ how: "restored" });
      }
      expect(await h.tryJoin({ address: home })).toMatchObject({ outcome: "tooManyTickets" });
    });

    it("keep nobody out who has a slot, or is in the queue already", async () => {
      const h = await makeHarness(make, { queue: { ...two, mode: "auto", maxTicketsPerIp: 1 } });
      const ann = await h.open({ userId: "ann" });
      expect(await h.store.queue.takeSlot(ann.sid)).toEqual({ outcome: "taken" });
      await h.store.queue.configure({ mode: "paused" });
      const bob = await h.open({ userId: "bob" });
      const { id } = await h.join({ userId: "bob", sid: bob.sid, address: home });
      expect(await h.join({ userId: "ann", sid: ann.sid, address: home })).toMatchObject({ status: "admitted" });
      expect(await h.join({ userId: "bob", sid: bob.sid, address: home })).toMatchObject({ id, status: "waiting" });
      expect(await h.tryJoin({ address: home })).toMatchObject({ outcome: "tooManyTickets" });
    });
  });

  describe("a join that may make no ticket", () => {
    it("says that one is needed, and leaves nothing behind", async () => {
      const h = await makeHarness(make, { queue: two });
      expect(await h.tryJoin({ mayCreate: false, newTicketId: "t" })).toEqual({ outcome: "ticketNeeded" });
      expect((await h.standing("t")).status).toBe("gone");
      expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 0 });
    });

    it("finds the ticket there is, of the holder or the user", async () => {
      const h = await makeHarness(make, { queue: two });
      const ticket = await h.join();
      expect(await h.tryJoin({ claim: claimOf(ticket), mayCreate: false })).toMatchObject({ how: "returned" });
      const { sid } = await h.open({ userId: "ann" });
      await h.join({ userId: "ann", sid });
      expect(await h.tryJoin({ userId: "ann", sid, mayCreate: false })).toMatchObject({ how: "returned" });
    });

    it("S41 takes a ticket that is over for none", async () => {
      const h = await makeHarness(make, { queue: two });
      const ticket = await h.join();
      await h.store.queue.leave(ticket.id);
      const again = { claim: claimOf(ticket), mayCreate: false };
      expect(await h.tryJoin(again)).toEqual({ outcome: "ticketNeeded" });
    });

    it("is refused first where there is no room for a ticket", async () => {
      const h = await makeHarness(make, { queue: { ...two, maxQueueLength: 3 } });
      const { sid } = await h.open({ userId: "ann" });
      await h.store.access.ban("ann", { reason: "", until: null });
      expect(await h.tryJoin({ userId: "ann", sid, mayCreate: false })).toMatchObject({ outcome: "banned" });
      await h.joinMany(2, { address: home });
      expect(await h.tryJoin({ address: home, mayCreate: false })).toMatchObject({ outcome: "tooManyTickets" });
      await h.join();
      expect(await h.tryJoin({ mayCreate: false })).toEqual({ outcome: "queueFull" });
      await h.store.queue.configure({ mode: "closed" });
      expect(await h.tryJoin({ mayCreate: false })).toEqual({ outcome: "queueClosed" });
    });
  });

  describe("quiet sessions", () => {
    it("are those that every process with sockets of theirs says it of, for their shortest silence", async () => {
      const h = await makeHarness(make);
      const { queue } = h.store;
      const [here, both] = [await h.open({ userId: "ann" }), await h.open({ userId: "bob" })];
      await queue.setSocketsOpen(here.sid, "host", true);
      await queue.setSocketsOpen(both.sid, "host", true);
      await queue.setSocketsOpen(both.sid, "other", true);
      const quiet = new Map([
        [here.sid, 5_000],
        [both.sid, 7_000],
      ]);
      expect([...(await queue.reportQuiet("host", quiet))]).toEqual([[here.sid, 5_000]]);
      await h.advance(second);
      expect([...(await queue.reportQuiet("other", new Map([[both.sid, 2_000]])))]).toEqual([[both.sid, 2_000]]);
      const later = await queue.reportQuiet("host", new Map([...quiet].map(([sid, ms]) => [sid, ms + second])));
      expect(new Map(later)).toEqual(
        new Map([
          [here.sid, 6_000],
          [both.sid, 2_000],
        ]),
      );
      // Heard there: the list that no longer names it takes the earlier word back.
      await queue.reportQuiet("other", new Map());
      expect([...(await queue.reportQuiet("host", quiet)).keys()]).toEqual([here.sid]);
      await queue.setSocketsOpen(both.sid, "other", false);
      expect([...(await queue.reportQuiet("host", quiet)).keys()]).toEqual([here.sid, both.sid]);
    });

    it("are not taken for quiet on the word of long ago", async () => {
      const h = await makeHarness(make);
      const { queue } = h.store;
      const { sid } = await h.open();
      await queue.setSocketsOpen(sid, "host", true);
      await queue.setSocketsOpen(sid, "other", true);
      const quiet = new Map([[sid, 60_000]]);
      await queue.reportQuiet("other", quiet);
      await h.advance(5 * second);
      expect([...(await queue.reportQuiet("host", quiet))]).toEqual([]);
    });

    it("lose their slot with their last socket when they are sent away", async () => {
      const h = await makeHarness(make);
      const { sid } = await h.open();
      await h.store.queue.takeSlot(sid);
      await h.store.queue.setSocketsOpen(sid, "host", true);
      await h.store.sessions.disconnect(sid, "idle", true);
      expect(h.events).toContainEqual({ type: "disconnect", sid, reason: "idle", isIdle: true });
      expect(await h.liveSlots()).toBe(1);
      await h.store.queue.setSocketsOpen(sid, "host", false);
      expect(await h.liveSlots()).toBe(0);
    });
  });
}
