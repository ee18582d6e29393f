// Accounts in memory: what any account store has to keep.
import { describe, expect, it } from "vitest";
import type { AccountStore } from "../../src/accounts/account-store.ts";
import { memoryAccounts } from "../../src/accounts/memory-accounts.ts";
import { refusalCode } from "../sessions/setup.ts";
import { ManualClock } from "../support/manual-clock.ts";

function open(): { accounts: AccountStore; clock: ManualClock } {
  const clock = new ManualClock();
  return { accounts: memoryAccounts()({ clock }), clock };
}

const device = { provider: "device", externalId: "hash-1" };

describe("an account", () => {
  it("S55 has a random id of 128 bits that comes from no credential", async () => {
    const { accounts } = open();
    const ids = new Set<string>();
    for (let i = 0; i < 50; i += 1) {
      const { account } = await accounts.findOrCreate({ provider: "device", externalId: `hash-${i}` }, {});
      expect(account.userId).toMatch(/^[\w-]{22}$/);
      ids.add(account.userId);
    }
    expect(ids.size).toBe(50);
    const elsewhere = await open().accounts.findOrCreate(device, {});
    expect(ids).not.toContain(elsewhere.account.userId);
  });

  it("is found by id and by identity, and cannot be changed by who holds it", async () => {
    const { accounts, clock } = open();
    const { account, created } = await accounts.findOrCreate(device, { username: "Ada", groups: ["vip", "vip"] });
    expect(created).toBe(true);
    expect(account).toEqual({ userId: expect.any(String), username: "Ada", groups: ["vip"], createdAt: clock.now() });
    expect(Object.isFrozen(account) && Object.isFrozen(account.groups)).toBe(true);
    expect(await accounts.get(account.userId)).toEqual(account);
    expect(await accounts.findByIdentity(device)).toEqual(account);
    expect(await accounts.get("unknown")).toBeNull();
    expect(await accounts.get("__proto__")).toBeNull();
    expect(await accounts.findByIdentity({ ...device, provider: "custom" })).toBeNull();
  });

  it("is made once, however many ask at once", async () => {
    const { accounts } = open();
    const answers = await Promise.all(Array.from({ length: 50 }, () => accounts.findOrCreate(device, {})));
    expect(new Set(answers.map(({ account }) => account.userId)).size).toBe(1);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
  });

  it("without an identity is a fresh one each time", async () => {
    const { accounts } = open();
    const [a, b] = [await accounts.create({}), await accounts.create({})];
    expect(a.userId).not.toBe(b.userId);
  });

  it("keeps identities apart whose parts only look alike when joined", async () => {
    const { accounts } = open();
    const pairs = [
      ["a", "b:c"],
      ["a:b", "c"],
      ["a\u0000b", "c"],
      ["a", "b\u0000c"],
      ['a","b', "c"],
    ] as const;
    const ids = new Set<string>();
    for (const [provider, externalId] of pairs) {
      ids.add((await accounts.findOrCreate({ provider, externalId }, {})).account.userId);
    }
    expect(ids.size).toBe(pairs.length);
  });

  it("that exists keeps its name, and has the groups its provider names last", async () => {
    const { accounts } = open();
    const first = (await accounts.findOrCreate(device, { username: "Ada", groups: ["staff"] })).account;
    const second = await accounts.findOrCreate(device, { username: "Grace" });
    expect(second).toEqual({ account: first, created: false });
    const third = await accounts.findOrCreate(device, { groups: [] });
    expect(third).toEqual({ account: { ...first, groups: [] }, created: false });
    expect((await accounts.get(first.userId))?.groups).toEqual([]);
  });
});

describe("S54 linking", () => {
  it("an identity to an anonymous account keeps its user id", async () => {
    const { accounts } = open();
    const anonymous = await accounts.create({});
    await accounts.link(anonymous.userId, device);
    const { account, created } = await accounts.findOrCreate(device, {});
    expect([account.userId, created]).toEqual([anonymous.userId, false]);
  });

  it("several identities to one account", async () => {
    const { accounts } = open();
    const { account } = await accounts.findOrCreate(device, {});
    const others = [
      { provider: "custom", externalId: "ada" },
      { ...device, externalId: "hash-2" },
    ];
    for (const identity of others) await accounts.link(account.userId, identity);
    for (const identity of [device, ...others]) {
      expect((await accounts.findByIdentity(identity))?.userId).toBe(account.userId);
    }
  });

  it("again does nothing; another account's identity is a CONFLICT; an unknown user NOT_FOUND", async () => {
    const { accounts } = open();
    const { account } = await accounts.findOrCreate(device, {});
    await accounts.link(account.userId, device);
    const other = await accounts.create({});
    expect(await refusalCode(accounts.link(other.userId, device))).toBe("CONFLICT");
    expect((await accounts.findByIdentity(device))?.userId).toBe(account.userId);
    const free = { ...device, externalId: "free" };
    expect(await refusalCode(accounts.link("unknown", free))).toBe("NOT_FOUND");
    expect(await accounts.findByIdentity(free)).toBeNull();
  });
});

describe("a username", () => {
  it("is made up where none is given", async () => {
    const { accounts } = open();
    const names = new Set<string>();
    for (let i = 0; i < 100; i += 1) names.add((await accounts.create({})).username);
    expect(names.size).toBe(100);
    for (const name of names) expect(name).toMatch(/^player-[a-z0-9]{8}$/);
  });

  it.each([
    ["Ada", "ada"],
    ["Ada", "ADA"],
    ["Ada", " Ada "],
    ["Ada", "Ａｄａ"],
    ["Ada", "A\u200bda"],
    ["Straße", "STRASSE"],
    ["ﬁnn", "Finn"],
    ["José", "Jose\u0301"],
    ["Ολυμπος", "ΟΛΥΜΠΟΣ"],
  ])("%j leaves no room for %j", async (taken, wanted) => {
    const { accounts } = open();
    const { userId } = await accounts.create({ username: taken });
    expect(await refusalCode(accounts.create({ username: wanted }))).toBe("CONFLICT");
    expect(await refusalCode(accounts.findOrCreate(device, { username: wanted }))).toBe("CONFLICT");
    expect(await accounts.findByIdentity(device)).toBeNull();
    const other = await accounts.create({});
    expect(await refusalCode(accounts.setUsername(other.userId, wanted))).toBe("CONFLICT");
    expect((await accounts.get(other.userId))?.username).toBe(other.username);
    // Its owner may write it so.
    expect((await accounts.setUsername(userId, wanted)).username).toBe(wanted.trim());
  });

  it("is free again once its owner changed it", async () => {
    const { accounts } = open();
    const ada = await accounts.create({ username: "Ada" });
    expect((await accounts.setUsername(ada.userId, "Countess")).userId).toBe(ada.userId);
    expect((await accounts.get(ada.userId))?.username).toBe("Countess");
    expect((await accounts.create({ username: "ada" })).username).toBe("ada");
    expect(await refusalCode(accounts.setUsername("unknown", "Grace"))).toBe("NOT_FOUND");
  });

  it("is claimed once, however many claim it at once", async () => {
    const { accounts } = open();
    const claims = Array.from({ length: 20 }, () =>
      accounts.create({ username: "Ada" }).then(
        () => 1,
        () => 0,
      ),
    );
    expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(1);
  });
});
