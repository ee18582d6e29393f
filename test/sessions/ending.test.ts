// The ways to end a session by a call, and to close its sockets.
import { describe, expect, it, vi } from "vitest";
import { randomId } from "../../src/random.ts";
import type { LogoutTokens } from "../../src/sessions/ending.ts";
import type { SessionRecord } from "../../src/sessions/session.ts";
import { sessionTokenContent } from "../../src/sessions/session-token.ts";
import type { StoreEvent } from "../../src/stores/store.ts";
import { JwtSigner, tokenKinds } from "../../src/tokens/jwt.ts";
import { createKeyRing } from "../../src/tokens/keys.ts";
import { createHouse, type House, issuer, minute, refusalCode, unreachable } from "./setup.ts";

async function isLive(house: House, { sid }: SessionRecord): Promise<boolean> {
  const record = await house.sessions.get(sid);
  return record !== null && record.end === null;
}

/** What the feed says from now on; each event counts as two sockets told to close. */
function listen(house: House): StoreEvent[] {
  const events: StoreEvent[] = [];
  house.store.subscribe((event) => {
    events.push(event);
    return event.type === "disconnect" || (event.type === "sessionEnded" && event.closeSockets) ? 2 : 0;
  });
  return events;
}

describe("logout", () => {
  it("S23 kills both tokens at once, on every process, and answers whether it did", async () => {
    const house = createHouse();
    const { login, record } = await house.login();
    const peer = house.peer();
    await peer.verify(login.token);
    expect(await house.sessions.logout(record.sid)).toBe(true);
    for (const process of [house.sessions, peer]) {
      expect(await refusalCode(process.verify(login.token))).toBe("SESSION_REVOKED");
      expect(await refusalCode(process.refresh(login))).toBe("SESSION_REVOKED");
      expect(await refusalCode(process.requireLive(record.sid))).toBe("SESSION_REVOKED");
    }
    expect(await house.sessions.logout(record.sid)).toBe(false);
    expect(await house.sessions.logout(randomId())).toBe(false);
  });

  it("leaves sockets open, unless the call or the option says otherwise", async () => {
    for (const disconnectSockets of [false, true]) {
      const house = createHouse({ disconnectSockets });
      const [byOption, byCall] = [await house.login(), await house.login()];
      const events = listen(house);
      await house.sessions.logout(byOption.record.sid);
      await house.sessions.logout(byCall.record.sid, { disconnectSockets: !disconnectSockets, reason: "Good night." });
      expect(events).toEqual([
        expect.objectContaining({ sid: byOption.record.sid, reason: "logout", closeSockets: disconnectSockets }),
        expect.objectContaining({ sid: byCall.record.sid, closeSockets: !disconnectSockets, message: "Good night." }),
      ]);
    }
  });

  it("may close the sockets that an earlier one left open", async () => {
    const house = createHouse();
    const { login, record } = await house.login();
    await house.sessions.logout(record.sid);
    const events = listen(house);
    await house.sessions.logoutByTokens({ refreshToken: login.refreshToken, disconnectSockets: true });
    expect(events).toEqual([expect.objectContaining({ type: "sessionEnded", sid: record.sid, closeSockets: true })]);
  });
});

describe("logout by token", () => {
  it("takes any refresh token of the session, or its live session token, of either audience", async () => {
    const ways: ((house: House) => Promise<{ record: SessionRecord; tokens: LogoutTokens }>)[] = [
      async (house) => {
        const { record, login } = await house.login();
        return { record, tokens: { refreshToken: login.refreshToken } };
      },
      async (house) => {
        const { record, login } = await house.login();
        for (let { refreshToken } = login, i = 0; i < 3; i += 1) {
          refreshToken = house.refreshTokens.mint(await house.sessions.refresh({ refreshToken }));
        }
        return { record, tokens: { refreshToken: login.refreshToken } };
      },
      async (house) => {
        const { record, login } = await house.login();
        return { record, tokens: { bearer: login.token } };
      },
      async (house) => {
        const { record, login } = await house.login({ shard: "eu-1" });
        return { record, tokens: { bearer: login.socialToken ?? "" } };
      },
    ];
    for (const way of ways) {
      const house = createHouse();
      const { record, tokens } = await way(house);
      expect(await house.peer().logoutByTokens(tokens)).toBeUndefined();
      expect(await isLive(house, record)).toBe(false);
    }
  });

  it("S25 answers nothing for an unknown, dead, forged or missing one, and ends nothing", async () => {
    const house = createHouse();
    const { record, login } = await house.login();
    const dead = (await house.login({ account: await house.accounts.create({}) })).login;
    await house.sessions.logout(dead.session.sid);
    const stranger = new JwtSigner({ keys: createKeyRing({ algorithm: "EdDSA" }), issuer, clock: house.clock });
    const forged = await stranger.sign(tokenKinds.player, "game", sessionTokenContent(record, "game"));
    const nothing: LogoutTokens[] = [
      {},
      { everywhere: true, disconnectSockets: true },
      { refreshToken: "" },
      { refreshToken: "garbage" },
      { refreshToken: login.token },
      { refreshToken: `${record.sid}.1.${randomId(32)}` },
      { refreshToken: `${randomId()}.1.${randomId(32)}` },
      { refreshToken: dead.refreshToken, everywhere: true },
      { bearer: "" },
      { bearer: "garbage" },
      { bearer: login.refreshToken },
      { bearer: forged },
      { bearer: dead.token, everywhere: true },
    ];
    for (const tokens of nothing) expect(await house.sessions.logoutByTokens(tokens)).toBeUndefined();
    expect(await isLive(house, record)).toBe(true);
  });

  it("S25 an expired session token is none", async () => {
    const house = createHouse();
    const { record, login } = await house.login();
    await house.clock.advance(1440 * minute);
    await house.sessions.logoutByTokens({ bearer: login.token });
    expect(await isLive(house, record)).toBe(true);
    await house.sessions.logoutByTokens({ refreshToken: login.refreshToken });
    expect(await isLive(house, record)).toBe(false);
  });

  it("ends every session that is proved, each once", async () => {
    const onSessionEnd = vi.fn();
    const house = createHouse({ hooks: { onSessionEnd } });
    const [one, two] = [await house.login(), await house.login()];
    await house.sessions.logoutByTokens({ refreshToken: one.login.refreshToken, bearer: two.login.token });
    expect([await isLive(house, one.record), await isLive(house, two.record)]).toEqual([false, false]);
    const three = await house.login();
    await house.sessions.logoutByTokens({ refreshToken: three.login.refreshToken, bearer: three.login.token });
    expect(onSessionEnd).toHaveBeenCalledTimes(3);
  });

  it("everywhere: all sessions of that user, made on any process, and nobody else's", async () => {
    const house = createHouse();
    const { account, login, record } = await house.login();
    const other = await house.login({ account });
    const neighbour = await house.login();
    await house.peer().logoutByTokens({ bearer: login.token, everywhere: true });
    expect([await isLive(house, record), await isLive(house, other.record)]).toEqual([false, false]);
    expect(await isLive(house, neighbour.record)).toBe(true);
  });

  it("everywhere cannot be asked for by a dead session", async () => {
    const house = createHouse();
    const { account, login } = await house.login();
    await house.sessions.logout(login.session.sid);
    const { record } = await house.login({ account });
    await house.sessions.logoutByTokens({ refreshToken: login.refreshToken, bearer: login.token, everywhere: true });
    expect(await isLive(house, record)).toBe(true);
  });

  it("S28 fails loudly while the store is out of reach", async () => {
    const house = createHouse();
    const { login } = await house.login();
    const cut = house.peer({ store: unreachable });
    expect(await refusalCode(cut.logoutByTokens({ refreshToken: login.refreshToken }))).toBe("STORE_UNAVAILABLE");
    expect(await refusalCode(cut.logoutByTokens({ bearer: login.token }))).toBe("STORE_UNAVAILABLE");
    const ends = [
      cut.logout(login.session.sid),
      cut.logoutUser(login.session.userId),
      cut.logoutAll({ before: house.clock.now() }),
      cut.disconnect(login.session.sid),
      cut.disconnectUser(login.session.userId),
    ];
    for (const end of ends) expect(await refusalCode(end)).toBe("STORE_UNAVAILABLE");
    expect(await house.sessions.verify(login.token)).toBeDefined();
  });
});

describe("S33 logging out everywhere", () => {
  it("logoutUser ends all sessions of the user there are, and none made after", async () => {
    const house = createHouse();
    const { account } = await house.login();
    await house.login({ account });
    const { record: neighbour } = await house.login();
    expect(await house.sessions.logoutUser(account.userId)).toBe(2);
    const { record } = await house.login({ account });
    expect(await house.sessions.list(account.userId)).toEqual([record]);
    expect(await isLive(house, neighbour)).toBe(true);
    expect(await house.sessions.logoutUser("nobody")).toBe(0);
  });

  it("logoutAll ends every session made up to a moment, and none made after", async () => {
    const house = createHouse();
    const before = [(await house.login()).record, (await house.login()).record];
    const moment = house.clock.now();
    await house.clock.advance(1);
    const after = [(await house.login()).record, (await house.login()).record];
    // A refresh does not make an old session a new one.
    await house.sessions.refresh({ refreshToken: house.refreshTokens.mint(before[0]!) });
    expect(await house.sessions.logoutAll({ before: moment })).toBe(2);
    for (const record of before) expect(await isLive(house, record)).toBe(false);
    for (const record of after) expect(await isLive(house, record)).toBe(true);
    expect(await house.sessions.logoutAll({ before: moment })).toBe(0);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, null, "now", new Date(0)])(
    "logoutAll wants a moment, not %s",
    async (before) => {
      const house = createHouse();
      const { record } = await house.login();
      await expect(house.sessions.logoutAll({ before: before as number })).rejects.toThrow(TypeError);
      expect(await isLive(house, record)).toBe(true);
    },
  );
});

describe("disconnect", () => {
  it("closes the sockets of a session, counts them, and leaves its tokens alone", async () => {
    const house = createHouse();
    const { login, record } = await house.login();
    const events = listen(house);
    expect(await house.sessions.disconnect(record.sid, { reason: "Server is moving." })).toBe(2);
    expect(events).toEqual([{ type: "disconnect", sid: record.sid, reason: "Server is moving." }]);
    expect(await house.sessions.verify(login.token)).toBeDefined();
    expect((await house.sessions.refresh(login)).generation).toBe(2);
  });

  it("closes the sockets of every session of a user, those included that logged out and stayed", async () => {
    const house = createHouse();
    const { account, record } = await house.login();
    const left = await house.login({ account });
    await house.sessions.logout(left.record.sid);
    await house.login();
    const events = listen(house);
    expect(await house.sessions.disconnectUser(account.userId, { reason: "Bye." })).toBe(4);
    expect(events).toEqual([
      { type: "disconnect", sid: record.sid, reason: "Bye." },
      { type: "disconnect", sid: left.record.sid, reason: "Bye." },
    ]);
  });
});

describe("the hook onSessionEnd", () => {
  it("hears of each end once, with the session and the reason", async () => {
    const ends: string[] = [];
    const house = createHouse({ hooks: { onSessionEnd: ({ sid }, reason) => void ends.push(`${sid} ${reason}`) } });
    const [a, b, c] = [await house.login(), await house.login(), await house.login()];
    await house.sessions.logout(a.record.sid);
    await house.sessions.logout(a.record.sid, { disconnectSockets: true });
    await house.sessions.logoutUser(b.account.userId);
    const { ended } = await house.store.access.ban(c.account.userId, { reason: "x", until: null });
    house.sessions.announceEnded(ended);
    const d = await house.login();
    await house.sessions.logoutAll({ before: house.clock.now() });
    const expected = [
      `${a.record.sid} logout`,
      `${b.record.sid} logout`,
      `${c.record.sid} banned`,
      `${d.record.sid} logout`,
    ];
    expect(ends).toEqual(expected);
  });

  it.each<[string, () => Promise<void>]>([
    [
      "throws",
      () => {
        throw new Error("mail server is down");
      },
    ],
    [
      "rejects",
      async () => {
        throw new Error("mail server is down");
      },
    ],
    ["never answers", () => new Promise(() => {})],
  ])("that %s breaks nothing", async (name, onSessionEnd) => {
    const house = createHouse({ hooks: { onSessionEnd } });
    const { record } = await house.login();
    expect(await house.sessions.logout(record.sid)).toBe(true);
    expect(await isLive(house, record)).toBe(false);
    const logged =
      name === "never answers"
        ? []
        : [{ level: "error", parts: ["colyseus-login: hook onSessionEnd failed", expect.any(Error)] }];
    await vi.waitFor(() => expect(house.logger.lines).toEqual(logged));
  });
});
