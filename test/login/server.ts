// One Colyseus server a test file, with the whole login of each test on it: express, the queue room and two guarded rooms.
import { type Client, definePlugins, matchMaker, Room, Server } from "@colyseus/core";
import { ColyseusTestServer } from "@colyseus/testing";
import { WebSocketTransport } from "@colyseus/ws-transport";
import type { NextFunction, Request, Response } from "express";
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";
import { createLogin, type Login } from "../../src/login.ts";
import { type LoginOptions, resolveOptions } from "../../src/options/options.ts";
import type { SessionAuth } from "../../src/sessions/session.ts";
import { Calls } from "../support/calls.ts";
import { freePort } from "../support/free-port.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { type LogLine, recordingLogger } from "../support/recording-logger.ts";
import { Player } from "./player.ts";

type Options = LoginOptions<{ vars: Record<string, string> }>;
type Handler = (request: Request, response: Response, next: NextFunction) => void;

/** A login, and what a server puts around it. */
export class House {
  readonly clock = new ManualClock();
  readonly url: string;
  readonly port: number;
  readonly logger = recordingLogger();
  /** What the hooks of the guarded rooms heard of. */
  readonly calls = new Calls();
  /** The `client.auth` of every join and reconnection, in order. */
  readonly auths: SessionAuth[] = [];
  /** Whether the guarded rooms hold the seat of who drops. */
  holdsSeats = false;
  #login: Login;
  #handlers: Handler[] = [];
  #options: Options;
  readonly #server: Server;

  constructor(server: Server, port: number, options: Options) {
    this.#server = server;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.#options = options;
    this.#login = this.#open();
  }

  get login(): Login {
    return this.#login;
  }

  /** Somebody new at the stock SDK, with a device of that name. */
  player(name: string): Player {
    return new Player(this.url, name);
  }

  /** A player of that name who has logged in. */
  async loggedIn(name: string, extras: Record<string, unknown> = {}): Promise<Player> {
    const player = this.player(name);
    await player.logIn(extras);
    return player;
  }

  /** Slots that are taken, by sessions and by unspent passes. */
  async liveSlots(): Promise<number> {
    return (await this.#login.queue.status()).liveSlots;
  }

  /** What was logged, but for what a start says, and what happens to players as it should. */
  get logged(): readonly LogLine[] {
    const ofStarts = ["not configured: made for this start", "colyseus-login: started, with"];
    return this.logger.lines.filter(
      ({ level, text }) => level !== "debug" && !ofStarts.some((words) => text.includes(words)),
    );
  }

  /** Lets the process end and another one start, on the same clock: what the store does not keep is gone. */
  async restart(changes: Options = {}): Promise<void> {
    await this.close();
    this.#options = { ...this.#options, ...changes };
    this.#login = this.#open();
  }

  async close(): Promise<void> {
    await Promise.all(matchMaker.disconnectAll());
    await this.#login.shutdown();
  }

  /** Another process takes over: it is there before this one shuts down. Both are on the one server that a test file has. */
  async replace(changes: Options = {}): Promise<void> {
    const before = this.#login;
    this.reopen(changes);
    await before.shutdown();
  }

  /** The login shuts down, and the server's own rooms are left alone. */
  async shutDownAlone(): Promise<void> {
    await this.#login.shutdown();
  }

  reopen(changes: Options = {}): void {
    this.#options = { ...this.#options, ...changes };
    this.#login = this.#open();
  }

  /** Answers a request of the express app. */
  handle(request: Request, response: Response, next: NextFunction): void {
    const run = (index: number): void => {
      const handler = this.#handlers[index];
      if (handler === undefined) next();
      else handler(request, response, (error?: unknown) => (error === undefined ? run(index + 1) : next(error)));
    };
    run(0);
  }

  #open(): Login {
    // Ed25519 keys are made in no time.
    const tokens = { algorithm: "EdDSA", ...this.#options.tokens } as const;
    const options = resolveOptions({ ...this.#options, tokens, logger: this.logger });
    const login = createLogin(options, this.clock);
    const Plain = this.#roomClass();
    class GameRoom extends Plain {
      static override onAuth = login.onAuth;
      override plugins = definePlugins([login.sessionPlugin()]);
    }
    if (options.queue !== undefined) this.#server.define("login_queue", login.QueueRoom);
    this.#server.define("game", GameRoom);
    this.#server.define("guarded", login.guard(Plain));
    const me: Handler = (request, response) => void response.json(request.session);
    const middleware = login.middleware();
    this.#handlers = [
      login.routes(),
      (request, response, next) => (request.path === "/me" ? middleware(request, response, next) : next()),
      (request, response, next) => (request.path === "/me" ? me(request, response, next) : next()),
    ];
    return login;
  }

  #roomClass() {
    const house = this;
    const { calls, auths } = this;
    return class PlainRoom extends Room<{ client: Client<{ auth: SessionAuth }> }> {
      override autoDispose = false;
      override messages = { say: (client: Client, message: unknown) => client.send("said", message) };

      override onJoin(client: Client<{ auth: SessionAuth }>): void {
        auths.push(client.auth as SessionAuth);
        calls.add("onJoin");
      }

      override onDrop(client: Client): void {
        calls.add("onDrop");
        if (house.holdsSeats) this.allowReconnection(client, 15).catch(() => {});
      }

      override onReconnect(client: Client<{ auth: SessionAuth }>): void {
        auths.push(client.auth as SessionAuth);
        calls.add("onReconnect");
      }

      override onLeave(): void {
        calls.add("onLeave");
      }
    };
  }
}

export interface LoginServer {
  /** A login with these options on the server, in the place of the one before. */
  open(options?: Options): House;
}

const quiet = { debug() {}, info() {}, trace() {}, warn() {}, error() {} };

/** Registers the hooks of a test file that start, empty and stop its server. `logger` hears what Colyseus itself has to say. */
export function loginServer(logger: object = quiet): LoginServer {
  let port = 0;
  let testServer: ColyseusTestServer;
  let house: House | null = null;

  beforeAll(async () => {
    // The SDK tells the console of every connection that ends.
    vi.spyOn(console, "info").mockImplementation(() => {});
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const server = new Server({
      greet: false,
      gracefullyShutdown: false,
      logger,
      transport: new WebSocketTransport({ pingInterval: 0 }),
      express: (app) => {
        app.use((request, response, next) => (house === null ? next() : house.handle(request, response, next)));
      },
    });
    port = await freePort();
    await server.listen(port, "127.0.0.1");
    testServer = new ColyseusTestServer(server);
  });

  afterEach(async () => {
    const logged = house?.logged ?? [];
    await house?.close();
    house = null;
    await testServer.cleanup();
    vi.unstubAllEnvs();
    expect(logged.filter(({ level }) => level === "error")).toEqual([]);
  });

  afterAll(() => testServer.shutdown());

  return {
    open(options = {}) {
      house = new House(testServer.server, port, options);
      return house;
    },
  };
}
