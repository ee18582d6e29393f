// Clients that die without a word, on a server whose transport asks each socket for a sign of life as Colyseus's does by default.
import { expect, it } from "vitest";
import { DeafPeer } from "../support/deaf-peer.ts";
import { enter, positions, queueServer } from "./room-setup.ts";
import { QueueHouse, stateOf, until } from "./setup.ts";

/** Colyseus's own default is 3 seconds, and a socket is cut when the third ping is due: after 9. */
const server = queueServer({ pingInterval: 150 });
const joinRoom = 10;

/** Takes the place of the ticket, and answers nothing ever after. */
async function enterDeaf(ticket: string): Promise<DeafPeer> {
  const answer = await fetch(`${server.url}/matchmake/joinOrCreate/login_queue`, {
    method: "POST",
    body: JSON.stringify({ ticket }),
    headers: { "content-type": "application/json" },
  });
  const { sessionId, roomId, processId } = (await answer.json()) as Record<string, string>;
  const peer = await DeafPeer.connect(server.port, `/${processId}/${roomId}?sessionId=${sessionId}`);
  peer.send([joinRoom]);
  return peer;
}

async function lanesAre(house: QueueHouse, expected: { waiting: number; away: number }): Promise<void> {
  const line = async () => (await house.queue.outlook.status()).lanes["default"];
  await expect.poll(line, { interval: 10, timeout: 10_000 }).toMatchObject(expected);
}

it("a silent client is away before long, is passed by, and has its place when it comes back with its ticket", async () => {
  const house = new QueueHouse();
  const sdk = server.serve(house);
  const first = await enter(sdk());
  const { ticket } = stateOf(first);
  const silent = await enterDeaf(ticket);
  await until(first, ({ status }) => status === "removed");
  const [second, third] = [await enter(sdk()), await enter(sdk())];
  expect(positions([second, third])).toEqual([2, 3]);

  await silent.cut;
  await lanesAre(house, { waiting: 3, away: 1 });
  await house.letIn(1);
  await until(second, ({ status }) => status === "admitted");
  expect(stateOf(third).status).toBe("waiting");

  const back = await enter(sdk(), { ticket });
  expect(stateOf(back)).toMatchObject({ status: "waiting", position: 1 });
  await house.letIn(1);
  await until(back, ({ status }) => status === "admitted");
});

it("a silent client that never comes back is gone after its grace", async () => {
  const house = new QueueHouse();
  const first = await enter(server.serve(house)());
  // With a ticket that somebody has seen: a place that nobody could come back to is given up at once.
  const silent = await enterDeaf(stateOf(first).ticket);
  await until(first, ({ status }) => status === "removed");
  await silent.cut;
  await lanesAre(house, { waiting: 1, away: 1 });
  await house.clock.advance(90_000);
  await lanesAre(house, { waiting: 0, away: 0 });
});

it("a pass sent to a silent client is there for whoever comes back with the ticket in time", async () => {
  const house = new QueueHouse();
  const sdk = server.serve(house);
  const first = await enter(sdk());
  const { ticket } = stateOf(first);
  const silent = await enterDeaf(ticket);
  await until(first, ({ status }) => status === "removed");
  await house.letIn(1);
  await silent.cut;
  const back = await enter(sdk(), { ticket });
  expect(stateOf(back)).toMatchObject({ status: "admitted", pass: expect.stringMatching(/^ey/) });
});
