// The settings in force as a process knows them: from the feed at once, from the store within a second, never from before.

import type { Client } from "@colyseus/core";
import { describe, expect, it } from "vitest";
import { LiveSettings } from "../../src/login-queue/live-settings.ts";
import type { KnownSession } from "../../src/login-queue/queue.ts";
import { patchOverrides, type QueueSettings } from "../../src/login-queue/queue-settings.ts";
import { Seat } from "../../src/login-queue/seat.ts";
import { settled } from "../support/settled.ts";
import { enter, queueServer } from "./room-setup.ts";
import { QueueHouse, stateOf, until } from "./setup.ts";

const server = queueServer();

describe("LiveSettings", () => {
  const { settings } = new QueueHouse();

  it("starts with the options and tells of changes alone", async () => {
    let kept: QueueSettings = { ...settings };
    const live = new LiveSettings({
      store: { settings: async () => ({ ...kept }) },
      initial: settings,
      emit: () => {},
    });
    const heard: string[] = [];
    const stop = live.onChange(() => heard.push(live.current.notice));
    expect(live.current).toBe(settings);
    await live.refresh();
    expect(heard).toEqual([]);
    kept = { ...kept, notice: "Soon." };
    await live.refresh();
    await live.refresh();
    expect(heard).toEqual(["Soon."]);
    stop();
    kept = { ...kept, notice: "" };
    await live.refresh();
    expect(heard).toEqual(["Soon."]);
  });

  it("takes no answer that a later one has overtaken", async () => {
    const answers: ((settings: QueueSettings) => void)[] = [];
    const store = { settings: () => new Promise<QueueSettings>((resolve) => answers.push(resolve)) };
    const live = new LiveSettings({ store, initial: settings, emit: () => {} });
    const asked = [live.refresh(), live.refresh()];
    answers[1]?.({ ...settings, mode: "closed" });
    await asked[1];
    answers[0]?.({ ...settings, mode: "paused" });
    await asked[0];
    expect(live.current.mode).toBe("closed");
  });

  it("keeps what it knew while the store is away", async () => {
    const live = new LiveSettings({
      store: { settings: () => Promise.reject(new Error("away")) },
      initial: settings,
      emit: () => {},
    });
    await expect(live.refresh()).rejects.toThrow("away");
    expect(live.current).toBe(settings);
  });
});

describe("overrides", () => {
  it("named ones are laid over, null takes one away, undefined says nothing", () => {
    const overrides = patchOverrides(
      { mode: "paused", targetCcuLimit: 0 },
      { mode: null, notice: "", passSeconds: undefined },
    );
    expect(overrides).toEqual({ targetCcuLimit: 0, notice: "" });
  });
});

describe("a seat", () => {
  it("takes other words for news by themselves", async () => {
    const house = new QueueHouse();
    const holder = house.queue.newSocketHolder();
    const { place } = await house.queue.join({ claim: null, session: null, lane: "default", holder });
    const seat = new Seat(
      { now: () => 0, send: () => true, close: () => {}, emit: () => {} },
      null as unknown as Client,
      null,
    );
    seat.takePlace(place, true);
    expect(seat.takePlace(place, false)).toBeNull();
    expect(seat.takePlace({ ...place, notice: "Soon." }, false)).toContain("notice");
    expect(seat.view.notice).toBe("Soon.");
  });
});

describe("a process", () => {
  it("hears of a change from the feed, and tells its clients without waiting for a tick", async () => {
    const house = new QueueHouse();
    const room = await enter(server.serve(house)());
    await house.store.queue.configure({ mode: "paused", notice: "Soon." });
    while (house.queue.settings.current.mode !== "paused") await new Promise(setImmediate);
    await settled(room);
    expect(stateOf(room)).toMatchObject({ mode: "paused", notice: "Soon.", etaMs: -1 });
  });

  it("finds within a second what the feed did not tell it", async () => {
    const house = new QueueHouse();
    house.queue.start();
    const room = await enter(server.serve(house)());
    house.isFeedCut = true;
    await house.store.queue.configure({ mode: "paused", notice: "Soon." });
    await house.clock.advance(1_000);
    await settled(room);
    expect(stateOf(room)).toMatchObject({ mode: "paused", notice: "Soon.", etaMs: -1 });
    house.queue.stop();
  });

  it("goes by what the store says from its start on, not by its options", async () => {
    const house = new QueueHouse({ settings: { mode: "auto", queueGraceSeconds: 90 } });
    house.isFeedCut = true;
    await house.store.queue.configure({ mode: "paused", queueGraceSeconds: 600 });
    house.queue.start();
    // No time passes.
    while (house.queue.settings.current.mode !== "paused") await new Promise(setImmediate);
    expect(house.queue.settings.current.queueGraceSeconds).toBe(600);
    const ticket = await house.queue.tickets.signTicket({ id: "a", lane: "default", order: 1, position: 1 });
    expect((await house.queue.tickets.readTicket(ticket)).expiresAt).toBe(house.clock.now() + 660_000);
    house.queue.stop();
  });

  it("admits more often where the rate asks for it, and less where it does not", async () => {
    const house = new QueueHouse({ settings: { targetLoginRatePerSecond: 1, loginBurst: 1 } });
    house.queue.start();
    const stepsIn = async (milliseconds: number): Promise<number> => {
      house.storeCalls.length = 0;
      await house.clock.advance(milliseconds);
      return house.storeCalls.filter((verb) => verb === "admit").length;
    };
    const changeRate = async (rate: number): Promise<void> => {
      await house.store.queue.configure({ targetLoginRatePerSecond: rate });
      while (house.queue.settings.current.targetLoginRatePerSecond !== rate) await new Promise(setImmediate);
    };
    expect(await stepsIn(1_000)).toBe(5);
    await changeRate(25);
    expect(await stepsIn(1_000)).toBe(50);
    await changeRate(1);
    expect(await stepsIn(1_000)).toBe(5);
    house.queue.stop();
    expect(await stepsIn(1_000)).toBe(0);
  });

  it("tells nobody who has the pass, was removed, or is not there yet", async () => {
    const house = new QueueHouse();
    const sdk = server.serve(house);
    const [first, second] = [await enter(sdk()), await enter(sdk())];
    await house.letIn(1);
    await until(first, ({ status }) => status === "admitted");
    await house.store.queue.configure({ notice: "Soon." });
    while (house.queue.settings.current.notice === "") await new Promise(setImmediate);
    await Promise.all([settled(first), settled(second)]);
    expect(stateOf(first)).toMatchObject({ status: "admitted", notice: "" });
    expect(stateOf(second)).toMatchObject({ status: "waiting", notice: "Soon." });
  });
});

describe("closed, to all but those whom the access rules let in", () => {
  const settings = { mode: "closed", targetCcuLimit: 10 } as const;

  it("asks them of everybody who comes, with or without a session", async () => {
    const asked: (string | null)[] = [];
    const house = new QueueHouse({
      settings,
      mayEnterClosed: async (session) => {
        asked.push(session?.userId ?? null);
        return session?.userId === "ann";
      },
    });
    const [ann, ben] = [await house.openSession("ann"), await house.openSession("ben")];
    const join = (session: KnownSession | null) =>
      house.queue.join({ claim: null, session, lane: "default", holder: house.queue.newSocketHolder() });
    for (const stranger of [ben, null]) await expect(join(stranger)).rejects.toMatchObject({ code: "QUEUE_CLOSED" });
    await expect(house.queue.slots.directPass()).rejects.toMatchObject({ code: "QUEUE_CLOSED" });
    await expect(house.queue.slots.requireSlot(ben)).rejects.toMatchObject({ code: "QUEUE_CLOSED" });
    const { place } = await join(ann);
    expect((await house.store.queue.admit()).map(({ id }) => id)).toEqual([place.ticketId]);
    await house.queue.slots.requireSlot(ann);
    expect(asked).toEqual(["ben", null, "ben", "ann", "ann"]);
    await expect(house.queue.slots.directPass(true)).resolves.toEqual(expect.any(String));
  });

  it("is nobody unless they say so", async () => {
    const house = new QueueHouse({ settings });
    const ann = await house.openSession("ann");
    await expect(house.queue.slots.requireSlot(ann)).rejects.toMatchObject({ code: "QUEUE_CLOSED" });
  });
});
