// What the queue tells of: its steps, how its estimates were met, the sockets it closed, and whom it refused.
import { describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { startHostTasks } from "../../src/login-queue/host-tasks.ts";
import type { QueueSignals } from "../../src/login-queue/queue-signals.ts";
import { StoreOutage } from "../../src/outage.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { left, refusal } from "../support/room-clients.ts";
import { enter, queueServer } from "./room-setup.ts";
import { QueueHouse, recordingLogger, stateOf } from "./setup.ts";

const server = queueServer();

function toldOf<Name extends keyof QueueSignals>(house: QueueHouse, name: Name): QueueSignals[Name][] {
  return house.told.filter(([told]) => told === name).map(([, event]) => event as QueueSignals[Name]);
}

/** One login a second, with room for all. */
const slow = { mode: "always", targetCcuLimit: 1_000, targetLoginRatePerSecond: 1, loginBurst: 1 } as const;

async function advance(house: QueueHouse, seconds: number): Promise<void> {
  for (let step = 0; step < seconds * 5; step += 1) {
    await house.clock.advance(200);
    await new Promise(setImmediate);
  }
}

describe("the admission step", () => {
  it("is told with what it took by a clock that nobody sets, unless it failed", async () => {
    const clock = new ManualClock();
    const outage = new StoreOutage({ clock, logger: recordingLogger(), emit: () => {} });
    let [steadyMs, fails] = [7_000, false];
    const { settings } = new QueueHouse().queue;
    const told: unknown[][] = [];
    const stop = startHostTasks({
      settings,
      store: {
        admit: async () => {
          steadyMs += 25;
          if (fails) throw new LoginError("STORE_UNAVAILABLE", "away");
          return [];
        },
        renewHost: async () => {},
        sweep: async () => {},
      },
      clock,
      steady: { now: () => steadyMs },
      outage,
      hostId: "host",
      connectedSids: () => [],
      look: async () => {},
      emit: (...signal) => void told.push(signal),
    });
    await clock.advance(400);
    expect(told).toEqual([
      ["admissionStep", { seconds: 0.025 }],
      ["admissionStep", { seconds: 0.025 }],
    ]);
    fails = true;
    await clock.advance(400);
    expect(told).toHaveLength(2);
    stop();
  });

  it("is told with the tickets it let in, each once", async () => {
    const house = new QueueHouse({ settings: slow });
    const join = () => house.polling.join({ ticket: null, session: null, lane: "default" });
    await join();
    await join();
    house.queue.start();
    await advance(house, 5);
    const ids = toldOf(house, "admitted").flatMap(({ tickets }) => tickets.map(({ id }) => id));
    expect([ids.length, new Set(ids).size]).toEqual([2, 2]);
    house.queue.stop();
  });
});

describe("an estimate", () => {
  it("is compared with the admission, once a ticket, and less the time to log in", async () => {
    const house = new QueueHouse({ settings: { ...slow, estimatedSecondsToLogin: 30 } });
    const client = server.serve(house);
    house.queue.start();
    await advance(house, 2);
    const rooms = [];
    for (let count = 0; count < 4; count += 1) rooms.push(await enter(client()));
    const promised = rooms.map((room) => stateOf(room).etaMs / 1_000 - 30);
    await advance(house, 10);
    const met = toldOf(house, "estimateMet");
    expect(met).toHaveLength(4);
    met.forEach(({ lane, lateSeconds, waitedSeconds }, index) => {
      expect(lane).toBe("default");
      expect(lateSeconds).toBeCloseTo(waitedSeconds - (promised[index] ?? 0), 2);
      expect(Math.abs(lateSeconds)).toBeLessThan(2);
    });
    await advance(house, 5);
    expect(toldOf(house, "estimateMet")).toHaveLength(4);
    house.queue.stop();
  });

  it("of a ticket that was told nothing, or put back, is not", async () => {
    const house = new QueueHouse({ settings: slow });
    const client = server.serve(house);
    // Nothing was read of the queue yet: nothing can be said.
    expect(stateOf(await enter(client())).etaMs).toBe(-1);
    await house.queue.outlook.look();
    expect(stateOf(await enter(client())).etaMs).toBeGreaterThan(0);
    house.loseStore();
    house.queue.start();
    await advance(house, 15);
    expect(toldOf(house, "admitted").flatMap(({ tickets }) => tickets)).toHaveLength(2);
    expect(toldOf(house, "estimateMet")).toEqual([]);
    house.queue.stop();
  });

  it("of a ticket that was moved is not", async () => {
    const house = new QueueHouse({ settings: slow });
    const client = server.serve(house);
    await house.queue.outlook.look();
    const rooms = [await enter(client()), await enter(client()), await enter(client())];
    const [, , last] = rooms;
    if (last === undefined) throw new Error("nobody waits");
    await house.store.queue.move(await idOf(house, stateOf(last).ticket), 1);
    house.queue.start();
    await advance(house, 10);
    expect(toldOf(house, "admitted").flatMap(({ tickets }) => tickets)).toHaveLength(3);
    expect(toldOf(house, "estimateMet")).toHaveLength(2);
    house.queue.stop();
  });
});

describe("a socket that the queue closed", () => {
  it("is told with its code: removed, taken over, handed over", async () => {
    const house = new QueueHouse({ settings: slow });
    const client = server.serve(house);
    const rooms = [await enter(client()), await enter(client()), await enter(client())];
    const [removed, taken, stays] = rooms;
    if (removed === undefined || taken === undefined || stays === undefined) throw new Error("nobody waits");
    const ends = rooms.map((room) => left(room));
    await house.store.queue.remove(await idOf(house, stateOf(removed).ticket), "Go.");
    expect((await ends[0])?.code).toBe(4410);
    const back = await enter(client(), { ticket: stateOf(taken).ticket });
    expect((await ends[1])?.code).toBe(4409);
    expect(toldOf(house, "socketClosed")).toEqual([{ code: 4410 }, { code: 4409 }]);
    const gone = [ends[2], left(back)];
    await house.queue.shutDown();
    expect((await Promise.all(gone)).map((end) => end?.code)).toEqual([4001, 4001]);
    expect(toldOf(house, "socketClosed").slice(2)).toEqual([{ code: 4001 }, { code: 4001 }]);
  });

  it("is none of those that left by themselves", async () => {
    const house = new QueueHouse({ settings: slow });
    const room = await enter(server.serve(house)());
    await room.leave();
    expect(toldOf(house, "socketClosed")).toEqual([]);
  });
});

it("whoever the queue room refuses is told with door and code, once", async () => {
  const house = new QueueHouse({ settings: { ...slow, mode: "closed" } });
  const client = server.serve(house);
  expect((await refusal(client().joinOrCreate("login_queue"))).message).toBe("QUEUE_CLOSED");
  expect((await refusal(client().joinOrCreate("login_queue", { ticket: 7 }))).message).toBe("INVALID_REQUEST");
  expect(house.told).toEqual([
    ["refused", { door: "queue", code: "QUEUE_CLOSED" }],
    ["refused", { door: "queue", code: "INVALID_REQUEST" }],
  ]);
});

describe("settings", () => {
  it("that a process finds at its start are no change, and are told apart", async () => {
    const house = new QueueHouse({ settings: slow });
    await house.store.queue.configure({ targetCcuLimit: 5 });
    const [first] = toldOf(house, "settingsFound");
    await house.queue.outlook.look();
    const found = first ?? toldOf(house, "settingsFound")[0];
    expect([found?.settings.targetCcuLimit, found?.options.targetCcuLimit]).toEqual([5, 1_000]);
    await house.queue.outlook.look();
    expect(toldOf(house, "queueConfigured")).toEqual([]);
    await house.store.queue.configure({ targetCcuLimit: 6 });
    await house.queue.outlook.look();
    await house.queue.outlook.look();
    expect(toldOf(house, "queueConfigured")).toMatchObject([
      { settings: { targetCcuLimit: 6 }, previous: { targetCcuLimit: 5 } },
    ]);
    expect(toldOf(house, "settingsFound")).toHaveLength(1);
  });
});

async function idOf(house: QueueHouse, ticket: string): Promise<string> {
  const claim = await house.queue.claimOf(ticket);
  if (claim === null) throw new Error("no such ticket");
  return claim.id;
}
