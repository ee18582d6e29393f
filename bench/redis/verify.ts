// Sessions verified per second, each by a read of its record, against a bare GET of the same key by the same client.
import { createServer } from "node:http";
import { defineServer } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import type express from "express";
import { Redis } from "ioredis";
import { decodeJwt } from "jose";
import { defineLogin } from "../../src/login.ts";
import { inParallel } from "../../src/parallel.ts";
import { redisStore } from "../../src/stores/redis/redis-store.ts";
import { type BenchResult, inTurns, median, pairedRatio } from "../support/figures.ts";
import { LoadProcess } from "../support/processes.ts";
import { sharedTokens, startRedis } from "../support/redis.ts";
import { listenOnFreePort, quiet } from "../support/server.ts";

const sessions = 2_000;
const rounds = 15;
const callsPerRound = 10_000;
const callsAtOnce = 64;

export async function benchVerify(): Promise<BenchResult> {
  const redis = await startRedis();
  const client = new Redis(redis.url);
  const login = defineLogin({ store: redisStore(client, { prefix: "bench" }), tokens: sharedTokens(), logger: quiet });
  const http = createServer();
  const server = defineServer({
    rooms: {},
    transport: new WebSocketTransport({ server: http }),
    express: (app: express.Application) => void app.use(login.routes()),
    greet: false,
  });
  const port = await listenOnFreePort(server, http);
  const load = new LoadProcess("load.ts");
  const logins = await load.ask<{ token: string }[]>({ type: "login", port, count: sessions });
  load.stop();
  const shown = logins.map(({ token }) => ({ token, key: `{bench}:s:${decodeJwt(token)["sid"]}` }));
  // The first time a token is shown, that is written down.
  await inParallel(shown, callsAtOnce, ({ token }) => login.sessions.verify(token));

  const perSecond = async (call: (each: { token: string; key: string }) => Promise<unknown>): Promise<number> => {
    const calls = Array.from({ length: callsPerRound }, (_, index) => shown[index % shown.length]);
    const start = performance.now();
    await inParallel(calls, callsAtOnce, async (each) => each && call(each));
    return (callsPerRound * 1_000) / (performance.now() - start);
  };
  const rates = await inTurns(rounds, {
    bare: () => perSecond(({ key }) => client.get(key)),
    verified: () => perSecond(({ token }) => login.sessions.verify(token)),
  });
  await login.shutdown();
  await server.gracefullyShutdown(false);
  client.disconnect();
  await redis.stop();

  const ratio = pairedRatio(rates.verified, rates.bare);
  return {
    rows: [
      ["bare GETs/s of a session's key", median(rates.bare).toFixed(0)],
      ["sessions verified/s, strict", median(rates.verified).toFixed(0)],
      ["verified / bare GET (aim ≥ 0.6)", ratio.toFixed(2)],
    ],
    ratios: { verify_vs_get: ratio },
  };
}
