// A Redis of a test file's own: started on a free port, keeping nothing on disk, and broken in whatever way a test asks for.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Redis } from "ioredis";
import { afterAll, beforeAll } from "vitest";
import { findRedisServer } from "./find-redis-server.ts";
import { freePort } from "./free-port.ts";

export class RedisServer {
  port = 0;
  /** Of a Redis that was there before, and is not to be broken. */
  readonly #givenUrl: string | null;
  #process: ChildProcess | null = null;
  #folder: string | null = null;
  #client: Redis | null = null;

  readonly #options: readonly string[];

  /** `options` as on the command line of redis-server. */
  constructor(givenUrl: string | null = null, options: readonly string[] = []) {
    this.#givenUrl = givenUrl;
    this.#options = options;
  }

  get url(): string {
    return this.#givenUrl ?? `redis://127.0.0.1:${this.port}`;
  }

  /** A connection for the tests' own use. */
  get client(): Redis {
    this.#client ??= new Redis(this.url, { maxRetriesPerRequest: null }).on("error", () => {});
    return this.#client;
  }

  async start(): Promise<void> {
    if (this.#givenUrl !== null) return;
    if (this.port === 0) this.port = await freePort();
    this.#folder ??= mkdtempSync(join(tmpdir(), "colyseus-login-redis-"));
    const where = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.#folder];
    const child = spawn(
      findRedisServer() ?? "redis-server",
      [...where, "--save", "", "--appendonly", "no", ...this.#options],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    this.#process = child;
    process.once("exit", () => child.kill("SIGKILL"));
    for await (const line of createInterface({ input: child.stdout })) {
      if (/ready to accept connections/i.test(line)) break;
    }
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
    child.stdout.resume();
  }

  async stop(): Promise<void> {
    this.#client?.disconnect();
    this.#client = null;
    await this.kill();
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
  }

  /** It stands still: connections stay open, and nobody answers. */
  pause(): void {
    this.#process?.kill("SIGSTOP");
  }

  resume(): void {
    this.#process?.kill("SIGCONT");
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }

  /** On the same port, with nothing in it. */
  async restartEmpty(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Cuts every connection but the tests' own. */
  async cutConnections(): Promise<void> {
    await this.client.client("KILL", "TYPE", "normal", "SKIPME", "yes");
  }

  async forgetScripts(): Promise<void> {
    await this.client.script("FLUSH");
  }

  /** Removes every key of a store: what a restart without its data does, for one store of several. */
  async forgetKeys(prefix: string): Promise<void> {
    const keys = await this.client.keys(`{${prefix}}:*`);
    if (keys.length > 0) await this.client.del(keys);
  }
}

/** One for all tests of the file that calls this. */
export function useRedisServer(server = new RedisServer()): RedisServer {
  beforeAll(() => server.start());
  afterAll(() => server.stop());
  return server;
}

/** The same for tests that break nothing: the Redis at `REDIS_URL`, where that is set. */
export function useRedis(): RedisServer {
  return useRedisServer(new RedisServer(process.env["REDIS_URL"] ?? null));
}
