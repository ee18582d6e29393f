// What outlives a restart with the SQLite store, what comes back by itself, and what a failure to write leaves behind.
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { openAccess } from "../../src/access/access-rules.ts";
import { mostAuditEntries, type NewAuditEntry } from "../../src/audit/audit-store.ts";
import { openDatabase } from "../../src/stores/sqlite/open-database.ts";
import { sqliteAccounts } from "../../src/stores/sqlite/sqlite-accounts.ts";
import { SqliteJournal } from "../../src/stores/sqlite/sqlite-journal.ts";
import { claimOf, day, minute, queueSettings, second, socket } from "../contract/harness.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { newFile, startOn } from "./sqlite-setup.ts";

const auditEntry: NewAuditEntry = {
  actor: { kind: "operator", name: "ann", tokenId: "token" },
  action: "user.ban",
  target: "user",
  outcome: "done",
  reason: null,
  before: null,
  after: null,
};

describe("after a restart", () => {
  it("sessions are as they were, live and ended ones, in the order in which they were opened", async () => {
    const [path, clock] = [newFile(), new ManualClock()];
    const before = startOn(path, { clock });
    const vars = { clientVars: { "a\u0000\ud800": "ü" }, serverVars: { rank: "7" } };
    const session = { address: "192.0.2.1", agent: "Test/1", shard: "eu", groups: ["testers"], ...vars };
    const sids: string[] = [];
    for (let i = 0; i < 12; i += 1) sids.push((await before.open(session)).sid);
    const [first = "", second = "", third = ""] = sids;
    await before.rotate(second, { attempt: "attempt-of-16-chars" });
    await before.store.sessions.confirm(second, 2);
    await before.store.sessions.markSeen(first);
    await before.store.sessions.end(third, { reason: "logout", closeSockets: false });
    const records = await Promise.all(sids.map((sid) => before.record(sid)));
    await before.store.close();

    const after = startOn(path, { clock });
    expect(await Promise.all(sids.map((sid) => after.record(sid)))).toEqual(records);
    expect((await after.store.sessions.listByUser("user")).map(({ sid }) => sid)).toEqual(
      sids.filter((sid) => sid !== third),
    );
    expect((await after.refresh(third, 1)).outcome).toBe("revoked");
    expect((await after.refresh(second, 2)).outcome).toBe("rotated");
    await after.store.close();
  });

  it("bans, access rules, revoked tokens and changed settings are in force", async () => {
    const [path, clock] = [newFile(), new ManualClock()];
    const before = startOn(path, { clock });
    const rules = { ...openAccess, mode: "limited" as const, opensAt: clock.now() + day };
    const { access } = before.store;
    await access.ban("for ever", { reason: "Cheating.", until: null });
    await access.ban("a while", { reason: "", until: clock.now() + minute });
    await access.ban("lifted", { reason: "", until: null });
    await access.unban("lifted");
    await access.revokeToken("for ever", null);
    await access.revokeToken("a while", clock.now() + minute);
    await access.setAccessRules(rules);
    const lanes = { default: 1, friends: 2.5 };
    await before.store.queue.configure({ mode: "always", notice: "Soon.", lanes, targetCcuLimit: 7 });
    await before.store.queue.configure({ targetCcuLimit: null });
    await before.store.close();

    const after = startOn(path, { clock, queue: { targetCcuLimit: 12 } });
    expect(await after.store.access.getBan("for ever")).toEqual({ reason: "Cheating.", until: null });
    expect(await after.store.access.getBan("a while")).not.toBeNull();
    expect(await after.store.access.getBan("lifted")).toBeNull();
    expect(await after.store.access.isTokenRevoked("for ever")).toBe(true);
    expect(await after.store.access.isTokenRevoked("a while")).toBe(true);
    expect(await after.store.access.accessRules()).toEqual(rules);
    const settings = await after.store.queue.settings();
    expect(settings).toEqual({ ...queueSettings, mode: "always", notice: "Soon.", lanes, targetCcuLimit: 12 });
    await after.advance(minute);
    expect(await after.store.access.getBan("a while")).toBeNull();
    expect(await after.store.access.isTokenRevoked("a while")).toBe(false);
    await after.store.close();
  });

  it("the audit list is there, and goes on with the next id", async () => {
    const [path, clock] = [newFile(), new ManualClock()];
    const before = startOn(path, { clock });
    const entries = [];
    for (let count = 0; count < 11; count += 1) {
      entries.push(await before.store.audit.append({ ...auditEntry, target: "\ud800\u0000", after: { count } }));
    }
    await before.store.close();

    await clock.advance(day);
    const after = startOn(path, { clock });
    expect(await after.store.audit.list({ before: null, limit: 100 })).toEqual(entries.toReversed());
    expect(await after.store.audit.list({ before: "10", limit: 2 })).toEqual([entries[8], entries[7]]);
    expect(await after.store.audit.append(auditEntry)).toEqual({ ...auditEntry, id: "12", at: clock.now() });
    await after.store.close();
  });

  it("accounts are there, in the file of the store too", async () => {
    const [path, clock] = [newFile(), new ManualClock()];
    const identity = { provider: "device", externalId: "hash" };
    const start = () => ({ h: startOn(path, { clock }), accounts: sqliteAccounts(path)({ clock }) });
    const before = start();
    const { account } = await before.accounts.findOrCreate(identity, { username: "Ada", groups: ["testers"] });
    const { sid } = await before.h.open({ userId: account.userId });
    await before.h.store.close();
    await before.accounts.close?.();

    const after = start();
    expect(await after.accounts.findByIdentity(identity)).toEqual(account);
    await expect(after.accounts.create({ username: "ada" })).rejects.toMatchObject({ code: "CONFLICT" });
    expect((await after.h.record(sid)).userId).toBe(account.userId);
    await after.h.store.close();
    await after.accounts.close?.();
  });

  it("a player with a live session and no ticket waits until those with tickets had time to return, and then gets in", async () => {
    const [path, clock] = [newFile(), new ManualClock()];
    const restored = { clock, ticketsMayReturn: true, queue: { targetCcuLimit: 2 } };
    const before = startOn(path, restored);
    await before.advance(queueSettings.restoreSeconds * second);
    const { sid } = await before.open();
    expect(await before.store.queue.takeSlot(sid)).toEqual({ outcome: "taken" });
    await before.store.queue.setSocketsOpen(sid, "host", true);
    const ticket = await before.join();
    await before.store.close();
    await clock.advance(second);

    const after = startOn(path, restored);
    expect((await after.store.queue.takeSlot(sid)).outcome).toBe("queueRequired");
    const own = await after.join({ newTicketId: "own", userId: "user", sid, as: socket("player") });
    expect((await after.join({ claim: claimOf(ticket) })).id).toBe(ticket.id);
    expect(await after.admit()).toEqual([]);
    await after.advanceAlive(queueSettings.restoreSeconds * second);
    expect(await after.admit()).toEqual([ticket.id, own.id]);
    expect(await after.store.queue.takeSlot(sid)).toEqual({ outcome: "held" });
    await after.store.close();
  });

  it("a player with a live session gets in at once where no ticket can return", async () => {
    const path = newFile();
    const before = startOn(path);
    const { sid } = await before.open();
    await before.store.close();
    const after = startOn(path);
    expect(await after.store.queue.takeSlot(sid)).toEqual({ outcome: "taken" });
    await after.store.close();
  });
});

describe("what is over", () => {
  const rows = (path: string) => {
    const database = new DatabaseSync(path, { readOnly: true });
    const counts = ["sessions", "bans", "revocations"].map(
      (table) => database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.["rows"],
    );
    database.close();
    return counts;
  };

  it("is deleted a bounded part at a time, that of the time in which nothing ran too", async () => {
    const [path, clock] = [newFile(), new ManualClock()];
    const before = startOn(path, { clock });
    for (let i = 0; i < 1_500; i += 1) await before.open({ userId: `user-${i}`, lifetimes: { tokenMs: 1, idleMs: 1 } });
    const { sid } = await before.open();
    await before.store.access.ban("somebody", { reason: "", until: clock.now() + day });
    await before.store.access.revokeToken("token", clock.now() + day);
    await before.store.close();
    await clock.advance(2 * day);

    const after = startOn(path, { clock });
    expect(rows(path)).toEqual([1_501, 1, 1]);
    await clock.advance(minute);
    expect(rows(path)).toEqual([501, 0, 0]);
    await clock.advance(second);
    expect(rows(path)).toEqual([1, 0, 0]);
    expect((await after.record(sid)).end).toBeNull();
    await clock.advance(90 * day);
    expect(rows(path)).toEqual([0, 0, 0]);
    expect(await after.store.sessions.get(sid)).toBeNull();
    await after.store.close();
  });
});

describe("the audit list in the file", () => {
  const ids = (path: string) => {
    const database = new DatabaseSync(path, { readOnly: true });
    const row = database.prepare("SELECT count(*) AS count, min(id) AS first, max(id) AS last FROM audit").get();
    database.close();
    return { ...row };
  };

  it("is as long as it may be, and no longer", async () => {
    const [path, clock] = [newFile(), new ManualClock()];
    const before = startOn(path, { clock });
    for (let count = 0; count < mostAuditEntries; count += 1) await before.store.audit.append(auditEntry);
    expect(ids(path)).toEqual({ count: mostAuditEntries, first: 1, last: mostAuditEntries });
    await before.store.close();
    const after = startOn(path, { clock });
    await after.store.audit.append(auditEntry);
    expect(ids(path)).toEqual({ count: mostAuditEntries, first: 2, last: mostAuditEntries + 1 });
    expect(await after.store.audit.list({ before: "3", limit: 5 })).toMatchObject([{ id: "2" }]);
    await after.store.close();
  });

  it("is cut to that where a file has more", async () => {
    const [path, clock] = [newFile(), new ManualClock()];
    await startOn(path, { clock }).store.close();
    const other = new DatabaseSync(path);
    const row = other.prepare("INSERT INTO audit (id, at, entry) VALUES (?, ?, ?)");
    other.exec("BEGIN");
    for (let id = 5; id < mostAuditEntries + 25; id += 1) row.run(id, 1_000, JSON.stringify(auditEntry));
    other.exec("COMMIT");
    other.close();
    const h = startOn(path, { clock });
    const all = await h.store.audit.list({ before: null, limit: 2 * mostAuditEntries });
    expect(all).toHaveLength(mostAuditEntries);
    expect(all.at(-1)).toEqual({ ...auditEntry, id: "25", at: 1_000 });
    await h.store.audit.append(auditEntry);
    expect(ids(path)).toEqual({ count: mostAuditEntries, first: 26, last: mostAuditEntries + 25 });
    await h.store.close();
  });
});

describe("while the file cannot be written", () => {
  it("every verb that would change something throws STORE_UNAVAILABLE and changes nothing; then all goes on", async () => {
    const [path, clock, warnings] = [newFile(), new ManualClock(), [] as string[]];
    const h = startOn(path, { clock, warn: (message) => warnings.push(message) });
    const { sid } = await h.open({ lifetimes: { tokenMs: minute, idleMs: minute } });
    const ended = await h.open({ userId: "gone" });
    await h.store.sessions.end(ended.sid, { reason: "logout", closeSockets: false });
    await h.store.queue.takeSlot(sid);
    const pass = await h.admitted();
    const place = await h.join({ userId: "user", sid: null });
    const [record, status, heard] = [await h.record(sid), await h.store.queue.status(), h.events.length];
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");

    const { sessions, access, queue, audit } = h.store;
    const ending = { reason: "logout", closeSockets: true } as const;
    for (const verb of [
      () => h.open({ ticketId: pass.id }),
      () => h.open({ limit: 1 }),
      () => h.refresh(sid, 1),
      () => sessions.confirm(sid, 1),
      () => sessions.markSeen(sid),
      () => sessions.end(sid, ending),
      () => sessions.endAllOfUser("user", ending),
      () => sessions.endAll(clock.now(), ending),
      () => access.ban("user", { reason: "", until: null }),
      () => access.unban("user"),
      () => access.revokeToken("token", null),
      () => access.setAccessRules({ ...openAccess, mode: "limited" }),
      () => queue.configure({ mode: "paused" }),
      () => audit.append(auditEntry),
    ]) {
      await expect(verb(), String(verb)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    }
    expect(await h.record(sid)).toEqual(record);
    expect(await queue.status()).toEqual(status);
    expect((await h.standing(place.id)).status).toBe("waiting");
    expect(await access.getBan("user")).toBeNull();
    expect(await access.isTokenRevoked("token")).toBe(false);
    expect(await access.accessRules()).toEqual(openAccess);
    expect(await audit.list({ before: null, limit: 1 })).toEqual([]);
    expect(h.events).toHaveLength(heard);

    other.exec("ROLLBACK");
    other.close();
    expect((await h.tryOpen({ userId: "newcomer", ticketId: pass.id })).outcome).toBe("opened");
    expect((await h.refresh(sid, 1)).outcome).toBe("rotated");
    expect(await access.revokeToken("token", null)).toBe(true);
    expect((await audit.append(auditEntry)).id).toBe("1");
    expect(warnings).toEqual([]);
    await h.store.close();
    await expect(sessions.end(sid, ending)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("accounts say so too, and a known player is found all the same", async () => {
    const [path, clock] = [newFile(), new ManualClock()];
    const accounts = sqliteAccounts(path)({ clock });
    const identity = { provider: "device", externalId: "hash" };
    const { account } = await accounts.findOrCreate(identity, {});
    await accounts.findByIdentity(identity);
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    const unavailable = { code: "STORE_UNAVAILABLE" };
    await expect(accounts.create({})).rejects.toMatchObject(unavailable);
    await expect(accounts.setUsername(account.userId, "Ada")).rejects.toMatchObject(unavailable);
    await expect(accounts.delete(account.userId)).rejects.toMatchObject(unavailable);
    expect(await accounts.findByIdentity(identity)).toEqual(account);
    expect(await accounts.get(account.userId)).toEqual(account);
    other.close();
    expect((await accounts.setUsername(account.userId, "Ada")).username).toBe("Ada");
    await accounts.close?.();
    await expect(accounts.get(account.userId)).rejects.toMatchObject(unavailable);
  });

  it("a step of which a part has no room on the disk leaves nothing of it", async () => {
    const [path, clock] = [newFile(), new ManualClock()];
    const h = startOn(path, { clock });
    const record = await h.open({ clientVars: { long: "x".repeat(100_000) } });
    await h.store.sessions.end(record.sid, { reason: "logout", closeSockets: false });
    await h.store.close();
    const database = openDatabase(path, "process");
    const journal = new SqliteJournal(database, { close() {} });
    database.exec(`PRAGMA max_page_count = ${database.one("PRAGMA page_count")?.["page_count"]}`);
    const before = [...journal.load(clock.now())];
    const ban = { of: "ban", userId: "user", ban: { reason: "", until: null } } as const;
    const session = { of: "session", record: { ...record, sid: "another" } } as const;
    expect(() => journal.write([ban, session])).toThrow(expect.objectContaining({ code: "STORE_UNAVAILABLE" }));
    expect([...journal.load(clock.now())]).toEqual(before);
    journal.write([ban]);
    expect([...journal.load(clock.now())]).toEqual([...before, ban]);
    journal.close();
  });

  it("what is over stays until it can be deleted, and a warning says so", async () => {
    const [path, clock, warnings] = [newFile(), new ManualClock(), [] as string[]];
    const h = startOn(path, { clock, warn: (message) => warnings.push(message) });
    const { sid } = await h.open({ lifetimes: { tokenMs: 1, idleMs: 1 } });
    const other = new DatabaseSync(path);
    await clock.advance(day);
    other.exec("BEGIN IMMEDIATE");
    await clock.advance(minute);
    expect(warnings.length).toBeGreaterThan(0);
    expect(await h.store.sessions.get(sid)).toBeNull();
    other.exec("ROLLBACK");
    const left = () => other.prepare("SELECT count(*) AS rows FROM sessions").get()?.["rows"];
    expect(left()).toBe(1);
    await clock.advance(minute);
    expect(left()).toBe(0);
    other.close();
    await h.store.close();
  });
});
