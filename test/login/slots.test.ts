// The slot of a session: whose it is, when it is free again, and how a session comes back to one.
import { matchMaker } from "@colyseus/core";
import { describe, expect, it } from "vitest";
import { left, refusal } from "../support/room-clients.ts";
import { settled } from "../support/settled.ts";
import { type Player, untilAdmitted, untilState } from "./player.ts";
import { type House, loginServer } from "./server.ts";

const server = loginServer();

const queueRequired = { code: 429, message: "QUEUE_REQUIRED" };

/** Ann plays on the only slot, and Bob waits. */
async function oneInOneWaiting() {
  const house = server.open({ queue: { targetCcuLimit: 1 } });
  const ann = await house.loggedIn("Ann");
  const bob = house.player("Bob");
  return { house, ann, game: await ann.play(), bob, waiting: await bob.queue() };
}

/** Whether somebody was let in by now. */
async function isAdmitted(house: House, waiting: Awaited<ReturnType<Player["queue"]>>): Promise<boolean> {
  await house.clock.advance(1_000);
  await settled(waiting);
  return waiting.state.status === "admitted";
}

describe("a slot is free again", () => {
  it("at once when a session without sockets logs out", async () => {
    const house = server.open({ queue: { targetCcuLimit: 1 } });
    const ann = await house.loggedIn("Ann");
    const waiting = await house.player("Bob").queue();
    expect(await isAdmitted(house, waiting)).toBe(false);
    await ann.logOut();
    expect(await isAdmitted(house, waiting)).toBe(true);
  });

  it("with the last socket of a session that logged out and went on playing", async () => {
    const { house, ann, game, waiting } = await oneInOneWaiting();
    const second = await ann.play();
    await ann.logOut();
    expect(await isAdmitted(house, waiting)).toBe(false);
    await second.leave();
    expect(await isAdmitted(house, waiting)).toBe(false);
    await game.leave();
    expect(await isAdmitted(house, waiting)).toBe(true);
  });

  it("at once by a logout that closes the sockets", async () => {
    const { house, ann, game, waiting } = await oneInOneWaiting();
    const closed = left(game);
    await ann.logOut({ disconnectSockets: true });
    expect((await closed).code).toBe(4401);
    await house.calls.until("onLeave");
    expect(await isAdmitted(house, waiting)).toBe(true);
  });

  it("when the server disconnected the session, which keeps no place by that", async () => {
    const { house, ann, game, waiting } = await oneInOneWaiting();
    const closed = left(game);
    expect(await house.login.sessions.disconnect(ann.sid, { reason: "Go to bed." })).toBe(1);
    expect(await closed).toEqual({ code: 4410, reason: "Go to bed." });
    await house.calls.until("onLeave");
    expect(await isAdmitted(house, waiting)).toBe(true);
    expect(await refusal(ann.play())).toEqual(queueRequired);
    // The tokens stay valid for all else.
    expect((await ann.get("/auth/session")).status).toBe(200);
  });

  it("after the player grace when the last socket closed", async () => {
    const { house, game, waiting } = await oneInOneWaiting();
    await house.clock.advance(600_000);
    await game.leave();
    await house.clock.advance(299_000);
    await settled(waiting);
    expect(waiting.state.status).toBe("waiting");
    expect(await isAdmitted(house, waiting)).toBe(true);
  });

  it("after the player grace when the game itself showed the player out", async () => {
    const { house, ann, game, waiting } = await oneInOneWaiting();
    const closed = left(game);
    matchMaker.getLocalRoomById(game.roomId).kickClient(game.sessionId, 4500, "You are out.");
    expect(await closed).toEqual({ code: 4500, reason: "You are out." });
    await house.calls.until("onLeave");
    expect(await isAdmitted(house, waiting)).toBe(false);
    await ann.play();
  });

  it("after the player grace when nobody ever joined", async () => {
    const house = server.open({ queue: { targetCcuLimit: 1, playerGraceSeconds: 60 } });
    await house.loggedIn("Ann");
    const waiting = await house.player("Bob").queue();
    await house.clock.advance(59_000);
    await settled(waiting);
    expect(waiting.state.status).toBe("waiting");
    expect(await isAdmitted(house, waiting)).toBe(true);
  });

  it("later where the session refreshes meanwhile", async () => {
    const house = server.open({ queue: { targetCcuLimit: 1, playerGraceSeconds: 60 } });
    const ann = await house.loggedIn("Ann");
    await house.clock.advance(50_000);
    await ann.refresh();
    await house.clock.advance(50_000);
    expect(await house.liveSlots()).toBe(1);
    await house.clock.advance(10_000);
    expect(await house.liveSlots()).toBe(0);
  });

  it("at once when the user is banned", async () => {
    const { house, ann, game, waiting } = await oneInOneWaiting();
    const closed = left(game);
    await house.login.bans.ban(ann.userId, { reason: "cheating" });
    expect((await closed).code).toBe(4403);
    await house.calls.until("onLeave");
    expect(await isAdmitted(house, waiting)).toBe(true);
  });
});

describe("a player who comes back within the grace", () => {
  it("joins as if nothing had happened", async () => {
    const { house, ann, game, waiting } = await oneInOneWaiting();
    await game.leave();
    await house.clock.advance(200_000);
    const back = await ann.play();
    await house.clock.advance(200_000);
    await settled(waiting);
    expect(waiting.state.status).toBe("waiting");
    await back.leave();
    expect(await house.liveSlots()).toBe(1);
  });

  it("and goes through the queue is admitted at once, past those who wait, on the slot that is its own", async () => {
    const { house, ann, game, waiting } = await oneInOneWaiting();
    await game.leave();
    await house.clock.advance(10_000);
    const room = await ann.queue();
    expect(room.state).toMatchObject({ status: "admitted", position: 0, pass: expect.stringMatching(/^ey/) });
    // The pass is good for the session there is, should its owner log in with it.
    expect((await ann.logIn({ queuePass: room.state.pass })).session.sid).toBe(ann.sid);
    await ann.play();
    await settled(waiting);
    expect(waiting.state.status).toBe("waiting");
    expect(await house.liveSlots()).toBe(1);
  });
});

describe("a session without a slot", () => {
  /** Ann's session, whose grace ran out. */
  async function withoutSlot() {
    const house = server.open({ queue: { targetCcuLimit: 1, playerGraceSeconds: 60 } });
    const ann = await house.loggedIn("Ann");
    await house.clock.advance(60_000);
    expect(await house.liveSlots()).toBe(0);
    return { house, ann };
  }

  it("takes one on the spot when it joins a game room, and no second one", async () => {
    const { house, ann } = await withoutSlot();
    await Promise.all([ann.play(), ann.play(), ann.play("guarded")]);
    expect(await house.liveSlots()).toBe(1);
    const answer = await house.player("Bob").tryLogIn();
    expect(answer.body).toMatchObject({ code: "QUEUE_REQUIRED" });
  });

  it("takes one login's worth of the rate with it", async () => {
    const house = server.open({ queue: { playerGraceSeconds: 60, targetLoginRatePerSecond: 1, loginBurst: 1 } });
    const ann = await house.loggedIn("Ann");
    await house.clock.advance(60_000);
    await ann.play();
    expect((await house.player("Bob").tryLogIn()).status).toBe(429);
  });

  it("S47 is refused while others wait, though there is room", async () => {
    const house = server.open({ queue: { playerGraceSeconds: 60, targetLoginRatePerSecond: 1, loginBurst: 1 } });
    const ann = await house.loggedIn("Ann");
    await house.clock.advance(60_050);
    await house.loggedIn("Bob");
    const waiting = await house.player("Cid").queue();
    // The rate allows a login now, and the next admission step is 100 ms away.
    await house.clock.advance(1_050);
    expect(await refusal(ann.play())).toEqual(queueRequired);
    expect(await refusal(ann.play("guarded"))).toEqual(queueRequired);
    expect(house.calls.seen).toEqual([]);
    await house.clock.advance(100);
    await untilAdmitted(waiting);
    await house.clock.advance(1_000);
    await ann.play();
  });

  it("gets one in the queue, bound to the session there is, and joins without a new login", async () => {
    const { house, ann } = await withoutSlot();
    const bob = await house.loggedIn("Bob");
    const game = await bob.play();
    expect(await refusal(ann.play())).toEqual(queueRequired);
    const room = await ann.queue();
    expect(room.state).toMatchObject({ status: "waiting", position: 1 });
    const closed = left(game);
    await bob.logOut({ disconnectSockets: true });
    await closed;
    await house.clock.advance(1_000);
    await untilState(room, ({ status }) => status === "admitted");
    const { sid } = ann;
    await ann.play();
    expect(house.auths.at(-1)).toMatchObject({ sid });
    expect(await house.liveSlots()).toBe(1);
    // Its ticket is spent: the room is closed when the pass would have ended, and the slot stays.
    const over = left(room);
    await house.clock.advance(31_000);
    expect((await over).code).toBe(4000);
    expect(await house.liveSlots()).toBe(1);
  });

  it("keeps the slot that the queue gave it, though it leaves the queue before it plays", async () => {
    const { house, ann } = await withoutSlot();
    const bob = await house.loggedIn("Bob");
    const room = await ann.queue();
    await bob.logOut();
    await house.clock.advance(1_000);
    await untilState(room, ({ status }) => status === "admitted");
    await room.leave();
    await house.clock.advance(40_000);
    await ann.play();
    expect(await house.liveSlots()).toBe(1);
  });

  it("is sent away at its socket where the slot went between matchmaking and joining", async () => {
    const house = server.open({ queue: { targetCcuLimit: 1, playerGraceSeconds: 60 } });
    const ann = await house.loggedIn("Ann");
    await (await ann.play()).leave();
    await house.clock.advance(59_000);
    const reservation = await ann.client.http.post("/matchmake/joinOrCreate/game", { body: {} });
    await house.clock.advance(1_000);
    const bob = await house.loggedIn("Bob");
    await bob.play();
    expect(await refusal(ann.client.consumeSeatReservation(reservation.data))).toEqual(queueRequired);
    expect(await house.liveSlots()).toBe(1);
  });
});

describe("S45 a session holds one slot at most", () => {
  it("whatever it does at once", async () => {
    const house = server.open({ queue: { targetCcuLimit: 10, playerGraceSeconds: 60 } });
    const ann = await house.loggedIn("Ann");
    await ann.play();
    const queue = () => ann.client.joinOrCreate("login_queue");
    const place = () => ann.takePlace({}, ann.login.token);
    await Promise.allSettled([queue(), ann.play(), queue(), place(), ann.refresh(), ann.play("guarded"), place()]);
    await house.clock.advance(5_000);
    expect(await house.liveSlots()).toBe(1);
  });
});

it("S48 opens no more sockets for one session than it may have", async () => {
  const house = server.open({ queue: {}, maxSocketsPerSession: 8 });
  const ann = await house.loggedIn("Ann");
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => ann.play()));
  const refused = answers.filter((answer) => answer.status === "rejected");
  expect(answers.length - refused.length).toBe(8);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 429, message: "TOO_MANY_REQUESTS" });
  expect(await house.liveSlots()).toBe(1);
});

it("sends the second login of a user in the place of the first one", async () => {
  const house = server.open({ queue: { targetCcuLimit: 2 } });
  const ann = await house.loggedIn("Ann");
  const game = await ann.play();
  const closed = left(game);
  const again = house.player("Ann");
  await again.logIn();
  expect(await closed).toEqual({ code: 4409, reason: "replaced by a newer login" });
  expect(await refusal(ann.play())).toEqual({ code: 401, message: "SESSION_REVOKED" });
  await again.play();
  expect(await house.liveSlots()).toBe(1);
});
