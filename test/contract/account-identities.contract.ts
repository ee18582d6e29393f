// What every account store does with the identities that lead to an account.
import { expect, it } from "vitest";
import { maxIdentities } from "../../src/accounts/account-store.ts";
import { refusalCode } from "../sessions/setup.ts";
import { device, fulfilled, type MakeAccounts, mail, unverified } from "./accounts-harness.ts";

export function linkingTests(make: MakeAccounts): void {
  it("an identity to an anonymous account keeps its user id", async () => {
    const { accounts } = await make();
    const anonymous = await accounts.create({});
    await accounts.link(anonymous.userId, device);
    const { account, created } = await accounts.findOrCreate(device, {});
    expect([account.userId, created]).toEqual([anonymous.userId, false]);
  });

  it("several identities to one account, which lists them in that order", async () => {
    const { accounts, advance, now } = await make();
    const { account } = await accounts.findOrCreate(device, {});
    const others = [
      { provider: "custom", externalId: "ada" },
      { ...device, externalId: "hash-0" },
      { ...mail, credential: { ...unverified, verifiedAt: 5 } },
    ];
    const start = now();
    for (const identity of others) {
      await advance(1_000);
      await accounts.link(account.userId, identity);
    }
    for (const { provider, externalId } of [device, ...others]) {
      expect((await accounts.findByIdentity({ provider, externalId }))?.userId).toBe(account.userId);
    }
    expect(await accounts.identities(account.userId)).toEqual([
      { ...device, linkedAt: start, verifiedAt: null },
      { provider: "custom", externalId: "ada", linkedAt: start + 1_000, verifiedAt: null },
      { ...device, externalId: "hash-0", linkedAt: start + 2_000, verifiedAt: null },
      { ...mail, linkedAt: start + 3_000, verifiedAt: 5 },
    ]);
  });

  it("again changes nothing; another account's identity is a CONFLICT; an unknown user NOT_FOUND", async () => {
    const { accounts } = await make();
    const { account } = await accounts.findOrCreate(device, {});
    await accounts.link(account.userId, { ...mail, credential: unverified });
    const before = await accounts.identities(account.userId);
    await accounts.link(account.userId, device);
    await accounts.link(account.userId, { ...mail, credential: { ...unverified, hash: "other", version: "v2" } });
    expect(await accounts.identities(account.userId)).toEqual(before);
    expect((await accounts.findCredential(mail))?.credential).toEqual(unverified);
    const other = await accounts.create({});
    expect(await refusalCode(accounts.link(other.userId, device))).toBe("CONFLICT");
    expect((await accounts.findByIdentity(device))?.userId).toBe(account.userId);
    const free = { ...device, externalId: "free" };
    expect(await refusalCode(accounts.link("unknown", free))).toBe("NOT_FOUND");
    expect(await accounts.findByIdentity(free)).toBeNull();
  });

  it("is bounded", async () => {
    const { accounts } = await make();
    const { userId } = await accounts.create({});
    const link = (index: number) => accounts.link(userId, { provider: "device", externalId: `hash-${index}` });
    for (let index = 0; index < maxIdentities; index += 1) await link(index);
    expect(await refusalCode(link(maxIdentities))).toBe("CONFLICT");
    await link(0);
    expect(await accounts.identities(userId)).toHaveLength(maxIdentities);
  });

  it("one identity to two accounts at once gives it to one of them", async () => {
    const { accounts, connect } = await make();
    const users = await Promise.all([accounts.create({}), accounts.create({}), accounts.create({})]);
    const stores = [accounts, await connect()];
    expect(await fulfilled(users.map(({ userId }, index) => stores[index % 2]!.link(userId, device)))).toBe(1);
    const lists = await Promise.all(users.map(({ userId }) => accounts.identities(userId)));
    expect(lists.flat()).toHaveLength(1);
  });
}

export function unlinkingTests(make: MakeAccounts): void {
  it("takes the identity alone away, or all of a provider", async () => {
    const { accounts } = await make();
    const { account } = await accounts.findOrCreate(device, {});
    const { userId } = account;
    for (const externalId of ["hash-2", "hash-3"]) await accounts.link(userId, { ...device, externalId });
    await accounts.link(userId, { ...mail, credential: unverified });
    await accounts.unlink(userId, { ...device, externalId: "hash-2" });
    expect(await accounts.findByIdentity({ ...device, externalId: "hash-2" })).toBeNull();
    expect((await accounts.findByIdentity(device))?.userId).toBe(userId);
    await accounts.unlink(userId, { provider: "device" });
    expect((await accounts.identities(userId)).map(({ provider }) => provider)).toEqual(["email"]);
    // What was taken away is free for anybody.
    expect((await accounts.findOrCreate(device, {})).created).toBe(true);
  });

  it("never takes the last way in, unless told", async () => {
    const { accounts } = await make();
    const { account } = await accounts.findOrCreate(device, {});
    const { userId } = account;
    await accounts.link(userId, { ...device, externalId: "hash-2" });
    expect(await refusalCode(accounts.unlink(userId, { provider: "device" }))).toBe("CONFLICT");
    expect(await accounts.identities(userId)).toHaveLength(2);
    await accounts.unlink(userId, device);
    expect(await refusalCode(accounts.unlink(userId, { ...device, externalId: "hash-2" }))).toBe("CONFLICT");
    await accounts.unlink(userId, { provider: "device" }, { evenLast: true });
    expect(await accounts.identities(userId)).toEqual([]);
    expect(await accounts.get(userId)).toEqual(account);
  });

  it("of two identities at the same moment leaves one", async () => {
    const { accounts, connect } = await make();
    const { account } = await accounts.findOrCreate(device, {});
    await accounts.link(account.userId, mail);
    const other = await connect();
    const calls = [accounts.unlink(account.userId, device), other.unlink(account.userId, mail)];
    expect(await fulfilled(calls)).toBe(1);
    expect(await accounts.identities(account.userId)).toHaveLength(1);
  });

  it("is refused with NOT_FOUND for what is not the account's", async () => {
    const { accounts } = await make();
    const { account } = await accounts.findOrCreate(device, {});
    await accounts.findOrCreate(mail, {});
    for (const identity of [mail, { ...device, externalId: "hash-2" }, { provider: "email" }]) {
      expect(await refusalCode(accounts.unlink(account.userId, identity, { evenLast: true }))).toBe("NOT_FOUND");
    }
    expect(await refusalCode(accounts.unlink("unknown", device))).toBe("NOT_FOUND");
    expect(await accounts.findByIdentity(mail)).not.toBeNull();
  });
}
