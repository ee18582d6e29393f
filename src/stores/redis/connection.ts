// One connection to Redis: every call on it has a deadline, fails at once while Redis is known to be gone, and never fails raw.
import type { Clock } from "../../clock.ts";
import { duplicateClient, type RedisClient } from "./client.ts";
import { callFailure, isRedisAnswer, unavailable } from "./failures.ts";
import type { Outages } from "./outages.ts";

/** How long a call may take, and how long one may wait for a connection that was lost a moment ago. */
export const deadlineMs = 1_000;
/** A connection on which calls go unanswered for so long is given up, for the peer may be gone without a word. */
const deafMs = 3_000;
/** So long may a peer take that let us connect, until it says its first word. */
const greetingMs = 10_000;

interface Parts {
  readonly client: RedisClient;
  /** Whether it is closed with the store, and may be cut. */
  readonly owned: boolean;
  /** What it is called where it fails. */
  readonly name: string;
  readonly steady: Clock;
  readonly outages: Outages;
  /** Called when a connection that was lost is back, with how long it was gone. */
  readonly onBack?: (goneMs: number) => void;
}

export class Connection {
  readonly client: RedisClient;
  readonly #parts: Parts;
  /** Settled: there while connected, rejected once the connection has been gone for longer than a call may wait. */
  #connected: PromiseWithResolvers<void> | null = null;
  #answeredAt: number;
  /** When the connection was lost that is looked for; null before there was one. */
  #lostAt: number | null = null;
  #closed = false;
  /** Whether the connection that stands was given up. */
  #isCut = false;
  readonly #removeListeners: () => void;

  constructor(parts: Parts) {
    this.client = parts.client;
    this.#parts = parts;
    this.#answeredAt = parts.steady.now();
    const { client } = parts;
    const onReady = () => this.#found();
    const onClose = () => {
      this.#lostAt ??= parts.steady.now();
      this.#lost();
    };
    const onConnect = () => this.#parts.steady.after(greetingMs, () => this.#cutIfMute());
    const onError = (error: Error) => parts.outages.failed(parts.name, error);
    // A Redis client tells each error to its listeners, and would write it to the console were there none.
    client.on("connect", onConnect).on("ready", onReady).on("close", onClose).on("error", onError);
    this.#removeListeners = () => {
      client.off("connect", onConnect).off("ready", onReady).off("close", onClose);
      if (!parts.owned) client.off("error", onError);
    };
    if (client.status !== "ready") this.#lost();
    if (client.status === "wait") client.connect().catch(() => {});
  }

  /** A connection of its own, of the same kind. */
  duplicate(name: string): Connection {
    const { steady, outages } = this.#parts;
    return new Connection({ steady, outages, client: duplicateClient(this.client), owned: true, name });
  }

  /**
   * What `send` answers. It may be sent and done although this throws: the answer may be lost or late.
   *
   * @throws LoginError STORE_UNAVAILABLE
   */
  async call<T>(send: () => Promise<T>, withinMs = deadlineMs): Promise<T> {
    const { steady, outages, name } = this.#parts;
    try {
      const answer = await this.#inTime(this.#send(send), withinMs);
      this.#answeredAt = steady.now();
      outages.worked(name);
      return answer;
    } catch (error) {
      if (isRedisAnswer(error)) this.#answeredAt = steady.now();
      const failure = callFailure(error);
      if (failure === error) throw error;
      if (!this.#closed) outages.failed(name, error);
      throw failure;
    }
  }

  /** Cuts the connection, to make another: what waits on it is given up. A given client is left alone. */
  reconnect(): void {
    // Until a peer that is deaf has let go, the client says "ready" still, and would add a listener each time it is told.
    if (!this.#parts.owned || this.client.status !== "ready" || this.#isCut) return;
    this.#isCut = true;
    this.client.disconnect(true);
  }

  /** Lets calls under way be answered. A given client stays open. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#parts.owned && this.client.status === "ready") {
      await this.#inTime(this.client.quit(), deadlineMs).catch(() => {});
    }
    this.cut();
  }

  /** The same without waiting for anything. */
  cut(): void {
    this.#closed = true;
    this.#removeListeners();
    this.#lost();
    this.#connected?.reject(new Error("closed"));
    if (this.#parts.owned) this.client.disconnect();
  }

  async #send<T>(send: () => Promise<T>): Promise<T> {
    try {
      if (this.#connected !== null) await this.#connected.promise;
      return await send();
    } catch (error) {
      if (!wasNotSent(error)) throw error;
      this.#lost();
      await this.#connected?.promise;
      return await send();
    }
  }

  #found(): void {
    this.#connected?.resolve();
    this.#connected = null;
    this.#isCut = false;
    const now = this.#parts.steady.now();
    this.#answeredAt = now;
    if (this.#lostAt !== null) this.#parts.onBack?.(now - this.#lostAt);
    this.#lostAt = null;
  }

  #lost(): void {
    if (this.#connected !== null) return;
    const connected = Promise.withResolvers<void>();
    connected.promise.catch(() => {});
    this.#connected = connected;
    this.#parts.steady.after(deadlineMs, () => connected.reject(new Error("not connected")));
  }

  #cutIfMute(): void {
    if (this.#parts.owned && this.client.status === "connect") this.client.disconnect(true);
  }

  #inTime<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const stop = this.#parts.steady.after(Math.max(milliseconds, 0), () => {
      reject(unavailable(new Error(`no answer within ${Math.round(milliseconds)} ms`)));
      if (this.#parts.steady.now() - this.#answeredAt >= deafMs) this.reconnect();
    });
    answer.then(resolve, reject).finally(stop);
    return promise;
  }
}

/** The socket is gone, and the client is about to notice. */
function wasNotSent(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Stream isn't writeable");
}
