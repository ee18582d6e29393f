// The operator's calls in the router form: the same answers as under express, beside the players' calls.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createRouter, defineServer, type Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { afterEach, expect, it } from "vitest";
import { createLogin, type Login } from "../../src/login.ts";
import { resolveOptions } from "../../src/options/options.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";
import { ask, Description, type Document } from "./desk.ts";
import { samples } from "./samples.ts";

let login: Login;
let server: Server;
let url: string;
let description: Description;
const logger = recordingLogger();

async function open(): Promise<string> {
  const options = resolveOptions({ tokens: { algorithm: "EdDSA" }, queue: {}, logger });
  login = createLogin(options, new ManualClock());
  const httpServer = createServer();
  const transport = new WebSocketTransport({ server: httpServer });
  server = defineServer({
    rooms: {},
    transport,
    greet: false,
    gracefullyShutdown: false,
    routes: createRouter({ ...login.routes() }),
  });
  await server.listen(0, "127.0.0.1");
  url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`;
  const token = await login.tokens.issueOperatorToken({ name: "Olga" });
  const { body } = await ask(`${url}/auth/operator/openapi.json`, { method: "GET", token });
  description = new Description(body as unknown as Document);
  return token;
}

async function send(method: string, path: string, token: string | null, body?: unknown): Promise<number> {
  const answer = await ask(`${url}/auth/operator${path}`, { method, token, body });
  description.check(method, `/auth/operator${path.split("?")[0]}`, answer);
  return answer.status;
}

afterEach(async () => {
  await login.shutdown();
  await server.gracefullyShutdown(false);
  expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
});

it("answers every call, beside the players'", async () => {
  const token = await open();
  const body = { id: "the device of Ann" };
  const ann = await ask(`${url}/auth/authenticate/device`, { method: "POST", token: null, body });
  expect(ann.status).toBe(200);
  const { sid, userId } = Object(ann.body["session"]);
  await login.bans.ban(userId, { reason: "cheating" });
  await login.queue.configure({ mode: "paused" });
  await ask(`${url}/auth/queue`, { method: "POST", token: null, body: {} });
  const tickets = await ask(`${url}/auth/operator/tickets`, { method: "GET", token });
  const ticketId = String(Object(tickets.body["tickets"])[0].id);
  for (const { action, method, path, body } of samples({ ticketId, sid, userId }))
    expect(await send(method, path, token, body), action).toBe(200);
});

it("S58 refuses every call without a token and with a player's", async () => {
  await open();
  const body = { id: "the device of Ann" };
  const ann = await ask(`${url}/auth/authenticate/device`, { method: "POST", token: null, body });
  for (const { action, method, path } of samples({ ticketId: "t", sid: "s", userId: "u" })) {
    expect(await send(method, path, null, method === "GET" || method === "DELETE" ? undefined : "{"), action).toBe(401);
    expect(await send(method, path, String(ann.body["token"])), action).toBe(401);
  }
});

it("S37 refuses broken ids and queries", async () => {
  const token = await open();
  for (const path of ["/bans/%ff", "/bans/%00", `/bans/${"x".repeat(10_000)}`, "/status?a=1", "/tickets?lane=%ff"])
    expect(await send("GET", path, token), path.slice(0, 20)).toBe(400);
  expect(await send("POST", "/tickets/%ED%A0%80/admit", token)).toBe(400);
  expect(await send("GET", "/sessions?userId=__proto__", token)).toBe(404);
});
