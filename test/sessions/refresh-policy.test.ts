// The refresh table of DESIGN 4 as a pure function: its rows, its borders, and what a rotation keeps.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideRefresh, rotate } from "../../src/sessions/refresh-policy.ts";
import type { SessionRecord } from "../../src/sessions/session.ts";

const graceMs = 10_000;
const dayMs = 24 * 60 * 60 * 1000;

/** Generation 5, made at 100 s, whose forerunner was made at 95 s, pending. */
function record(change: Partial<SessionRecord> = {}): SessionRecord {
  return {
    sid: "sid",
    userId: "user",
    username: "User",
    groups: [],
    kind: "player",
    clientVars: {},
    serverVars: {},
    shard: null,
    address: null,
    agent: null,
    createdAt: 0,
    seenAt: 0,
    idleEndsAt: 40 * dayMs,
    absoluteEndsAt: 90 * dayMs,
    nonce: "nonce",
    generation: 5,
    rotatedAt: 100_000,
    previousRotatedAt: 95_000,
    confirmedAt: null,
    attempt: "attempt",
    refreshSecretId: "secret",
    tokenId: "token",
    tokenIssuedAt: 100_000,
    tokenExpiresAt: 200_000,
    end: null,
    ...change,
  };
}

function decide(
  change: Partial<SessionRecord> | null,
  presented: number,
  now: number,
  attempt: string | null = "other",
) {
  return decideRefresh(change === null ? null : record(change), { presented, attempt }, graceMs, now).decision;
}

describe("decideRefresh", () => {
  const rows: [string, Partial<SessionRecord> | null, number, number, string | null, string][] = [
    ["no record", null, 5, 101_000, null, "revoked"],
    ["ended", { end: { at: 1, reason: "logout" } }, 5, 101_000, null, "revoked"],
    ["ended and past its end", { end: { at: 1, reason: "logout" }, idleEndsAt: 1 }, 5, 101_000, null, "revoked"],
    ["past the idle end", { idleEndsAt: 101_000 }, 5, 101_000, null, "expired"],
    ["just before the idle end", { idleEndsAt: 101_001 }, 5, 101_000, null, "rotate"],
    ["past the absolute end", { absoluteEndsAt: 101_000 }, 5, 101_000, null, "expired"],
    ["in force", {}, 5, 101_000, null, "rotate"],
    ["in force, confirmed", { confirmedAt: 100_500 }, 5, 101_000, null, "rotate"],
    ["in force, of the same attempt again", {}, 5, 101_000, "attempt", "rotate"],
    ["ahead: lost writes", {}, 6, 101_000, null, "rotate"],
    ["one before, pending, same attempt, much later", {}, 4, 100_000 + 30 * dayMs, "attempt", "repeat"],
    ["one before, pending, none and none, within a day", { attempt: null }, 4, 100_000 + dayMs - 1, null, "repeat"],
    ["one before, pending, none and none, after a day", { attempt: null }, 4, 100_000 + dayMs, null, "reuse"],
    ["one before, pending, other attempt, within the grace", {}, 4, 109_999, "other", "repeat"],
    ["one before, pending, other attempt, after it", {}, 4, 110_000, "other", "reuse"],
    ["one before, pending, attempt against none, after it", {}, 4, 110_000, null, "reuse"],
    ["one before, pending, none against attempt, after it", { attempt: null }, 4, 110_000, "attempt", "reuse"],
    [
      "one before, confirmed, same attempt, after both graces",
      { confirmedAt: 100_500 },
      4,
      110_500,
      "attempt",
      "reuse",
    ],
    ["one before, confirmed a moment ago", { confirmedAt: 500_000 }, 4, 509_999, "other", "repeat"],
    ["one before, confirmed longer ago", { confirmedAt: 500_000 }, 4, 510_000, "other", "reuse"],
    ["two before, within its grace", {}, 3, 104_999, "other", "repeat"],
    ["two before, after it", {}, 3, 105_000, "attempt", "reuse"],
    ["two before, though the one in force was just confirmed", { confirmedAt: 105_000 }, 3, 105_000, "other", "reuse"],
    ["three before, at once", { previousRotatedAt: 100_000 }, 2, 100_000, "attempt", "reuse"],
    ["generation 0 of a new session", { generation: 1, rotatedAt: 0, attempt: null }, 0, 1, null, "reuse"],
    ["generation 0 beside generation 2", { generation: 2 }, 0, 100_001, null, "reuse"],
    ["a negative generation", { generation: 1 }, -1, 100_001, "attempt", "reuse"],
  ];

  it.each(rows)("S13 %s", (_, change, presented, now, attempt, expected) => {
    expect(decide(change, presented, now, attempt)).toBe(expected);
  });

  it("S13 tells which generation it goes on from, and whether the store had forgotten it", () => {
    const request = { presented: 5, attempt: null };
    expect(decideRefresh(record(), request, graceMs, 1)).toEqual({ decision: "rotate", from: 5, lostWrites: false });
    const ahead = { presented: 9, attempt: null };
    expect(decideRefresh(record(), ahead, graceMs, 1)).toEqual({ decision: "rotate", from: 9, lostWrites: true });
  });

  it("without grace repeats for the same attempt alone", () => {
    expect(decideRefresh(record(), { presented: 4, attempt: "other" }, 0, 100_000).decision).toBe("reuse");
    expect(decideRefresh(record(), { presented: 4, attempt: "attempt" }, 0, 100_000).decision).toBe("repeat");
  });
});

describe("rotate", () => {
  const lifetimes = { tokenMs: dayMs, idleMs: 30 * dayMs, absoluteMs: 90 * dayMs, refreshGraceMs: graceMs };
  const change = {
    clientVars: { a: "1" },
    serverVars: { b: "2" },
    username: "Renamed",
    groups: ["g"],
    attempt: "next",
    tokenId: "next token",
    refreshSecretId: "next secret",
  };

  it("moves what a generation is made of and keeps what a session is", () => {
    const before = record({ confirmedAt: 150_000 });
    expect(rotate(before, 5, change, lifetimes, 200_000)).toEqual({
      ...before,
      seenAt: 200_000,
      ...change,
      generation: 6,
      rotatedAt: 200_000,
      previousRotatedAt: 100_000,
      confirmedAt: null,
      idleEndsAt: 200_000 + 30 * dayMs,
      tokenIssuedAt: 200_000,
      tokenExpiresAt: 200_000 + dayMs,
    });
  });

  it("S18 slides up to the absolute end and not beyond", () => {
    const late = rotate(record(), 5, change, lifetimes, 89.5 * dayMs);
    expect(late).toMatchObject({ idleEndsAt: 90 * dayMs, tokenExpiresAt: 90 * dayMs, absoluteEndsAt: 90 * dayMs });
  });

  it("goes on from the generation presented", () => {
    expect(rotate(record(), 9, change, lifetimes, 200_000).generation).toBe(10);
  });

  it("S15 whatever comes, the generation of before repeats for no longer than the grace unless its attempt is known", () => {
    fc.assert(
      fc.property(fc.nat(60_000), fc.nat(60_000), (first, later) => {
        const rotated = rotate(record(), 5, change, lifetimes, 200_000);
        const decided = (now: number) =>
          decideRefresh(rotated, { presented: 5, attempt: "of a thief" }, graceMs, now).decision;
        const [early, late] = [200_000 + Math.min(first, later), 200_000 + Math.max(first, later)];
        // Asking early does not help to ask late: the decision depends on the record and the time alone.
        decided(early);
        expect(decided(late)).toBe(late - 200_000 < graceMs ? "repeat" : "reuse");
      }),
    );
  });
});
