// Holds docs/redis.md to the database: every key that a busy run asks Redis for is in its table.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { redisAccounts } from "../../src/stores/redis/redis-accounts.ts";
import { device } from "../contract/accounts-harness.ts";
import { claimOf, day, poller, second, socket } from "../contract/harness.ts";
import { useProcesses } from "./queue-setup.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/redis.md"), "utf8");
/** The first cells of its table, and the types beside them. */
const rows = [...page.matchAll(/^\| (`[^|]*`) \| ([^|]*) \|/gm)];
const names = rows.flatMap(([, cell = ""]) => [...cell.matchAll(/`([^`]*)`/g)].map(([, name = ""]) => name));

function patternOf(name: string): RegExp {
  const parts = name.split(/<[^>]*>|…/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".+")}$`, "s");
}

const processes = useProcesses();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The names of keys that anybody asks this Redis for, from now on. */
async function listen(): Promise<{ readonly asked: ReadonlySet<string>; told(): Promise<void> }> {
  const asked = new Set<string>();
  const before = `{${processes.prefix}}:`;
  let ended = false;
  const monitor = await processes.server.client.monitor();
  closing.push(() => monitor.disconnect());
  monitor.on("monitor", (_time: string, args: readonly string[]) => {
    if (args[1] === "the end") ended = true;
    // What a script does is told command by command; what is before that are its arguments.
    for (const arg of args) if (arg.startsWith(before)) asked.add(arg.slice(before.length));
  });
  const told = async () => {
    await processes.server.client.echo("the end");
    await vi.waitFor(() => expect(ended).toBe(true), { timeout: 10_000 });
  };
  return { asked, told };
}

it("every key of a busy run is in the table", async () => {
  const { asked, told } = await listen();
  const h = processes.open({ targetCcuLimit: 1_000, targetLoginRatePerSecond: 1_000, loginBurst: 1_000 });
  const { sessions, access, audit, queue, makeCounter } = h.store;

  // Sessions: opened, prolonged, looked at, ended in every way; bans, rules, tokens.
  const first = await h.open({ userId: "one" });
  await h.rotate(first.sid);
  await sessions.markSeen(first.sid);
  await sessions.confirm(first.sid, 2);
  await sessions.end(first.sid, { reason: "logout", closeSockets: true });
  await h.open({ userId: "two" });
  await h.open({ userId: "two", limit: 1 });
  await sessions.endAllOfUser("two", { reason: "logout", closeSockets: false });
  await h.open({ userId: "three" });
  await sessions.endAll(h.now(), { reason: "logout", closeSockets: true });
  await access.ban("three", { reason: "cheating", until: h.now() + day });
  await access.getBan("three");
  await access.unban("three");
  await access.setAccessRules(await access.accessRules());
  await access.revokeToken("token", h.now() + day);
  await access.isTokenRevoked("token");
  const actor = { kind: "operator", name: "ann", tokenId: "token" } as const;
  const done = { target: null, outcome: "done", reason: null, before: null, after: null };
  await audit.append({ actor, action: "access.set", ...done });
  await audit.list({ before: null, limit: 10 });

  // The line: sockets and pollers, known and unknown users, those who leave, drop, are moved and come back.
  await queue.configure({ mode: "paused", lanes: { default: 1, vip: 3 } });
  await queue.renewHost("host", []);
  const [front, behind] = [await h.join({ address: "203.0.113.1" }), await h.join({ mayEnterClosed: true })];
  const polling = await h.join({ as: poller(), lane: "vip" });
  await queue.poll(polling.id, 5);
  await queue.move(behind.id, 1);
  await h.join({ as: socket("other", "gone") });
  await queue.drop(front.id, "socket-1");
  await queue.standings([front.id, behind.id, polling.id, "unknown"]);
  await h.join({ claim: claimOf(front) });
  const leaving = await h.join();
  await queue.leave(leaving.id);
  await queue.remove((await h.join()).id, "no");
  const known = await h.open({ userId: "known" });
  await h.join({ userId: "known", sid: known.sid });
  await queue.configure({ mode: "closed" });
  await h.admit();
  await queue.configure({ mode: "auto" });
  await h.admit();
  for (const status of ["waiting", "admitted"] as const) {
    await queue.listTickets({ status, lane: "default", after: null, limit: 10 });
  }
  await queue.findTickets("known");
  await queue.failPass(front.id);
  await queue.passState(front.id);
  await h.open({ userId: "in", ticketId: behind.id });
  await queue.admitDirectly("direct");
  await queue.status();

  // Slots: sockets on two processes, silence, a process that dies with some, a session thrown out.
  const player = await h.open({ userId: "player" });
  await queue.takeSlot(player.sid);
  await queue.setSocketsOpen(player.sid, "host", true);
  await queue.setSocketsOpen(player.sid, "gone", true);
  await queue.renewHost("host", [player.sid]);
  await queue.reportQuiet("host", new Map([[player.sid, 60 * second]]));
  await sessions.disconnect(player.sid, "idle");
  await h.advanceAlive(20 * second, [player.sid]);
  await queue.setSocketsOpen(player.sid, "host", false);

  // A pass whose process dies before it reached anybody is given back to the dead.
  const late = await h.join({ as: socket("late", "dying") });
  await h.admit();
  await h.advanceAlive(31 * second);
  expect((await h.standing(late.id)).status).toBe("waiting");
  await h.advanceAlive(200 * second);

  // Accounts, and tries that are counted.
  const accounts = redisAccounts(processes.server.url, { prefix: processes.prefix })({ clock: processes.clock });
  closing.push(() => accounts.close?.());
  await accounts.findOrCreate(device, { username: "Ada", groups: [] });
  await makeCounter?.({ keyPrefix: "failures", points: 3, duration: 60 }).consume("somebody");

  await told();
  const seen = names.filter((name) => [...asked].some((key) => patternOf(name).test(key)));
  expect([...asked].filter((key) => !names.some((name) => patternOf(name).test(key)))).toEqual([]);
  expect(names.filter((name) => !seen.includes(name))).toEqual([]);
});
