// What the store contract says of tickets as an operator sees them: page by page, and found by id or user.
import { describe, expect, it } from "vitest";
import type { ListedTicket, TicketStatus } from "../../src/login-queue/queue-store.ts";
import { claimOf, type Harness, type MakeStore, makeHarness, poller, second, socket } from "./harness.ts";

/** Nobody is admitted but by hand. */
const paused = { mode: "paused", lanes: { default: 1, vip: 2 } } as const;

interface Page {
  readonly lane?: string;
  readonly after?: number | null;
  readonly limit?: number;
}

const idsOf = (listed: readonly ListedTicket[]): string[] => listed.map(({ ticket }) => ticket.id);

function pageOf(h: Harness, status: TicketStatus, { lane = "default", after = null, limit = 100 }: Page = {}) {
  return h.store.queue.listTickets({ status, lane, after, limit });
}

/** All of them, by pages of so many. */
async function allOf(h: Harness, status: TicketStatus, lane: string, limit: number): Promise<ListedTicket[]> {
  const all: ListedTicket[] = [];
  for (;;) {
    const page = await pageOf(h, status, { lane, after: all.at(-1)?.ticket.order ?? null, limit });
    all.push(...page);
    if (page.length < limit) return all;
  }
}

export function ticketListContract(make: MakeStore): void {
  describe("a page of those that wait", () => {
    it("has the tickets of its lane in their order, as their holders are shown them", async () => {
      const h = await makeHarness(make, { queue: paused });
      const first = await h.join({ userId: "ann", sid: "sid" });
      await h.join({ lane: "vip" });
      const others = [await h.join({ as: poller() }), ...(await h.joinMany(5))];
      await h.advance(second);
      await h.store.queue.move(others[4]!.id, 1);
      const order = [others[4]!, first, others[0]!, others[1]!, others[2]!, others[3]!, others[5]!].map(({ id }) => id);
      const listed = await pageOf(h, "waiting");
      expect(idsOf(listed)).toEqual(order);
      // Nobody's position rose when one was put before them.
      expect(listed.map(({ position }) => position)).toEqual([1, 1, 2, 3, 4, 5, 7]);
      expect(listed.map(({ position }) => position)).toEqual(await Promise.all(order.map((id) => h.position(id))));
      expect(listed.map(({ ticket }) => ticket)).toEqual(await Promise.all(order.map((id) => h.ticket(id))));
      expect(listed[1]?.ticket).toMatchObject({ userId: "ann", sid: "sid", status: "waiting", admittedAt: null });
      expect(idsOf(await pageOf(h, "waiting", { lane: "vip" }))).toHaveLength(1);
    });

    it("begins behind the one before, whatever came between and whoever is gone", async () => {
      const h = await makeHarness(make, { queue: paused });
      const tickets = await h.joinMany(7);
      const ids = tickets.map(({ id }) => id);
      expect(idsOf(await allOf(h, "waiting", "default", 3))).toEqual(ids);
      expect(idsOf(await allOf(h, "waiting", "default", 7))).toEqual(ids);
      const [front] = await pageOf(h, "waiting", { limit: 1 });
      const second_ = await pageOf(h, "waiting", { after: front!.ticket.order, limit: 2 });
      expect(second_.map(({ position }) => position)).toEqual([2, 3]);
      await h.store.queue.leave(ids[2]!);
      expect(idsOf(await pageOf(h, "waiting", { after: second_[1]!.ticket.order, limit: 2 }))).toEqual([
        ids[3],
        ids[4],
      ]);
      expect(await pageOf(h, "waiting", { after: tickets[6]!.order })).toEqual([]);
      expect(await pageOf(h, "waiting", { limit: 0 })).toEqual([]);
    });

    it("is empty for a lane without tickets, and for one that nobody knows, which is not made by it", async () => {
      const h = await makeHarness(make, { queue: paused });
      await h.join();
      for (const lane of ["vip", "nowhere", "", "__proto__", "host:default"]) {
        expect(await pageOf(h, "waiting", { lane })).toEqual([]);
        expect(await pageOf(h, "admitted", { lane })).toEqual([]);
      }
      expect(Object.keys((await h.store.queue.status()).lanes)).toEqual(["default", "vip"]);
    });

    it("has no position above one that was shown, and none in it counts as shown", async () => {
      const h = await makeHarness(make, { ticketsMayReturn: true, queue: paused });
      const [early, ...others] = await h.joinMany(3);
      const last = others[1]!;
      await h.store.queue.leave(others[0]!.id);
      // Its holder has not been told of the place that is free.
      expect((await pageOf(h, "waiting")).map(({ position }) => position)).toEqual([1, 2]);
      await h.join({ claim: { id: "old", lane: "default", order: early!.order - 1_000, position: 1 } });
      expect((await pageOf(h, "waiting")).map(({ position }) => position)).toEqual([1, 1, 3]);
      expect(await h.position(last.id)).toBe(3);
      // Now it was told of the second place, and keeps it whoever comes back.
      await h.store.queue.leave("old");
      expect(await h.position(last.id)).toBe(2);
      await h.join({ claim: { id: "older", lane: "default", order: early!.order - 2_000, position: 1 } });
      expect((await pageOf(h, "waiting")).map(({ position }) => position)).toEqual([1, 1, 2]);
    });

    it("says who is present as admission judges it", async () => {
      const h = await makeHarness(make, { queue: { ...paused, queueGraceSeconds: 90, pollPresentSeconds: 15 } });
      const here = await h.join({ as: socket("a") });
      const dropped = await h.join({ as: socket("b") });
      const died = await h.join({ as: socket("c", "dying") });
      const polls = await h.join({ as: poller(300) });
      await h.store.queue.drop(dropped.id, "b");
      const present = async () =>
        new Map((await pageOf(h, "waiting")).map(({ ticket, isPresent }) => [ticket.id, isPresent]));
      const expectPresent = async (...ids: string[]) => {
        const listed = await present();
        expect([...listed].filter(([, isPresent]) => isPresent).map(([id]) => id)).toEqual(ids);
        const { waiting = 0, away } = (await h.store.queue.status()).lanes["default"] ?? {};
        expect(waiting - (away ?? 0)).toBe(ids.length);
      };
      await expectPresent(here.id, died.id, polls.id);
      await h.advanceAlive(15 * second);
      await expectPresent(here.id);
      await h.store.queue.poll(polls.id, 300);
      await h.store.queue.renewHost("dying", []);
      await h.join({ claim: claimOf(dropped) });
      await expectPresent(here.id, dropped.id, died.id, polls.id);
    });

    it("has nobody whose grace ran out by now", async () => {
      const h = await makeHarness(make, { queue: paused });
      const away = await h.join({ as: socket("a") });
      await h.store.queue.drop(away.id, "a");
      await h.advance(90 * second);
      expect(await pageOf(h, "waiting")).toEqual([]);
      expect(await h.store.queue.findTickets(away.id)).toEqual([]);
    });

    it("is as long as was asked, however long that is", async () => {
      const h = await makeHarness(make, { queue: paused });
      const ids = (await h.joinMany(620)).map(({ id }) => id);
      const listed = await pageOf(h, "waiting", { limit: 610 });
      expect(idsOf(listed)).toEqual(ids.slice(0, 610));
      expect(listed.map(({ position }) => position)).toEqual(Array.from({ length: 610 }, (_none, index) => index + 1));
    });
  });

  describe("a page of those with an unspent pass", () => {
    it("has those of its lane in the order of arrival, whoever let them in, until the pass is spent or gone", async () => {
      const h = await makeHarness(make, { queue: paused });
      const [a, b, c, d] = await h.joinMany(4);
      const vip = await h.join({ lane: "vip" });
      for (const ticket of [c, vip, a, d]) expect(await h.store.queue.admitTicket(ticket!.id)).toBe("admitted");
      await h.store.queue.markDelivered([a!.id, c!.id, vip.id]);
      const listed = await pageOf(h, "admitted");
      expect(idsOf(listed)).toEqual([a!.id, c!.id, d!.id]);
      expect(listed[0]).toMatchObject({
        position: 0,
        ticket: { status: "admitted", admittedAt: h.now(), passExpiresAt: h.now() + 30 * second },
      });
      expect(listed.map(({ ticket }) => ticket)).toEqual(await Promise.all(idsOf(listed).map((id) => h.ticket(id))));
      expect(idsOf(await pageOf(h, "admitted", { lane: "vip" }))).toEqual([vip.id]);
      expect(idsOf(await pageOf(h, "waiting"))).toEqual([b!.id]);
      expect(idsOf(await allOf(h, "admitted", "default", 2))).toEqual([a!.id, c!.id, d!.id]);

      await h.open({ ticketId: a!.id });
      expect(idsOf(await pageOf(h, "admitted"))).toEqual([c!.id, d!.id]);
      // One was told of its pass, the other was not, and has its place again.
      await h.advanceAlive(30 * second);
      expect(await pageOf(h, "admitted")).toEqual([]);
      expect(idsOf(await pageOf(h, "waiting"))).toEqual([b!.id, d!.id]);
    });

    it("finds the few of one lane among the many of another", async () => {
      const queue = { ...paused, mode: "open", targetCcuLimit: 2_000 } as const;
      const h = await makeHarness(make, { queue });
      const rare = [await h.join({ lane: "vip" })];
      await h.joinMany(1_100);
      rare.push(await h.join({ lane: "vip" }), await h.join({ lane: "vip" }));
      expect(await h.admit()).toHaveLength(1_103);
      expect(idsOf(await pageOf(h, "admitted", { lane: "vip", limit: 2 }))).toEqual([rare[0]!.id, rare[1]!.id]);
      const after = rare[1]!.order;
      expect(idsOf(await pageOf(h, "admitted", { lane: "vip", limit: 2, after }))).toEqual([rare[2]!.id]);
    });

    it("says whether a socket holds the pass", async () => {
      const h = await makeHarness(make, { queue: paused });
      const tickets = [
        await h.join({ as: socket("a") }),
        await h.join({ as: socket("b") }),
        await h.join({ as: poller() }),
      ];
      for (const { id } of tickets) await h.store.queue.admitTicket(id);
      await h.store.queue.drop(tickets[1]!.id, "b");
      expect((await pageOf(h, "admitted")).map(({ isPresent }) => isPresent)).toEqual([true, false, false]);
      // The process is taken for dead.
      await h.advance(15 * second);
      expect((await pageOf(h, "admitted")).map(({ isPresent }) => isPresent)).toEqual([false, false, false]);
    });
  });

  describe("a search", () => {
    it("finds a ticket by its id and by its user, waiting or admitted", async () => {
      const h = await makeHarness(make, { queue: paused });
      await h.join();
      const { id } = await h.join({ userId: "ann", as: socket("a") });
      const waiting = { ticket: await h.ticket(id), position: 2, isPresent: true };
      expect(await h.store.queue.findTickets(id)).toEqual([waiting]);
      expect(await h.store.queue.findTickets("ann")).toEqual([waiting]);
      await h.store.queue.admitTicket(id);
      const admitted = { ticket: await h.ticket(id), position: 0, isPresent: true };
      expect(await h.store.queue.findTickets(id)).toEqual([admitted]);
      expect(await h.store.queue.findTickets("ann")).toEqual([admitted]);
    });

    it("finds nobody who is gone, nor whom it does not know", async () => {
      const h = await makeHarness(make, { queue: paused });
      const { id } = await h.join({ userId: "ann" });
      await h.store.queue.leave(id);
      for (const text of [id, "ann", "nobody", "", "__proto__", "\ud800"]) {
        expect(await h.store.queue.findTickets(text), text).toEqual([]);
      }
    });

    it("tells both where the id of one is the user of another, and one once", async () => {
      const h = await makeHarness(make, { queue: paused });
      const one = await h.join({ newTicketId: "same" });
      const other = await h.join({ userId: "same" });
      expect(idsOf(await h.store.queue.findTickets("same"))).toEqual([one.id, other.id]);
      const own = await h.join({ newTicketId: "own", userId: "own" });
      expect(idsOf(await h.store.queue.findTickets("own"))).toEqual([own.id]);
    });
  });
}
