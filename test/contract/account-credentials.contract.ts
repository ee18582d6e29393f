// What every account store does with credentials, and with accounts that go away.
import { expect, it } from "vitest";
import type { Account, AccountStore, LinkedIdentity } from "../../src/accounts/account-store.ts";
import { refusalCode } from "../sessions/setup.ts";
import { device, fulfilled, type MakeAccounts, mail, unverified } from "./accounts-harness.ts";

export function credentialTests(make: MakeAccounts): void {
  it("is kept beside its identity", async () => {
    const { accounts, connect } = await make();
    const account = await accounts.create({ username: "Ada" }, { ...mail, credential: unverified });
    for (const store of [accounts, await connect()]) {
      expect(await store.findCredential(mail)).toEqual({ account, credential: unverified });
      expect(await store.findByIdentity(mail)).toEqual(account);
    }
    expect(JSON.stringify(await accounts.identities(account.userId))).not.toContain("scrypt");
    await accounts.findOrCreate(device, {});
    expect(await accounts.findCredential(device)).toBeNull();
    expect(await accounts.findCredential({ ...mail, externalId: "Ada@example.org" })).toBeNull();
  });

  it("is made with its account, or neither is", async () => {
    const { accounts } = await make();
    await accounts.create({ username: "Ada" }, { ...mail, credential: unverified });
    const again = accounts.create({ username: "Eve" }, { ...mail, credential: { ...unverified, hash: "other" } });
    expect(await refusalCode(again)).toBe("CONFLICT");
    expect((await accounts.findCredential(mail))?.credential).toEqual(unverified);
    const free = { ...mail, externalId: "eve@example.org", credential: unverified };
    expect(await refusalCode(accounts.create({ username: "ada" }, free))).toBe("CONFLICT");
    expect(await accounts.findByIdentity(free)).toBeNull();
    // The refused calls claimed no username.
    expect((await accounts.create({ username: "Eve" }, free)).username).toBe("Eve");
  });

  it("of one account and provider is one", async () => {
    const { accounts, connect } = await make();
    const { userId } = await accounts.create({}, { ...mail, credential: unverified });
    const second = { ...mail, externalId: "ada@other.example", credential: unverified };
    expect(await refusalCode(accounts.link(userId, second))).toBe("CONFLICT");
    await accounts.link(userId, { ...second, provider: "other" });
    const anonymous = await accounts.create({});
    const other = await connect();
    const addresses = ["a@example.org", "b@example.org", "c@example.org"].map((externalId) => ({
      ...second,
      externalId,
    }));
    const calls = addresses.map((address, index) => (index % 2 ? other : accounts).link(anonymous.userId, address));
    expect(await fulfilled(calls)).toBe(1);
    expect(await accounts.identities(anonymous.userId)).toHaveLength(1);
  });

  it("is replaced where it still is what was seen", async () => {
    const { accounts } = await make();
    await accounts.create({}, { ...mail, credential: unverified });
    const next = { hash: "next", version: "v".repeat(64), verifiedAt: 1_700_000_000_000 };
    expect(await accounts.replaceCredential(mail, "v2", next)).toBe(false);
    expect((await accounts.findCredential(mail))?.credential).toEqual(unverified);
    expect(await accounts.replaceCredential(mail, "v1", next)).toBe(true);
    expect((await accounts.findCredential(mail))?.credential).toEqual(next);
    expect(await accounts.replaceCredential(mail, "v1", unverified)).toBe(false);
    await accounts.findOrCreate(device, {});
    expect(await accounts.replaceCredential(device, "v1", next)).toBe(false);
    expect(await accounts.findCredential(device)).toBeNull();
    expect(await accounts.replaceCredential({ ...mail, externalId: "nobody@example.org" }, "v1", next)).toBe(false);
    expect(await accounts.findByIdentity({ ...mail, externalId: "nobody@example.org" })).toBeNull();
  });

  it("S52 is replaced by one of those who saw the same", async () => {
    const { accounts, connect } = await make();
    await accounts.create({}, { ...mail, credential: unverified });
    const stores = [accounts, await connect()];
    const calls = Array.from({ length: 10 }, (_, index) =>
      stores[index % 2]!.replaceCredential(mail, "v1", {
        ...unverified,
        hash: `hash ${index}`,
        version: `v${10 + index}`,
      }),
    );
    const answers = await Promise.all(calls);
    expect(answers.filter(Boolean)).toHaveLength(1);
    const winner = answers.indexOf(true);
    expect((await accounts.findCredential(mail))?.credential).toMatchObject({ version: `v${10 + winner}` });
  });

  it("goes with its identity", async () => {
    const { accounts } = await make();
    const { userId } = await accounts.create({}, { ...mail, credential: unverified });
    await accounts.link(userId, device);
    await accounts.unlink(userId, mail);
    expect(await accounts.findCredential(mail)).toBeNull();
    await accounts.link(userId, mail);
    expect(await accounts.findCredential(mail)).toBeNull();
    expect(await accounts.replaceCredential(mail, "v1", unverified)).toBe(false);
  });
}

export function removalTests(make: MakeAccounts): void {
  const expectGone = async (accounts: AccountStore, { userId, username }: Account, identity: LinkedIdentity) => {
    expect(await accounts.get(userId)).toBeNull();
    expect(await accounts.findByIdentity(identity)).toBeNull();
    expect(await accounts.findByUsername(username)).toBeNull();
    expect(await accounts.findCredential(identity)).toBeNull();
    expect(await accounts.identities(userId)).toEqual([]);
    expect(await refusalCode(accounts.setUsername(userId, "Grace"))).toBe("NOT_FOUND");
    expect(await refusalCode(accounts.link(userId, identity))).toBe("NOT_FOUND");
    expect((await accounts.create({ username })).username).toBe(username);
    expect(await accounts.discard(userId)).toBe(false);
    expect(await accounts.delete(userId)).toBe(false);
  };

  it("S19 deletes it with its identities and frees its username", async () => {
    const { accounts } = await make();
    const account = await accounts.create({ username: "Ada" }, { ...mail, credential: unverified });
    await accounts.link(account.userId, device);
    expect(await accounts.delete(account.userId)).toBe(true);
    expect(await accounts.findByIdentity(device)).toBeNull();
    await expectGone(accounts, account, mail);
    // Whoever comes with its identity is somebody new.
    const { account: next, created } = await accounts.findOrCreate(device, {});
    expect([created, next.userId === account.userId]).toEqual([true, false]);
  });

  it("takes back what a login has just made", async () => {
    const { accounts } = await make();
    const { account } = await accounts.findOrCreate(device, { username: "Ada" });
    expect(await accounts.discard(account.userId)).toBe(true);
    await expectGone(accounts, account, device);
    const registered = await accounts.create({ username: "Eve" }, { ...mail, credential: unverified });
    await accounts.get(registered.userId);
    await accounts.identities(registered.userId);
    // An operator who looks for it has no login under way.
    expect(await accounts.findByUsername("Eve")).toEqual(registered);
    expect(await accounts.discard(registered.userId)).toBe(true);
    await expectGone(accounts, registered, mail);
    expect(await accounts.discard("unknown")).toBe(false);
  });

  it("does not take back what another login may hold by now", async () => {
    const { accounts, connect } = await make();
    const other = await connect();
    const finds: readonly ((identity: LinkedIdentity) => Promise<unknown>)[] = [
      (identity) => other.findOrCreate(identity, {}),
      (identity) => other.findByIdentity(identity),
      (identity) => other.findCredential(identity),
    ];
    for (const [index, find] of finds.entries()) {
      const identity = { ...mail, externalId: `${index}@example.org` };
      const account = await accounts.create({}, { ...identity, credential: unverified });
      expect(await find(identity)).not.toBeNull();
      expect(await accounts.discard(account.userId)).toBe(false);
      expect(await accounts.findByIdentity(identity)).toEqual(account);
    }
  });
}
