// The package's own server with a guarded room, for a helper over the stock SDK to talk to. Its time moves by hand.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Room as BaseRoom, createRouter, defineRoom, defineServer, type Room } from "@colyseus/core";
import { Client } from "@colyseus/sdk";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { vi } from "vitest";
import { LoginClient } from "../../../src/client/login-client.ts";
import { memoryStorage } from "../../../src/client/storage.ts";
import { createLogin, type Login } from "../../../src/login.ts";
import { type LoginOptions, resolveOptions } from "../../../src/options/options.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { ManualTime } from "./manual-time.ts";

const quiet = { debug() {}, info() {}, trace() {}, warn() {}, error() {} };

export interface RealServer {
  readonly login: Login;
  readonly clock: ManualClock;
  readonly port: number;
  stop(): Promise<void>;
}

export async function startRealServer(options: LoginOptions): Promise<RealServer> {
  // The SDK tells the console of every connection that ends.
  vi.spyOn(console, "info").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
  // A year ahead of the helpers: they go by the server's clock.
  const clock = new ManualClock(Date.UTC(2031, 0, 1));
  const login = createLogin(resolveOptions({ ...options, logger: quiet }), clock);
  class GameRoom extends BaseRoom {
    override autoDispose = false;
  }
  const httpServer = createServer();
  const server = defineServer({
    rooms: { login_queue: defineRoom(login.QueueRoom), game: defineRoom(login.guard(GameRoom as new () => Room)) },
    routes: createRouter({ ...login.routes() }),
    transport: new WebSocketTransport({ server: httpServer }),
    logger: quiet,
    greet: false,
    gracefullyShutdown: false,
  });
  await server.listen(0, "127.0.0.1");
  return {
    login,
    clock,
    port: (httpServer.address() as AddressInfo).port,
    async stop() {
      httpServer.closeAllConnections();
      await server.gracefullyShutdown(false);
      await login.shutdown();
    },
  };
}

/** A player's helper, with the events it told of. `breakAnswers` cuts so many answers of the server after they were given. */
export function openPlayer({ port }: RealServer, storage = memoryStorage()) {
  const player = { breakAnswers: 0 };
  const client = new Client(`ws://127.0.0.1:${port}`, {
    async fetchFn(url, init) {
      const answer = await fetch(url, init);
      if (player.breakAnswers === 0) return answer;
      player.breakAnswers--;
      throw new TypeError("fetch failed");
    },
  });
  const time = new ManualTime();
  const login = new LoginClient<Client>(client, { storage }, time);
  const positions: number[] = [];
  const events: unknown[] = [];
  login.on("queue", ({ status, position }) => positions.push(status === "removed" ? -1 : position));
  login.on("session", (session, error) => events.push(session === null ? ["ended", error?.code] : "session"));
  login.on("disconnected", ({ code, reason }) => events.push([code, reason]));
  return Object.assign(player, { client, login, time, storage, positions, events });
}

/** Lets the server's time pass, a second at a time, until `condition` holds. Slow enough that no answer takes half a minute. */
export async function passUntil(server: RealServer, condition: () => boolean): Promise<void> {
  while (!condition()) {
    await server.clock.advance(1_000);
    for (let waits = 0; waits < 10 && !condition(); waits++) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Resolves when `condition` holds, without time passing at the server. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
