// The load process: joins rooms and posts to endpoints over keep-alive connections, with as little work of its own as can be.
import { Agent, request } from "node:http";
import { setInterval } from "node:timers/promises";
import WebSocket from "ws";
import { machineMs } from "./machine-time.ts";
import { answerCommands } from "./processes.ts";

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

interface Answer {
  readonly status: number;
  readonly text: string;
}

function post(port: number, path: string, body: unknown, token?: string): Promise<Answer> {
  return call(port, "POST", path, token, JSON.stringify(body));
}

function call(port: number, method: string, path: string, token?: string, payload?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        port,
        path,
        host: "127.0.0.1",
        method,
        headers: {
          ...(payload === undefined
            ? {}
            : { "content-type": "application/json", "content-length": Buffer.byteLength(payload) }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      },
    );
    outgoing.on("error", reject);
    outgoing.end(payload);
  });
}

async function postJson<Answer>(port: number, path: string, body: unknown, token?: string): Promise<Answer> {
  const answer = await post(port, path, body, token);
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status} ${answer.text}`);
  return JSON.parse(answer.text) as Answer;
}

async function getJson<Body>(port: number, path: string, token: string): Promise<Body> {
  const answer = await call(port, "GET", path, token);
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status} ${answer.text}`);
  return JSON.parse(answer.text) as Body;
}

/** Takes a place over HTTP, asks for it until it is admitted, and gives the pass up for the next one. */
async function beAdmitted(port: number): Promise<void> {
  let place = await postJson<{ status: string; ticket: string }>(port, "/auth/queue", {});
  const { ticket } = place;
  while (place.status === "waiting") place = await getJson(port, "/auth/queue", ticket);
  if (place.status !== "admitted") throw new Error(`the ticket is ${place.status}`);
  await call(port, "DELETE", "/auth/queue", ticket);
}

interface Seat {
  name: string;
  roomId: string;
  processId: string;
  sessionId: string;
}

/** Joins as the SDK does: matchmaking over HTTP, then the socket, until the server confirmed the join. */
async function join(port: number, room: string, options: unknown, token?: string): Promise<WebSocket> {
  const seat = await postJson<Seat>(port, `/matchmake/joinOrCreate/${room}`, options, token);
  const auth = token === undefined ? "" : `&_authToken=${token}`;
  const socket = new WebSocket(
    `ws://127.0.0.1:${port}/${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}${auth}`,
  );
  await new Promise<void>((resolve, reject) => {
    socket.once("message", () => resolve());
    socket.once("error", reject);
    socket.once("close", (code) => reject(new Error(`closed with ${code}`)));
  });
  return socket;
}

/** Runs `work` for 0…count-1, `width` at a time. */
async function pool(count: number, width: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** Runs `work` over the pool and answers how many a second it did. */
async function rate(count: number, width: number, work: (index: number) => Promise<void>): Promise<number> {
  const start = performance.now();
  await pool(count, width, work);
  return (count * 1000) / (performance.now() - start);
}

const held: WebSocket[] = [];

/** Of one session. */
interface Closings {
  left: number;
  /** When the last was closed, by the time of the machine. */
  readonly closed: PromiseWithResolvers<number>;
}

const closings = new Map<string, Closings>();

/** Ends the reading of the operator's calls; null while nobody reads them. */
let stopReading: (() => Promise<void>) | null = null;

/** What arrives while somebody watches: how late after the time it carries (ms), and how large. */
let watched: { readonly late: number[]; bytes: number } | null = null;

/** Both the queue's patches and what they are compared with end with a float64, ms since the epoch: the state's `asOf`. */
function note(message: Buffer): void {
  if (watched === null || message.length < 9) return;
  watched.late.push(performance.timeOrigin + performance.now() - message.readDoubleLE(message.length - 8));
  watched.bytes += message.length;
}

interface Login {
  token: string;
  refreshToken: string;
}

answerCommands({
  /** Logs `count` devices in; answers their tokens. */
  async login({ port, count, prefix = "/auth" }: { port: number; count: number; prefix?: string }): Promise<Login[]> {
    const logins: Login[] = [];
    await pool(count, 20, async (index) => {
      logins.push(await postJson<Login>(port, `${prefix}/authenticate/device`, { id: `bench-device-${index}` }));
    });
    return logins;
  },

  /** Joins per second, leaving again outside of the measured time. */
  async joins({ port, room, count, tokens }: { port: number; room: string; count: number; tokens?: string[] }) {
    const sockets: WebSocket[] = [];
    const perSecond = await rate(count, 24, async (index) => {
      sockets.push(await join(port, room, {}, tokens?.[index % tokens.length]));
    });
    await Promise.all(
      sockets.map(
        (socket) =>
          new Promise<void>((resolve) => {
            socket.once("close", () => resolve());
            socket.close();
          }),
      ),
    );
    return perSecond;
  },

  /** Posts per second of the same body with a running number in `id`. */
  posts({ port, path, count }: { port: number; path: string; count: number }) {
    return rate(count, 32, async (index) => {
      await postJson(port, path, { id: `bench-device-${index}` });
    });
  },

  /** Refreshes per second, each session's token used once and its successor kept. */
  async refreshes({ port, logins, count }: { port: number; logins: Login[]; count: number }) {
    const tokens = logins.map((login) => login.refreshToken);
    const perSecond = await rate(count, 32, async (index) => {
      const slot = index % tokens.length;
      tokens[slot] = (await postJson<Login>(port, "/auth/refresh", { refreshToken: tokens[slot] })).refreshToken;
    });
    return { perSecond, refreshTokens: tokens };
  },

  /** Admissions per second through the queue, over HTTP. */
  admissions({ port, count }: { port: number; count: number }) {
    return rate(count, 48, () => beAdmitted(port));
  },

  /** Reads these paths every second from now on, as an open dashboard and a scraper do. */
  async read({ port, paths, token }: { port: number; paths: string[]; token: string }): Promise<void> {
    const ending = new AbortController();
    const reading = (async () => {
      for await (const _ of setInterval(1_000, null, { signal: ending.signal })) {
        await Promise.all(
          paths.map(async (path) => {
            const { status, text } = await call(port, "GET", path, token);
            if (status !== 200) throw new Error(`${path} answered ${status} ${text}`);
          }),
        );
      }
    })().catch((error: unknown) => {
      if (!ending.signal.aborted) throw error;
    });
    stopReading = async () => {
      ending.abort();
      await reading;
    };
  },

  async stopReading(): Promise<void> {
    await stopReading?.();
    stopReading = null;
  },

  /** Joins and stays. */
  async hold({ port, room, count }: { port: number; room: string; count: number }): Promise<number> {
    await pool(count, 24, async () => {
      const socket = await join(port, room, {});
      // The join is acknowledged as the SDK does it: only then does the server send patches.
      socket.send(new Uint8Array([10]));
      socket.on("message", note);
      held.push(socket);
    });
    return held.length;
  },

  /** Joins with each of these tokens at each of these ports, and stays; who is closed is noted. */
  async holdAll({ ports, room, tokens }: { ports: number[]; room: string; tokens: string[] }): Promise<number> {
    await pool(tokens.length, 12, async (index) => {
      const token = tokens[index] ?? "";
      const sockets = await Promise.all(ports.map((port) => join(port, room, {}, token)));
      const open: Closings = { left: sockets.length, closed: Promise.withResolvers() };
      for (const socket of sockets) {
        socket.once("close", () => {
          open.left -= 1;
          if (open.left === 0) open.closed.resolve(machineMs());
        });
      }
      closings.set(token, open);
    });
    return closings.size * ports.length;
  },

  /** Answers when the last socket of the token was closed. */
  closedAt({ token }: { token: string }): Promise<number> {
    const open = closings.get(token);
    if (open === undefined) throw new Error("nobody joined with this token");
    return open.closed.promise;
  },

  /** What those that are held receive within that time. Latencies in ms. */
  async watch({ seconds }: { seconds: number }) {
    const seen = { late: [] as number[], bytes: 0 };
    watched = seen;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    watched = null;
    seen.late.sort((a, b) => a - b);
    const quantile = (share: number): number => seen.late[Math.floor(share * (seen.late.length - 1))] ?? Number.NaN;
    return {
      messages: seen.late.length,
      bytes: seen.bytes / seen.late.length,
      p50: quantile(0.5),
      p99: quantile(0.99),
      most: quantile(1),
    };
  },

  /** Leaves everything that was held, for good. */
  async release(): Promise<void> {
    await Promise.all(
      held.splice(0).map(
        (socket) =>
          new Promise<void>((resolve) => {
            socket.once("close", () => resolve());
            socket.close(4000);
          }),
      ),
    );
  },
});
