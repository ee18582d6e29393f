// What stands before the processes of a game: hands requests round, and goes on to the next process where nobody listens.
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

export class LoadBalancer {
  readonly #processes: URL[] = [];
  readonly #server: Server;
  #turn = 0;

  constructor() {
    this.#server = createServer((incoming, answer) => {
      this.#pass(incoming, answer).catch(() => answer.destroy());
    });
  }

  async start(): Promise<void> {
    this.#server.listen(0);
    await once(this.#server, "listening");
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not started");
    return `http://localhost:${address.port}`;
  }

  /** Sends players to this process too. */
  add(url: string): void {
    this.#processes.push(new URL(url));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #pass(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const turn = this.#turn++;
    for (let tries = 0; tries < this.#processes.length; tries++) {
      const to = this.#processes[(turn + tries) % this.#processes.length];
      const response = to && (await ask(to, incoming, body).catch(() => null));
      if (!response) continue;
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
      return;
    }
    answer.writeHead(502).end();
  }
}

async function ask(
  { hostname, port }: URL,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
): Promise<IncomingMessage> {
  const onward = request({ hostname, port, method, path: url, headers });
  onward.end(body);
  const [response]: IncomingMessage[] = await once(onward, "response");
  if (response === undefined) throw new Error("no answer");
  return response;
}
