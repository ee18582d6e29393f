// A process that ends hands its players over: those who wait keep their places on the next one, those who play their slots.
import { matchMaker } from "@colyseus/core";
import { Client } from "@colyseus/sdk";
import { afterEach, describe, expect, it } from "vitest";
import { LoginClient } from "../../src/client/login-client.ts";
import type { QueueUpdate } from "../../src/client/queue-visit.ts";
import { memoryStorage } from "../../src/client/storage.ts";
import { ManualTime } from "../client/support/manual-time.ts";
import { left, until } from "../support/room-clients.ts";
import { settled } from "../support/settled.ts";
import { FragileStore } from "./fragile-store.ts";
import { keptAccounts, keptStore } from "./kept-store.ts";
import { newKey, refreshSecrets } from "./keys.ts";
import { untilAdmitted, untilState } from "./player.ts";
import { type House, loginServer } from "./server.ts";

const server = loginServer();

let helpers: LoginClient<Client>[] = [];

afterEach(() => {
  for (const login of helpers) login.dispose();
  helpers = [];
});

/** Somebody at the helper, on the way into the queue. */
function helper(house: House, name: string) {
  const client = new Client(house.url);
  client.auth.token = "";
  const time = new ManualTime();
  const login = new LoginClient<Client>(client, { storage: memoryStorage() }, time);
  const updates: QueueUpdate[] = [];
  const session = login.authenticate(
    "device",
    { id: `the device of ${name}` },
    {
      queueFirst: true,
      onQueue: (update) => updates.push(update),
    },
  );
  session.catch(() => {});
  helpers.push(login);
  return { time, login, updates, session };
}

function openHouse(queue: object = {}): House {
  const tokens = { keys: { current: newKey() }, refreshSecrets };
  return server.open({
    tokens,
    store: keptStore(),
    accounts: keptAccounts(),
    queue: { targetCcuLimit: 1, restoreSeconds: 0, ...queue },
  });
}

describe("a process that shuts down", () => {
  it("sends its waiting players to the next one, where they go on at their places by themselves", async () => {
    const house = openHouse();
    const ann = await house.loggedIn("Ann");
    await ann.play();
    const bob = helper(house, "Bob");
    await until(() => bob.updates.length === 1);
    const cid = helper(house, "Cid");
    await until(() => cid.updates.length === 1);
    // So long that a ticket signed at the start would be about to end.
    for (let second = 0; second < 50; second += 1) await house.clock.advance(1_000);
    const rooms = await matchMaker.query({ name: "login_queue" });

    await house.replace();
    await until(() => bob.time.sleeps.length > 0 && cid.time.sleeps.length > 0);
    const lane = async () => (await house.login.queue.status()).lanes["default"];
    while ((await lane())?.away !== 0) await new Promise((resolve) => setImmediate(resolve));
    expect(new Set(bob.updates.map(({ position }) => position))).toEqual(new Set([1]));
    expect(new Set(cid.updates.map(({ position }) => position))).toEqual(new Set([2]));
    for (const { time } of [bob, cid]) expect(time.sleeps).toHaveLength(1);
    expect((await matchMaker.query({ name: "login_queue" })).map(({ roomId }) => roomId)).not.toContain(
      rooms[0]?.roomId,
    );
    expect(await lane()).toMatchObject({ waiting: 2 });

    await ann.logOut({ disconnectSockets: true });
    for (let second = 0; second < 3; second += 1) await house.clock.advance(1_000);
    expect((await bob.session).userId).toBeTruthy();
    expect(cid.updates.at(-1)?.status).toBe("waiting");
  });

  it("gives everybody a ticket of that moment, and their places are away at once", async () => {
    const house = openHouse({ targetCcuLimit: 0, queueGraceSeconds: 60 });
    const [bob, cid] = [house.player("Bob"), house.player("Cid")];
    const rooms = [await bob.queue(), await cid.queue()];
    const first = rooms.map(({ state }) => state.ticket);
    await house.clock.advance(5_000);
    await Promise.all(rooms.map(settled));
    const closed = rooms.map(left);
    await house.shutDownAlone();
    for (const { code } of await Promise.all(closed)) expect(code).toBe(4001);
    const last = rooms.map(({ state }) => state.ticket);
    expect(last).not.toEqual(first);

    house.reopen();
    expect((await house.login.queue.status()).lanes["default"]).toMatchObject({ waiting: 2, away: 2 });
    // They come in the wrong order, and just within the grace.
    await house.clock.advance(59_000);
    const second = await cid.queue({ ticket: last[1] });
    const again = await bob.queue({ ticket: last[0] });
    expect([again.state.position, second.state.position]).toEqual([1, 2]);
  });

  it("lets those who play keep their slots for the grace, whatever becomes of their sockets", async () => {
    const house = openHouse({ targetCcuLimit: 2, playerGraceSeconds: 60 });
    await (await house.loggedIn("Ann")).play();
    const bob = await house.loggedIn("Bob");
    await bob.play();
    await house.shutDownAlone();
    await Promise.all(matchMaker.disconnectAll());
    house.reopen();
    await house.clock.advance(30_000);
    expect(await house.liveSlots()).toBe(2);
    await bob.play();
    await house.clock.advance(31_000);
    expect(await house.liveSlots()).toBe(1);
  });

  it("as the framework's graceful shutdown does it: its queue rooms end at once, with the same handing over", async () => {
    const house = openHouse({ targetCcuLimit: 0 });
    const room = await house.player("Bob").queue();
    const { ticket } = room.state;
    await house.clock.advance(5_000);
    const closed = left(room);
    const local = matchMaker.getLocalRoomById(room.roomId);
    local?.onBeforeShutdown();
    expect((await closed).code).toBe(4001);
    expect(room.state.ticket).not.toBe(ticket);
    await until(() => matchMaker.getLocalRoomById(room.roomId) === undefined);
  });

  it("leaves a pass that it handed out in force", async () => {
    const house = openHouse({ mode: "always" });
    const bob = house.player("Bob");
    const room = await bob.queue();
    await house.clock.advance(200);
    const { pass } = await untilAdmitted(room);
    await house.replace();
    await bob.logIn({ queuePass: pass });
  });

  it("ends with the store away, too: the tickets are given out, and nothing hangs", async () => {
    const store = new FragileStore();
    const tokens = { keys: { current: newKey() }, refreshSecrets };
    const house = server.open({ tokens, store: store.open, queue: { targetCcuLimit: 0 } });
    const room = await house.player("Bob").queue();
    const { ticket } = room.state;
    store.isDown = true;
    await house.clock.advance(5_000);
    await untilState(room, ({ mode }) => mode === "unavailable");
    const closed = left(room);
    await house.shutDownAlone();
    expect((await closed).code).toBe(4001);
    expect(room.state.ticket).not.toBe(ticket);
    house.logger.lines.length = 0;
  });
});
