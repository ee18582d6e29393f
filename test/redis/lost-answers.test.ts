// The connection is cut in the middle of a script's answer, so the client sends it again: answer, state and events are as of once.
import { readdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { NewAuditEntry } from "../../src/audit/audit-store.ts";
import { randomId } from "../../src/random.ts";
import { redisStore } from "../../src/stores/redis/redis-store.ts";
import { Scripts } from "../../src/stores/redis/scripts.ts";
import { Harness, poller, queueSettings, second } from "../contract/harness.ts";
import { RedisProxy } from "../support/redis-proxy.ts";
import { useRedisServer } from "../support/redis-server.ts";
import { isLevel } from "./setup.ts";
import { TestClock } from "./stores.ts";

const server = useRedisServer();
let proxy: RedisProxy;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  proxy = new RedisProxy(server.port);
  await proxy.start();
});
afterAll(() => proxy.stop());
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A store in which the same has happened as in every other: a session with its slot, one without, and an unspent pass. */
async function makeWorld(url: string) {
  const prefix = randomId(6);
  const clock = new TestClock();
  const context = { clock, queue: { ...queueSettings, restoreSeconds: 0 }, ticketsMayReturn: true };
  const store = redisStore(url, { prefix })(context);
  closing.push(() => store.close());
  await isLevel(store);
  const h = new Harness({
    store,
    connect: async () => store,
    loseState: async () => store,
    now: () => clock.now(),
    advance: (milliseconds) => clock.advance(milliseconds),
  });
  const { id } = await h.admitted();
  const { sid } = await h.open({ ticketId: id });
  await store.queue.setSocketsOpen(sid, "host", true);
  const { sid: without } = await h.open({ userId: "other" });
  const pass = await h.admitted();
  await clock.advance(5 * second);
  return { h, prefix, store, sid, without, pass: pass.id };
}
type World = Awaited<ReturnType<typeof makeWorld>>;

/** Everything that is kept, but for what goes by real time, names that are drawn, and answers kept for a call that is sent again. */
async function stateOf({ prefix }: World): Promise<Record<string, unknown>> {
  const { client } = server;
  const state: Record<string, unknown> = {};
  for (const key of (await client.keys(`{${prefix}}:*`)).sort()) {
    const name = key.slice(prefix.length + 3);
    if (/^(procs|heard|renewals|once:.*|ended:.*|reply:.*)$/.test(name)) continue;
    state[name] = await contentOf(key);
  }
  return state;
}

async function contentOf(key: string): Promise<unknown> {
  const { client } = server;
  switch (await client.type(key)) {
    case "string":
      return client.get(key);
    case "hash": {
      // Numbers in the order of arrival may leave gaps: the last one given out says nothing else.
      const { lastOrder: _lastOrder, ...fields } = await client.hgetall(key);
      return fields;
    }
    case "list":
      return client.lrange(key, 0, -1);
    case "set":
      return (await client.smembers(key)).sort();
    case "zset":
      return client.zrange(key, 0, -1, "WITHSCORES");
    case "stream":
      return (await client.xrange(key, "-", "+")).map(([, fields]) => fields[fields.indexOf("events") + 1]);
    default:
      throw new Error(`a key of a kind that is not known: ${key} ${await client.type(key)}`);
  }
}

const end = { reason: "logout", closeSockets: true } as const;
const auditEntry: NewAuditEntry = {
  actor: { kind: "operator", name: "ann", tokenId: "token" },
  action: "user.ban",
  target: "user",
  outcome: "done",
  reason: null,
  before: null,
  after: null,
};
const claim = { id: "earlier", lane: "default", order: 1_000, position: 3 };

/** By script: what is done before, and the verb. */
const verbs: readonly [
  script: string,
  what: string,
  verb: (world: World) => Promise<unknown>,
  before?: (world: World) => Promise<unknown>,
][] = [
  ["open", "with a pass", ({ h, pass }) => h.tryOpen({ ticketId: pass, sid: "new", userId: "new" })],
  ["open", "without one", ({ h }) => h.tryOpen({ sid: "new" })],
  ["open", "replacing another", ({ h }) => h.tryOpen({ sid: "new", limit: 1 })],
  ["refresh", "that rotates", ({ h, sid }) => h.refresh(sid, 1, { attempt: "one" })],
  ["refresh", "of a generation that was lost", ({ h, sid }) => h.refresh(sid, 5)],
  ["refresh", "that is reuse", ({ h, sid }) => h.refresh(sid, 0)],
  ["confirm", "", ({ store, sid }) => store.sessions.confirm(sid, 1)],
  ["mark_seen", "", ({ store, sid }) => store.sessions.markSeen(sid)],
  ["end", "", ({ store, sid }) => store.sessions.end(sid, end)],
  ["end_all_of_user", "", ({ store }) => store.sessions.endAllOfUser("user", end)],
  ["end_all", "", ({ store, h }) => store.sessions.endAll(h.now(), end)],
  ["disconnect", "", ({ store, sid }) => store.sessions.disconnect(sid, "bye")],
  ["disconnect_all_of_user", "", ({ store }) => store.sessions.disconnectAllOfUser("user", "bye")],
  ["ban", "", ({ store }) => store.access.ban("user", { reason: "cheating", until: null })],
  [
    "unban",
    "",
    ({ store }) => store.access.unban("user"),
    ({ store }) => store.access.ban("user", { reason: "x", until: null }),
  ],
  [
    "set_access",
    "",
    ({ store }) =>
      store.access.setAccessRules({
        mode: "limited",
        allow: { userIds: ["user"], groups: [], rule: null },
        opensAt: null,
        closesAt: null,
      }),
  ],
  ["audit_append", "", ({ store }) => store.audit.append(auditEntry), ({ store }) => store.audit.append(auditEntry)],
  ["revoke_token", "", ({ store }) => store.access.revokeToken("jti", null)],
  ["join", "with a new ticket", ({ h }) => h.tryJoin({ newTicketId: "new" })],
  [
    "join",
    "with the old one",
    ({ h }) => h.tryJoin({ claim: { ...claim, id: "old" } }),
    ({ h }) => h.join({ newTicketId: "old", userId: "other" }),
  ],
  ["join", "with one that the store has lost", ({ h }) => h.tryJoin({ claim })],
  ["drop", "", ({ store }) => store.queue.drop("old", "socket"), oldTicket],
  ["poll", "", ({ store }) => store.queue.poll("old", 5), ({ h }) => h.join({ newTicketId: "old", as: poller() })],
  ["leave", "", ({ store }) => store.queue.leave("old"), oldTicket],
  ["leave", "of a holder", ({ store }) => store.queue.leave("old", "socket"), oldTicket],
  ["remove", "", ({ store }) => store.queue.remove("old", "cheating"), oldTicket],
  ["move", "", ({ store }) => store.queue.move("old", 1), oldTicket],
  ["admit_ticket", "", ({ store }) => store.queue.admitTicket("old"), oldTicket],
  ["admit_directly", "", ({ store }) => store.queue.admitDirectly("direct")],
  [
    "mark_delivered",
    "",
    ({ store }) => store.queue.markDelivered(["old"]),
    ({ h }) => oldTicket({ h }).then(() => h.admit()),
  ],
  ["fail_pass", "", ({ store, pass }) => store.queue.failPass(pass)],
  ["release_pass", "", ({ store, pass }) => store.queue.releasePass(pass)],
  ["take_slot", "", ({ store, without }) => store.queue.takeSlot(without)],
  ["set_sockets_open", "", ({ store, sid }) => store.queue.setSocketsOpen(sid, "host", false)],
  ["renew_host", "", ({ store, without }) => store.queue.renewHost("host", [without])],
  ["report_quiet", "", ({ store, sid }) => store.queue.reportQuiet("host", new Map([[sid, 400]]))],
  ["configure", "", ({ store }) => store.queue.configure({ notice: "Welcome", targetCcuLimit: 7 })],
  ["sweep_queue", "", ({ store }) => store.queue.sweep(), ({ h }) => h.advance(60 * second)],
];

async function oldTicket({ h }: Pick<World, "h">): Promise<void> {
  await h.joinMany(2);
  await h.join({ newTicketId: "old", as: { kind: "socket", id: "socket", hostId: "host" } });
}

/** Words of answers that mean the same to whoever asks: the slot, or the place, is there. */
const sameWords: Readonly<Record<string, string>> = { taken: "held", restored: "returned" };

function meaningOf(answer: unknown): unknown {
  if (typeof answer !== "object" || answer === null || !("outcome" in answer)) return answer;
  const words = Object.entries(answer).map(([name, value]) => [name, sameWords[String(value)] ?? value]);
  return Object.fromEntries(words);
}

const scripts = new Scripts();
/** What arrives of an answer: not enough to be one. */
const firstBytes = 3;

async function run(world: World, [, , verb, before]: (typeof verbs)[number]): Promise<() => Promise<unknown>> {
  await before?.(world);
  return () => verb(world);
}

describe("a verb whose answer was cut off", () => {
  it.each(verbs)("%s %s", async (...verb) => {
    const right = await makeWorld(server.url);
    const answer = await (await run(right, verb))();
    const state = await stateOf(right);
    const cut = await makeWorld(proxy.url);
    const call = await run(cut, verb);
    const lost = proxy.loseAnswerTo(scripts.get(verb[0]).sha1, firstBytes);
    const [answerOfTwo] = await Promise.all([call(), lost]);
    expect(meaningOf(answerOfTwo)).toEqual(meaningOf(answer));
    expect(await stateOf(cut)).toEqual(state);
    await vi.waitFor(() => expect(cut.h.events).toHaveLength(right.h.events.length), 5_000);
    expect(cut.h.events).toEqual(right.h.events);
  });

  it("admit: the second run is a step of its own, held by the limit, and whoever the first let in finds the pass", async () => {
    const world = await makeWorld(proxy.url);
    await world.store.queue.configure({ targetCcuLimit: 3 });
    const tickets = await world.h.joinMany(3);
    const lost = proxy.loseAnswerTo(scripts.get("admit").sha1, firstBytes);
    const [admitted] = await Promise.all([world.h.admit(), lost]);
    expect(admitted).toEqual([]);
    const standings = await world.store.queue.standings(tickets.map(({ id }) => id));
    expect(standings.map(({ status }) => status)).toEqual(["admitted", "waiting", "waiting"]);
    await vi.waitFor(() =>
      expect(world.h.events.at(-1)).toEqual({ type: "ticketsAdmitted", ticketIds: [tickets[0]?.id] }),
    );
    expect(await world.h.liveSlots()).toBe(3);
  });

  it("none of the scripts that change something was forgotten", () => {
    const reads = ["standings", "status", "pass_state", "list_by_user", "list_tickets", "find_tickets"];
    const harmless = [...reads, "sweep_sessions", "repost_ends"];
    const covered = new Set([...verbs.map(([script]) => script), "admit", ...harmless]);
    const names = readdirSync(new URL("../../src/stores/redis/scripts/", import.meta.url))
      .filter((file) => file.endsWith(".lua"))
      .map((file) => file.slice(0, -".lua".length));
    expect(names.filter((name) => !covered.has(name) && !/^(process|account)_/.test(name))).toEqual([]);
  });
});
