// A Colyseus server on a free port, for rooms that tests define as they go.
import { Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { vi } from "vitest";
import type { RoomClass } from "./rooms.ts";

/** One matchmaker a process, so one server a test file; the rest is made anew for every test. */
export class RoomServer {
  readonly #transport: WebSocketTransport;
  readonly #server: Server;
  port = 0;

  /** Without `pingInterval` (ms) no pings of its own: a peer that does not answer is cut by nobody but us. */
  constructor({ pingInterval = 0 }: { readonly pingInterval?: number } = {}) {
    this.#transport = new WebSocketTransport({ pingInterval });
    this.#server = new Server({
      greet: false,
      gracefullyShutdown: false,
      logger: { debug() {}, info() {}, trace() {}, warn() {}, error() {} },
      transport: this.#transport,
    });
  }

  async start(): Promise<void> {
    // The SDK tells the console of every reconnection.
    vi.spyOn(console, "info").mockImplementation(() => {});
    vi.spyOn(console, "warn").mockImplementation(() => {});
    await this.#server.listen(0, "127.0.0.1");
    const address = this.#transport.server?.address();
    if (typeof address !== "object" || address === null) throw new Error("the server has no port");
    this.port = address.port;
  }

  define(name: string, roomClass: RoomClass): void {
    this.#server.define(name, roomClass);
  }

  async stop(): Promise<void> {
    await this.#server.gracefullyShutdown(false);
  }
}
