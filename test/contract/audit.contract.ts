// The audit list as every store keeps it: whole, in order, by the store's clock, bounded, and for every process.
import { beforeEach, expect, it } from "vitest";
import { type AuditEntry, mostAuditEntries, type NewAuditEntry } from "../../src/audit/audit-store.ts";
import { type Harness, type MakeStore, makeHarness } from "./harness.ts";

const newEntry = (given: Partial<NewAuditEntry> = {}): NewAuditEntry => ({
  actor: { kind: "operator", name: "ann", tokenId: "token" },
  action: "queue.configure",
  target: null,
  outcome: "done",
  reason: null,
  before: null,
  after: null,
  ...given,
});

export function auditContract(make: MakeStore): void {
  let h: Harness;
  beforeEach(async () => {
    h = await makeHarness(make, { queue: null });
  });

  const list = (before: string | null = null, limit = 100) => h.store.audit.list({ before, limit });
  /** As many entries, each with its number as its target. */
  async function append(count: number): Promise<AuditEntry[]> {
    const entries: AuditEntry[] = [];
    for (let number = 1; number <= count; number++) {
      entries.push(await h.store.audit.append(newEntry({ target: String(number) })));
    }
    return entries;
  }

  it("is empty at first", async () => {
    expect(await list()).toEqual([]);
  });

  it("keeps what was given, stamped by the store's clock, and shows it to every process", async () => {
    const other = await h.connect();
    const given = newEntry({
      actor: { kind: "partner", name: "Über ☃ \u0000\ud800 \n", tokenId: "__proto__" },
      target: "user",
      outcome: "NOT_FOUND",
      reason: "line\nand \"quotes\" 'too'",
      before: { lanes: { "10": 1, "2": 0.1 }, notice: "", none: null, empty: [], list: [1, [2], {}] },
      after: { limit: 1e21, rate: 0.1 + 0.2, big: 9_007_199_254_740_991, deep: { a: [{ b: true }] } },
    });
    const first = await h.store.audit.append(given);
    expect(first).toEqual({ ...given, id: expect.stringMatching(/^[1-9]\d*$/), at: h.now() });
    await h.advance(1_500);
    const second = await other.audit.append(newEntry({ action: "user.ban" }));
    expect(second.at).toBe(first.at + 1_500);
    expect(await list()).toEqual([second, first]);
    expect(await other.audit.list({ before: null, limit: 100 })).toEqual([second, first]);
    // It is nothing that the feed tells of.
    expect(h.events).toEqual([]);
  });

  it("is none of whom wrote it", async () => {
    const after: Record<string, unknown> = { mode: "paused", at: new Date(0), nothing: undefined };
    await h.store.audit.append(newEntry({ after }));
    after["mode"] = "open";
    expect((await list())[0]?.after).toEqual({ mode: "paused", at: "1970-01-01T00:00:00.000Z" });
  });

  it("is read by pages, the newest first, also where ids get longer", async () => {
    const entries = await append(25);
    const numbers = entries.map(({ id }) => Number(id));
    expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
    const seen: AuditEntry[] = [];
    for (let before: string | null = null; ; before = seen.at(-1)?.id ?? null) {
      const page = await list(before, 4);
      seen.push(...page);
      if (page.length < 4) break;
    }
    expect(seen).toEqual(entries.toReversed());
    expect(await list(entries[9]?.id, 3)).toEqual(entries.slice(6, 9).toReversed());
    expect(await list(null, 0)).toEqual([]);
  });

  it("has nothing before its first entry, nor before what is no id; all of it is older than an id that is not given out", async () => {
    const [first, second] = await append(2);
    expect(await list(first?.id)).toEqual([]);
    for (const text of ["", "0", "-1", "1.5", "1e3", " 2", "x", "(2", "+inf", "9".repeat(30)]) {
      expect(await list(text), text).toEqual([]);
    }
    expect(await list("900000000000000")).toEqual([second, first]);
  });

  it("gives many at one moment an id each, from every process", async () => {
    const other = await h.connect();
    const stores = [h.store, other];
    const all = await Promise.all(
      Array.from({ length: 40 }, (_none, index) =>
        stores[index % 2]!.audit.append(newEntry({ target: String(index) })),
      ),
    );
    expect(new Set(all.map(({ id }) => id)).size).toBe(40);
    const byId = all.toSorted((one, other) => Number(other.id) - Number(one.id));
    expect(await list()).toEqual(byId);
  });

  it("lets go of the oldest", { timeout: 60_000 }, async () => {
    const first = await h.store.audit.append(newEntry());
    const rest: AuditEntry[] = [];
    for (let count = 0; count < mostAuditEntries + 2; count += 500) {
      const some = Array.from({ length: 500 }, () => h.store.audit.append(newEntry()));
      rest.push(...(await Promise.all(some)));
    }
    const all = await list(null, 2 * mostAuditEntries);
    expect(all).toHaveLength(mostAuditEntries);
    expect(all).toEqual(rest.slice(-mostAuditEntries).toReversed());
    expect(new Set(rest.map(({ id }) => id)).size).toBe(rest.length);
    // A page before one that is forgotten is the last.
    expect(await list(first.id)).toEqual([]);
    expect(await list(all.at(-1)?.id)).toEqual([]);
    expect(await list(all.at(-2)?.id)).toEqual(all.slice(-1));
  });
}
