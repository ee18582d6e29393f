// Colyseus servers that carry the routes in both forms, and a client that speaks HTTP in its own way.
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { createRouter, defineServer, type Endpoint, type Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import type express from "express";
import { Callers } from "../../src/callers.ts";
import type { Clock } from "../../src/clock.ts";
import type { LoginRoutes } from "../../src/http/dual-mode.ts";
import type { LoginFace } from "../../src/http/face.ts";
import { createLoginRoutes } from "../../src/http/routes.ts";
import type { Logger } from "../../src/logger.ts";
import { ManualClock } from "../support/manual-clock.ts";

export const forms = ["express", "router"] as const;
export type Form = (typeof forms)[number];

export interface Host {
  readonly url: string;
  readonly port: number;
  /** What the routes logged: by the rules, nothing but faults. */
  readonly logged: unknown[][];
  /** What was told of, in order. */
  readonly told: unknown[][];
  stop(): Promise<void>;
}

export interface HostOptions {
  readonly clock?: Clock;
  readonly prefix?: string;
  /** Express form: how the routes are mounted. */
  readonly mount?: (app: express.Application, routes: LoginRoutes) => void;
  /** Endpoints of the host's own beside ours, in the router form. */
  readonly endpoints?: Record<string, Endpoint>;
  readonly trustedProxyHops?: number;
}

/** A Colyseus server without rooms on a free port. */
export async function startHost(form: Form, face: LoginFace, options: HostOptions = {}): Promise<Host> {
  const {
    clock = new ManualClock(),
    prefix = "/auth",
    mount = (app, routes) => app.use(routes),
    endpoints = {},
    trustedProxyHops = 0,
  } = options;
  const callers = new Callers(trustedProxyHops);
  callers.start();
  const logged: unknown[][] = [];
  const told: unknown[][] = [];
  const log = (...parts: unknown[]): number => logged.push(parts);
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const routes = createLoginRoutes(face, {
    prefix,
    clock,
    logger,
    callers,
    emit: (...signal) => void told.push(signal),
  });
  // Node would close idle connections by itself: a test of our own closing must not be helped by that.
  const httpServer = createServer({ keepAliveTimeout: 0 });
  const transport = new WebSocketTransport({ server: httpServer });
  const settings = { rooms: {}, transport, greet: false, gracefullyShutdown: false };
  const server: Server =
    form === "express"
      ? defineServer({ ...settings, express: (app) => mount(app, routes) })
      : defineServer({ ...settings, routes: createRouter({ ...routes, ...endpoints }) });
  await server.listen(0, "127.0.0.1");
  const { port } = httpServer.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    logged,
    told,
    stop: async () => {
      callers.stop();
      httpServer.closeAllConnections();
      await server.gracefullyShutdown(false);
    },
  };
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A connection whose bytes a test writes itself. */
export class RawConnection {
  readonly #socket: Socket;
  #received = "";
  readonly closed: Promise<unknown>;

  /** `localAddress`: the address it comes from, any of 127.0.0.0/8. */
  constructor(port: number, localAddress = "127.0.0.1") {
    this.#socket = connect({ port, host: "127.0.0.1", localAddress });
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (text: string) => {
      this.#received += text;
    });
    // A peer that is cut off sees a reset; what counts is that it ended.
    this.#socket.on("error", () => {});
    this.closed = new Promise((resolve) => this.#socket.on("close", resolve));
  }

  /** Resolves when the bytes are out, or the connection is gone. */
  async send(data: string | Uint8Array): Promise<void> {
    if (this.#socket.destroyed) return;
    if (!this.#socket.write(data)) await Promise.race([once(this.#socket, "drain").catch(() => {}), this.closed]);
  }

  /** The next answer, taken off the connection. Answers must have a length of their own or none. */
  async answer(): Promise<RawAnswer> {
    for (;;) {
      const answer = this.#take();
      if (answer !== null) return answer;
      if (this.#socket.closed) throw new Error(`closed without an answer: ${this.#received}`);
      await Promise.race([once(this.#socket, "data"), this.closed]);
    }
  }

  get open(): boolean {
    return !this.#socket.destroyed && this.#socket.readyState !== "closed";
  }

  end(): void {
    this.#socket.destroy();
  }

  #take(): RawAnswer | null {
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd === -1) return null;
    const [statusLine = "", ...lines] = this.#received.slice(0, headEnd).split("\r\n");
    const status = Number(statusLine.split(" ")[1]);
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
    );
    const rest = this.#received.slice(headEnd + 4);
    if (headers["transfer-encoding"] === "chunked") {
      const end = rest.indexOf("0\r\n\r\n");
      if (end === -1) return null;
      const body = rest
        .slice(0, end)
        .replace(/(^|\r\n)[0-9a-f]+\r\n/g, "")
        .replace(/\r\n$/, "");
      this.#received = rest.slice(end + 5);
      return { status, headers, body };
    }
    const length = status === 100 ? 0 : Number(headers["content-length"] ?? 0);
    if (rest.length < length) return null;
    this.#received = rest.slice(length);
    return { status, headers, body: rest.slice(0, length) };
  }
}

/** The head of a request with these headers, up to the empty line. */
export function head(method: string, path: string, headers: Record<string, string> = {}): string {
  const lines = Object.entries({ host: "localhost", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

export function postJson(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

export function withToken(token: string): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${token}` } };
}

/** A clock that also says what waits for it. */
export class WatchedClock extends ManualClock {
  #pending = 0;

  /** Tasks that were asked for with `after`, and neither ran nor were stopped. */
  get pending(): number {
    return this.#pending;
  }

  override after(milliseconds: number, run: () => void): () => void {
    this.#pending += 1;
    let waiting = true;
    const settle = (): void => {
      if (waiting) this.#pending -= 1;
      waiting = false;
    };
    const stop = super.after(milliseconds, () => {
      settle();
      run();
    });
    return () => {
      settle();
      stop();
    };
  }
}
