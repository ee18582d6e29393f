// Refresh: the table of DESIGN 4 from token to next pair, against the memory store.
import { describe, expect, it, vi } from "vitest";
import { randomId } from "../../src/random.ts";
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import { attempt, createHouse, day, minute, pairOf, refresh, refusal, refusalCode } from "./setup.ts";

describe("S12 a refresh rotates", () => {
  it("the pair, and keeps session, creation and absolute end", async () => {
    const house = createHouse();
    const { login, record } = await house.login({ clientVars: { color: "red" }, serverVars: { level: "7" } });
    await house.clock.advance(45 * minute);
    const next = await refresh(house, login.refreshToken);
    expect(pairOf(next).gen).toBe(2);
    expect(pairOf(next).jti).not.toBe(pairOf(login).jti);
    expect(next.refreshToken).not.toBe(login.refreshToken);
    expect(next.session).toEqual({ ...login.session, expiresAt: house.clock.now() + day });
    expect(next.tokenExpiresAt).toBe(login.tokenExpiresAt + 45 * minute);
    expect(next.refreshTokenExpiresAt).toBe(login.refreshTokenExpiresAt + 45 * minute);
    expect((await house.sessions.get(record.sid))?.absoluteEndsAt).toBe(record.absoluteEndsAt);
    expect(await house.peer().verify(next.token)).toBeDefined();
    // The old session token is good until it ends: rooms may still be joined with it.
    expect(await house.sessions.verify(login.token)).toBeDefined();
  });

  it("every time", async () => {
    const house = createHouse();
    let { login } = await house.login();
    const seen = new Set([login.refreshToken]);
    for (let i = 0; i < 20; i += 1) {
      await house.clock.advance(45 * minute);
      login = await refresh(house, login.refreshToken);
      seen.add(login.refreshToken);
    }
    expect(seen.size).toBe(21);
    expect(pairOf(login).gen).toBe(21);
  });
});

describe("S11 the MAC comes first", () => {
  it("a forged token is TOKEN_INVALID and changes nothing", async () => {
    const house = createHouse();
    const { login, record } = await house.login();
    const [sid, generation, mac = ""] = login.refreshToken.split(".");
    const otherMac = (await house.login()).login.refreshToken.split(".")[2];
    const before = await house.sessions.get(record.sid);
    const forged = [
      `${sid}.${generation}.${randomId(32)}`,
      `${sid}.${generation}.${otherMac}`,
      `${sid}.2.${mac}`,
      `${sid}.9999999999.${mac}`,
      `${sid}.${generation}.${mac}=`,
      `${sid}.0${generation}.${mac}`,
      login.token,
      "",
      "x".repeat(100_000),
    ];
    for (const refreshToken of forged) {
      const error = await refusal(house.sessions.refresh({ refreshToken }));
      expect(error.code).toBe("TOKEN_INVALID");
      expect(error.message).not.toContain(mac);
    }
    expect(await house.sessions.get(record.sid)).toEqual(before);
    expect(pairOf(await refresh(house, login.refreshToken)).gen).toBe(2);
  });

  it("also for an ended session: who cannot prove it learns nothing about it", async () => {
    const house = createHouse();
    const { login, record } = await house.login();
    await house.sessions.logout(record.sid);
    expect(await refusalCode(house.sessions.refresh({ refreshToken: `${record.sid}.1.${randomId(32)}` }))).toBe(
      "TOKEN_INVALID",
    );
    expect(await refusalCode(house.sessions.refresh(login))).toBe("SESSION_REVOKED");
  });

  it("an unknown session is SESSION_REVOKED", async () => {
    const refreshToken = `${randomId()}.1.${randomId(32)}`;
    expect(await refusalCode(createHouse().sessions.refresh({ refreshToken }))).toBe("SESSION_REVOKED");
  });
});

describe("S13 the rows of the table", () => {
  it("one before, pending, same attempt: the same pair to the letter, hours later", async () => {
    for (const extras of [{ attempt }, {}]) {
      const house = createHouse();
      const { login } = await house.login();
      await house.clock.advance(45 * minute);
      const first = await refresh(house, login.refreshToken, extras);
      await house.clock.advance(3 * 60 * minute);
      const again = await refresh(house, login.refreshToken, extras);
      expect(pairOf(again)).toEqual(pairOf(first));
      expect({ ...again, refreshAt: 0 }).toEqual({ ...first, refreshAt: 0 });
    }
  });

  it("a repeat ignores vars and asks no hook", async () => {
    const beforeRefresh = vi.fn();
    const house = createHouse({ hooks: { beforeRefresh } });
    const { login } = await house.login({ clientVars: { color: "red" } });
    const first = await refresh(house, login.refreshToken, { attempt, vars: { color: "green" } });
    const again = await refresh(house, login.refreshToken, { attempt, vars: { color: "blue" } });
    expect([first.session.vars, again.session.vars]).toEqual([{ color: "green" }, { color: "green" }]);
    expect(beforeRefresh).toHaveBeenCalledTimes(1);
  });

  it("one before, another attempt, after the grace: reuse, which ends the session", async () => {
    const ended = vi.fn();
    const house = createHouse({ hooks: { onSessionEnd: ended } });
    const { login, record } = await house.login();
    const next = await refresh(house, login.refreshToken, { attempt });
    await house.clock.advance(10_000);
    const events: unknown[] = [];
    house.store.subscribe((event) => events.push(event));
    expect(await refusalCode(refresh(house, login.refreshToken, { attempt: `${attempt}-other` }))).toBe(
      "SESSION_REVOKED",
    );
    expect(events).toContainEqual(
      expect.objectContaining({ type: "sessionEnded", sid: record.sid, reason: "reuse", closeSockets: true }),
    );
    expect(ended.mock.calls).toEqual([[expect.objectContaining({ sid: record.sid }), "reuse"]]);
    const ofSession = { record: expect.objectContaining({ sid: record.sid }) };
    expect(house.told).toEqual([
      ["refreshed", { ...ofSession, outcome: "rotated", lostWrites: false }],
      ["reuseDetected", ofSession],
      ["sessionEnded", { ...ofSession, reason: "reuse" }],
      ["refreshRefused", { code: "SESSION_REVOKED" }],
    ]);
    expect(await refusalCode(refresh(house, next.refreshToken))).toBe("SESSION_REVOKED");
    expect(await refusalCode(house.sessions.verify(next.token))).toBe("SESSION_REVOKED");
  });

  it("S15 within the grace of the rotation: repeat, but no repeat prolongs it", async () => {
    const house = createHouse();
    const { login } = await house.login();
    const next = await refresh(house, login.refreshToken, { attempt });
    for (let i = 0; i < 3; i += 1) {
      await house.clock.advance(3_000);
      expect(pairOf(await refresh(house, login.refreshToken))).toEqual(pairOf(next));
    }
    await house.clock.advance(1_000);
    expect(await refusalCode(refresh(house, login.refreshToken))).toBe("SESSION_REVOKED");
  });

  it("one before, the successor shown less than the grace ago: repeat", async () => {
    const house = createHouse();
    const { login } = await house.login();
    const next = await refresh(house, login.refreshToken, { attempt });
    await house.clock.advance(60 * minute);
    await house.sessions.verify(next.token);
    await house.clock.advance(9_999);
    expect(pairOf(await refresh(house, login.refreshToken))).toEqual(pairOf(next));
    await house.clock.advance(1);
    expect(await refusalCode(refresh(house, login.refreshToken, { attempt }))).toBe("SESSION_REVOKED");
  });

  it("showing the new refresh token confirms it as well", async () => {
    const house = createHouse();
    const { login } = await house.login();
    const next = await refresh(house, login.refreshToken, { attempt });
    await house.clock.advance(minute);
    await refresh(house, next.refreshToken);
    await house.clock.advance(minute);
    expect(await refusalCode(refresh(house, login.refreshToken, { attempt }))).toBe("SESSION_REVOKED");
  });

  it("S22 a store that lost writes takes the newer generation over, and it is counted", async () => {
    const house = createHouse();
    const { login, record } = await house.login();
    let latest = login;
    for (let i = 0; i < 3; i += 1) latest = await refresh(house, latest.refreshToken);
    // A replica that saw the login and none of the refreshes.
    const replica = memoryStore()({ clock: house.clock, queue: null, ticketsMayReturn: false }).sessions;
    const concurrent = { limit: 1, onExceeded: "replace" } as const;
    await replica.open({ session: record, lifetimes: house.lifetimes, ticketId: null, concurrent });
    const process = house.peer({ store: replica });
    // The session token of the lost generation still opens the door.
    expect((await process.verify(latest.token)).generation).toBe(1);
    const recovered = await process.refresh({ refreshToken: latest.refreshToken });
    expect(recovered.generation).toBe(5);
    expect(house.told.at(-1)).toMatchObject(["refreshed", { outcome: "rotated", lostWrites: true }]);
    expect(JSON.stringify(house.logger.lines)).toContain(record.sid.slice(0, 8));
    expect(JSON.stringify(house.logger.lines)).not.toContain(record.sid.slice(0, 9));
  });
});

describe("S14 parallel refreshes", () => {
  it("fifty give one successor, and the session lives", async () => {
    const house = createHouse();
    const { login } = await house.login();
    const processes = [house.sessions, house.peer(), house.peer()];
    const records = await Promise.all(
      Array.from({ length: 50 }, (_, i) => processes[i % 3]!.refresh({ refreshToken: login.refreshToken })),
    );
    const answers = await Promise.all(
      records.map((record, i) => processes[i % 3]!.toLogin(record, { created: false, loginData: {} })),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(pairOf(answer)))).size).toBe(1);
    const [answer] = answers;
    expect(pairOf(answer!).gen).toBe(2);
    expect(await house.sessions.verify(answer!.token)).toBeDefined();
    expect(pairOf(await refresh(house, answer!.refreshToken)).gen).toBe(3);
  });
});

it("S16 a thief who refreshes in between is caught at the victim's next refresh", async () => {
  const house = createHouse();
  const { login } = await house.login();
  // Thief and victim hold the same token; whoever comes second shows that there are two.
  const stolen = await refresh(house, login.refreshToken, { attempt: "attempt-of-the-thief" });
  await house.clock.advance(minute);
  expect(await refusalCode(refresh(house, login.refreshToken, { attempt }))).toBe("SESSION_REVOKED");
  expect(await refusalCode(refresh(house, stolen.refreshToken))).toBe("SESSION_REVOKED");
  expect(await refusalCode(house.sessions.verify(stolen.token))).toBe("SESSION_REVOKED");
});
