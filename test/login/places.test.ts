// The place in the queue: one a user, one holder, and the way back to it by its ticket.
import { describe, expect, it } from "vitest";
import { drop, left } from "../support/room-clients.ts";
import { settled } from "../support/settled.ts";
import { loginServer } from "./server.ts";

const server = loginServer();

describe("S42 one ticket per user", () => {
  it("a second device takes the place over, with the position, and the first one is told", async () => {
    const house = server.open({ concurrentSessions: "many", queue: { targetCcuLimit: 2, playerGraceSeconds: 60 } });
    const [phone, desktop] = [await house.loggedIn("Ann"), await house.loggedIn("Ann")];
    expect(phone.sid).not.toBe(desktop.sid);
    await house.clock.advance(60_000);
    await house.loggedIn("Bob");
    await house.loggedIn("Cid");

    const first = await phone.queue();
    await house.player("Dan").queue();
    const closed = left(first);
    const second = await desktop.queue();
    expect(second.state).toMatchObject({ status: "waiting", position: 1, queueLength: 2 });
    expect((await closed).code).toBe(4409);
    expect(first.state).toMatchObject({ status: "removed", position: 0, pass: "" });
  });

  it("S41 a copied ticket has one holder", async () => {
    const house = server.open({ queue: { targetCcuLimit: 0 } });
    const first = await house.player("Ann").queue();
    const { ticket } = first.state;
    const closed = left(first);
    const second = await house.player("Bob").queue({ ticket });
    expect((await closed).code).toBe(4409);
    expect(second.state).toMatchObject({ position: 1, queueLength: 1 });
    expect((await house.player("Cid").queue({ ticket: `${ticket.slice(0, -4)}AAAA` })).state.position).toBe(2);
  });
});

it("hands a place over to a poller that shows its ticket, and tells the room's client at once", async () => {
  const house = server.open({ queue: { targetCcuLimit: 0 } });
  const ann = house.player("Ann");
  const room = await ann.queue();
  const closed = left(room);
  expect(await ann.takePlace({ ticket: room.state.ticket })).toMatchObject({ status: "waiting", position: 1 });
  expect((await closed).code).toBe(4409);
});

it("brings a player back to its place by its ticket after the connection was lost", async () => {
  const house = server.open({ queue: { targetCcuLimit: 0 } });
  const bob = house.player("Bob");
  const waiting = await bob.queue();
  const cid = await house.player("Cid").queue();
  const { ticket } = waiting.state;
  waiting.reconnection.enabled = false;
  drop(waiting);
  while ((await house.login.queue.status()).lanes["default"]?.away !== 1) await new Promise(setImmediate);
  await house.clock.advance(80_000);
  const back = await bob.queue({ ticket });
  expect(back.state).toMatchObject({ status: "waiting", position: 1, queueLength: 2 });
  await settled(cid);
  expect(cid.state.position).toBe(2);
});
