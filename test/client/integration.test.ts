// The helper against the real server, over the stock SDK: the journey, the queue, lost answers and forced ends.
import { matchMaker } from "@colyseus/core";
import type { Room } from "@colyseus/sdk";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { anonymousProvider } from "../../src/accounts/anonymous.ts";
import { customProvider } from "../../src/accounts/custom.ts";
import { deviceProvider } from "../../src/accounts/device.ts";
import { LoginError } from "../../src/errors.ts";
import { openPlayer, passUntil, type RealServer, startRealServer, until } from "./support/real-server.ts";

let server: RealServer;
let players: ReturnType<typeof openPlayer>[] = [];

// One matchmaker a process, so one server for the file; every test leaves it empty.
beforeAll(async () => {
  server = await startRealServer({
    providers: {
      device: deviceProvider(),
      anonymous: anonymousProvider(),
      secret: customProvider(({ word }) => {
        if (word !== "sesame") throw new LoginError("INVALID_CREDENTIALS", "not the word");
        return { externalId: "ali" };
      }),
    },
    queue: { targetCcuLimit: 1 },
  });
});

afterAll(() => server.stop());

beforeEach(async () => {
  // Tokens for the logins of the test: an idle queue banks one second's worth.
  await server.clock.advance(1_000);
});

afterEach(async () => {
  for (const { login } of players) {
    login.dispose();
    await login.logout({ disconnectSockets: true });
  }
  players = [];
  await server.clock.advance(120_000);
});

function open(storage?: ReturnType<typeof openPlayer>["storage"]) {
  const player = openPlayer(server, storage);
  players.push(player);
  return player;
}

const deviceOf = (name: string) => ({ id: `the device of ${name}` });

/** Ann is in, Bob waits. */
async function oneInOneWaiting() {
  const ann = open();
  const bob = open();
  await ann.login.authenticate("device", deviceOf("Ann"));
  const entering = bob.login.authenticate("device", deviceOf("Bob"), { vars: { team: "blue" } });
  entering.catch(() => {});
  await until(() => bob.positions.length > 0);
  return { ann, bob, entering };
}

describe("the journey", () => {
  it("waits, logs in when there is room, plays, refreshes with new vars, logs out, and is let in nowhere", async () => {
    const { ann, bob, entering } = await oneInOneWaiting();
    expect(bob.positions).toEqual([1]);
    expect(bob.login.session).toBeNull();
    await ann.login.logout();
    await passUntil(server, () => bob.positions.at(-1) === 0);
    const session = await entering;
    expect(bob.positions).toEqual([1, 0]);
    expect(session).toMatchObject({ username: expect.any(String), vars: { team: "blue" }, kind: "player" });
    expect(session.isExpired()).toBe(false);
    expect(session.expiresIn()).toBeGreaterThan(23 * 60 * 60_000);

    const room: Room = await bob.login.joinOrCreate("game");
    expect(room.roomId).toMatch(/.+/);
    const refreshed = await bob.login.refresh({ team: "green" });
    expect(refreshed.vars).toEqual({ team: "green" });
    expect(refreshed.sid).toBe(session.sid);
    await bob.login.refresh();
    expect(bob.login.session?.vars).toEqual({ team: "green" });

    await bob.login.logout();
    expect(room.connection.isOpen).toBe(true);
    expect(bob.client.auth.token).toBeUndefined();
    await expect(bob.login.joinOrCreate("game")).rejects.toMatchObject({ code: "TOKEN_INVALID", status: 401 });
    await room.leave();
  });

  it("is restored after a reload, with the session's own vars", async () => {
    const ann = open();
    await ann.login.authenticate("device", deviceOf("Ann"), { vars: { skin: "gold" } });
    const reloaded = open(ann.storage);
    const session = await reloaded.login.restore();
    expect(session).toMatchObject({ sid: ann.login.session?.sid, vars: { skin: "gold" } });
    await reloaded.login.refresh();
    const room: Room = await reloaded.login.joinOrCreate("game");
    await room.leave();
    expect(await server.login.sessions.list(session?.userId ?? "")).toHaveLength(1);
  });

  it("refuses as the server does", async () => {
    const ann = open();
    await expect(ann.login.authenticate("nobody")).rejects.toMatchObject({ code: "NOT_FOUND", status: 404 });
    await expect(ann.login.authenticate("device", { id: "short" })).rejects.toMatchObject({ status: 400 });
    await expect(ann.login.authenticate("anonymous", {}, { vars: { a: "x".repeat(300) } })).rejects.toMatchObject({
      code: "INVALID_REQUEST",
      status: 400,
    });
    await expect(ann.login.joinOrCreate("game")).rejects.toMatchObject({ code: "TOKEN_INVALID", status: 401 });
  });
});

describe("a lost answer", () => {
  it("to a refresh is asked for again: one successor, and no thief is seen", async () => {
    const ann = open();
    await ann.login.authenticate("device", deviceOf("Ann"));
    ann.breakAnswers = 2;
    const session = await ann.login.refresh({ skin: "gold" });
    expect(session.vars).toEqual({ skin: "gold" });
    // Long after the grace of parallel refreshes, the pair is the one in force.
    await server.clock.advance(60_000);
    await ann.login.refresh();
    expect(ann.login.session?.sid).toBe(session.sid);
    expect(ann.events).not.toContainEqual(["ended", expect.anything()]);
  });

  it("is asked for again by the next page, long after", async () => {
    const ann = open();
    const { sid } = await ann.login.authenticate("device", deviceOf("Ann"));
    ann.breakAnswers = 4;
    await expect(ann.login.refresh({ skin: "gold" })).rejects.toMatchObject({ code: "NETWORK" });
    ann.login.dispose();
    await server.clock.advance(3_600_000);
    const reloaded = open(ann.storage);
    await reloaded.login.restore();
    reloaded.time.advance(0);
    await until(() => reloaded.login.session?.vars["skin"] === "gold");
    expect(reloaded.login.session?.sid).toBe(sid);
    await server.clock.advance(60_000);
    await reloaded.login.refresh();
  });

  it("to a login with a pass is asked for again: one session", async () => {
    const { ann, bob, entering } = await oneInOneWaiting();
    bob.breakAnswers = 2;
    await ann.login.logout();
    await passUntil(server, () => bob.positions.at(-1) === 0);
    const { userId } = await entering;
    expect(bob.time.sleeps).toHaveLength(2);
    expect(await server.login.sessions.list(userId)).toHaveLength(1);
  });
});

describe("many at once", () => {
  it("tabs that refresh together get one pair", async () => {
    const ann = open();
    await ann.login.authenticate("device", deviceOf("Ann"));
    const tabs = [ann, open(ann.storage), open(ann.storage)];
    await Promise.all(tabs.slice(1).map((tab) => tab.login.restore()));
    await Promise.all(tabs.flatMap((tab) => [tab.login.refresh(), tab.login.refresh()]));
    expect(new Set(tabs.map((tab) => tab.client.auth.token)).size).toBe(1);
    await server.clock.advance(60_000);
    await ann.login.refresh();
  });
});

describe("a place in the queue", () => {
  it("is kept when the connection drops", async () => {
    const { ann, bob, entering } = await oneInOneWaiting();
    const carl = open();
    const carlEntering = carl.login.authenticate("device", deviceOf("Carl"));
    await until(() => carl.positions.length > 0);
    expect(carl.positions).toEqual([2]);
    await cutConnections("login_queue");
    await until(() => bob.positions.length > 1 && carl.positions.length > 1);
    expect(bob.time.sleeps).toHaveLength(1);
    await ann.login.logout();
    await passUntil(server, () => bob.positions.at(-1) === 0);
    await entering;
    expect(Math.max(...bob.positions)).toBe(1);
    expect(Math.max(...carl.positions)).toBe(2);
    expect(carl.login.session).toBeNull();
    await bob.login.logout();
    await passUntil(server, () => carl.positions.at(-1) === 0);
    await carlEntering;
  });

  it("is kept over a reload", async () => {
    const { ann, bob } = await oneInOneWaiting();
    const carl = open();
    const carlEntering = carl.login.authenticate("device", deviceOf("Carl"));
    await until(() => carl.positions.length > 0);
    // The old page is gone without a word; the new one has its storage.
    const reloaded = open(bob.storage);
    const entering = reloaded.login.authenticate("device", deviceOf("Bob"));
    await until(() => reloaded.positions.length > 0);
    expect(reloaded.positions).toEqual([1]);
    await ann.login.logout();
    await passUntil(server, () => reloaded.positions.at(-1) === 0);
    await entering;
    await reloaded.login.logout();
    await passUntil(server, () => carl.positions.at(-1) === 0);
    await carlEntering;
  });

  it("taken over by another tab is lost to the first, which does not fight for it", async () => {
    const { ann, bob, entering } = await oneInOneWaiting();
    const other = open(bob.storage);
    const otherEntering = other.login.authenticate("device", deviceOf("Bob"));
    await expect(entering).rejects.toMatchObject({ code: "REMOVED", reason: expect.stringContaining("taken over") });
    await ann.login.logout();
    await passUntil(server, () => other.positions.at(-1) === 0);
    await otherEntering;
  });

  it("is given up by the signal: the next one moves up", async () => {
    const ann = open();
    await ann.login.authenticate("device", deviceOf("Ann"));
    const bob = open();
    const giveUp = new AbortController();
    const entering = bob.login.authenticate("device", deviceOf("Bob"), { signal: giveUp.signal });
    await until(() => bob.positions.length > 0);
    const carl = open();
    const carlEntering = carl.login.authenticate("device", deviceOf("Carl"));
    await until(() => carl.positions.length > 0);
    giveUp.abort();
    await expect(entering).rejects.toMatchObject({ name: "AbortError" });
    await passUntil(server, () => carl.positions.at(-1) === 1);
    await ann.login.logout();
    await passUntil(server, () => carl.positions.at(-1) === 0);
    await carlEntering;
  });

  it("is not lost by wrong credentials after the wait", async () => {
    const ann = open();
    await ann.login.authenticate("device", deviceOf("Ann"));
    const ali = open();
    const entering = ali.login.authenticate("secret", { word: "simsim" });
    entering.catch(() => {});
    await until(() => ali.positions.length > 0);
    await ann.login.logout();
    await passUntil(server, () => ali.positions.at(-1) === 0);
    await expect(entering).rejects.toMatchObject({ code: "INVALID_CREDENTIALS", status: 401 });
    const carl = open();
    const carlEntering = carl.login.authenticate("device", deviceOf("Carl"));
    await until(() => carl.positions.length > 0);
    await ali.login.authenticate("secret", { word: "sesame" });
    expect(ali.positions.filter((position) => position === 0)).toHaveLength(1);
    await ali.login.logout();
    await passUntil(server, () => carl.positions.at(-1) === 0);
    await carlEntering;
  });

  it("is waited for again by a session whose slot went to others, without a new login", async () => {
    const ann = open();
    const { sid } = await ann.login.authenticate("device", deviceOf("Ann"));
    // Nobody played: after the player's grace the slot is free for the next.
    await server.clock.advance(301_000);
    const bob = open();
    await bob.login.authenticate("device", deviceOf("Bob"));
    const joining = ann.login.joinOrCreate("game") as Promise<Room>;
    await until(() => ann.positions.length > 0);
    expect(ann.positions).toEqual([1]);
    await bob.login.logout();
    let room: Room | undefined;
    void joining.then((joined) => {
      room = joined;
    });
    await passUntil(server, () => room !== undefined);
    expect(ann.login.session?.sid).toBe(sid);
    // Leaving the queue room has not given the slot away again.
    await server.clock.advance(5_000);
    expect(await server.login.queue.status()).toMatchObject({ liveSlots: 1 });
    await room?.leave();
  });
});

describe("the server", () => {
  async function playing() {
    const ann = open();
    const session = await ann.login.authenticate("device", deviceOf("Ann"));
    const room: Room = await ann.login.joinOrCreate("game");
    const left = new Promise<number>((resolve) => room.onLeave((code) => resolve(code)));
    return { ann, session, left };
  }

  it("disconnects a player: the reason arrives, the session lives", async () => {
    const { ann, session, left } = await playing();
    expect(await server.login.sessions.disconnect(session.sid, { reason: "go to bed" })).toBe(1);
    expect(await left).toBe(4410);
    expect(ann.events.at(-1)).toEqual([4410, "go to bed"]);
    const room: Room = await ann.login.joinOrCreate("game");
    await room.leave();
  });

  it("ends a session: the helper's ends, too", async () => {
    const { ann, session, left } = await playing();
    await server.login.sessions.logout(session.sid, { disconnectSockets: true });
    expect(await left).toBe(4401);
    await until(() => ann.login.session === null);
    expect(ann.events.slice(-2)).toEqual([
      [4401, expect.any(String)],
      ["ended", "SESSION_REVOKED"],
    ]);
    expect(await open(ann.storage).login.restore()).toBeNull();
  });

  it("ends a session that has no socket: the next refresh finds out", async () => {
    const ann = open();
    const session = await ann.login.authenticate("device", deviceOf("Ann"));
    await server.login.sessions.logout(session.sid);
    await expect(ann.login.refresh()).rejects.toMatchObject({ code: "SESSION_REVOKED", status: 401 });
    expect(ann.login.session).toBeNull();
  });

  it("bans a player: the words arrive", async () => {
    const { ann, session, left } = await playing();
    await server.login.bans.ban(session.userId, { reason: "cheating" });
    expect(await left).toBe(4403);
    await until(() => ann.login.session === null);
    expect(ann.events.at(-1)).toEqual(["ended", "BANNED"]);
    const failure = await ann.login.authenticate("device", deviceOf("Ann")).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "BANNED", status: 403, reason: "cheating" });
    await server.login.bans.unban(session.userId);
  });

  it("closes the rooms of a token that ran out: the helper refreshes, and the player may come back", async () => {
    const { ann, session, left } = await playing();
    await server.clock.advance(session.expiresIn());
    await passUntil(server, () => ann.events.some((event) => Array.isArray(event) && event[0] === 4408));
    expect(await left).toBe(4408);
    await until(() => ann.events.at(-1) === "session");
    expect(ann.login.session?.sid).toBe(session.sid);
    const room: Room = await ann.login.joinOrCreate("game");
    await room.leave();
  });
});

/** Ends every socket of a room's clients, as a network would. */
async function cutConnections(roomName: string): Promise<void> {
  for (const { roomId } of await matchMaker.query({ name: roomName })) {
    const room = matchMaker.getLocalRoomById(roomId);
    for (const client of room?.clients ?? []) (client.ref as unknown as { terminate(): void }).terminate();
  }
}
