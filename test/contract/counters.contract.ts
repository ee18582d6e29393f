// The contract of the counters in the queue's status, which every process differences to estimate waits.
import { describe, expect, it } from "vitest";
import { type LaneStatus, passTries, type QueueStatus } from "../../src/login-queue/queue-store.ts";
import { claimOf, type Harness, type MakeStore, makeHarness, poller, second, socket } from "./harness.ts";

const statusOf = (h: Harness): Promise<QueueStatus> => h.store.queue.status();

async function lane(h: Harness, name = "default"): Promise<LaneStatus> {
  const found = (await statusOf(h)).lanes[name];
  if (found === undefined) throw new Error(`expected a lane ${name}`);
  return found;
}

/** A ticket of a socket that is named, so that it can be dropped. */
async function seated(h: Harness, id: string): Promise<string> {
  return (await h.join({ as: socket(id) })).id;
}

export function countersContract(make: MakeStore): void {
  it("tell what is in force and when it was so", async () => {
    const h = await makeHarness(make, {
      queue: { targetLoginRatePerSecond: 4, loginBurst: 6, safetyMarginPercent: 25, lanes: { default: 1, friends: 3 } },
    });
    const asOf = h.now();
    expect(await statusOf(h)).toMatchObject({
      asOf,
      targetLoginRatePerSecond: 4,
      loginBurst: 6,
      safetyMarginPercent: 25,
      tokens: 6,
    });
    expect((await lane(h, "friends")).weight).toBe(3);
    await h.joinMany(8);
    await h.admit();
    expect((await statusOf(h)).tokens).toBeCloseTo(0, 6);
    await h.advance(second);
    expect(await statusOf(h)).toMatchObject({ asOf: asOf + second, tokens: 4 });
  });

  it("tell until when nobody is let in after a start", async () => {
    const h = await makeHarness(make, { ticketsMayReturn: true });
    expect((await statusOf(h)).holdUntil).toBe(h.now() + 10 * second);
  });

  it("count who enters, lane by lane, and who gives up while waiting", async () => {
    const h = await makeHarness(make, { queue: { targetLoginRatePerSecond: 1, loginBurst: 1 } });
    const [first, other] = await h.joinMany(3);
    await h.join({ lane: "friends" });
    await h.admit();
    await h.store.queue.markDelivered([first?.id ?? ""]);
    // A pass that is given up is a departure, not an abandoned wait.
    await h.store.queue.leave(first?.id ?? "");
    await h.store.queue.leave(other?.id ?? "");
    expect(await lane(h)).toMatchObject({ entered: 3, abandoned: 1, abandonedAway: 0, waiting: 1 });
    expect(await lane(h, "friends")).toMatchObject({ entered: 1, abandoned: 0 });
  });

  it("count who is let in, once, whoever does it, and not those who come past the line", async () => {
    const h = await makeHarness(make, { queue: { mode: "paused", lanes: { default: 1, friends: 1 } } });
    const other = await h.connect();
    const [byHand, byStep] = [await h.join(), await h.join({ lane: "friends" })];
    expect(await lane(h)).toMatchObject({ entered: 1, admitted: 0 });
    expect(await other.queue.admitTicket(byHand.id)).toBe("admitted");
    expect(await h.store.queue.admitTicket(byHand.id)).toBe("already");
    expect(await lane(h)).toMatchObject({ entered: 1, admitted: 1, waiting: 0 });
    await h.store.queue.configure({ mode: "auto" });
    expect([...(await h.admit()), ...(await other.queue.admit())]).toHaveLength(1);
    expect(await lane(h, "friends")).toMatchObject({ entered: 1, admitted: 1 });
    // A session that has its slot is let in at once, with a ticket that it took.
    const { sid } = await h.open();
    await h.store.queue.takeSlot(sid);
    await h.join({ userId: "user", sid });
    expect(await lane(h)).toMatchObject({ entered: 2, admitted: 2 });
    await h.store.queue.admitDirectly("direct");
    // Passes that are used, given up or forgotten are no less given.
    await h.store.queue.markDelivered([byHand.id, byStep.id]);
    await h.open({ ticketId: byStep.id, userId: "friend" });
    await h.store.queue.releasePass(byHand.id);
    await h.advanceAlive(40 * second);
    expect(await lane(h)).toMatchObject({ admitted: 2, abandoned: 0, lapsed: 0, waiting: 0 });
    expect(await lane(h, "friends")).toMatchObject({ admitted: 1 });
  });

  it("count a ticket whose pass reached nobody as entered and admitted anew", async () => {
    const h = await makeHarness(make);
    const { id } = await h.join();
    await h.admit();
    expect(await lane(h)).toMatchObject({ entered: 1, admitted: 1, waiting: 0 });
    await h.store.queue.configure({ mode: "paused" });
    await h.advanceAlive(30 * second);
    expect(await lane(h)).toMatchObject({ entered: 2, admitted: 1, waiting: 1 });
    await h.store.queue.configure({ mode: "auto" });
    expect(await h.admit()).toEqual([id]);
    expect(await lane(h)).toMatchObject({ entered: 2, admitted: 2, abandoned: 0, waiting: 0 });
  });

  it("tell who lapsed from who left, was taken away, or lost a pass", async () => {
    const h = await makeHarness(make, { queue: { targetLoginRatePerSecond: 1, loginBurst: 1 } });
    const noShow = await h.join();
    await h.admit();
    await h.store.queue.markDelivered([noShow.id]);
    const failed = await h.join();
    await h.advance(second);
    await h.admit();
    for (let tries = 0; tries < passTries; tries++) await h.store.queue.failPass(failed.id);
    await h.store.queue.configure({ mode: "paused" });
    const [, left, removed] = [await seated(h, "a"), await seated(h, "b"), await seated(h, "c")];
    await h.join({ as: poller(5) });
    await h.join({ as: socket("d", "dying") });
    await h.store.queue.drop(left ?? "", "b");
    await h.store.queue.leave(left ?? "");
    await h.store.queue.remove(removed ?? "", "");
    expect(await lane(h)).toMatchObject({ abandoned: 2, lapsed: 0, abandonedAway: 1 });
    await h.advanceAlive(200 * second);
    expect(await lane(h)).toMatchObject({ abandoned: 4, lapsed: 2, abandonedAway: 3, waiting: 1 });
  });

  it("count who drops out, comes back, and lapses", async () => {
    const h = await makeHarness(make);
    const ids = [await seated(h, "a"), await seated(h, "b"), await seated(h, "c")];
    await h.store.queue.drop(ids[0] ?? "", "a");
    await h.store.queue.drop(ids[1] ?? "", "b");
    expect(await lane(h)).toMatchObject({ waiting: 3, away: 2, passedOver: 2, returned: 0 });
    await h.join({ claim: claimOf(await h.ticket(ids[0] ?? "")), as: socket("a2") });
    expect(await lane(h)).toMatchObject({ waiting: 3, away: 1, passedOver: 0, returned: 1 });
    await h.advanceAlive(100 * second);
    expect(await lane(h)).toMatchObject({ entered: 3, waiting: 2, abandoned: 1, abandonedAway: 1, returned: 1 });
  });

  it("add up the time that tickets wait, present and away", async () => {
    const h = await makeHarness(make);
    const ids = [await seated(h, "a"), await seated(h, "b"), await seated(h, "c")];
    await h.advance(10 * second);
    expect(await lane(h)).toMatchObject({ presentMs: 30 * second, awayMs: 0 });
    await h.store.queue.drop(ids[0] ?? "", "a");
    await h.store.queue.leave(ids[1] ?? "");
    await h.advance(4 * second);
    expect(await lane(h)).toMatchObject({ presentMs: 34 * second, awayMs: 4 * second });
  });

  it("count every slot that is given up, and none that changes hands", async () => {
    const h = await makeHarness(make);
    const departed = async () => (await statusOf(h)).departedSlots;
    const [one, two, three] = [await h.admitted(), await h.admitted(), await h.admitted()];
    const record = await h.open({ ticketId: one.id });
    expect(await departed()).toBe(0);
    await h.store.queue.releasePass(two.id);
    expect(await departed()).toBe(1);
    await h.store.sessions.end(record.sid, { reason: "logout", closeSockets: false });
    expect(await departed()).toBe(2);
    await h.advanceAlive(31 * second);
    expect((await h.standing(three.id)).status).toBe("gone");
    expect(await departed()).toBe(3);
    expect(await h.liveSlots()).toBe(0);
  });

  it("count a slot whose lease ran out", async () => {
    const h = await makeHarness(make, { queue: { playerGraceSeconds: 60 } });
    await h.open({ ticketId: (await h.admitted()).id });
    await h.advanceAlive(59 * second);
    expect((await statusOf(h)).departedSlots).toBe(0);
    await h.advanceAlive(2 * second);
    expect((await statusOf(h)).departedSlots).toBe(1);
  });

  describe("the time from admission to login", () => {
    async function logIn(h: Harness, afterSeconds: number): Promise<void> {
      const ticket = await h.join();
      await h.advance(second);
      await h.admit();
      await h.advance(afterSeconds * second);
      await h.open({ ticketId: ticket.id });
    }

    it("is the median of the last hundred, once there are eight", async () => {
      const h = await makeHarness(make, { queue: { targetCcuLimit: 1_000 } });
      for (const seconds of [9, 1, 2, 2, 3, 3, 3]) await logIn(h, seconds);
      expect((await statusOf(h)).secondsToLogin).toBeNull();
      await logIn(h, 20);
      expect((await statusOf(h)).secondsToLogin).toBe(3);
      for (let count = 0; count < 100; count++) await logIn(h, 5);
      expect((await statusOf(h)).secondsToLogin).toBe(5);
    });

    it("leaves out those who did not have to wait", async () => {
      const h = await makeHarness(make, { queue: { targetCcuLimit: 1_000 } });
      for (let count = 0; count < 10; count++) {
        await h.store.queue.admitDirectly(`direct-${count}`);
        await h.open({ ticketId: `direct-${count}` });
      }
      expect((await statusOf(h)).secondsToLogin).toBeNull();
    });
  });
}
