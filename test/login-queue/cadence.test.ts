// How often a waiting client is told: near places at every tick, far ones by turns, and what cannot wait at once.
import type { Client } from "@colyseus/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ticksBetweenTurns } from "../../src/login-queue/cadence.ts";
import { openEntrance } from "../../src/login-queue/entrance.ts";
import type { QueueField } from "../../src/login-queue/queue-state.ts";
import { Seats } from "../../src/login-queue/seats.ts";
import { QueueHouse, type TestSettings } from "./setup.ts";

const intervals = { updateIntervalSeconds: 1, heartbeatSeconds: 5 };

describe("the turns", () => {
  it("come at every tick near the front, and less often the farther away, up to five seconds", () => {
    const rare = { updateIntervalSeconds: 1, heartbeatSeconds: 60 };
    const at = [0, 1, 100, 101, 400, 700, 999, 1_000, 4_000_000_000];
    expect(at.map((position) => ticksBetweenTurns(position, rare))).toEqual([1, 1, 1, 1, 1, 3, 4, 5, 5]);
  });

  it("leave a tick to spare before the heartbeat", () => {
    expect(ticksBetweenTurns(1_000, intervals)).toBe(4);
    expect(ticksBetweenTurns(1_000, { updateIntervalSeconds: 1, heartbeatSeconds: 2 })).toBe(1);
    expect(ticksBetweenTurns(1_000, { updateIntervalSeconds: 0.5, heartbeatSeconds: 5 })).toBe(9);
  });

  it("are whole, never less than one tick, and never rarer for a nearer place", () => {
    const seconds = fc.double({ min: 0.05, max: 120, noNaN: true });
    fc.assert(
      fc.property(fc.nat(20_000), fc.nat(20_000), seconds, seconds, (a, b, updateIntervalSeconds, heartbeatSeconds) => {
        const settings = { updateIntervalSeconds, heartbeatSeconds };
        const [near, far] = [Math.min(a, b), Math.max(a, b)].map((place) => ticksBetweenTurns(place, settings));
        expect(Number.isInteger(near) && Number.isInteger(far)).toBe(true);
        expect(near).toBeGreaterThanOrEqual(1);
        expect(far).toBeGreaterThanOrEqual(near ?? Number.NaN);
      }),
    );
  });
});

interface Told {
  readonly at: number;
  readonly fields: readonly QueueField[];
}

/** The seats of one room, with clients that take whatever they are sent. */
async function seatsOf(count: number, settings: Partial<TestSettings> = {}) {
  const house = new QueueHouse({ settings });
  const told: Told[][] = Array.from({ length: count }, () => []);
  const numberOf = new Map<Client, number>();
  const seats = new Seats({
    queue: house.queue,
    clock: house.clock,
    settings: house.settings,
    readSession: async () => null,
    host: {
      now: () => house.clock.now(),
      send(seat, fields) {
        if (seat.client === null) return false;
        if (fields.length === 0) return true;
        told[numberOf.get(seat.client) ?? -1]?.push({ at: house.clock.now(), fields });
        seat.sentAt = house.clock.now();
        return true;
      },
      close() {},
      emit() {},
    },
  });
  house.clock.every(house.settings.updateIntervalSeconds * 1000, () => seats.refresh());
  const clients = told.map((_, index) => {
    const client = { sessionId: `client-${index}` } as Client;
    numberOf.set(client, index);
    return client;
  });
  for (const client of clients) {
    await seats.join(client, null, null, "default", openEntrance);
    const seat = seats.get(client);
    // As when its join is confirmed and the whole state was sent.
    if (seat !== undefined) seat.sentAt = house.clock.now();
  }
  const frontLeaves = async (index: number): Promise<void> => {
    const seat = seats.get(clients[index] as Client);
    if (seat !== undefined) await seats.leave(seat);
  };
  return { house, told, seats, clients, frontLeaves };
}

/** The longest and the shortest time between two patches, ms. */
function gaps(told: readonly Told[]): { longest: number; shortest: number } {
  const between = told.slice(1).map(({ at }, index) => at - (told[index]?.at ?? Number.NaN));
  return { longest: Math.max(...between), shortest: Math.min(...between) };
}

describe("a line that moves up every second", () => {
  const count = 1_400;
  const seconds = 20;

  it("is told at every tick near the front, and beyond place 1 000 by turns that leave no heartbeat late", async () => {
    const { house, told, frontLeaves } = await seatsOf(count);
    for (let second = 0; second < seconds; second += 1) {
      await frontLeaves(second);
      await house.clock.advance(1_000);
    }
    for (const near of told.slice(seconds, 100)) {
      expect(near).toHaveLength(seconds);
    }
    for (const far of told.slice(1_000 + seconds)) expect(gaps(far)).toEqual({ longest: 4_000, shortest: 4_000 });
    for (const waiting of told.slice(seconds)) expect(gaps(waiting).longest).toBeLessThanOrEqual(5_000);
  });

  it("serves as many far places at one tick as at any other, even when all were told something at one moment", async () => {
    const { house, told, seats, frontLeaves } = await seatsOf(count);
    await house.clock.advance(3_500);
    seats.announce();
    expect(told.every((each) => each.at(-1)?.at === house.clock.now())).toBe(true);
    await house.clock.advance(1_000);
    for (const each of told) each.length = 0;
    for (let second = 0; second < seconds; second += 1) {
      await frontLeaves(second);
      await house.clock.advance(1_000);
    }
    const perTick = new Map<number, number>();
    for (const far of told.slice(1_000 + seconds)) {
      for (const { at } of far) perTick.set(at, (perTick.get(at) ?? 0) + 1);
    }
    const quarter = (count - 1_000 - seconds) / 4;
    expect(perTick.size).toBe(seconds);
    expect(Math.max(...perTick.values())).toBeLessThanOrEqual(quarter + 1);
    expect(Math.min(...perTick.values())).toBeGreaterThanOrEqual(quarter - 1);
  });

  it("asks the store only for those whose turn it is", async () => {
    const { house, frontLeaves } = await seatsOf(count);
    const asked: number[] = [];
    const standings = house.store.queue.standings.bind(house.store.queue);
    house.store.queue.standings = (ids) => {
      asked.push(ids.length);
      return standings(ids);
    };
    await frontLeaves(0);
    await house.clock.advance(1_000);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toBeLessThan(count - (count - 1_000) / 2);
  });

  it("hands a far place its pass at once, and news of the mode or the notice", async () => {
    const { house, told, seats } = await seatsOf(count, { targetLoginRatePerSecond: 5_000, loginBurst: 5_000 });
    house.settings.notice = "Back soon";
    await house.queue.settings.refresh();
    seats.announce();
    expect(told.at(-1)?.at(-1)?.fields).toContain("notice");
    await house.letIn(count);
    await new Promise(setImmediate);
    await house.queue.deliver([seats.get({ sessionId: `client-${count - 1}` } as Client)?.ticketId ?? ""]);
    expect(told.at(-1)?.at(-1)).toMatchObject({ at: house.clock.now(), fields: expect.arrayContaining(["pass"]) });
  });
});
