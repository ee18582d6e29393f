// CPU of telling every waiting client its new place, against a bare loop of `client.raw` and against a StateView per client.
import { setImmediate } from "node:timers/promises";
import type { Room } from "@colyseus/core";
import { type BenchResult, cpuMilliseconds, inTurns, median, pairedRatio } from "./support/figures.ts";
import { LoadProcess } from "./support/processes.ts";
import { onlyRoom, StateViewRoom, startQueueServer } from "./support/queue-server.ts";

const rounds = 9;
const sizes = [1_000, 5_000] as const;

export async function benchPush(): Promise<BenchResult> {
  const results = [];
  for (const clients of sizes) {
    const { queue, raw, bytes } = await measureQueue(clients);
    const stateView = await measureStateView(clients);
    results.push({
      clients,
      bytes,
      queueMs: median(queue),
      rawMs: median(raw),
      stateViewMs: median(stateView),
      vsRaw: pairedRatio(queue, raw),
      vsStateView: median(queue) / median(stateView),
    });
  }
  const largest = results.at(-1);
  if (largest === undefined) throw new Error("nothing was measured");
  return {
    rows: results.flatMap((result): [string, string][] => [
      [`${result.clients} clients: the queue's patch, CPU ms`, result.queueMs.toFixed(1)],
      [`${result.clients} clients: client.raw of ${result.bytes} bytes each, CPU ms`, result.rawMs.toFixed(1)],
      [`${result.clients} clients: one StateView per client, CPU ms`, result.stateViewMs.toFixed(1)],
      [`${result.clients} clients: queue / raw (aim at 5000 ≤ 1.2)`, result.vsRaw.toFixed(2)],
      [`${result.clients} clients: times less than StateViews (aim at 5000 ≥ 6)`, (1 / result.vsStateView).toFixed(1)],
    ]),
    ratios: { push_vs_raw: largest.vsRaw, push_vs_stateview: largest.vsStateView },
  };
}

async function measureQueue(clients: number) {
  const server = await startQueueServer(2 * rounds + 4);
  const load = new LoadProcess("load.ts");
  await load.ask({ type: "hold", port: server.port, room: "login_queue", count: clients });
  const room = await onlyRoom("login_queue");
  await server.moveUp();
  const patch = await samplePatch(room, server.patch);

  const cpu = await inTurns(rounds, {
    queue: async () => {
      await server.moveUp();
      return cpuMilliseconds(async () => {
        await server.patch();
        await drain(room);
      });
    },
    raw: () =>
      cpuMilliseconds(async () => {
        for (const client of room.clients) client.raw(patch);
        await drain(room);
      }),
  });
  load.stop();
  await server.stop();
  return { ...cpu, bytes: patch.length };
}

async function measureStateView(clients: number): Promise<number[]> {
  const server = await startQueueServer(0);
  const load = new LoadProcess("load.ts");
  await load.ask({ type: "hold", port: server.port, room: "state_view", count: clients });
  const room = await onlyRoom("state_view");
  if (!(room instanceof StateViewRoom)) throw new Error("not the room to compare with");
  room.broadcastPatch();
  const cpu: number[] = [];
  for (let round = 1; round <= 3; round++) {
    room.changeAll(round);
    cpu.push(
      await cpuMilliseconds(async () => {
        room.broadcastPatch();
        await drain(room);
      }),
    );
  }
  load.stop();
  await server.stop();
  return cpu;
}

/** What one client is sent by a patch. */
async function samplePatch(room: Room, patch: () => Promise<void>): Promise<Uint8Array> {
  const [client] = room.clients;
  if (client === undefined) throw new Error("nobody waits");
  const send = client.raw;
  let sample: Uint8Array | undefined;
  client.raw = (data, ...rest) => {
    sample = data;
    send.call(client, data, ...rest);
  };
  await patch();
  client.raw = send;
  if (sample === undefined) throw new Error("the patch sent nothing");
  return sample;
}

/** Lets what was written reach the sockets, so that its cost is counted. */
async function drain(room: Room): Promise<void> {
  await setImmediate();
  while (room.clients.some(({ ref }) => Number(Reflect.get(ref, "bufferedAmount")) > 0)) await setImmediate();
}
