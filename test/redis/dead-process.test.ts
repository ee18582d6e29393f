// A process that dies with much in its hands: nothing of it is touched at once, nobody behind it is held up, nothing is left.
import { expect, it } from "vitest";
import { minute, poller, second, socket } from "../contract/harness.ts";
import { useProcesses } from "./queue-setup.ts";

const processes = useProcesses();

/** More than one call works off. */
const many = 700;

function sids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `sid-${index}`);
}

it("its tickets are away at once, whatever their number, and the first who is present is let in", async () => {
  const h = processes.open({ targetLoginRatePerSecond: 1, loginBurst: 1 });
  for (let index = 0; index < many; index++) await h.join({ as: socket(`s${index}`, "dead") });
  const next = await h.join();
  await h.advance(14 * second);
  await h.store.queue.renewHost("host", []);
  await h.advance(second);
  expect(await h.admit()).toEqual([next.id]);
  expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: many, away: many, returned: 0 });
  await h.store.queue.renewHost("dead", []);
  expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: many, away: 0, returned: many });
});

it("its tickets lapse a grace after its lease, some at a call, and all of them at that moment", async () => {
  const h = processes.open({ mode: "paused" });
  for (let index = 0; index < many; index++) await h.join({ as: socket(`s${index}`, "dead") });
  const { id } = await h.join({ as: socket("own", "dead") });
  await h.advance((15 + 90) * second - 1);
  await h.store.queue.renewHost("host", []);
  expect(await processes.count("wait:default")).toBe(many + 1);
  await h.advance(1);
  await h.store.queue.passState("nothing");
  const left = await processes.count("wait:default");
  expect(left).toBeLessThan(many + 1);
  expect(left).toBeGreaterThan(many - 300);
  await h.store.queue.sweep();
  expect(await h.standing(id)).toEqual({ status: "gone", reason: "lapsed" });
  expect((await h.store.queue.status()).lanes["default"]).toMatchObject({
    waiting: 0,
    abandoned: many + 1,
    abandonedAway: many + 1,
  });
  expect(await processes.count("ready:dead:default")).toBe(0);
  expect(await processes.count("hostlapse")).toBe(0);
});

it("calls whose callers wait work off but a few while many are left, and the sweep takes the rest", async () => {
  const h = processes.open({ mode: "paused" });
  for (let index = 0; index < many; index++) await h.join({ as: socket(`s${index}`, "dead") });
  await h.advance((15 + 90) * second);
  const left = async (verb: () => Promise<unknown>) => {
    const before = await processes.count("wait:default");
    await verb();
    return before - (await processes.count("wait:default"));
  };
  const verb = () => h.store.queue.passState("nothing");
  expect(await left(verb)).toBeGreaterThan(150);
  expect(await left(verb)).toBeLessThanOrEqual(20);
  expect(await left(() => h.admit())).toBeGreaterThan(150);
  await h.store.queue.sweep();
  expect(await processes.count("wait:default")).toBe(0);
  expect(await processes.server.client.hexists(`{${processes.prefix}}:queue`, "isBehind")).toBe(0);
});

it("the slots of its sessions last a player grace from the end of its lease, and others of them stay", async () => {
  const h = processes.open({ playerGraceSeconds: 60 });
  await h.store.queue.renewHost("dead", sids(many));
  await h.store.queue.renewHost("host", ["sid-1"]);
  await h.advanceAlive(10 * second, ["sid-1"]);
  // By now the last renewal of the dead process's slots is ten seconds old, and its lease has five seconds left.
  await h.advanceAlive(64 * second, ["sid-1"]);
  expect(await h.liveSlots()).toBe(many);
  await h.advanceAlive(second, ["sid-1"]);
  expect(await h.liveSlots()).toBe(1);
  await h.store.queue.sweep();
  expect(await processes.count("slot")).toBe(1);
  expect(await processes.count("lost")).toBe(0);
  expect((await h.store.queue.status()).departedSlots).toBe(many - 1);
});

it("a session that opens a socket there again, should it wake up, keeps it", async () => {
  const h = processes.open({ playerGraceSeconds: 30 });
  await h.store.queue.renewHost("dead", sids(many));
  await h.advance(15 * second);
  // The first call that finds it dead tells some of its sessions; these are of both kinds.
  await h.store.queue.renewHost("dead", sids(many).slice(0, many / 2));
  await h.store.queue.sweep();
  for (let index = 0; index < 12; index++) {
    await h.advance(5 * second);
    await h.store.queue.renewHost("dead", sids(many).slice(0, many / 2));
  }
  expect(await h.liveSlots()).toBe(many / 2);
  expect(await processes.count("sids:dead")).toBe(many / 2);
});

it("tickets whose records Redis threw away are passed over, and block nobody", async () => {
  const h = processes.open();
  await h.join({ as: socket("s1", "dead") });
  await h.join({ as: socket("s2", "host") });
  await h.join({ as: poller(60) });
  await processes.server.client.del(`{${processes.prefix}}:ticket`);
  await h.advance(14 * second);
  await h.store.queue.renewHost("host", []);
  await h.advance(second);
  const next = await h.join();
  expect(await h.admit()).toEqual([next.id]);
  expect(await h.store.queue.admitDirectly("direct")).toEqual({ outcome: "admitted" });
  await h.advance(10 * minute);
  await h.store.queue.sweep();
  expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ waiting: 0, away: 0 });
});

it("a list of connected sessions of any length is one list", async () => {
  const h = processes.open({ playerGraceSeconds: 60 });
  await h.store.queue.renewHost("host", sids(2_500));
  expect(await h.liveSlots()).toBe(2_500);
  await h.advance(5 * second);
  await Promise.all([h.store.queue.renewHost("host", sids(1_100)), h.store.queue.setSocketsOpen("late", "host", true)]);
  expect(await processes.count("sids:host")).toBe(1_101);
  await h.advanceAlive(minute, [...sids(1_100), "late"]);
  expect(await h.liveSlots()).toBe(1_101);
});

it("a session that closes while a long list is told is not named open after that", async () => {
  const h = processes.open({ playerGraceSeconds: 60 });
  await h.store.queue.renewHost("host", sids(9_000));
  await Promise.all([
    h.store.queue.renewHost("host", sids(9_000)),
    h.store.queue.setSocketsOpen("sid-1", "host", false),
    h.store.queue.setSocketsOpen("sid-8500", "host", false),
    h.store.queue.setSocketsOpen("sid-8600", "host", false),
    h.store.queue.setSocketsOpen("sid-8600", "host", true),
  ]);
  expect(await processes.count("sids:host")).toBe(8_998);
});

it("a hundred thousand sessions are told in parts that are each answered in time", async () => {
  const h = processes.open();
  await h.store.queue.renewHost("host", sids(100_000));
  expect(await h.liveSlots()).toBe(100_000);
});

it("what a process says of quiet sessions is heard for a while, however many there are", async () => {
  const h = processes.open();
  const quiet = new Map(sids(1_500).map((sid, index) => [sid, 1_000 + index]));
  await h.store.queue.renewHost("host", sids(1_500));
  await h.store.queue.setSocketsOpen("sid-7", "other", true);
  expect((await h.store.queue.reportQuiet("host", quiet)).size).toBe(1_499);
  expect(await h.store.queue.reportQuiet("other", new Map([["sid-7", 400]]))).toEqual(new Map([["sid-7", 400]]));
  expect((await h.store.queue.reportQuiet("host", quiet)).get("sid-7")).toBe(400);
  await h.advance(5 * second);
  expect((await h.store.queue.reportQuiet("host", quiet)).has("sid-7")).toBe(false);
});
