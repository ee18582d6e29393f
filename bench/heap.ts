// Heap of a waiting client against that of a client in a plain Colyseus room.
import { setImmediate } from "node:timers/promises";
import type { BenchResult } from "./support/figures.ts";
import { LoadProcess } from "./support/processes.ts";
import { startQueueServer } from "./support/queue-server.ts";

const clients = 5_000;

export async function benchHeap(): Promise<BenchResult> {
  const plain = await kibPerClient("plain");
  const waiting = await kibPerClient("login_queue");
  const more = waiting.heap - plain.heap;
  return {
    rows: [
      ["heap per client of a plain room, KiB", plain.heap.toFixed(1)],
      ["heap per waiting client, KiB", waiting.heap.toFixed(1)],
      ["more than plain, KiB (aim ≤ 4)", more.toFixed(1)],
      ["outside the heap per client of a plain room, KiB", plain.external.toFixed(1)],
      ["outside the heap per waiting client, KiB", waiting.external.toFixed(1)],
    ],
    ratios: { heap_per_waiting_kib: more },
  };
}

async function kibPerClient(room: string): Promise<{ heap: number; external: number }> {
  const server = await startQueueServer(0);
  const load = new LoadProcess("load.ts");
  // The first clients bring what is made once.
  await load.ask({ type: "hold", port: server.port, room, count: 200 });
  const before = await memory();
  await load.ask({ type: "hold", port: server.port, room, count: clients });
  const after = await memory();
  load.stop();
  await server.stop();
  const perClient = (bytes: number): number => bytes / clients / 1024;
  return { heap: perClient(after.heapUsed - before.heapUsed), external: perClient(after.external - before.external) };
}

async function memory(): Promise<NodeJS.MemoryUsage> {
  for (let pass = 0; pass < 3; pass++) {
    await setImmediate();
    globalThis.gc?.();
  }
  return process.memoryUsage();
}
