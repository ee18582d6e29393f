// What an operator reads off the queue: rates out of counters, and how it stands.
import { describe, expect, it } from "vitest";
import { CounterHistory } from "../../src/login-queue/queue-overview.ts";
import type { QueueStatus } from "../../src/login-queue/queue-store.ts";
import { QueueHouse } from "./setup.ts";

const { store } = new QueueHouse();
const empty = await store.queue.status();

/** As the store would answer after so many seconds, with so many slots taken and given up since its start. */
function at(seconds: number, taken: number, departed: number): QueueStatus {
  return { ...empty, asOf: seconds * 1000, liveSlots: taken - departed, departedSlots: departed };
}

describe("rates", () => {
  it("are what a counter grew by over 1, 10 and 60 seconds", () => {
    const history = new CounterHistory();
    for (let second = 0; second <= 120; second++) {
      history.add(at(second, second < 110 ? 2 * second : 220 + 10 * (second - 110), Math.min(second, 119)));
    }
    expect(history.perSecond("taken")).toEqual({ 1: 10, 10: 10, 60: (10 * 10 + 50 * 2) / 60 });
    expect(history.perSecond("departed")).toEqual({ 1: 0, 10: 0.9, 60: 59 / 60 });
  });

  it("are over less where less is known, and nothing where nothing is", () => {
    const history = new CounterHistory();
    expect(history.perSecond("taken")).toEqual({ 1: 0, 10: 0, 60: 0 });
    history.add(at(5, 7, 0));
    expect(history.perSecond("taken")).toEqual({ 1: 0, 10: 0, 60: 0 });
    history.add(at(5, 9, 0));
    history.add(at(9, 15, 0));
    expect(history.perSecond("taken")).toEqual({ 1: 1.5, 10: 1.5, 60: 1.5 });
  });

  it("begin anew with a store that was lost", () => {
    const history = new CounterHistory();
    history.add(at(0, 100, 50));
    history.add(at(1, 3, 0));
    history.add(at(2, 4, 0));
    expect(history.perSecond("taken")).toEqual({ 1: 1, 10: 1, 60: 1 });
  });
});

describe("status", () => {
  it("shows lanes, slots, rates, no-shows and how long the first has waited", async () => {
    const house = new QueueHouse({
      settings: { lanes: { default: 1, vip: 3 }, targetCcuLimit: 4, safetyMarginPercent: 25, passSeconds: 20 },
    });
    house.queue.start();
    expect(await house.queue.outlook.status()).toMatchObject({
      waiting: 0,
      oldestWaitSeconds: null,
      secondsSinceAdmissionStep: null,
    });
    const join = (lane: string) =>
      house.queue.join({ claim: null, session: null, lane, holder: house.queue.newSocketHolder() });
    for (let count = 0; count < 5; count++) await join("default");
    const { place } = await join("vip");
    await house.queue.drop(place.ticketId, `${house.queue.hostId}-6`);
    await house.clock.advance(10_000);
    expect(await house.queue.outlook.status()).toEqual({
      asOf: house.clock.now(),
      mode: "auto",
      notice: "",
      waiting: 3,
      away: 1,
      lanes: { default: { weight: 1, waiting: 2, away: 0 }, vip: { weight: 3, waiting: 1, away: 1 } },
      etaMs: -1,
      oldestWaitSeconds: 10,
      liveSlots: 3,
      targetCcuLimit: 4,
      limit: 3,
      targetLoginRatePerSecond: 50,
      loginBurst: 50,
      admittedPerSecond: { 1: 0, 10: 0.3, 60: 0.3 },
      leftPerSecond: { 1: 0, 10: 0, 60: 0 },
      noShows: 0,
      secondsToLogin: null,
      secondsSinceAdmissionStep: 0,
      holdUntil: expect.any(Number),
    });
    // Nobody took the passes along: they come back, and others get them.
    await house.clock.advance(11_000);
    expect(await house.queue.outlook.status()).toMatchObject({ noShows: 3, leftPerSecond: { 10: 0.3 } });
    house.queue.stop();
    await house.clock.advance(3_000);
    expect(await house.queue.outlook.status()).toMatchObject({ secondsSinceAdmissionStep: 3 });
  });

  it("tells what a newcomer is told, behind those of the default lane alone", async () => {
    const house = new QueueHouse({
      settings: { lanes: { default: 1, vip: 3 }, mode: "paused", targetLoginRatePerSecond: 0.1, targetCcuLimit: 100 },
    });
    const join = (lane: string) =>
      house.queue.join({ claim: null, session: null, lane, holder: house.queue.newSocketHolder() });
    for (const lane of ["default", "default", "vip"]) await join(lane);
    await house.queue.outlook.look();
    expect(await house.queue.outlook.status()).toMatchObject({ etaMs: -1 });
    await house.store.queue.configure({ mode: "auto" });
    await house.queue.outlook.look();
    const { etaMs } = await house.queue.outlook.status();
    expect(etaMs).toBeGreaterThan(0);
    expect(etaMs).toBe(house.queue.outlook.etaMs(3, "default"));
  });
});
