// Runs scripts and commands on the store's connection, and hands on what a script published.
import type { Clock } from "../../clock.ts";
import type { CallArgument, Ending, RedisCalls } from "./calls.ts";
import type { RedisClient } from "./client.ts";
import { type Connection, deadlineMs } from "./connection.ts";
import { answerCode, isRedisAnswer } from "./failures.ts";
import { Reads } from "./reads.ts";
import { asReply, listOf, numberOf, type Reply, textOf } from "./replies.ts";
import { type Script, Scripts } from "./scripts.ts";
import type { StoreTime } from "./store-time.ts";

/** How base.lua marks the answer of a script that may publish. */
const publishedMark = ":feed";

/** A call must not be done after it was given up: so much earlier it is late, for the two clocks are not quite one. */
const marginMs = 20;

export interface ScriptCallsParts {
  readonly connection: Connection;
  /** The hash tag that all keys begin with: `{prefix}`. */
  readonly tag: string;
  readonly processId: string;
  /** A test's clock, which takes the place of Redis's time; null for Redis's. */
  readonly testClock: Clock | null;
  readonly time: StoreTime;
  /** Called where the measured time turned out to be wrong. */
  readonly remeasure: () => void;
  /** Tells this process's listeners of an entry it wrote; answers how many sockets they told to close. */
  readonly tell: (entry: string, events: string) => number;
  /** Waits until these processes have heard of the entry; answers how many sockets they told to close. */
  readonly heardBy: (entry: string, processes: readonly string[]) => Promise<number>;
}

interface Published {
  readonly value: Reply;
  readonly entry: string;
  readonly events: string;
  /** Processes that must hear of it. */
  readonly awaited: readonly string[];
}

export class ScriptCalls implements RedisCalls {
  readonly #parts: ScriptCallsParts;
  readonly #scripts = new Scripts();
  readonly #reads = new Reads((keys) => this.#call((client) => client.mget([...keys])));
  /** Scripts, by their sha1, that a call under way brings to Redis. */
  readonly #taught = new Map<string, Promise<unknown>>();
  #count = 0;

  constructor(parts: ScriptCallsParts) {
    this.#parts = parts;
  }

  key(name: string): string {
    return `${this.#parts.tag}:${name}`;
  }

  now(): number {
    return (this.#parts.testClock ?? this.#parts.time).now();
  }

  async run(script: string, args: readonly CallArgument[] = []): Promise<Reply> {
    const { value, entry, events } = await this.#publish(script, args);
    if (entry !== "") this.#parts.tell(entry, events);
    return value;
  }

  async runEnding(script: string, args: readonly CallArgument[] = []): Promise<Ending> {
    const { value, entry, events, awaited } = await this.#publish(script, args);
    if (entry === "") return { value, socketsClosed: 0 };
    const here = this.#parts.tell(entry, events);
    const others = awaited.filter((process) => process !== this.#parts.processId);
    return { value, socketsClosed: here + (await this.#parts.heardBy(entry, others)) };
  }

  read(name: string): Promise<string | null> {
    return this.#reads.get(this.key(name));
  }

  async command(name: string, args: readonly CallArgument[]): Promise<Reply> {
    return await this.#call((client) => client.call(name, [...args]));
  }

  /** Redis's own time, in ms. */
  async redisTime(): Promise<number> {
    const [seconds, micros] = listOf(await this.#call((client) => client.time()));
    return numberOf(seconds) * 1_000 + Math.floor(numberOf(micros) / 1_000);
  }

  async #publish(script: string, args: readonly CallArgument[]): Promise<Published> {
    const { testClock, processId } = this.#parts;
    const head = [testClock === null ? "" : testClock.now(), processId, this.#callId()];
    const reply = await this.#evaluate(this.#scripts.get(script), [...head, ...args]);
    return publishedBy(reply) ?? { value: reply, entry: "", events: "", awaited: [] };
  }

  /** Told apart by it: this very call, however often it is sent. */
  #callId(): string {
    this.#count += 1;
    const now = this.#parts.time.measuredNow();
    const awaitedUntil = now === null ? "-" : String(now + deadlineMs - marginMs);
    return `${awaitedUntil} ${this.#parts.processId} ${this.#count.toString(36)}`;
  }

  async #evaluate(script: Script, args: readonly CallArgument[]): Promise<Reply> {
    const { tag } = this.#parts;
    return await this.#call(async (client) => {
      const bySha = () => client.evalsha(script.sha1, 1, tag, ...args);
      const byText = () => client.eval(script.text, 1, tag, ...args);
      try {
        return await bySha().catch((error) => this.#teach(script, error, bySha, byText));
      } catch (error) {
        if (!isMissingScript(error)) throw error;
        return await byText();
      }
    });
  }

  /** Redis does not know the script: one call of those under way brings its text along, and the rest wait for that. */
  async #teach(
    { sha1 }: Script,
    error: unknown,
    bySha: () => Promise<unknown>,
    byText: () => Promise<unknown>,
  ): Promise<unknown> {
    if (!isMissingScript(error)) throw error;
    const taught = this.#taught.get(sha1);
    if (taught !== undefined) {
      await taught;
      return await bySha();
    }
    const first = byText();
    const done = first.catch(() => {}).finally(() => this.#taught.delete(sha1));
    this.#taught.set(sha1, done);
    return await first;
  }

  async #call(send: (client: RedisClient) => Promise<unknown>): Promise<Reply> {
    const { connection } = this.#parts;
    try {
      return asReply(await connection.call(() => send(connection.client)));
    } catch (error) {
      this.#remeasureIfLate(error);
      throw error;
    }
  }

  /** Found late before its time: the clocks have moved against each other. */
  #remeasureIfLate(error: unknown): void {
    const cause = error instanceof Error ? error.cause : null;
    if (isRedisAnswer(cause) && answerCode(cause) === "LATE") this.#parts.remeasure();
  }
}

function isMissingScript(error: unknown): boolean {
  return isRedisAnswer(error) && answerCode(error) === "NOSCRIPT";
}

function publishedBy(reply: Reply): Published | null {
  if (!Array.isArray(reply) || reply[0] !== publishedMark) return null;
  const [, entry, events, awaited, value = null] = listOf(reply);
  return { value, entry: textOf(entry), events: textOf(events), awaited: listOf(awaited).map(textOf) };
}
