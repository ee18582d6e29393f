// The access rules as every store keeps them: whole, for every process, until they are set again.
import { beforeEach, expect, it } from "vitest";
import { type AccessRules, openAccess } from "../../src/access/access-rules.ts";
import { type Harness, type MakeStore, makeHarness } from "./harness.ts";

export function accessContract(make: MakeStore): void {
  let h: Harness;
  beforeEach(async () => {
    h = await makeHarness(make, { queue: null });
  });

  const limited = (): AccessRules => ({
    mode: "limited",
    allow: { userIds: ["ann", "__proto__"], groups: ["testers", "Über ☃"], rule: "friends" },
    opensAt: h.now() + 1_000,
    closesAt: null,
  });

  it("are open until they are set", async () => {
    expect(await h.store.access.accessRules()).toEqual(openAccess);
  });

  it("are kept whole, in the place of those before, and told to every process", async () => {
    const other = await h.connect();
    const rules = limited();
    await h.store.access.setAccessRules(rules);
    expect(h.events).toEqual([{ type: "accessChanged" }]);
    expect(await other.access.accessRules()).toEqual(rules);
    const next: AccessRules = { ...openAccess, closesAt: h.now() + 5_000 };
    await other.access.setAccessRules(next);
    expect(await h.store.access.accessRules()).toEqual(next);
  });

  it("are set one after the other, and each is told whose place it took", async () => {
    const other = await h.connect();
    expect(await h.store.access.setAccessRules({ ...openAccess, opensAt: 0 })).toEqual(openAccess);
    const moments = Array.from({ length: 20 }, (_, index) => index + 1);
    const before = await Promise.all(
      moments.map(async (opensAt, index) => {
        const { access } = index % 2 === 0 ? h.store : other;
        return (await access.setAccessRules({ ...openAccess, opensAt })).opensAt ?? -1;
      }),
    );
    const { opensAt: last } = await h.store.access.accessRules();
    expect([...before, last ?? -1].sort((a, b) => a - b)).toEqual([0, ...moments]);
  });

  it("stay as they are when their moments pass", async () => {
    const rules = limited();
    await h.store.access.setAccessRules(rules);
    await h.advance(60_000);
    expect(await h.store.access.accessRules()).toEqual(rules);
  });

  it("are none of whom set them or read them", async () => {
    const userIds = ["ann"];
    await h.store.access.setAccessRules({ ...limited(), allow: { userIds, groups: [], rule: null } });
    userIds.push("bob");
    expect((await h.store.access.accessRules()).allow.userIds).toEqual(["ann"]);
  });

  it("end no session and hold up no login of theirs", async () => {
    const { sid } = await h.open({ userId: "bob" });
    await h.store.access.setAccessRules(limited());
    expect((await h.record(sid)).end).toBeNull();
    expect((await h.tryOpen({ userId: "bob" })).outcome).toBe("opened");
  });
}
