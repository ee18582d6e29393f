// The contract of admission: rate, limit, order, lanes, modes, and the pass on the spot.
import { describe, expect, it } from "vitest";
import { type MakeStore, makeHarness, minute, second, socket } from "./harness.ts";

export function admissionContract(make: MakeStore): void {
  describe("whoever is sent to the queue", () => {
    it("is told how many wait in the lane of those who have no other", async () => {
      const h = await makeHarness(make, { queue: { mode: "always", lanes: { normal: 1, vip: 3 } } });
      await h.join({ lane: "normal" });
      for (let more = 0; more < 4; more++) await h.join({ lane: "vip" });
      expect(await h.store.queue.admitDirectly("direct")).toEqual({ outcome: "queueRequired", queueLength: 1 });
    });
  });

  describe("rate and limit", () => {
    it("admits the burst at once, then the rate, and banks no more than the burst", async () => {
      const h = await makeHarness(make, { queue: { targetLoginRatePerSecond: 4, loginBurst: 6 } });
      await h.joinMany(30);
      expect(await h.admit()).toHaveLength(6);
      expect(await h.admit()).toHaveLength(0);
      await h.advance(250);
      expect(await h.admit()).toHaveLength(1);
      await h.advance(second);
      expect(await h.admit()).toHaveLength(4);
      await h.advanceAlive(minute);
      expect(await h.admit()).toHaveLength(6);
    });

    it("admits at a rate below one a second", async () => {
      const h = await makeHarness(make, { queue: { targetLoginRatePerSecond: 0.5, loginBurst: 0.5 } });
      await h.joinMany(3);
      expect(await h.admit()).toHaveLength(1);
      await h.advance(second);
      expect(await h.admit()).toHaveLength(0);
      await h.advance(second);
      expect(await h.admit()).toHaveLength(1);
    });

    it("stops at the limit, less its safety margin", async () => {
      const h = await makeHarness(make, { queue: { targetCcuLimit: 10, safetyMarginPercent: 25 } });
      await h.joinMany(20);
      expect(await h.admit()).toHaveLength(7);
      expect(await h.liveSlots()).toBe(7);
      await h.advance(second);
      expect(await h.admit()).toHaveLength(0);
    });

    it("admits the next when a slot is free", async () => {
      const h = await makeHarness(make, { queue: { targetCcuLimit: 1 } });
      const first = await h.admitted();
      const next = await h.join();
      expect(await h.admit()).toEqual([]);
      await h.store.queue.leave(first.id);
      expect(await h.admit()).toEqual([next.id]);
    });

    it("never beyond rate and limit, however many processes run the step", async () => {
      const h = await makeHarness(make, { queue: { targetCcuLimit: 8, targetLoginRatePerSecond: 5, loginBurst: 5 } });
      const stores = [h.store, await h.connect(), await h.connect()];
      await h.joinMany(20);
      const admitAll = async () =>
        (await Promise.all(stores.flatMap((store) => [store.queue.admit(), store.queue.admit()]))).flat().length;
      expect(await admitAll()).toBe(5);
      await h.advance(second);
      expect(await admitAll()).toBe(3);
    });
  });

  describe("lanes", () => {
    it("share admissions by weight, FIFO within each, and none starves", async () => {
      const h = await makeHarness(make, { queue: { lanes: { default: 1, friends: 3 } } });
      const guests = await h.joinMany(12);
      const friends = await h.joinMany(12, { lane: "friends" });
      const lanes = new Map([...guests, ...friends].map((ticket) => [ticket.id, ticket.lane]));
      const order = await h.admit();
      expect(order.slice(0, 8).filter((id) => lanes.get(id) === "friends")).toHaveLength(6);
      expect(order.filter((id) => lanes.get(id) === "default")).toEqual(guests.map((ticket) => ticket.id));
      expect(order.filter((id) => lanes.get(id) === "friends")).toEqual(friends.map((ticket) => ticket.id));
    });

    it("an idle lane banks nothing", async () => {
      const h = await makeHarness(make, { queue: { lanes: { default: 1, friends: 1 } } });
      await h.joinMany(10);
      await h.admit();
      await h.joinMany(5, { lane: "friends" });
      await h.joinMany(5);
      const order = (await h.store.queue.admit()).map((ticket) => ticket.lane);
      expect(order.slice(0, 4).filter((lane) => lane === "default")).toHaveLength(2);
    });

    it("a lane that is not configured owes for its turns even after it was empty", async () => {
      const h = await makeHarness(make, {
        queue: { lanes: { default: 1 }, targetCcuLimit: 1, restoreSeconds: 0 },
        ticketsMayReturn: true,
      });
      await h.joinMany(5);
      const [first = ""] = await h.admit();
      await h.store.queue.leave(first);
      const admitted: string[] = [];
      for (let turn = 0; turn < 4; turn++) {
        // One at a time comes back to a lane of an earlier life, and is the only one in it.
        await h.join({ claim: { id: `old-${turn}`, lane: "old", order: turn + 1, position: 1 } });
        const [ticket] = await h.store.queue.admit();
        admitted.push(ticket?.lane ?? "");
        await h.store.queue.leave(ticket?.id ?? "");
      }
      expect(admitted.filter((lane) => lane === "default")).toHaveLength(2);
    });

    it("a lane whose tickets are away holds nobody up", async () => {
      const h = await makeHarness(make, { queue: { lanes: { default: 1, friends: 100 } } });
      const { id } = await h.join({ lane: "friends", as: socket("a") });
      await h.store.queue.drop(id, "a");
      const guest = await h.join();
      expect(await h.admit()).toEqual([guest.id]);
    });
  });

  describe("modes", () => {
    it("paused takes tickets and admits none", async () => {
      const h = await makeHarness(make, { queue: { mode: "paused" } });
      await h.join();
      expect(await h.admit()).toEqual([]);
      expect(await h.store.queue.admitDirectly("direct")).toEqual({ outcome: "queueRequired", queueLength: 1 });
      const { sid } = await h.open();
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "queueRequired", queueLength: 1 });
    });

    it("open admits all and only counts", async () => {
      const h = await makeHarness(make, {
        queue: { mode: "open", targetCcuLimit: 1, targetLoginRatePerSecond: 1, loginBurst: 1 },
      });
      await h.joinMany(5);
      const { sid } = await h.open();
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "taken" });
      expect(await h.store.queue.admitDirectly("direct")).toEqual({ outcome: "admitted" });
      expect(await h.admit()).toHaveLength(5);
      expect(await h.liveSlots()).toBe(7);
    });

    it("always sends everyone through the queue", async () => {
      const h = await makeHarness(make, { queue: { mode: "always" } });
      expect(await h.store.queue.admitDirectly("direct")).toEqual({ outcome: "queueRequired", queueLength: 0 });
      const { sid } = await h.open();
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "queueRequired", queueLength: 0 });
      const { id } = await h.join();
      expect(await h.admit()).toEqual([id]);
    });
  });

  describe("no wait, no queue", () => {
    it("gives a pass on the spot, which takes a slot and a login's worth of the rate", async () => {
      const h = await makeHarness(make, { queue: { targetLoginRatePerSecond: 1, loginBurst: 2 } });
      expect(await h.store.queue.admitDirectly("one")).toEqual({ outcome: "admitted" });
      expect(await h.ticket("one")).toMatchObject({ status: "admitted", passExpiresAt: h.now() + 30 * second });
      expect(await h.liveSlots()).toBe(1);
      expect(await h.store.queue.admitDirectly("two")).toEqual({ outcome: "admitted" });
      expect(await h.store.queue.admitDirectly("three")).toEqual({ outcome: "queueRequired", queueLength: 0 });
      await h.join();
      expect(await h.admit()).toEqual([]);
    });

    it("not where somebody present waits; one who is away holds nobody up", async () => {
      const h = await makeHarness(make);
      const { id } = await h.join({ as: socket("a") });
      expect(await h.store.queue.admitDirectly("one")).toEqual({ outcome: "queueRequired", queueLength: 1 });
      await h.store.queue.drop(id, "a");
      expect(await h.store.queue.admitDirectly("one")).toEqual({ outcome: "admitted" });
    });

    it("not where the server is full", async () => {
      const h = await makeHarness(make, { queue: { targetCcuLimit: 1 } });
      expect(await h.store.queue.admitDirectly("one")).toEqual({ outcome: "admitted" });
      expect(await h.store.queue.admitDirectly("two")).toEqual({ outcome: "queueRequired", queueLength: 0 });
      await h.store.queue.releasePass("one");
      expect(await h.liveSlots()).toBe(0);
      expect(await h.store.queue.admitDirectly("two")).toEqual({ outcome: "admitted" });
    });

    it("unused, it is gone with its time and leaves nothing in the line", async () => {
      const h = await makeHarness(make);
      await h.store.queue.admitDirectly("one");
      await h.advance(30 * second);
      expect(await h.standing("one")).toEqual({ status: "gone", reason: "lapsed" });
      expect(await h.store.queue.status()).toMatchObject({ liveSlots: 0, lanes: { default: { waiting: 0 } } });
    });
  });
}
