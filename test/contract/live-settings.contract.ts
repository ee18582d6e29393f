// What the store contract says of settings that change while the queue runs, on every process at once.
import { describe, expect, it } from "vitest";
import { type MakeStore, makeHarness, queueSettings, second, socket } from "./harness.ts";

export function liveSettingsContract(make: MakeStore): void {
  it("answers what is in force and what was before", async () => {
    const h = await makeHarness(make);
    const { notice, lanes } = queueSettings;
    const changed = await h.store.queue.configure({ mode: "paused", targetCcuLimit: 7 });
    expect(changed.previous).toMatchObject({ mode: "auto", targetCcuLimit: 100, notice, lanes, loginBurst: 50 });
    expect(changed.settings).toEqual({ ...changed.previous, mode: "paused", targetCcuLimit: 7 });
    expect(await h.store.queue.settings()).toEqual({ ...queueSettings, mode: "paused", targetCcuLimit: 7 });
    expect((await h.store.queue.configure({})).settings).toEqual(changed.settings);
  });

  it("tells every process, and all of them go by it", async () => {
    const h = await makeHarness(make, { queue: { targetCcuLimit: 0 } });
    const other = await h.connect();
    const heard: string[] = [];
    other.subscribe(({ type }) => {
      heard.push(type);
      return 0;
    });
    await h.join();
    await other.queue.configure({ targetCcuLimit: 1, notice: "Soon." });
    expect(heard).toContain("queueConfigured");
    expect(h.events).toContainEqual({ type: "queueConfigured" });
    expect(await h.store.queue.settings()).toMatchObject({ targetCcuLimit: 1, notice: "Soon." });
    expect(await h.admit()).toHaveLength(1);
  });

  it("null puts a setting back, undefined leaves it alone", async () => {
    const h = await makeHarness(make);
    await h.store.queue.configure({ mode: "paused", notice: "Repairs.", maxQueueLength: 3 });
    const { settings } = await h.store.queue.configure({ mode: null, notice: undefined });
    expect(settings).toMatchObject({ mode: "auto", notice: "Repairs.", maxQueueLength: 3 });
    await h.store.queue.configure({ notice: null, maxQueueLength: null });
    expect(await h.store.queue.settings()).toEqual(queueSettings);
  });

  it("the burst follows the rate unless it was set", async () => {
    const h = await makeHarness(make, { queue: { targetLoginRatePerSecond: 5, loginBurst: null } });
    expect((await h.store.queue.configure({ targetLoginRatePerSecond: 20 })).settings.loginBurst).toBe(20);
    expect((await h.store.queue.configure({ loginBurst: 3 })).settings.loginBurst).toBe(3);
    expect((await h.store.queue.configure({ targetLoginRatePerSecond: 0.5 })).settings.loginBurst).toBe(3);
    expect((await h.store.queue.configure({ loginBurst: null })).settings.loginBurst).toBe(1);
  });

  it("a new rate counts from the change on", async () => {
    const h = await makeHarness(make, { queue: { targetLoginRatePerSecond: 1, loginBurst: 100 } });
    await h.joinMany(200);
    await h.store.queue.configure({ targetCcuLimit: 1000 });
    expect(await h.admit()).toHaveLength(100);
    await h.advance(10 * second);
    await h.store.queue.configure({ targetLoginRatePerSecond: 5 });
    expect(await h.admit()).toHaveLength(10);
    await h.advance(2 * second);
    expect(await h.admit()).toHaveLength(10);
  });

  it("a limit below the live slots throws nobody out and lets nobody in", async () => {
    const h = await makeHarness(make);
    const [first] = await h.joinMany(3);
    expect(await h.admit()).toHaveLength(3);
    await h.store.queue.configure({ targetCcuLimit: 2 });
    await h.join();
    expect(await h.liveSlots()).toBe(3);
    expect(await h.admit()).toEqual([]);
    await h.store.queue.leave(first?.id ?? "");
    expect(await h.admit()).toEqual([]);
  });

  it("a new grace is for those who drop from now on", async () => {
    const h = await makeHarness(make);
    const [early, late] = [await h.join({ as: socket("a") }), await h.join({ as: socket("b") })];
    await h.store.queue.drop(early.id, "a");
    await h.store.queue.configure({ queueGraceSeconds: 10 });
    await h.store.queue.drop(late.id, "b");
    await h.advance(10 * second);
    expect(await h.standing(late.id)).toEqual({ status: "gone", reason: "lapsed" });
    await h.advance(79 * second);
    expect(await h.standing(early.id)).toMatchObject({ status: "waiting" });
    await h.advance(second);
    expect(await h.standing(early.id)).toEqual({ status: "gone", reason: "lapsed" });
  });

  it("a shorter grace brings no finished ticket back: its JWT was signed for the longer one", async () => {
    const h = await makeHarness(make, { ticketsMayReturn: true, queue: { queueGraceSeconds: 600, restoreSeconds: 0 } });
    const { id, lane, order, position } = await h.join();
    await h.store.queue.configure({ queueGraceSeconds: 1, maxCheckTicketPollTimeSeconds: 1 });
    await h.store.queue.remove(id, "cheating");
    await h.advance(600 * second);
    await h.store.queue.sweep();
    const joined = await h.tryJoin({ claim: { id, lane, order, position } });
    expect(joined).toMatchObject({ outcome: "joined", how: "new" });
  });

  it("a longer pass is for those admitted from now on", async () => {
    const h = await makeHarness(make);
    const first = await h.admitted();
    await h.store.queue.configure({ passSeconds: 60 });
    const second_ = await h.admitted();
    expect(first.passExpiresAt).toBe(h.now() + 30 * second);
    expect(second_.passExpiresAt).toBe(h.now() + 60 * second);
  });

  it("maxQueueLength counts from now on, and costs nobody a place", async () => {
    const h = await makeHarness(make, { queue: { mode: "paused" } });
    await h.joinMany(3);
    await h.store.queue.configure({ maxQueueLength: 2 });
    expect(await h.tryJoin()).toEqual({ outcome: "queueFull" });
    expect((await h.store.queue.status()).lanes["default"]?.waiting).toBe(3);
  });

  describe("modes", () => {
    it("a pause admits none, keeps every place, and ends with the order it began with", async () => {
      const h = await makeHarness(make, { queue: { targetLoginRatePerSecond: 2, loginBurst: 2 } });
      const tickets = await h.joinMany(4);
      await h.store.queue.configure({ mode: "paused" });
      await h.advanceAlive(300 * second);
      expect(await h.admit()).toEqual([]);
      await h.store.queue.configure({ mode: "auto" });
      // What the rate gave during the pause is no more than the burst.
      expect(await h.admit()).toEqual([tickets[0]?.id, tickets[1]?.id]);
    });

    it("open lets everybody in and leaves no debt behind", async () => {
      const h = await makeHarness(make, { queue: { targetCcuLimit: 2, targetLoginRatePerSecond: 1, loginBurst: 1 } });
      await h.joinMany(5);
      await h.store.queue.configure({ mode: "open" });
      expect(await h.admit()).toHaveLength(5);
      await h.store.queue.configure({ mode: null, targetCcuLimit: 6 });
      await h.joinMany(2);
      expect(await h.admit()).toHaveLength(1);
      await h.advance(second);
      expect(await h.admit()).toEqual([]);
    });

    it("closed takes nobody new, admits nobody, and keeps the places there are", async () => {
      const h = await makeHarness(make);
      const here = await h.join({ as: socket("a") });
      await h.store.queue.configure({ mode: "closed" });
      expect(await h.tryJoin()).toEqual({ outcome: "queueClosed" });
      expect(await h.store.queue.admitDirectly("direct")).toEqual({ outcome: "queueClosed" });
      const { sid } = await h.open();
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "queueClosed" });
      expect(await h.admit()).toEqual([]);
      await h.store.queue.drop(here.id, "a");
      const { id, lane, order, position } = here;
      expect(await h.tryJoin({ claim: { id, lane, order, position } })).toMatchObject({ how: "returned" });
      await h.store.queue.configure({ mode: null });
      expect(await h.admit()).toEqual([here.id]);
    });

    it("closed lets in those who may enter, within rate and limit, and in their order", async () => {
      const h = await makeHarness(make, { queue: { mode: "closed", targetCcuLimit: 2, loginBurst: 1 } });
      await h.store.queue.configure({ mode: "auto" });
      const player = await h.join();
      await h.store.queue.configure({ mode: null, targetLoginRatePerSecond: 1 });
      const testers = await h.joinMany(3, { mayEnterClosed: true });
      expect(await h.admit()).toEqual([testers[0]?.id]);
      expect(await h.store.queue.admitDirectly("direct", true)).toEqual({ outcome: "queueRequired", queueLength: 3 });
      await h.advance(second);
      expect(await h.admit()).toEqual([testers[1]?.id]);
      await h.advance(second);
      expect(await h.admit()).toEqual([]);
      expect(await h.position(player.id)).toBe(1);
    });

    it("closed gives those who may enter a pass on the spot, where none of them waits", async () => {
      const h = await makeHarness(make);
      await h.join();
      await h.store.queue.configure({ mode: "closed" });
      expect(await h.store.queue.admitDirectly("direct", true)).toEqual({ outcome: "admitted" });
      const { sid } = await h.open();
      expect(await h.store.queue.takeSlot(sid, true)).toEqual({ outcome: "taken" });
      await h.join({ mayEnterClosed: true });
      expect(await h.store.queue.admitDirectly("late", true)).toEqual({ outcome: "queueRequired", queueLength: 2 });
    });

    it("closed lets in who comes back with a slot", async () => {
      const h = await makeHarness(make);
      const { sid } = await h.open();
      await h.store.queue.takeSlot(sid);
      await h.store.queue.configure({ mode: "closed" });
      expect(await h.store.queue.takeSlot(sid)).toEqual({ outcome: "held" });
      expect(await h.join({ userId: "user", sid })).toMatchObject({ status: "admitted" });
    });
  });

  describe("lanes", () => {
    it("new weights hold from the next admission on", async () => {
      const h = await makeHarness(make, { queue: { lanes: { default: 1, friends: 1 }, loginBurst: 8 } });
      await h.joinMany(20);
      const friends = new Set((await h.joinMany(20, { lane: "friends" })).map(({ id }) => id));
      const friendsAmong = async () => (await h.admit()).filter((id) => friends.has(id)).length;
      expect(await friendsAmong()).toBe(4);
      await h.store.queue.configure({ lanes: { default: 1, friends: 3 } });
      await h.advance(second);
      expect(await friendsAmong()).toBe(6);
    });

    it("a lane that was given more weight does not wait out its turn of before", async () => {
      const h = await makeHarness(make, { queue: { lanes: { default: 1, friends: 0.001 }, loginBurst: 4 } });
      await h.joinMany(20);
      const friends = new Set((await h.joinMany(5, { lane: "friends" })).map(({ id }) => id));
      expect((await h.admit()).filter((id) => friends.has(id))).toHaveLength(1);
      await h.store.queue.configure({ lanes: { default: 1, friends: 1 } });
      await h.advance(second);
      expect((await h.admit()).filter((id) => friends.has(id))).toHaveLength(2);
    });

    it("a lane that is taken away keeps its tickets and their places, with weight 1", async () => {
      const h = await makeHarness(make, { queue: { lanes: { default: 1, friends: 5 }, loginBurst: 6 } });
      await h.joinMany(10);
      const friends = await h.joinMany(5, { lane: "friends" });
      await h.store.queue.configure({ lanes: { default: 1 } });
      expect(await h.position(friends[4]?.id ?? "")).toBe(5);
      expect((await h.store.queue.status()).lanes["friends"]).toMatchObject({ waiting: 5, away: 0 });
      const admitted = await h.admit();
      expect(admitted.filter((id) => friends.some((friend) => friend.id === id))).toEqual(
        friends.slice(0, 3).map(({ id }) => id),
      );
      await h.advance(second);
      await h.admit();
      expect(Object.keys((await h.store.queue.status()).lanes)).toEqual(["default"]);
    });

    it("a lane may come while the queue runs", async () => {
      const h = await makeHarness(make, { queue: { loginBurst: 4 } });
      await h.joinMany(10);
      await h.admit();
      await h.store.queue.configure({ lanes: { default: 1, friends: 3 } });
      const friends = new Set((await h.joinMany(5, { lane: "friends" })).map(({ id }) => id));
      await h.advance(second);
      expect((await h.admit()).filter((id) => friends.has(id))).toHaveLength(3);
    });
  });
}
