// Logins and refreshes per second against an endpoint that does nothing but sign the same JWT.
import { createServer } from "node:http";
import { defineServer } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { defineLogin } from "colyseus-login";
import express from "express";
import { decodeJwt, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { type BenchResult, inTurns, median, pairedRatio } from "./support/figures.ts";
import { LoadProcess } from "./support/processes.ts";
import { listenOnFreePort, quiet } from "./support/server.ts";

const sessions = 600;
const requestsPerRound = 2_000;
const rounds = 9;

interface Tokens {
  token: string;
  refreshToken: string;
}

export async function benchHttp(): Promise<BenchResult> {
  const login = defineLogin({ logger: quiet });
  const { privateKey } = await generateKeyPair("RS256");
  let payload: JWTPayload = {};
  const http = createServer();
  const server = defineServer({
    rooms: {},
    transport: new WebSocketTransport({ server: http }),
    express: (app: express.Application) => {
      app.post("/sign", express.json(), async (_request, response) => {
        response.json({
          token: await new SignJWT(payload).setProtectedHeader({ alg: "RS256", typ: "at+jwt" }).sign(privateKey),
        });
      });
      app.use(login.routes());
    },
    greet: false,
  });
  const port = await listenOnFreePort(server, http);
  const load = new LoadProcess("load.ts");
  const logins = await load.ask<Tokens[]>({ type: "login", port, count: sessions });
  payload = decodeJwt(logins[0]?.token ?? "");

  const perSecond = await inTurns(rounds, {
    sign: () => load.ask<number>({ type: "posts", port, path: "/sign", count: requestsPerRound }),
    login: () => load.ask<number>({ type: "posts", port, path: "/auth/authenticate/device", count: requestsPerRound }),
    refresh: async () => {
      const answer = await load.ask<{ perSecond: number; refreshTokens: string[] }>({
        type: "refreshes",
        port,
        logins,
        count: requestsPerRound,
      });
      answer.refreshTokens.forEach((refreshToken, index) => {
        const slot = logins[index];
        if (slot !== undefined) slot.refreshToken = refreshToken;
      });
      return answer.perSecond;
    },
  });
  load.stop();
  await login.shutdown();
  await server.gracefullyShutdown(false);

  const loginRatio = pairedRatio(perSecond.login, perSecond.sign);
  const refreshRatio = pairedRatio(perSecond.refresh, perSecond.sign);
  return {
    rows: [
      ["signatures/s over HTTP, nothing else (RS256)", median(perSecond.sign).toFixed(0)],
      ["logins/s (device)", median(perSecond.login).toFixed(0)],
      ["refreshes/s", median(perSecond.refresh).toFixed(0)],
      ["login / sign (aim ≥ 0.6)", loginRatio.toFixed(2)],
      ["refresh / sign (aim ≥ 0.6)", refreshRatio.toFixed(2)],
    ],
    ratios: { login_vs_sign: loginRatio, refresh_vs_sign: refreshRatio },
  };
}
