// One process of a game on the Redis store: forked by game.ts, and told by messages what to do.
import { EventEmitter } from "node:events";
import { type Client, definePlugins, matchMaker, Room, Server } from "@colyseus/core";
import { RedisDriver } from "@colyseus/redis-driver";
import { RedisPresence } from "@colyseus/redis-presence";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { Redis } from "ioredis";
import { LoginError } from "../../../src/errors.ts";
import type { LoginEvents } from "../../../src/events-face.ts";
import { defineLogin } from "../../../src/login.ts";
import type { QueuePatch } from "../../../src/login-queue/queue-settings.ts";
import type { LoginOptions } from "../../../src/options/options.ts";
import type { LogoutOptions } from "../../../src/sessions/ending.ts";
import { redisStore } from "../../../src/stores/redis/redis-store.ts";
import { recordingLogger } from "../../support/recording-logger.ts";
import { namedAccounts } from "./named-accounts.ts";

/** What a member is forked with, as JSON. */
export interface MemberSetup {
  readonly port: number;
  readonly redisUrl: string;
  /** By which way the store goes to Redis. */
  readonly storeUrl: string;
  readonly prefix: string;
  readonly options: LoginOptions;
}

// Colyseus's matchmaker listens once for each join that waits for a room.
EventEmitter.defaultMaxListeners = 0;

const setup: MemberSetup = JSON.parse(process.env["MEMBER"] ?? "");
const logger = recordingLogger();
const quiet = { debug() {}, info() {}, trace() {}, warn() {}, error() {} };
/** What Colyseus itself keeps in Redis: it waits for as long as Redis is gone. */
const redis = new Redis(setup.redisUrl, { maxRetriesPerRequest: null });
redis.on("error", () => {});

/** Logins with the var `waits`, between the check of their account and the session. */
const held: (() => void)[] = [];

const login = defineLogin({
  ...setup.options,
  loginData: {
    held: ({ session }) => {
      const { promise, resolve } = Promise.withResolvers<null>();
      if (session.vars["waits"] === undefined) return null;
      held.push(() => resolve(null));
      return promise;
    },
  },
  accounts: namedAccounts,
  store: redisStore(setup.storeUrl, { prefix: setup.prefix }),
  logger,
});

let drops = 0;

class GameRoom extends Room {
  static override onAuth = login.onAuth;
  override plugins = definePlugins([login.sessionPlugin()]);
  override messages = { say: (client: Client, message: unknown) => client.send("said", message) };

  override onDrop(client: Client): void {
    drops += 1;
    this.allowReconnection(client, 15).catch(() => {});
  }
}

const server = new Server({
  greet: false,
  gracefullyShutdown: false,
  logger: quiet,
  transport: new WebSocketTransport({ pingInterval: 0 }),
  driver: new RedisDriver(redis),
  presence: new RedisPresence(redis),
  publicAddress: `127.0.0.1:${setup.port}`,
  // Rooms are made where they are asked for.
  selectProcessIdToCreateRoom: async () => matchMaker.processId,
  express: (app) => {
    const middleware = login.middleware();
    app.use(login.routes());
    app.get("/me", middleware, (request, response) => void response.json(request.session));
  },
});
// Who names a process as the hint waits in its rooms.
if (setup.options.queue !== undefined) server.define("login_queue", login.QueueRoom).filterBy(["hint"]);
server.define("game", GameRoom);

/** What this process told of itself, in order. */
const told: [name: string, event: unknown][] = [];
const eventNames: readonly (keyof LoginEvents)[] = [
  "loggedIn",
  "loginRefused",
  "refreshed",
  "reuseDetected",
  "sessionEnded",
  "admitted",
  "queueMode",
  "queueConfigured",
  "banned",
  "unbanned",
  "accessChanged",
  "storeAvailable",
  "operatorAction",
];

const calls = {
  /** From now on `told` has what `login.on` tells. */
  listen() {
    for (const name of eventNames) login.on(name, (event) => void told.push([name, event]));
  },
  told: () => told,
  operatorToken: (name: string) => login.tokens.issueOperatorToken({ name }),
  status: () => login.queue.status(),
  configure: (patch: QueuePatch) => login.queue.configure(patch),
  logout: (sid: string, options?: LogoutOptions) => login.sessions.logout(sid, options),
  disconnect: (sid: string) => login.sessions.disconnect(sid, { reason: "bye" }),
  ban: (userId: string) => login.bans.ban(userId, { reason: "cheating" }),
  liveSessions: async (userId: string) => (await login.sessions.list(userId)).length,
  heldLogins: () => held.length,
  letGo() {
    for (const go of held.splice(0)) go();
  },
  /** Sockets of the game room that were lost. */
  drops: () => drops,
  /** By this process's own clock. */
  date: () => Date.now(),
  cpuMs: () => (process.cpuUsage().user + process.cpuUsage().system) / 1_000,
  logged: () => logger.lines.map(({ level, text }) => ({ level, text })),
  async shutDown() {
    await server.gracefullyShutdown(false);
    await login.shutdown();
    redis.disconnect();
  },
};
export type MemberCalls = typeof calls;

/** A call on its way here, and its answer. */
export interface MemberRequest {
  readonly id: number;
  readonly name: keyof MemberCalls;
  readonly args: readonly unknown[];
}
export type MemberAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string; readonly code: string | null };

process.on("message", async ({ id, name, args }: MemberRequest) => {
  const call: (...args: never[]) => unknown = calls[name];
  try {
    answer({ id, value: await Reflect.apply(call, undefined, args) });
  } catch (error) {
    answer({ id, error: String(error), code: error instanceof LoginError ? error.code : null });
  }
});
// Whoever forked it is gone.
process.on("disconnect", () => process.exit());

function answer(message: MemberAnswer): void {
  process.send?.(message);
}

await server.listen(setup.port, "127.0.0.1");
answer({ id: 0, value: "listening" });
