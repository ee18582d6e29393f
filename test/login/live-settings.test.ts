// Settings that an operator changes while players wait: heard of within a second by everybody, and kept where the store is.
import type { Room } from "@colyseus/sdk";
import { describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { createLogin } from "../../src/login.ts";
import type { QueuePatch } from "../../src/login-queue/queue-settings.ts";
import { resolveOptions } from "../../src/options/options.ts";
import { left, refusal } from "../support/room-clients.ts";
import { settled } from "../support/settled.ts";
import { FragileStore } from "./fragile-store.ts";
import { keptStore } from "./kept-store.ts";
import { newKey, refreshSecrets } from "./keys.ts";
import { untilAdmitted, untilState } from "./player.ts";
import { type House, loginServer } from "./server.ts";

const server = loginServer();

async function queueOf(house: House, names: readonly string[]): Promise<Room[]> {
  const rooms: Room[] = [];
  for (const name of names) rooms.push(await house.player(name).queue());
  return rooms;
}

/** What a call is refused with: a TypeError's words, or a LoginError's code. */
async function failure(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof TypeError) return error.message;
  return Reflect.get(Object(error), "code");
}

describe("configure", () => {
  it("tells everybody who waits at once, in the room and at the next poll", async () => {
    const house = server.open({ queue: { targetCcuLimit: 0 } });
    const rooms = await queueOf(house, ["Ann", "Bob", "Cid"]);
    const { ticket } = await house.player("Dan").takePlace();
    await house.clock.advance(1_000);
    await Promise.all(rooms.map(settled));

    // No time passes: nobody waits for a tick, or for the second since the patch before.
    await house.login.queue.configure({ mode: "paused", notice: "Back at nine." });
    await Promise.all(rooms.map(settled));
    for (const { state } of rooms) {
      expect(state).toMatchObject({ status: "waiting", mode: "paused", notice: "Back at nine.", etaMs: -1 });
    }
    expect(await house.player("Dan").pollPlace(ticket)).toMatchObject({
      mode: "paused",
      notice: "Back at nine.",
      etaMs: -1,
    });
    expect((await house.player("Eve").queue()).state).toMatchObject({ mode: "paused", notice: "Back at nine." });

    await house.login.queue.notice("");
    await Promise.all(rooms.map(settled));
    for (const { state } of rooms) expect(state).toMatchObject({ mode: "paused", notice: "" });
  });

  it("is heard of by another process on the same store", async () => {
    const store = keptStore();
    const tokens = { algorithm: "EdDSA", keys: { current: newKey() }, refreshSecrets } as const;
    const house = server.open({ store, tokens, queue: { targetCcuLimit: 0 } });
    const [room] = await queueOf(house, ["Ann"]);
    if (room === undefined) throw new Error("expected a room");
    const other = createLogin(
      resolveOptions({ store, tokens, queue: { targetCcuLimit: 0 }, logger: house.logger }),
      house.clock,
    );
    await other.queue.notice("From afar.");
    expect(await untilState(room, ({ notice }) => notice !== "")).toMatchObject({ notice: "From afar." });
    await other.shutdown();
  });

  it("lets the rate be changed live: the admission step keeps pace with it", async () => {
    const house = server.open({ queue: { mode: "paused", targetLoginRatePerSecond: 1, loginBurst: 1 } });
    const rooms = await queueOf(
      house,
      Array.from({ length: 12 }, (_, index) => `P${index}`),
    );
    await house.login.queue.configure({ mode: "auto", targetLoginRatePerSecond: 100 });
    await house.clock.advance(120);
    await Promise.all(rooms.map(settled));
    expect((await house.login.queue.status()).lanes["default"]?.waiting).toBe(0);
    await Promise.all(rooms.map(untilAdmitted));
  });

  it("answers the new and the previous values, each by name", async () => {
    const house = server.open({ queue: { targetLoginRatePerSecond: 5 } });
    const { settings, previous } = await house.login.queue.configure({
      targetLoginRatePerSecond: 8,
      lanes: { vip: 2 },
    });
    expect(previous).toMatchObject({ mode: "auto", targetLoginRatePerSecond: 5, loginBurst: 5, lanes: { default: 1 } });
    expect(settings).toEqual({ ...previous, targetLoginRatePerSecond: 8, loginBurst: 8, lanes: { vip: 2 } });
    expect((await house.login.queue.reset()).settings).toEqual(previous);
  });

  it("outlives a restart where the store does, until it is reset", async () => {
    const store = keptStore();
    const tokens = { keys: { current: newKey() }, refreshSecrets };
    const house = server.open({ store, tokens, queue: { targetCcuLimit: 10 } });
    await house.login.queue.configure({ mode: "closed", notice: "Closed for the night.", targetCcuLimit: 3 });
    await house.restart();
    expect((await house.player("Ann").post("/auth/queue", {})).body).toMatchObject({ code: "QUEUE_CLOSED" });
    await house.login.queue.configure({ mode: null });
    expect((await house.player("Ann").queue()).state).toMatchObject({ mode: "auto", notice: "Closed for the night." });
    expect((await house.login.queue.reset()).settings).toMatchObject({ mode: "auto", notice: "", targetCcuLimit: 10 });
  });

  it.each<[unknown, string]>([
    [null, "expected an object of settings, got null"],
    [{ speed: 1 }, "there is no option speed"],
    [{ restoreSeconds: 1 }, "there is no option restoreSeconds"],
    [{ lane: () => "vip" }, "there is no option lane"],
    [{ mode: "fast" }, 'option mode: expected one of "auto", "always", "paused", "closed", "open", got "fast"'],
    [{ targetCcuLimit: -1 }, "option targetCcuLimit: expected a whole number, 0 or more, got -1"],
    [{ loginBurst: 0.5 }, "option loginBurst: expected a number, 1 or more, got 0.5"],
    [{ lanes: {} }, "option lanes: expected at least one lane, got an object"],
    [{ lanes: { "a b": 1 } }, 'option lanes: expected 1 to 32 letters, digits, - or _ as a name, got "a b"'],
    [{ lanes: { vip: 0 } }, "option lanes.vip: expected a number from 0.001 to 1000, got 0"],
    [{ notice: 7 }, "option notice: expected a string of at most 500 characters, got 7"],
  ])("%j is a mistake, and changes nothing", async (patch, message) => {
    const house = server.open({ queue: {} });
    const before = (await house.login.queue.configure({})).settings;
    expect(await failure(house.login.queue.configure(patch as QueuePatch))).toBe(`login.queue.configure: ${message}`);
    expect((await house.login.queue.configure({})).settings).toEqual(before);
  });

  it("a notice has its bound", async () => {
    const house = server.open({ queue: {} });
    const [room] = await queueOf(house, ["Ann"]);
    await house.login.queue.notice("é".repeat(500));
    expect(await failure(house.login.queue.notice("x".repeat(501)))).toContain("at most 500 characters");
    if (room !== undefined) await settled(room);
    expect(room?.state.notice).toBe("é".repeat(500));
  });

  it("fails loudly with the store away, and stands where the store took it and could then not be asked", async () => {
    const store = new FragileStore();
    const house = server.open({ store: store.open, queue: {} });
    store.isDown = true;
    const { configure, reset, notice, admit, remove, move, status } = house.login.queue;
    const calls = [configure({}), reset(), notice(""), admit("a"), remove("a", "b"), move("a", 1), status()];
    for (const call of calls) expect(await failure(call)).toBe("STORE_UNAVAILABLE");
    store.isDown = false;
    await house.clock.advance(2_000);
    store.broken.set("queue.settings", new LoginError("STORE_UNAVAILABLE", "The store is out of reach."));
    expect((await configure({ notice: "Soon." })).settings).toMatchObject({ notice: "Soon." });
    store.broken.clear();
    await house.clock.advance(2_000);
    expect((await house.player("Ann").takePlace()).notice).toBe("Soon.");
  });

  it("asks for a queue", async () => {
    const house = server.open();
    const { configure, reset, notice, admit, remove, move } = house.login.queue;
    const calls = [configure({}), reset(), notice(""), admit("a"), remove("a", "b"), move("a", 1)];
    for (const call of calls) expect(await failure(call)).toContain("option queue");
  });
});

describe("closed", () => {
  it("refuses newcomers everywhere, keeps who waits, and lets them in when it opens", async () => {
    const house = server.open({ queue: { mode: "paused" } });
    const [room] = await queueOf(house, ["Ann"]);
    if (room === undefined) throw new Error("expected a room");
    await house.login.queue.configure({ mode: "closed" });
    await settled(room);
    expect(room.state).toMatchObject({ status: "waiting", mode: "closed", etaMs: -1, position: 1 });
    const bob = house.player("Bob");
    expect(await refusal(bob.client.joinOrCreate("login_queue"))).toEqual({ code: 503, message: "QUEUE_CLOSED" });
    expect(await bob.tryLogIn()).toMatchObject({ status: 503, body: { code: "QUEUE_CLOSED" } });
    expect(await bob.post("/auth/queue", { ticket: "garbage" })).toMatchObject({
      status: 503,
      body: { code: "QUEUE_CLOSED" },
    });
    await house.login.queue.configure({ mode: "auto" });
    await house.clock.advance(200);
    await untilAdmitted(room);
  });

  it("keeps who plays, within player grace, and sends a session without a slot away", async () => {
    const house = server.open({ queue: { playerGraceSeconds: 60 } });
    const ann = await house.loggedIn("Ann");
    const game = await ann.play();
    await house.login.queue.configure({ mode: "closed" });
    await game.leave();
    await (await ann.play()).leave();
    await house.clock.advance(61_000);
    expect(await refusal(ann.play())).toEqual({ code: 503, message: "QUEUE_CLOSED" });
  });
});

describe("an operator's hand on one ticket", () => {
  /** The ticket's id is in its JWT. */
  const idOf = (room: Room): string => JSON.parse(atob(room.state.ticket.split(".")[1] ?? "")).jti;

  it("admits it ahead of all others", async () => {
    const house = server.open({ queue: { mode: "paused" } });
    const [first, last] = await queueOf(house, ["Ann", "Bob"]);
    if (first === undefined || last === undefined) throw new Error("expected two rooms");
    await house.login.queue.admit(idOf(last));
    await untilAdmitted(last);
    expect(first.state.status).toBe("waiting");
    await house.login.queue.configure({ targetCcuLimit: 1 });
    expect(await failure(house.login.queue.admit(idOf(first)))).toBe("CONFLICT");
    expect(await failure(house.login.queue.admit("nobody"))).toBe("NOT_FOUND");
  });

  it("moves it, which its holder sees within a second and keeps across a restart", async () => {
    const tokens = { keys: { current: newKey() }, refreshSecrets };
    const house = server.open({ tokens, queue: { mode: "paused" } });
    const rooms = await queueOf(house, ["Ann", "Bob", "Cid"]);
    const [ann, bob, cid] = rooms;
    if (ann === undefined || bob === undefined || cid === undefined) throw new Error("expected three rooms");
    const polled = await house.player("Dan").takePlace();
    const polledId = JSON.parse(atob(polled.ticket.split(".")[1] ?? "")).jti;
    expect(await house.login.queue.move(idOf(ann), 3)).toBe(3);
    expect(await house.login.queue.move(polledId, 1)).toBe(1);
    await house.clock.advance(1_000);
    await Promise.all(rooms.map(settled));
    expect([ann, bob, cid].map(({ state }) => state.position)).toEqual([3, 2, 3]);
    const poll = await house.player("Dan").pollPlace(polled.ticket);
    expect(poll).toMatchObject({ position: 1, queueLength: 4 });
    expect(poll.ticket).not.toBe(polled.ticket);

    const tickets = [poll.ticket, bob.state.ticket, cid.state.ticket, ann.state.ticket];
    await house.restart({ queue: { mode: "paused", restoreSeconds: 0 } });
    const places = [];
    // The last comes back first.
    for (const ticket of tickets.toReversed()) places.unshift(await house.player("Eve").takePlace({ ticket }));
    const ids = places.map(({ ticket }) => JSON.parse(atob(ticket.split(".")[1] ?? "")).jti);
    await house.login.queue.configure({ mode: "auto", targetLoginRatePerSecond: 1, loginBurst: 1 });
    const admitted: string[] = [];
    for (let second = 0; second < 5; second += 1) {
      await house.clock.advance(1_000);
      for (const [index, { ticket }] of places.entries()) {
        const id = ids[index];
        if ((await house.player("Eve").pollPlace(ticket)).status === "admitted" && !admitted.includes(id)) {
          admitted.push(id);
        }
      }
    }
    expect(admitted).toEqual(ids);
  });

  it("removes it, and tells its holder why", async () => {
    const house = server.open({ queue: { mode: "paused" } });
    const [room] = await queueOf(house, ["Ann"]);
    if (room === undefined) throw new Error("expected a room");
    const id = idOf(room);
    const closed = left(room);
    await house.login.queue.remove(id, "Selling places.");
    expect(await closed).toEqual({ code: 4410, reason: "Selling places." });
    expect(room.state).toMatchObject({ status: "removed", notice: "Selling places." });
    expect(await failure(house.login.queue.remove(id, "again"))).toBe("NOT_FOUND");
  });

  it("names a mistake", async () => {
    const { login } = server.open({ queue: {} });
    const queue: { [Call in "notice" | "admit" | "remove" | "move"]: (...values: never[]) => Promise<unknown> } =
      login.queue;
    const call = (name: keyof typeof queue, ...values: unknown[]) => failure(Reflect.apply(queue[name], queue, values));
    expect(await call("admit", 7)).toBe("login.queue.admit: ticketId: expected a string, got number");
    expect(await call("notice", null)).toBe("login.queue.notice: text: expected a string, got null");
    expect(await call("remove", "a")).toBe("login.queue.remove: reason: expected a string, got undefined");
    expect(await call("remove", "a", "x".repeat(501))).toContain("at most 500 characters");
    for (const place of [0, -1, 1.5, "1", Number.NaN]) {
      expect(await call("move", "a", place)).toBe(
        `login.queue.move: position: expected a whole number above 0, got ${place}`,
      );
    }
    expect(await call("move", "a", 1)).toBe("NOT_FOUND");
  });
});

describe("lanes", () => {
  it("are chosen by session and hint, and each shows its own places", async () => {
    const house = server.open({
      queue: {
        mode: "paused",
        lanes: { default: 1, members: 3 },
        lane: ({ session, hint }) => (session !== null && hint === "fast" ? "members" : "default"),
      },
    });
    const rooms = await queueOf(house, ["Ann", "Bob"]);
    await house.login.queue.configure({ mode: "open" });
    const cid = await house.loggedIn("Cid");
    await house.login.queue.configure({ mode: "paused" });
    await house.login.sessions.disconnect(cid.sid);
    rooms.push(await cid.queue({ hint: "fast" }), await house.player("Dan").queue({ hint: "fast" }));
    expect(rooms.map(({ state }) => [state.position, state.queueLength])).toEqual([
      [1, 1],
      [2, 2],
      [1, 1],
      [3, 3],
    ]);
    const { lanes } = await house.login.queue.status();
    expect(lanes).toMatchObject({ default: { waiting: 3 }, members: { waiting: 1 } });
  });

  it("one that was taken away is chosen no more, and those in it wait on", async () => {
    const house = server.open({
      queue: {
        mode: "paused",
        lanes: { default: 1, vip: 9 },
        lane: ({ hint }) => (hint === "vip" ? "vip" : "default"),
      },
    });
    const early = await house.player("Ann").queue({ hint: "vip" });
    await house.login.queue.configure({ lanes: { default: 1 } });
    const late = await house.player("Bob").queue({ hint: "vip" });
    expect((await house.login.queue.status()).lanes).toMatchObject({ default: { waiting: 1 }, vip: { waiting: 1 } });
    expect(house.logger.lines.filter(({ level }) => level === "error")).toHaveLength(1);
    house.logger.lines.length = 0;
    await house.login.queue.configure({ mode: "auto" });
    await house.clock.advance(1_000);
    await Promise.all([untilAdmitted(early), untilAdmitted(late)]);
  });
});
