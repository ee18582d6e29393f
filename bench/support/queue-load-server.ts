// The measured process of queue-load: a server whose queue rooms, or plain rooms to compare them with, fill up step by step.
import { createServer } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate, setTimeout } from "node:timers/promises";
import { defineRoom, defineServer, Room } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { systemClock } from "../../src/clock.ts";
import { createLogin } from "../../src/login.ts";
import { resolveOptions } from "../../src/options/options.ts";
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import type { Store, StoreContext } from "../../src/stores/store.ts";
import { LoadProcess } from "./processes.ts";
import { listenOnFreePort, quiet } from "./server.ts";

export interface LoadPlan {
  readonly room: "login_queue" | "plain";
  /** Clients at each step, rising. */
  readonly sizes: readonly number[];
  /** How long each size is watched, in seconds. */
  readonly watchSeconds: number;
  readonly clientsPerRoom: number;
  /** Serves far places at every tick as well, instead of by turns. */
  readonly everySecond: boolean;
}

/** What one size costs. */
export interface LoadFigures {
  readonly clients: number;
  /** Of those that came since the step before. */
  readonly joinsPerSecond: number;
  /** CPU of the server for each of them, ms, without what those who were there already cost in the meantime. */
  readonly joinMs: number;
  /** One core is 1. */
  readonly cpuShare: number;
  /** CPU per client and second, µs, above what the process needs with nobody in it. */
  readonly clientUs: number;
  /** What arrived at a client in a second. */
  readonly patchesPerSecond: number;
  /** Of one patch, in bytes. */
  readonly patchBytes: number;
  /** More than with nobody in it. */
  readonly heapKib: number;
  readonly rssKib: number;
  /** From the tick's start to the client's receipt, ms. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly most: number };
  /** How much later than asked the event loop ran a timer, ms. */
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly most: number };
}

/** As long as a patch of the queue, which the plain rooms send without having made it. */
const plainPatchBytes = 26;
/** The first clients bring what is made once. */
const warmUpClients = 300;
const idleSeconds = 4;
/** Looking at the event loop is work as well: often enough for a share of late turns, seldom enough to cost nothing. */
const lookMs = 10;

class PlainRoom extends Room {
  override maxClients = clientsPerRoom;

  override onCreate(): void {
    this.clock.setInterval(() => {
      const message = Buffer.alloc(plainPatchBytes);
      // The type of a custom message, as far as anybody reads it.
      message[0] = 99;
      message.writeDoubleLE(Date.now(), plainPatchBytes - 8);
      for (const client of this.clients) client.raw(message);
    }, 1000);
  }
}

let clientsPerRoom = 0;

async function measure(plan: LoadPlan): Promise<LoadFigures[]> {
  clientsPerRoom = plan.clientsPerRoom;
  const { port, stop } = await startServer(plan);
  const load = new LoadProcess("load.ts");
  const hold = (count: number) => load.ask({ type: "hold", port, room: plan.room, count });
  await hold(warmUpClients);
  await load.ask({ type: "release" });
  const empty = await memory();
  const idle = await watchCpu(() => setTimeout(idleSeconds * 1000));
  const idleShare = idle.cpuMs / idle.elapsedMs;
  const figures: LoadFigures[] = [];
  let before = 0;
  for (const clients of plan.sizes) {
    const joining = await watchCpu(() => hold(clients - before));
    const full = await memory();
    await setTimeout(1_000);
    const loop = monitorEventLoopDelay({ resolution: lookMs });
    loop.enable();
    const waiting = await watchCpu(() =>
      load.ask<{ messages: number; bytes: number; p50: number; p99: number; most: number }>({
        type: "watch",
        seconds: plan.watchSeconds,
      }),
    );
    loop.disable();
    const cpuShare = waiting.cpuMs / waiting.elapsedMs;
    const clientUs = ((cpuShare - idleShare) * 1e6) / clients;
    const meanwhile = (before + clients) / 2;
    const { messages, bytes, ...latencyMs } = waiting.answer;
    const loopMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - lookMs);
    const perClientKib = (more: number): number => more / clients / 1024;
    figures.push({
      clients,
      joinsPerSecond: ((clients - before) * 1000) / joining.elapsedMs,
      joinMs: (joining.cpuMs - (idleShare + (clientUs * meanwhile) / 1e6) * joining.elapsedMs) / (clients - before),
      cpuShare,
      clientUs,
      patchesPerSecond: (messages * 1000) / waiting.elapsedMs / clients,
      patchBytes: bytes,
      heapKib: perClientKib(full.heapUsed - empty.heapUsed),
      rssKib: perClientKib(full.rss - empty.rss),
      latencyMs,
      loopDelayMs: { p50: loopMs(loop.percentile(50)), p99: loopMs(loop.percentile(99)), most: loopMs(loop.max) },
    });
    before = clients;
  }
  load.stop();
  await stop();
  return figures;
}

async function startServer(plan: LoadPlan): Promise<{ port: number; stop: () => Promise<void> }> {
  const stores: Store[] = [];
  const login = createLogin(
    resolveOptions({
      logger: quiet,
      store: (context: StoreContext) => {
        const store = memoryStore()(context);
        stores.push(store);
        return store;
      },
      // Slow enough that those in front last for the whole run, and that everybody moves up once a second.
      queue: {
        targetLoginRatePerSecond: 1,
        maxClientsPerQueueRoom: plan.clientsPerRoom,
        // With a heartbeat at every tick everybody has a turn at every tick.
        ...(plan.everySecond ? { heartbeatSeconds: 1 } : {}),
      },
    }),
    systemClock,
  );
  // The load's connections rest while it watches, and must not be closed just as it uses them again.
  const http = createServer({ keepAliveTimeout: 600_000 });
  const server = defineServer({
    rooms: { login_queue: defineRoom(login.QueueRoom), plain: defineRoom(PlainRoom) },
    transport: new WebSocketTransport({ server: http }),
    greet: false,
  });
  const port = await listenOnFreePort(server, http);
  const queue = stores[0]?.queue;
  if (queue === undefined) throw new Error("the login opened no store");
  const holder = { kind: "poll", nextPollSeconds: 300 } as const;
  let inFront = Array.from({ length: 240 }, (_, index) => `front-${index}`);
  for (const newTicketId of inFront) {
    await queue.join({ claim: null, newTicketId, lane: "default", userId: null, sid: null, holder });
  }
  const stopRelease = systemClock.every(1_000, async () => {
    const standings = await queue.standings(inFront);
    const admitted = inFront.filter((_, index) => standings[index]?.status === "admitted");
    for (const ticketId of admitted) await queue.releasePass(ticketId);
    inFront = inFront.filter((ticketId) => !admitted.includes(ticketId));
  });
  return {
    port,
    async stop() {
      stopRelease();
      await login.shutdown();
      await server.gracefullyShutdown(false);
    },
  };
}

async function watchCpu<Answer>(work: () => Promise<Answer>) {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  const answer = await work();
  const { user, system } = process.cpuUsage(before);
  return { answer, cpuMs: (user + system) / 1000, elapsedMs: performance.now() - startedAt };
}

async function memory(): Promise<NodeJS.MemoryUsage> {
  for (let pass = 0; pass < 3; pass++) {
    await setImmediate();
    globalThis.gc?.();
  }
  return process.memoryUsage();
}

process.once("message", async (plan: LoadPlan) => {
  const figures = await measure(plan);
  process.send?.({ figures }, undefined, undefined, () => process.exit(0));
});
