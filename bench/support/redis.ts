// A Redis of the benchmark's own, which keeps nothing on disk, and what it says of itself.
import { spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Redis } from "ioredis";
import { findRedisServer } from "../../test/support/find-redis-server.ts";
import { freePort } from "../../test/support/free-port.ts";

export interface BenchRedis {
  readonly url: string;
  /** A connection for the benchmark's own use. */
  readonly client: Redis;
  /** Bytes that are in use for what it keeps. */
  memory(): Promise<number>;
  /** CPU time that it spent so far, in ms. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

export async function startRedis(): Promise<BenchRedis> {
  const program = findRedisServer();
  if (program === null) throw new Error("there is no redis-server on this machine");
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "colyseus-login-bench-"));
  const where = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder];
  const child = spawn(program, [...where, "--save", "", "--appendonly", "no"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  for await (const line of createInterface({ input: child.stdout })) {
    if (/ready to accept connections/i.test(line)) break;
  }
  child.stdout.resume();
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url);
  return {
    url,
    client,
    async memory() {
      return numberIn(await client.info("memory"), "used_memory");
    },
    async cpuMs() {
      const said = await client.info("cpu");
      return (numberIn(said, "used_cpu_user") + numberIn(said, "used_cpu_sys")) * 1_000;
    },
    async stop() {
      client.disconnect();
      process.off("exit", kill);
      const exit = once(child, "exit");
      kill();
      await exit;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function numberIn(info: string, name: string): number {
  return Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(info)?.[1]);
}

/** What a store that processes share asks for: keys and secrets of everybody's. */
export function sharedTokens() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const current = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { keys: { current }, refreshSecrets: { current: randomBytes(32).toString("base64url") } };
}
