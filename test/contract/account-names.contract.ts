// What every account store does with accounts and their names.
import { expect, it } from "vitest";
import { refusalCode } from "../sessions/setup.ts";
import { device, fulfilled, type MakeAccounts } from "./accounts-harness.ts";

export function accountTests(make: MakeAccounts): void {
  it("S55 has a random id of 128 bits that comes from no credential", async () => {
    const { accounts } = await make();
    const ids = new Set<string>();
    for (let i = 0; i < 50; i += 1) {
      const { account } = await accounts.findOrCreate({ provider: "device", externalId: `hash-${i}` }, {});
      expect(account.userId).toMatch(/^[\w-]{22}$/);
      ids.add(account.userId);
    }
    expect(ids.size).toBe(50);
    const elsewhere = await (await make()).accounts.findOrCreate({ ...device, externalId: "hash-0" }, {});
    expect(ids).not.toContain(elsewhere.account.userId);
  });

  it("is found by id and by identity, in every process", async () => {
    const { accounts, connect, now } = await make();
    const { account, created } = await accounts.findOrCreate(device, { username: "Ada", groups: ["vip", "vip"] });
    expect(created).toBe(true);
    expect(account).toEqual({ userId: expect.any(String), username: "Ada", groups: ["vip"], createdAt: now() });
    for (const store of [accounts, await connect()]) {
      expect(await store.get(account.userId)).toEqual(account);
      expect(await store.findByIdentity(device)).toEqual(account);
      expect(await store.findOrCreate(device, {})).toEqual({ account, created: false });
      for (const unknown of ["unknown", "", "__proto__", "constructor"]) {
        expect(await store.get(unknown)).toBeNull();
        expect(await store.findByIdentity({ provider: unknown, externalId: unknown })).toBeNull();
        expect(await store.identities(unknown)).toEqual([]);
      }
      expect(await store.findByIdentity({ ...device, provider: "custom" })).toBeNull();
    }
  });

  it("cannot be changed by who holds an answer", async () => {
    const { accounts } = await make();
    const { account } = await accounts.findOrCreate(device, { username: "Ada", groups: ["vip"] });
    const before = structuredClone(account);
    Reflect.set(account, "username", "Eve");
    Reflect.set(account.groups, 0, "admin");
    expect(await accounts.get(before.userId)).toEqual(before);
  });

  it("is made once, however many ask at once", async () => {
    const { accounts, connect } = await make();
    const stores = [accounts, await connect()];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => stores[index % 2]!.findOrCreate(device, {})),
    );
    expect(new Set(answers.map(({ account }) => account.userId)).size).toBe(1);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
  });

  it("without an identity is a fresh one each time", async () => {
    const { accounts } = await make();
    const [a, b] = [await accounts.create({}), await accounts.create({})];
    expect(a.userId).not.toBe(b.userId);
    expect(await accounts.identities(a.userId)).toEqual([]);
  });

  it("keeps identities apart whose parts only look alike when joined", async () => {
    const { accounts } = await make();
    const pairs = [
      ["a", "b:c"],
      ["a:b", "c"],
      ["a\u0000b", "c"],
      ["a", "b\u0000c"],
      ['a","b', "c"],
      ["a", "B:c"],
      ["a", " b:c"],
    ] as const;
    const ids = new Set<string>();
    for (const [provider, externalId] of pairs) {
      ids.add((await accounts.findOrCreate({ provider, externalId }, {})).account.userId);
    }
    expect(ids.size).toBe(pairs.length);
  });

  it("that exists keeps its name, and has the groups its provider names last", async () => {
    const { accounts } = await make();
    const first = (await accounts.findOrCreate(device, { username: "Ada", groups: ["staff"] })).account;
    expect(await accounts.findOrCreate(device, { username: "Grace" })).toEqual({ account: first, created: false });
    const third = await accounts.findOrCreate(device, { groups: [] });
    expect(third).toEqual({ account: { ...first, groups: [] }, created: false });
    expect((await accounts.get(first.userId))?.groups).toEqual([]);
  });

  it("has the groups that were set, and refuses wrong ones", async () => {
    const { accounts } = await make();
    const { userId } = await accounts.create({});
    expect((await accounts.setGroups(userId, ["vip", "staff", "vip"])).groups).toEqual(["vip", "staff"]);
    expect((await accounts.get(userId))?.groups).toEqual(["vip", "staff"]);
    await expect(accounts.setGroups(userId, [""])).rejects.toThrow(TypeError);
    await expect(accounts.create({ groups: ["a\u0000"] })).rejects.toThrow(TypeError);
    expect((await accounts.get(userId))?.groups).toEqual(["vip", "staff"]);
    expect(await refusalCode(accounts.setGroups("unknown", []))).toBe("NOT_FOUND");
  });
}

export function usernameTests(make: MakeAccounts): void {
  it("is made up where none is given", async () => {
    const { accounts } = await make();
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
    const { accounts } = await make();
    const { userId } = await accounts.create({ username: taken });
    expect(await refusalCode(accounts.create({ username: wanted }))).toBe("CONFLICT");
    expect(await refusalCode(accounts.findOrCreate(device, { username: wanted }))).toBe("CONFLICT");
    expect(await accounts.findByIdentity(device)).toBeNull();
    const other = await accounts.create({});
    expect(await refusalCode(accounts.setUsername(other.userId, wanted))).toBe("CONFLICT");
    expect((await accounts.get(other.userId))?.username).toBe(other.username);
    expect((await accounts.findByUsername(wanted))?.userId).toBe(userId);
    // Its owner may write it so.
    expect((await accounts.setUsername(userId, wanted)).username).toBe(wanted.trim());
    expect((await accounts.findByUsername(taken))?.userId).toBe(userId);
  });

  it("leads to its account in every process, until it is another's or nobody's", async () => {
    const { accounts, connect } = await make();
    const other = await connect();
    const ada = await accounts.create({ username: "Ada", groups: ["vip"] }, device);
    const eve = await accounts.create({ username: "Eve" });
    expect(await other.findByUsername("Ada")).toEqual(ada);
    expect(await other.findByUsername("eve")).toEqual(eve);
    const renamed = await accounts.setUsername(ada.userId, "Countess");
    expect(await other.findByUsername("Ada")).toBeNull();
    expect(await other.findByUsername("countess")).toEqual(renamed);
    await accounts.setUsername(eve.userId, "ADA");
    expect((await other.findByUsername("Ada"))?.userId).toBe(eve.userId);
    await accounts.delete(eve.userId);
    expect(await other.findByUsername("Ada")).toBeNull();
    const madeUp = await accounts.create({});
    expect(await other.findByUsername(madeUp.username)).toEqual(madeUp);
  });

  it("that nobody may have leads to nobody", async () => {
    const { accounts } = await make();
    await accounts.create({ username: "Ada" });
    for (const wrong of [
      "",
      " ",
      "\u200b",
      "x".repeat(10_000),
      "a\u0000b",
      "Ad",
      "Ada%",
      "A_a",
      "*",
      "__proto__",
      "constructor",
    ]) {
      expect(await accounts.findByUsername(wrong)).toBeNull();
    }
  });

  it("is free again once its owner changed it", async () => {
    const { accounts } = await make();
    const ada = await accounts.create({ username: "Ada" });
    expect((await accounts.setUsername(ada.userId, "Countess")).userId).toBe(ada.userId);
    expect((await accounts.get(ada.userId))?.username).toBe("Countess");
    expect((await accounts.create({ username: "ada" })).username).toBe("ada");
    expect(await refusalCode(accounts.setUsername("unknown", "Grace"))).toBe("NOT_FOUND");
  });

  it("that is malformed is refused", async () => {
    const { accounts } = await make();
    const { userId, username } = await accounts.create({});
    for (const wrong of ["", " ", "x".repeat(65), "a\u0000b", "a\u202eb"]) {
      expect(await refusalCode(accounts.create({ username: wrong }))).toBe("INVALID_REQUEST");
      expect(await refusalCode(accounts.setUsername(userId, wrong))).toBe("INVALID_REQUEST");
    }
    expect((await accounts.get(userId))?.username).toBe(username);
  });

  it("is claimed once, however many claim it at once", async () => {
    const { accounts, connect } = await make();
    const stores = [accounts, await connect()];
    const claims = Array.from({ length: 20 }, (_, index) => stores[index % 2]!.create({ username: "Ada" }));
    expect(await fulfilled(claims)).toBe(1);
    const others = await Promise.all(Array.from({ length: 10 }, () => accounts.create({})));
    const renames = others.map(({ userId }, index) => stores[index % 2]!.setUsername(userId, "Grace"));
    expect(await fulfilled(renames)).toBe(1);
    const names = await Promise.all(others.map(({ userId }) => accounts.get(userId)));
    expect(names.filter((account) => account?.username === "Grace")).toHaveLength(1);
  });
}
