// The marks of revoked tokens as every store keeps them: made once, seen by every process, forgotten at their end.
import { beforeEach, expect, it } from "vitest";
import { day, type Harness, hour, type MakeStore, makeHarness, second } from "./harness.ts";

export function revocationContract(make: MakeStore): void {
  let h: Harness;
  beforeEach(async () => {
    h = await makeHarness(make, { queue: null });
  });

  const isRevoked = (jti: string) => h.store.access.isTokenRevoked(jti);
  const revoke = (jti: string, until: number | null = h.now() + hour) => h.store.access.revokeToken(jti, until);

  it("a token is good until it is revoked, and then on no process", async () => {
    const other = await h.connect();
    expect(await isRevoked("a")).toBe(false);
    expect(await revoke("a")).toBe(true);
    expect(await isRevoked("a")).toBe(true);
    expect(await other.access.isTokenRevoked("a")).toBe(true);
    expect(await isRevoked("A")).toBe(false);
    expect(h.events).toEqual([]);
  });

  it("of twenty at the same moment, on two processes, one alone makes the mark", async () => {
    const other = await h.connect();
    const tries = Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? h.store : other).access.revokeToken("a", h.now() + hour),
    );
    expect((await Promise.all(tries)).filter((made) => made)).toHaveLength(1);
    expect(await revoke("a", null)).toBe(false);
  });

  it("a mark lasts to its end and no longer; one without end lasts", async () => {
    await revoke("a", h.now() + hour);
    await revoke("b", null);
    await h.advance(hour - 1);
    expect(await isRevoked("a")).toBe(true);
    await h.advance(1);
    expect(await isRevoked("a")).toBe(false);
    expect(await isRevoked("b")).toBe(true);
    await h.advance(400 * day);
    expect(await isRevoked("b")).toBe(true);
  });

  it("a second call does not move the end", async () => {
    await revoke("a", h.now() + hour);
    expect(await revoke("a", h.now() + second)).toBe(false);
    expect(await revoke("a", h.now() + day)).toBe(false);
    await h.advance(hour - 1);
    expect(await isRevoked("a")).toBe(true);
    await h.advance(1);
    expect(await isRevoked("a")).toBe(false);
  });

  it("a token that is over already is not marked", async () => {
    expect(await revoke("a", h.now())).toBe(false);
    expect(await revoke("a", h.now() - day)).toBe(false);
    expect(await isRevoked("a")).toBe(false);
  });

  it("a mark may outlast a century, and any id is a plain one", async () => {
    const century = 100 * 365 * day;
    for (const jti of ["__proto__", "constructor", "Über ☃", "x".repeat(128), "a:b {c}"]) {
      expect(await isRevoked(jti), jti).toBe(false);
      expect(await revoke(jti, h.now() + century), jti).toBe(true);
      expect(await isRevoked(jti), jti).toBe(true);
    }
    await h.advance(day);
    expect(await isRevoked("__proto__")).toBe(true);
  });
}
