// The queue over HTTP: the same places, for those who only ask now and then.
import { describe, expect, it } from "vitest";
import { LoginError, type LoginErrorCode } from "../../src/errors.ts";
import { createKeyRing } from "../../src/tokens/keys.ts";
import type { WirePlace } from "../../src/wire.ts";
import { QueueHouse } from "./setup.ts";

async function codeOf(call: Promise<unknown>): Promise<LoginErrorCode | null> {
  try {
    await call;
    return null;
  } catch (error) {
    if (error instanceof LoginError) return error.code;
    throw error;
  }
}

function join(house: QueueHouse, ticket: string | null = null, userId?: string): Promise<WirePlace> {
  const session = userId === undefined ? null : { userId, sid: `sid-of-${userId}` };
  return house.polling.join({ ticket, session, lane: "default" });
}

describe("a poller", () => {
  it("takes a place, moves up, is admitted and gets the same pass at every poll", async () => {
    const house = new QueueHouse();
    const first = await join(house);
    const second = await join(house);
    expect(second).toEqual({
      status: "waiting",
      position: 2,
      queueLength: 2,
      etaMs: -1,
      mode: "auto",
      notice: "",
      ticket: expect.stringMatching(/^ey/),
      retryAfterSeconds: 1,
      asOf: house.clock.now(),
    });
    await house.letIn(1);
    const admitted = await house.polling.poll(first.ticket);
    expect(admitted).toMatchObject({ status: "admitted", position: 0, etaMs: 0, retryAfterSeconds: 1 });
    expect(admitted.passExpiresAt).toBe(house.clock.now() + 30_000);
    await house.clock.advance(1_000);
    const again = await house.polling.poll(first.ticket);
    expect(again.pass).toBe(admitted.pass);
    const { ticketId } = await house.queue.slots.verifyPass(admitted.pass ?? "");
    expect((await house.polling.poll(second.ticket)).position).toBe(1);
    await house.clock.advance(29_000);
    expect(await codeOf(house.queue.slots.verifyPass(admitted.pass ?? ""))).toBe("PASS_INVALID");
    expect((await house.queue.places([ticketId]))[0]?.finish).toBe("lapsed");
  });

  it("is told when to come back: within a quarter of the wait, and often near the front", async () => {
    const house = new QueueHouse({
      settings: { targetCcuLimit: 100_000, targetLoginRatePerSecond: 1, loginBurst: 1, mode: "always" },
    });
    await house.queue.outlook.look();
    let last: WirePlace | null = null;
    for (let count = 1; count <= 400; count += 1) {
      last = await join(house);
      expect(last.position).toBe(count);
      expect(last.retryAfterSeconds).toBeGreaterThanOrEqual(1);
      expect(last.retryAfterSeconds).toBeLessThanOrEqual(Math.max(1, last.etaMs / 4_000));
      if (count <= 20) expect(last.retryAfterSeconds).toBeLessThanOrEqual(5);
    }
    // One at once, 399 seconds, and ten from admission to login.
    expect(last?.etaMs).toBe(409_000);
    expect(last?.retryAfterSeconds).toBeGreaterThanOrEqual(80);
  });

  it("is never told to stay away longer than maxCheckTicketPollTimeSeconds", async () => {
    const house = new QueueHouse({
      settings: {
        targetCcuLimit: 100_000,
        targetLoginRatePerSecond: 0.1,
        loginBurst: 1,
        mode: "always",
        maxCheckTicketPollTimeSeconds: 20,
      },
    });
    for (let count = 1; count <= 50; count += 1) expect((await join(house)).retryAfterSeconds).toBeLessThanOrEqual(20);
  });

  it("does not outrun its own grace, and its ticket lasts as long", async () => {
    const house = new QueueHouse({
      settings: { targetCcuLimit: 100_000, targetLoginRatePerSecond: 1, loginBurst: 1, mode: "always" },
    });
    for (let count = 0; count < 500; count += 1) await join(house);
    let place = await join(house);
    for (let polls = 0; polls < 20; polls += 1) {
      // As late as it may come, and then almost the whole grace.
      await house.clock.advance((place.retryAfterSeconds + 89) * 1000);
      const next = await house.polling.poll(place.ticket);
      expect(next.status).toBe("waiting");
      expect(next.position).toBeLessThanOrEqual(place.position);
      place = next;
    }
    await house.clock.advance(500_000);
    expect(await codeOf(house.polling.poll(place.ticket))).toBe("TOKEN_EXPIRED");
  });

  it("keeps its ticket for as long as that lasts", async () => {
    const house = new QueueHouse();
    const { ticket } = await join(house);
    await house.clock.advance(10_000);
    expect((await house.polling.poll(ticket)).ticket).toBe(ticket);
    await house.clock.advance(80_000);
    expect((await house.polling.poll(ticket)).ticket).not.toBe(ticket);
  });

  it("gives its place up, once and for all", async () => {
    const house = new QueueHouse();
    const { ticket } = await join(house);
    await house.polling.leave(ticket);
    await house.polling.leave(ticket);
    expect(await house.polling.poll(ticket)).toMatchObject({ status: "removed", position: 0, etaMs: -1, ticket });
    expect(await join(house, ticket)).toMatchObject({ status: "waiting", position: 1, queueLength: 1 });
  });

  it("takes its place back with its ticket, also after the store was lost", async () => {
    const house = new QueueHouse();
    const first = await join(house);
    const second = await join(house);
    expect(await join(house, first.ticket)).toMatchObject({ position: 1, queueLength: 2 });
    house.loseStore();
    expect(await house.polling.poll(second.ticket)).toMatchObject({ status: "waiting", position: 1, queueLength: 1 });
    await house.clock.advance(1_000);
    expect(await house.polling.poll(first.ticket)).toMatchObject({ status: "waiting", position: 1, queueLength: 2 });
  });

  it("S41 cannot bring a finished ticket back, however long its JWT lasts", async () => {
    const house = new QueueHouse({
      settings: { targetCcuLimit: 100_000, targetLoginRatePerSecond: 1, loginBurst: 1, mode: "always" },
    });
    for (let count = 0; count < 2_000; count += 1) await join(house);
    const { ticket, retryAfterSeconds } = await join(house);
    expect(retryAfterSeconds).toBeGreaterThan(240);
    await house.polling.leave(ticket);
    for (let passed = 0; passed < retryAfterSeconds + 149; passed += 10) {
      expect((await house.polling.poll(ticket)).status).toBe("removed");
      await house.clock.advance(10_000);
    }
  });

  it("has one place as a user, however often it asks without its ticket (S42)", async () => {
    const house = new QueueHouse();
    const first = await join(house, null, "ann");
    const second = await join(house, null, "ann");
    expect(second.queueLength).toBe(1);
    expect(await house.polling.poll(first.ticket)).toMatchObject({ status: "waiting", position: 1 });
  });

  it("S41 shows a ticket that is no good: refused by a poll and a leave, as good as none for a join", async () => {
    const house = new QueueHouse();
    const other = new QueueHouse({ keys: createKeyRing({ algorithm: "EdDSA" }) });
    const { ticket } = await join(house);
    for (const bad of ["garbage", `${ticket.slice(0, -3)}AAA`, (await join(other)).ticket]) {
      expect(await codeOf(house.polling.poll(bad))).toBe("TOKEN_INVALID");
      expect(await codeOf(house.polling.leave(bad))).toBe("TOKEN_INVALID");
      expect((await join(house, bad)).position).toBeGreaterThan(1);
    }
    await house.clock.advance(600_000);
    expect(await codeOf(house.polling.poll(ticket))).toBe("TOKEN_EXPIRED");
    expect(await join(house, ticket)).toMatchObject({ status: "waiting", position: 1 });
  });

  it("is refused with the store's words where the queue is full, closed, banned or away", async () => {
    const house = new QueueHouse({ settings: { maxQueueLength: 1 } });
    await join(house);
    expect(await codeOf(join(house))).toBe("QUEUE_FULL");
    await house.store.access.ban("ann", { reason: "cheating", until: null });
    expect(await codeOf(join(house, null, "ann"))).toBe("BANNED");
    house.storeFailure = new LoginError("STORE_UNAVAILABLE", "away");
    expect(await codeOf(join(house))).toBe("STORE_UNAVAILABLE");
  });
});
