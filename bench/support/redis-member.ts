// One of several processes of a game on Redis: a server with a guarded room, told by messages what to do.
import { createServer } from "node:http";
import { defineRoom, defineServer, Room } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import type express from "express";
import { defineLogin, type Login } from "../../src/login.ts";
import { redisStore } from "../../src/stores/redis/redis-store.ts";
import { machineMs } from "./machine-time.ts";
import { answerCommands } from "./processes.ts";
import type { sharedTokens } from "./redis.ts";
import { listenOnFreePort, quiet } from "./server.ts";

class GameRoom extends Room {}

let login: Login | null = null;

answerCommands({
  /** Answers the port it listens on. */
  start({ url, tokens }: { url: string; tokens: ReturnType<typeof sharedTokens> }): Promise<number> {
    const own = defineLogin({ store: redisStore(url, { prefix: "bench" }), tokens, logger: quiet });
    login = own;
    const http = createServer();
    const server = defineServer({
      rooms: { game: defineRoom(own.guard(GameRoom)) },
      transport: new WebSocketTransport({ server: http, pingInterval: 0 }),
      express: (app: express.Application) => void app.use(own.routes()),
      greet: false,
    });
    return listenOnFreePort(server, http);
  },

  /** Answers when the call was made, and how many sockets it closed. */
  async disconnect({ sid }: { sid: string }): Promise<{ at: number; closed: number }> {
    const at = machineMs();
    const closed = await login?.sessions.disconnect(sid, { reason: "bye" });
    return { at, closed: closed ?? 0 };
  },
});
