// What it costs to be watched: admissions per second with a dashboard open and metrics scraped every second, against without.
import { createServer } from "node:http";
import { defineServer } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { defineLogin, operatorScopes } from "colyseus-login";
import { type BenchResult, cpuMilliseconds, inTurns, median, pairedRatio } from "./support/figures.ts";
import { LoadProcess } from "./support/processes.ts";
import { listenOnFreePort, quiet } from "./support/server.ts";

/** Some seconds' worth, so that every round is read several times. */
const admissionsPerRound = 4_000;
const rounds = 9;
/** What the open page asks for, more often than it does, and what Prometheus does. */
const readEverySecond = ["status", "history", "metrics"].map((path) => `/auth/operator/${path}`);

export async function benchWatched(): Promise<BenchResult> {
  const login = defineLogin({
    logger: quiet,
    // The rate is no bound here, and so small a burst lets the admission step run as often as it can.
    queue: { mode: "always", targetLoginRatePerSecond: 50_000, loginBurst: 500, targetCcuLimit: 1_000_000 },
  });
  const http = createServer();
  const server = defineServer({
    rooms: {},
    transport: new WebSocketTransport({ server: http }),
    express: (app) => {
      app.use(login.routes());
    },
    greet: false,
  });
  const port = await listenOnFreePort(server, http);
  const load = new LoadProcess("load.ts");
  const token = await login.tokens.issueOperatorToken({ name: "bench", scopes: [...operatorScopes] });
  const byTheClock: Record<"alone" | "watched", number[]> = { alone: [], watched: [] };
  // Per second of the server's own CPU: it serves nothing else, and what the load takes of the machine is left out.
  const admissions = async (who: "alone" | "watched"): Promise<number> => {
    const spent = await cpuMilliseconds(async () => {
      byTheClock[who].push(await load.ask<number>({ type: "admissions", port, count: admissionsPerRound }));
    });
    return (admissionsPerRound * 1000) / spent;
  };

  const ofCpu = await inTurns(rounds, {
    alone: () => admissions("alone"),
    watched: async () => {
      await load.ask({ type: "read", port, paths: readEverySecond, token });
      const rate = await admissions("watched");
      await load.ask({ type: "stopReading" });
      return rate;
    },
  });
  load.stop();
  await login.shutdown();
  await server.gracefullyShutdown(false);

  const ratio = pairedRatio(ofCpu.watched, ofCpu.alone);
  return {
    rows: [
      ["admissions/s over HTTP, nobody watches", median(byTheClock.alone).toFixed(0)],
      ["admissions/s, dashboard open and metrics scraped every second", median(byTheClock.watched).toFixed(0)],
      ["admissions per second of the server's CPU, nobody watches", median(ofCpu.alone).toFixed(0)],
      ["admissions per second of the server's CPU, watched", median(ofCpu.watched).toFixed(0)],
      ["watched / alone, of the CPU (aim > 0.95)", ratio.toFixed(3)],
    ],
    ratios: { watched_vs_alone: ratio },
  };
}
