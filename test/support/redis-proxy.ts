// A wire between a store and Redis that a test can cut, slow down, or cut in the middle of an answer.
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

interface Unanswered {
  readonly marker: string;
  readonly bytes: number;
  readonly swallowed: () => void;
}

export class RedisProxy {
  port = 0;
  /** So much later than Redis gives them do answers arrive. */
  delayMs = 0;
  readonly #redisPort: number;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  readonly #toRedis = new Set<Socket>();
  #refused: { readonly marker: string; readonly cut: () => void } | null = null;
  /** What the client sent that shall go unanswered, and who waits for that. */
  #unanswered: Unanswered | null = null;

  constructor(redisPort: number) {
    this.#redisPort = redisPort;
    this.#server = createServer((client) => this.#join(client));
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.#server.listen(this.port, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    this.port = address.port;
  }

  /** Nobody gets through until it starts again. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cut();
    await closed;
  }

  cut(): void {
    for (const socket of [...this.#clients, ...this.#toRedis]) socket.destroy();
  }

  /** From now on every connection that sends `marker` is cut; null for none. Resolves when it happens first. */
  refuse(marker: string | null): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#refused = marker === null ? null : { marker, cut: resolve };
    return promise;
  }

  /**
   * The next command that contains `marker` reaches Redis and is done there; its answer is lost but for the first `bytes`, and
   * the connection with it. Resolves when that has happened.
   */
  loseAnswerTo(marker: string, bytes = 0): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#unanswered = { marker, bytes, swallowed: resolve };
    return promise;
  }

  #join(client: Socket): void {
    const redis = connect(this.#redisPort, "127.0.0.1");
    this.#clients.add(client);
    this.#toRedis.add(redis);
    let unanswered: Unanswered | null = null;
    let delivered = Promise.resolve();
    client.on("data", (data) => {
      if (this.#refused !== null && data.includes(this.#refused.marker)) {
        client.destroy();
        this.#refused.cut();
        return;
      }
      if (this.#unanswered !== null && data.includes(this.#unanswered.marker)) {
        unanswered = this.#unanswered;
        this.#unanswered = null;
      }
      redis.write(data);
    });
    redis.on("data", (data) => {
      if (unanswered === null) {
        const dueAt = performance.now() + this.delayMs;
        delivered = delivered.then(() => deliver(client, data, dueAt));
        return;
      }
      const { bytes, swallowed } = unanswered;
      client.write(data.subarray(0, bytes), () => {
        client.destroy();
        redis.destroy();
        swallowed();
      });
    });
    for (const [socket, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      socket.on("error", () => {});
      socket.on("close", () => {
        other.destroy();
        this.#clients.delete(socket);
        this.#toRedis.delete(socket);
      });
    }
  }
}

/** In order, however much the delay is changed meanwhile. */
async function deliver(client: Socket, data: Buffer, dueAt: number): Promise<void> {
  const waitMs = dueAt - performance.now();
  if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
  if (!client.destroyed) client.write(data);
}
