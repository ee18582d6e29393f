// An operator's lists over Redis: nothing is written by them, and what is there of an earlier version or is half gone does not stop them.
import { expect, it } from "vitest";
import type { ListedTicket } from "../../src/login-queue/queue-store.ts";
import { poller, socket } from "../contract/harness.ts";
import { useProcesses } from "./queue-setup.ts";

const processes = useProcesses();

const idsOf = (listed: readonly ListedTicket[]) => listed.map(({ ticket }) => ticket.id);
const page = { lane: "default", after: null, limit: 100 } as const;

/** Everything that is kept, but for what goes by real time. */
async function state(): Promise<string> {
  const { client } = processes.server;
  const names = (await client.keys(`{${processes.prefix}}:*`)).filter((key) => !/:(procs|heard|once:.*)$/.test(key));
  return JSON.stringify(await Promise.all(names.sort().map(async (key) => [key, await client.dump(key)])));
}

it("changes nothing, not even what its holder was shown last", async () => {
  const h = processes.open({ mode: "paused" });
  const [, left] = await h.joinMany(3, { userId: null });
  await h.join({ userId: "ann", as: poller() });
  await h.store.queue.leave(left!.id);
  await h.store.queue.admitTicket((await h.join({ as: socket("a") })).id);
  const before = await state();
  expect(await h.store.queue.listTickets({ ...page, status: "waiting" })).toHaveLength(3);
  expect(await h.store.queue.listTickets({ ...page, status: "admitted" })).toHaveLength(1);
  expect(await h.store.queue.findTickets("ann")).toMatchObject([{ position: 3 }]);
  expect(await h.store.queue.listTickets({ ...page, status: "waiting", lane: "nowhere" })).toEqual([]);
  expect(await state()).toBe(before);
});

it("passes over a ticket whose record a Redis that throws keys away has dropped", async () => {
  const h = processes.open({ mode: "paused" });
  const [one, two, three] = (await h.joinMany(3)).map(({ id }) => id);
  await processes.server.client.hdel(`{${processes.prefix}}:ticket`, two!);
  const listed = await h.store.queue.listTickets({ ...page, status: "waiting", limit: 2 });
  expect(idsOf(listed)).toEqual([one, three]);
});

it("a lane that an earlier version made counts on from nothing", async () => {
  const h = processes.open();
  const { id } = await h.join();
  await h.join();
  await processes.server.client.hdel(`{${processes.prefix}}:lane:default`, "admitted", "lapsed");
  expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ entered: 2, admitted: 0, lapsed: 0 });
  expect(await h.store.queue.admitTicket(id)).toBe("admitted");
  expect((await h.store.queue.status()).lanes["default"]).toMatchObject({ entered: 2, admitted: 1, lapsed: 0 });
});
