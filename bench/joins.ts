// Joins per second of a guarded room against the same room without any auth.
import { createServer } from "node:http";
import { defineRoom, defineServer, Room } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { defineLogin } from "colyseus-login";
import type express from "express";
import { type BenchResult, inTurns, median, pairedRatio } from "./support/figures.ts";
import { LoadProcess } from "./support/processes.ts";
import { listenOnFreePort, quiet } from "./support/server.ts";

const sessions = 400;
const joinsPerRound = 600;
const rounds = 9;

class PlainRoom extends Room {}
class BareRoom extends Room {}

export async function benchJoins(): Promise<BenchResult> {
  const login = defineLogin({ logger: quiet });
  const http = createServer();
  const server = defineServer({
    rooms: { plain: defineRoom(PlainRoom), guarded: defineRoom(login.guard(BareRoom)) },
    transport: new WebSocketTransport({ server: http }),
    express: (app: express.Application) => void app.use(login.routes()),
    greet: false,
  });
  const port = await listenOnFreePort(server, http);
  const load = new LoadProcess("load.ts");
  const logins = await load.ask<{ token: string }[]>({ type: "login", port, count: sessions });
  const tokens = logins.map((each) => each.token);
  const perSecond = await inTurns(rounds, {
    plain: () => load.ask<number>({ type: "joins", port, room: "plain", count: joinsPerRound }),
    guarded: () => load.ask<number>({ type: "joins", port, room: "guarded", count: joinsPerRound, tokens }),
  });
  load.stop();
  await login.shutdown();
  await server.gracefullyShutdown(false);

  const ratio = pairedRatio(perSecond.guarded, perSecond.plain);
  return {
    rows: [
      ["joins/s of a plain room", median(perSecond.plain).toFixed(0)],
      ["joins/s of the same room guarded", median(perSecond.guarded).toFixed(0)],
      ["guarded / plain (aim ≥ 0.85)", ratio.toFixed(2)],
    ],
    ratios: { join_vs_plain: ratio },
  };
}
