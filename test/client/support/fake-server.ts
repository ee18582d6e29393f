// A login server of the test's own, over real HTTP: every call is answered by the next scripted answer.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { WireLogin } from "../../../src/wire.ts";

export interface Call {
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly authorization: string | undefined;
}

export type Answer =
  | { readonly status: number; readonly body?: unknown; readonly text?: string }
  /** The request arrived, the answer does not. */
  | "lost"
  /** Never answered, as long as the test lasts. */
  | "silent";

export class FakeServer {
  readonly calls: Call[] = [];
  readonly port: number;
  #server: Server;
  #answers: ((call: Call) => Answer | Promise<Answer>)[] = [];

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(): Promise<FakeServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const fake = new FakeServer(server);
    server.on("request", (request, response) => void fake.#answer(request, response));
    return fake;
  }

  /** What the next calls are answered with, one each. */
  answer(...answers: (Answer | ((call: Call) => Answer | Promise<Answer>))[]): void {
    for (const answer of answers) this.#answers.push(typeof answer === "function" ? answer : () => answer);
  }

  get unusedAnswers(): number {
    return this.#answers.length;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const call: Call = {
      path: `${request.method} ${request.url}`,
      body: text === "" ? {} : JSON.parse(text),
      authorization: request.headers.authorization,
    };
    this.calls.push(call);
    const next = this.#answers.shift();
    const answer = next === undefined ? { status: 500, text: "nothing scripted" } : await next(call);
    if (answer === "silent") return;
    if (answer === "lost") {
      request.socket.destroy();
      return;
    }
    if (answer.body !== undefined) {
      response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
    } else if (answer.text !== undefined) {
      response.writeHead(answer.status, { "content-type": "text/html" }).end(answer.text);
    } else {
      response.writeHead(answer.status).end();
    }
  }
}

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;

/** A Login as the server would answer it at `now`. */
export function loginAnswer(
  now: number,
  { generation = 1, sid = "sid-1", userId = "user-1", vars = {}, loginData = {} } = {},
): WireLogin {
  return {
    token: `token-${sid}-${generation}`,
    refreshToken: `refresh-${sid}-${generation}`,
    tokenExpiresAt: now + DAY,
    refreshTokenExpiresAt: now + 30 * DAY,
    refreshAt: now + 45 * MINUTE,
    session: {
      sid,
      userId,
      username: `name of ${userId}`,
      vars,
      serverVars: {},
      kind: "player",
      createdAt: now,
      expiresAt: now + DAY,
    },
    user: { id: userId, username: `name of ${userId}` },
    loginData,
    created: generation === 1,
  };
}

export function refusal(status: number, code: string, more: Record<string, unknown> = {}): Answer {
  return { status, body: { code, message: `refused: ${code}`, ...more } };
}
