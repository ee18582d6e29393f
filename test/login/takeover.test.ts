// Accounts against those who were there first, or are there at the same moment: traps, races, and questions in disguise.
import { describe, expect, it } from "vitest";
import type { AccountStore, AccountStoreFactory } from "../../src/accounts/account-store.ts";
import { customProvider } from "../../src/accounts/custom.ts";
import { deviceProvider } from "../../src/accounts/device.ts";
import { memoryAccounts } from "../../src/accounts/memory-accounts.ts";
import { LoginError } from "../../src/errors.ts";
import { ada, newPassword, openWithEmail, registered, type Settings } from "./email-house.ts";
import { FragileStore } from "./fragile-store.ts";
import { Outbox } from "./outbox.ts";
import { quickEmailProvider } from "./quick-email.ts";
import { loginServer } from "./server.ts";

const server = loginServer();
const open = (...settings: Settings) => openWithEmail(server, ...settings);

const changes = ["/auth/change-password", "/auth/reset-password"];

function bodyFor(path: string, token: string): Record<string, string> {
  return path.includes("change") ? { password: ada.password, newPassword } : { token, password: newPassword };
}

/** Accounts in memory, some of whose calls are other ones. */
function accountsWith(change: (accounts: AccountStore) => Partial<AccountStore>): AccountStoreFactory {
  return (context) => {
    const accounts = memoryAccounts()(context);
    return Object.assign(accounts, change(accounts));
  };
}

describe("S53 a change of the password", () => {
  it.each(changes)("leaves no session to a login with the old one that is under way: %s", async (path) => {
    let meanwhile = async (): Promise<void> => {};
    const { house, outbox } = open({ hooks: { beforeAuthenticate: () => meanwhile() } });
    const owner = await registered(house);
    await owner.post("/auth/forgot-password", { email: ada.email });
    const token = await outbox.token("reset-password");
    meanwhile = async () => {
      meanwhile = async () => {};
      const body = path.includes("change") ? { password: ada.password, newPassword } : { token, password: newPassword };
      expect((await owner.post(path, body, owner.login.token)).status).toBe(204);
    };
    const thief = await house.player("Eve").post("/auth/login", ada);
    expect(thief).toMatchObject({ status: 401, body: { code: "SESSION_REVOKED" } });
    const sessions = await house.login.sessions.list(owner.userId);
    expect(sessions.map(({ sid }) => sid)).toEqual(path.includes("change") ? [owner.sid] : []);
  });

  it.each(changes)("ends what the old one opened until then: %s", async (path) => {
    const accounts = accountsWith((memory) => {
      const replace = memory.replaceCredential.bind(memory);
      return {
        async replaceCredential(...replacement) {
          thief.take(await thief.post("/auth/login", ada));
          return replace(...replacement);
        },
      };
    });
    const { house, outbox } = open({ accounts });
    const thief = house.player("Eve");
    const owner = await registered(house);
    await owner.post("/auth/verify-email", { token: await outbox.token("verify-email") });
    await owner.post("/auth/forgot-password", { email: ada.email });
    const token = await outbox.token("reset-password");
    expect((await owner.post(path, bodyFor(path, token), owner.login.token)).status).toBe(204);
    expect((await thief.get("/auth/session")).status).toBe(401);
  });

  it.each(changes)("changes nothing while none can be ended: %s", async (path) => {
    const store = new FragileStore();
    const { house, outbox } = open({ store: store.open });
    const owner = await registered(house);
    const thief = house.player("Eve");
    thief.take(await thief.post("/auth/login", ada));
    await owner.post("/auth/forgot-password", { email: ada.email });
    const token = await outbox.token("reset-password");
    const body = bodyFor(path, token);
    const change = () => owner.post(path, body, owner.login.token);
    const outage = new LoginError("STORE_UNAVAILABLE", "The store is out of reach.");
    store.broken.set("sessions.endAllOfUser", outage);
    expect((await change()).status).toBe(503);
    expect((await house.player("Ada elsewhere").post("/auth/login", ada)).status).toBe(200);
    store.broken.clear();
    expect((await change()).status).toBe(204);
    expect((await thief.get("/auth/session")).status).toBe(401);
  });

  it("leaves no session where it cannot be told whether there was one", async () => {
    const accounts = new FragileStore();
    const heard: string[] = [];
    const { house } = open({
      accounts: accounts.openAccounts,
      hooks: { afterAuthenticate: ({ sid }) => void heard.push(sid) },
      loginData: {
        outage: () => {
          if (heard.length > 0) accounts.isDown = true;
          return null;
        },
      },
    });
    const owner = await registered(house);
    const login = await house.player("Ada elsewhere").post("/auth/login", ada);
    expect(login).toMatchObject({ status: 503, body: { code: "STORE_UNAVAILABLE" } });
    accounts.isDown = false;
    expect(heard).toEqual([owner.sid]);
    expect((await house.login.sessions.list(owner.userId)).map(({ sid }) => sid)).toEqual([owner.sid]);
  });

  it("is not seen in an address that is confirmed at the moment of a login", async () => {
    let meanwhile = async (): Promise<void> => {};
    const { house, outbox } = open({ hooks: { beforeAuthenticate: () => meanwhile() } });
    const owner = await registered(house);
    const token = await outbox.token("verify-email");
    meanwhile = async () => {
      expect((await owner.post("/auth/verify-email", { token })).status).toBe(204);
    };
    expect((await house.player("Ada elsewhere").post("/auth/login", ada)).status).toBe(200);
  });
});

describe("S52 a trap that its owner takes over by a mail", () => {
  it("is kept neither by a stranger who links another way in at that moment", async () => {
    let afterReplacing: () => Promise<unknown> = async () => {};
    let beforeListing: () => Promise<unknown> = async () => {};
    const accounts = accountsWith((memory) => {
      const replace = memory.replaceCredential.bind(memory);
      const list = memory.identities.bind(memory);
      return {
        async replaceCredential(...replacement) {
          const isReplaced = await replace(...replacement);
          await afterReplacing();
          return isReplaced;
        },
        async identities(userId) {
          const happens = beforeListing;
          beforeListing = async () => {};
          await happens();
          return list(userId);
        },
      };
    });
    const { house, outbox } = open({ accounts });
    const stranger = await registered(house);
    await stranger.post("/auth/forgot-password", { email: ada.email });
    const token = await outbox.token("reset-password");
    afterReplacing = async () => {
      afterReplacing = async () => {};
      await stranger.post("/auth/link/device", { id: stranger.device }, stranger.login.token);
      // By then its sessions were ended, and the device leads to the account still.
      beforeListing = () => stranger.logIn();
    };
    const owner = house.player("Ada herself");
    expect((await owner.post("/auth/reset-password", { token, password: newPassword })).status).toBe(204);
    owner.take(await owner.post("/auth/login", { ...ada, password: newPassword }));
    expect((await owner.get("/auth/link")).body["identities"]).toHaveLength(1);
    expect((await house.login.sessions.list(owner.userId)).map(({ sid }) => sid)).toEqual([owner.sid]);
  });

  it("nor by one whose link or login was under way", async () => {
    let meanwhile = async (): Promise<void> => {};
    const outbox = new Outbox();
    const house = server.open({
      providers: {
        email: quickEmailProvider({ sendEmail: outbox.send }),
        device: deviceProvider(),
        slow: customProvider(async () => {
          await meanwhile();
          return { externalId: "eve" };
        }),
      },
      hooks: { beforeAuthenticate: ({ provider }) => (provider === "device" ? meanwhile() : undefined) },
    });
    const stranger = await registered(house);
    const owner = house.player("Ada herself");
    const takeOver = async (): Promise<void> => {
      meanwhile = async () => {};
      await owner.post("/auth/forgot-password", { email: ada.email });
      const token = await outbox.token("reset-password");
      expect((await owner.post("/auth/reset-password", { token, password: newPassword })).status).toBe(204);
    };
    await stranger.post("/auth/link/device", { id: stranger.device }, stranger.login.token);
    meanwhile = takeOver;
    expect(await stranger.tryLogIn()).toMatchObject({ status: 401, body: { code: "SESSION_REVOKED" } });
    expect(await house.login.sessions.list(stranger.userId)).toEqual([]);

    const { userId } = owner.take(await owner.post("/auth/login", { ...ada, password: newPassword })).session;
    meanwhile = async () => void (await owner.logOut());
    expect((await owner.post("/auth/link/slow", {}, owner.login.token)).status).toBe(401);
    expect(await house.login.accounts.identities(userId)).toHaveLength(1);
  });

  it("is taken over though another call takes the other ways in away at the same moment", async () => {
    const accounts = accountsWith((memory) => {
      const unlink = memory.unlink.bind(memory);
      return {
        async unlink(...identity) {
          await unlink(...identity);
          await unlink(...identity);
        },
      };
    });
    const { house, outbox } = open({ accounts });
    const stranger = await house.loggedIn("Eve");
    stranger.take(await stranger.post("/auth/register", ada, stranger.login.token));
    await stranger.post("/auth/forgot-password", { email: ada.email });
    const token = await outbox.token("reset-password");
    expect((await stranger.post("/auth/reset-password", { token, password: newPassword })).status).toBe(204);
  });
});

describe("S50 with requireVerified", () => {
  it("nobody learns which addresses are known by asking where they cannot be had", async () => {
    const { house, outbox } = open({ queue: {} }, { requireVerified: true });
    const owner = house.player("Ada");
    await owner.post("/auth/register", ada);
    await owner.post("/auth/verify-email", { token: await outbox.token("verify-email") });
    const unknown = { ...ada, email: "eve@example.org" };

    // By an account that has an address already.
    owner.take(await owner.post("/auth/login", ada));
    const link = (body: object) => owner.post("/auth/link/email", body, owner.login.token);
    const [known, other] = [await link({ ...ada, email: "ada@example.org" }), await link(unknown)];
    expect([known.status, known.body]).toEqual([other.status, other.body]);
    expect(other).toMatchObject({ status: 409 });

    // By one that has no room for another identity.
    const crowded = await house.loggedIn("Eve");
    for (let index = 1; index < 32; index += 1) {
      const identity = { provider: "device", externalId: `${index}` };
      await house.login.accounts.link(crowded.userId, identity);
    }
    const upgrade = (body: object) => crowded.post("/auth/register", body, crowded.login.token);
    const [full, fullToo] = [await upgrade(ada), await upgrade(unknown)];
    expect([full.status, full.body]).toEqual([fullToo.status, fullToo.body]);

    // By two at once.
    const twice = { ...ada, email: "bob@example.org" };
    const both = await Promise.all([crowded.post("/auth/register", twice), crowded.post("/auth/register", twice)]);
    expect(both.map(({ status }) => status)).toEqual([403, 403]);
  });

  it("nor by a pass that is spent", async () => {
    const { house } = open({ queue: { mode: "always" } }, { requireVerified: true });
    const player = house.player("Eve");
    const place = await player.takePlace();
    await house.clock.advance(1_000);
    const { pass: queuePass } = await player.pollPlace(place.ticket);
    await player.logIn({ queuePass });
    const register = (email: string) => player.post("/auth/register", { ...ada, email, queuePass });
    const [first, again] = [await register(ada.email), await register(ada.email)];
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    expect(first).toMatchObject({ status: 403, body: { verifyEmail: true } });
  });
});

it("S54 a guest who registers twice at once keeps the address of the registration that stood", async () => {
  const looks: (() => void)[] = [];
  const accounts = accountsWith((memory) => {
    const find = memory.findCredential.bind(memory);
    return {
      async findCredential(identity) {
        const found = await find(identity);
        // Neither of the two goes on before both have seen that the address is free.
        if (found === null && looks.length < 2) {
          await new Promise<void>((resolve) => {
            if (looks.push(resolve) === 2) for (const look of looks) look();
          });
        }
        return found;
      },
    };
  });
  const { house } = open({
    accounts,
    hooks: {
      beforeAuthenticate({ vars }) {
        if (vars["password"] === newPassword) throw new LoginError("FORBIDDEN", "no");
      },
    },
  });
  const guest = house.player("Ada");
  guest.take(await guest.post("/auth/anonymous", {}));
  const { token } = guest.login;
  const register = (password: string) => guest.post("/auth/register", { ...ada, password, vars: { password } }, token);
  const [first, second] = await Promise.all([register(ada.password), register(newPassword)]);
  // Whichever of them was the first.
  const stands = first.status === 200;
  expect([first.status, second.status]).toEqual(stands ? [200, 409] : [409, 403]);
  expect((await guest.post("/auth/login", ada)).status).toBe(stands ? 200 : 401);
});

it("S51 mails that a stranger asks for by a trap's password keep no new password from its owner", async () => {
  const { house, outbox } = open({}, { requireVerified: true });
  const stranger = house.player("Eve");
  await stranger.post("/auth/register", ada);
  for (let index = 0; index < 6; index += 1) await stranger.post("/auth/login", ada);
  for (let index = 0; index < 5; index += 1) await outbox.next("verify-email");
  await house.player("Ada").post("/auth/forgot-password", { email: ada.email });
  expect(await outbox.next("reset-password")).toMatchObject({ to: ada.email });
});
