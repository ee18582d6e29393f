// S38 of a whole server: a hundred thousand requests that no client would send, written straight to its sockets.
import { connect } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { bearerAbuse, bodyAbuse, garbageTokens, pathAbuse } from "../http/abuse-table.ts";
import { openWithEmail, registered } from "./email-house.ts";
import { loginServer } from "./server.ts";

const server = loginServer();
const requests = 100_000;
const sockets = 8;
/** Written at once; each is answered before the next. */
const batch = 50;

/** The bytes of a request, with a body of its own length. */
function bytesOf(
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string | Uint8Array = "",
): Buffer {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const length = method === "GET" ? {} : { "content-length": bytes.length };
  const lines = Object.entries({ host: "localhost", ...headers, ...length }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1"), bytes]);
}

/** Bad bodies, headers, paths and tokens, those of a few hundred bytes: it is their number that counts here. */
function badRequests(forged: readonly string[]): Buffer[] {
  const tables = [...bodyAbuse, ...bearerAbuse, ...pathAbuse].map(({ method = "GET", path, headers = {}, body }) =>
    bytesOf(method, `/auth${path}`, headers, body),
  );
  const json = { "content-type": "application/json" };
  const tokens = [...garbageTokens, ...forged].filter((token) => token.length < 1_000);
  const withTokens = tokens.flatMap((token) => [
    ...["/auth/session", "/auth/sessions", "/auth/userdata", "/auth/queue", "/me"].map((path) =>
      bytesOf("GET", path, { authorization: `Bearer ${token}` }),
    ),
    ...["refresh", "logout"].map((call) =>
      bytesOf("POST", `/auth/${call}`, json, JSON.stringify({ refreshToken: token })),
    ),
    bytesOf("POST", "/auth/verify-email", json, JSON.stringify({ token })),
    bytesOf("POST", "/matchmake/joinOrCreate/game", { ...json, authorization: `Bearer ${token}` }, "{}"),
  ]);
  return [...tables, ...withTokens].filter((bytes) => bytes.length < 1_500);
}

/** How often each status was answered. */
type Counts = Map<number, number>;

/** Sends so many of them, from one socket; its answers are counted, not read. */
function flood(port: number, table: readonly Buffer[], count: number, counts: Counts): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1").setEncoding("latin1");
    let sent = 0;
    let due = 0;
    let rest = "";
    const send = (): void => {
      due = Math.min(batch, count - sent);
      if (due === 0) return void socket.end();
      socket.write(
        Buffer.concat(Array.from({ length: due }, (_, index) => table[(sent + index) % table.length] as Buffer)),
      );
      sent += due;
    };
    socket.on("data", (text: string) => {
      rest += text;
      let end = 0;
      for (const { 0: found, 1: status, index } of rest.matchAll(/HTTP\/1\.1 (\d{3})/g)) {
        counts.set(Number(status), (counts.get(Number(status)) ?? 0) + 1);
        due -= 1;
        end = index + found.length;
      }
      // What may be the beginning of an answer is looked at again with what follows.
      rest = rest.slice(Math.max(end, rest.length - 12));
      if (due === 0) send();
    });
    socket.on("error", reject);
    socket.on("close", () => (sent === count && due === 0 ? resolve() : reject(new Error(`closed after ${sent}`))));
    socket.on("connect", send);
  });
}

it("S38 a hundred thousand of them make no 500, no unhandled rejection and no growth of memory", {
  timeout: 90_000,
}, async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  const { house } = openWithEmail(server, { queue: {} });
  const player = await registered(house);
  const room = await player.play();
  const { token, refreshToken } = player.login;
  const [sid, generation, mac] = refreshToken.split(".");
  const [head, payload, signature] = token.split(".");
  const table = badRequests([
    `${head}.${payload}.${signature?.split("").toReversed().join("")}`,
    `${head}.${payload}.`,
    `${sid}.${generation}.${mac?.split("").toReversed().join("")}`,
    `${sid}.9.${mac}`,
  ]);
  expect(table.length).toBeGreaterThan(500);

  const counts: Counts = new Map();
  const run = async (count: number): Promise<number> => {
    await Promise.all(Array.from({ length: sockets }, () => flood(house.port, table, count / sockets, counts)));
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = await run(requests / 10);
  const after = await run(requests * 0.9);
  process.off("unhandledRejection", note);

  // Refused each, but for logouts, which say nothing.
  const refused = [...counts.keys()].filter((status) => status !== 204);
  for (const status of refused) expect([status >= 400, status < 500], String(status)).toEqual([true, true]);
  expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(requests);
  expect(unhandled).toEqual([]);
  expect((after - before) / requests, "bytes for each request").toBeLessThan(25);
  // Nobody else noticed.
  expect(room.connection.isOpen).toBe(true);
  expect((await player.get("/auth/session")).status).toBe(200);
  await player.refresh();
  expect(house.logged).toEqual([]);
});
