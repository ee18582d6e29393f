// How entries of the audit list are cut, and what the log says of them: small, in one line, and the ends that matter kept.
import { describe, expect, it } from "vitest";
import { mostAuditEntryBytes } from "../../src/audit/audit-store.ts";
import { auditEntry, auditLine, type OperatorAct } from "../../src/operator/audit-entry.ts";
import type { Operator } from "../../src/tokens/operator-tokens.ts";

const ann: Operator = { kind: "operator", name: "ann", scopes: [], tokenId: "1234abcd5678", expiresAt: 0 };
const act: OperatorAct = { action: "a.b", target: "t", reason: "why", outcome: "done", before: null, after: null };
const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe("an entry", () => {
  it("is whole where it is small", () => {
    const before = { notice: "é".repeat(500), lanes: { a: 1, b: 2 }, allow: { userIds: ["u"], rule: null } };
    expect(auditEntry(ann, { ...act, before })).toEqual({
      actor: { kind: "operator", name: "ann", tokenId: "1234abcd5678" },
      ...act,
      before,
    });
  });

  it("S60 stays below its bound, whatever it is about, and keeps who and what", () => {
    const control = "\u0001";
    const lanes = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`${"x".repeat(30)}${index}`, 0.001]));
    const settings = { notice: control.repeat(500), lanes, ...Object.fromEntries([...lanesOf(15)]) };
    const loud: Operator = { ...ann, name: control.repeat(4_000), tokenId: control.repeat(4_000) };
    for (const act of [
      { target: "席".repeat(256), reason: control.repeat(500), before: settings, after: settings },
      { target: null, reason: null, before: { allow: { userIds: ids(10_000), groups: ids(100) } }, after: settings },
      { target: "t", reason: "\ud83d".repeat(600), before: { deep: [[ids(99)]] }, after: { other: { deep: ids(99) } } },
    ]) {
      const entry = auditEntry(loud, { action: "queue.configure", outcome: "done", ...act });
      expect(bytes(entry)).toBeLessThanOrEqual(mostAuditEntryBytes);
      expect(entry).toMatchObject({ action: "queue.configure", outcome: "done" });
      expect(JSON.stringify(entry)).not.toMatch(/\\ud[89a-f]/i);
      expect(entry.target?.slice(0, 64)).toBe(act.target?.slice(0, 64));
    }
  });

  it("says how many there were of what is too many", () => {
    const lanes = Object.fromEntries(ids(501).map((id) => [id, 1]));
    const { before } = auditEntry(ann, { ...act, before: { allow: { userIds: ids(501) }, groups: ["staff"], lanes } });
    expect(before).toMatchObject({
      allow: { userIds: expect.arrayContaining(["user-0", "401 more"]) },
      groups: ["staff"],
    });
    expect(before?.["lanes"]).toMatchObject({ "user-99": 1, "…": "401 more" });
  });
});

describe("a line of the log", () => {
  const line = (changes: Partial<OperatorAct>) => auditLine(auditEntry(ann, { ...act, ...changes }));

  it("tells who did what to what, and why", () => {
    expect(line({})).toBe('colyseus-login: operator ann (token 1234abcd): a.b t "why"');
    expect(line({ target: null, reason: null })).toBe("colyseus-login: operator ann (token 1234abcd): a.b");
    expect(line({ reason: null, outcome: "CONFLICT" })).toMatch(/a\.b t refused: CONFLICT$/);
  });

  it("tells what became of a value, and nothing of what stayed or is new", () => {
    const before = { limit: 100, mode: "auto", same: [1], notice: "" };
    const after = { limit: 200, mode: "paused", same: [1], other: 1, notice: "Soon." };
    expect(line({ target: null, reason: null, before, after })).toMatch(
      /a\.b limit 100 → 200 mode "auto" → "paused" notice "" → "Soon\."$/,
    );
  });

  it("is one line that nothing turns around, of bounded length", () => {
    const hostile = `a\nb\r\u2028c\u202ed\u0000e`;
    const said = auditLine({ ...auditEntry(ann, act), target: hostile, reason: `${hostile}${"x".repeat(5_000)}` });
    expect(said).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202e]/u);
    expect(said).toContain("a b c d e");
    expect(said.length).toBeLessThan(500);
  });
});

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `user-${index}`);
}

function lanesOf(count: number): [string, unknown][] {
  return Array.from({ length: count }, (_, index) => [`setting${index}`, { nested: ids(200), text: "x".repeat(900) }]);
}
