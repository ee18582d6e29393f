// Joins per second of a guarded room on Redis against the same room on memory, in one server.
import { createServer } from "node:http";
import { defineRoom, defineServer, matchMaker, Room } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import type express from "express";
import { defineLogin } from "../../src/login.ts";
import { redisStore } from "../../src/stores/redis/redis-store.ts";
import { type BenchResult, inTurns, median, pairedRatio } from "../support/figures.ts";
import { LoadProcess } from "../support/processes.ts";
import { sharedTokens, startRedis } from "../support/redis.ts";
import { listenOnFreePort, quiet } from "../support/server.ts";

const sessions = 400;
const joinsPerRound = 600;
const rounds = 9;

/** It is there before anybody comes, and stays: how the framework makes a room that many ask for is nothing to measure here. */
class LastingRoom extends Room {
  override autoDispose = false;
}
class MemoryRoom extends LastingRoom {}
class RedisRoom extends LastingRoom {}

export async function benchRedisJoins(): Promise<BenchResult> {
  const redis = await startRedis();
  const tokens = sharedTokens();
  const onMemory = defineLogin({ tokens, prefix: "/memory", logger: quiet });
  const onRedis = defineLogin({ tokens, prefix: "/redis", logger: quiet, store: redisStore(redis.url) });
  const http = createServer();
  const server = defineServer({
    rooms: { memory: defineRoom(onMemory.guard(MemoryRoom)), redis: defineRoom(onRedis.guard(RedisRoom)) },
    transport: new WebSocketTransport({ server: http }),
    express: (app: express.Application) => {
      app.use(onMemory.routes());
      app.use(onRedis.routes());
    },
    greet: false,
  });
  const port = await listenOnFreePort(server, http);
  for (const name of ["memory", "redis"]) await matchMaker.createRoom(name, {});
  const load = new LoadProcess("load.ts");
  const tokensOf = async (prefix: string): Promise<string[]> => {
    const logins = await load.ask<{ token: string }[]>({ type: "login", port, count: sessions, prefix });
    return logins.map((each) => each.token);
  };
  const [memoryTokens, redisTokens] = [await tokensOf("/memory"), await tokensOf("/redis")];
  const perSecond = await inTurns(rounds, {
    memory: () => load.ask<number>({ type: "joins", port, room: "memory", count: joinsPerRound, tokens: memoryTokens }),
    redis: () => load.ask<number>({ type: "joins", port, room: "redis", count: joinsPerRound, tokens: redisTokens }),
  });
  load.stop();
  await onMemory.shutdown();
  await onRedis.shutdown();
  await server.gracefullyShutdown(false);
  await redis.stop();

  const ratio = pairedRatio(perSecond.redis, perSecond.memory);
  return {
    rows: [
      ["joins/s of a guarded room, sessions in memory", median(perSecond.memory).toFixed(0)],
      ["joins/s of the same room, sessions in Redis", median(perSecond.redis).toFixed(0)],
      ["Redis / memory (aim ≥ 0.8)", ratio.toFixed(2)],
    ],
    ratios: { join_redis_vs_memory: ratio },
  };
}
