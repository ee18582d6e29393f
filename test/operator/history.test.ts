// The last hour of the queue in columns: what a chart draws.
import { describe, expect, it } from "vitest";
import type { QueueStatus } from "../../src/login-queue/queue-store.ts";
import { QueueHistory } from "../../src/operator/history.ts";
import { laneStatus, queueStatus } from "../login-queue/eta/facts.ts";
import { QueueHouse } from "../login-queue/setup.ts";

/** A whole ten seconds since the epoch. */
const start = 1_900_000_000_000;

/** A history of a queue that stands as a test says. */
class Told {
  readonly history: QueueHistory;
  etaMs = 5_000;
  #tell: (status: QueueStatus) => void = () => {};

  constructor() {
    this.history = new QueueHistory({
      onLook: (listener) => {
        this.#tell = listener;
        return () => {};
      },
      newcomerEtaMs: () => this.etaMs,
    });
  }

  /** The process looks so many seconds after the start. */
  look(second: number, given: Partial<QueueStatus> = {}): void {
    this.#tell(queueStatus({ asOf: start + second * 1000, ...given }));
  }

  get samples() {
    return this.history.read().samples;
  }
}

describe("the history", () => {
  it("is empty before anything was seen", () => {
    const { history } = new Told();
    expect(history.read()).toEqual({
      everySeconds: 10,
      samples: { at: [], waiting: [], away: [], admittedPerSecond: [], liveSlots: [], limit: [], etaMs: [] },
    });
  });

  it("has one sample every ten seconds, of the first look in them, at moments that are the same in every process", () => {
    const [told, other] = [new Told(), new Told()];
    for (let second = 0; second <= 35; second++) {
      told.look(second + 0.2, { liveSlots: second });
      other.look(second + 0.7, { liveSlots: second });
    }
    const moments = [0, 10_000, 20_000, 30_000].map((ms) => start + ms);
    expect(told.samples).toMatchObject({ at: moments, liveSlots: [0, 10, 20, 30] });
    expect(other.samples).toMatchObject({ at: moments, liveSlots: [0, 10, 20, 30] });
  });

  it("adds lanes up, counts slots taken per second, and shows the limit after its margin", () => {
    const told = new Told();
    const lanes = { default: laneStatus({ waiting: 40, away: 3 }), friends: laneStatus({ waiting: 2, away: 1 }) };
    told.look(0, { lanes, liveSlots: 100, departedSlots: 50, targetCcuLimit: 1_000, safetyMarginPercent: 10 });
    told.etaMs = -1;
    told.look(10.5, { lanes, liveSlots: 107, departedSlots: 60, targetCcuLimit: 500 });
    expect(told.samples).toEqual({
      at: [start, start + 10_000],
      waiting: [42, 42],
      away: [4, 4],
      admittedPerSecond: [null, 1.62],
      liveSlots: [100, 107],
      limit: [900, 500],
      etaMs: [5_000, -1],
    });
  });

  it("has a gap of nulls where nothing was read, and no rate across it", () => {
    const told = new Told();
    told.look(0, { liveSlots: 1 });
    told.look(10, { liveSlots: 11 });
    told.look(43, { liveSlots: 99 });
    told.look(50, { liveSlots: 106 });
    expect(told.samples).toMatchObject({
      at: [0, 10, 20, 30, 40, 50].map((second) => start + second * 1000),
      waiting: [0, 0, null, null, 0, 0],
      admittedPerSecond: [null, 1, null, null, null, 1],
      liveSlots: [1, 11, null, null, 99, 106],
      limit: [1_000, 1_000, null, null, 1_000, 1_000],
      etaMs: [5_000, 5_000, null, null, 5_000, 5_000],
    });
  });

  it("goes on with a store that was lost: no rate from before, and nothing that lies in its future", () => {
    const told = new Told();
    told.look(0, { liveSlots: 10, departedSlots: 500 });
    told.look(10, { liveSlots: 3, departedSlots: 0 });
    told.look(20, { liveSlots: 8, departedSlots: 0 });
    expect(told.samples.admittedPerSecond).toEqual([null, null, 0.5]);
    told.look(11, { liveSlots: 9 });
    expect(told.samples.at).toEqual([start, start + 10_000]);
    told.look(-5, { liveSlots: 9 });
    expect(told.samples.at).toEqual([start - 10_000]);
  });

  it("keeps an hour, however long it runs and however long nothing was read", () => {
    const told = new Told();
    for (let second = 0; second < 7_200; second++) told.look(second);
    expect(told.samples.at).toHaveLength(360);
    expect(told.samples.at[0]).toBe(start + 3_600_000);
    told.look(7_200 + 3_000);
    expect(told.samples.at).toHaveLength(360);
    told.look(7_200 + 86_400);
    expect(told.samples.at).toHaveLength(1);
  });

  it("is below 60 KiB with the largest numbers there are", () => {
    const told = new Told();
    const most = Number.MAX_SAFE_INTEGER;
    told.etaMs = 2 ** 31 - 1;
    for (let sample = 0; sample < 400; sample++) {
      const departedSlots = Math.floor((most * sample) / 500) - sample * sample * 7_919;
      const lanes = { default: laneStatus({ waiting: most, away: most }) };
      told.look(sample * 9.9999, { lanes, departedSlots, liveSlots: most - departedSlots * 0.9, targetCcuLimit: most });
    }
    expect(told.samples.at).toHaveLength(360);
    expect(Buffer.byteLength(JSON.stringify(told.history.read()))).toBeLessThan(60 * 1_024);
  });
});

describe("of a real queue", () => {
  it("is what it looks at anyway: no call to the store more, and a gap while the store is away", async () => {
    const house = new QueueHouse({ settings: { targetCcuLimit: 2 } });
    house.queue.start();
    await house.clock.advance(20_000 - (house.clock.now() % 10_000));
    const callsOf = async () => {
      house.storeCalls.length = 0;
      await house.clock.advance(10_000);
      return house.storeCalls.filter((verb) => verb === "status").length;
    };
    const before = await callsOf();
    const history = new QueueHistory(house.queue.outlook);
    expect(await callsOf()).toBe(before);
    for (let count = 0; count < 5; count++) {
      await house.queue.join({ claim: null, session: null, lane: "default", holder: house.queue.newSocketHolder() });
    }
    await house.clock.advance(10_000);
    const { samples } = history.read();
    expect(samples.waiting.at(-1)).toBe(3);
    expect(samples.liveSlots.at(-1)).toBe(2);
    expect(samples.admittedPerSecond.at(-1)).toBe(0.2);
    // Two of the limit's two are taken and nobody was seen to leave.
    expect(samples.etaMs.at(-1)).toBe(-1);

    house.storeFailure = new Error("the store is away");
    await house.clock.advance(30_000);
    house.storeFailure = null;
    await house.clock.advance(10_000);
    const isGap = history.read().samples.waiting.map((waiting) => waiting === null);
    expect(isGap.slice(-5)).toEqual([false, true, true, false, false]);
    house.queue.stop();
  });
});
