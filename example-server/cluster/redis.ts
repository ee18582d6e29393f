// The Redis of a cluster: the one that is there, or one of its own for as long as it runs, which keeps nothing on disk.
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Redis } from "ioredis";
import { ended, startChild } from "./child.ts";
import { freePort } from "./ports.ts";

export interface ClusterRedis {
  readonly url: string;
  /** What to tell the person who started the cluster. */
  readonly words: string;
  /** Ends a Redis of the cluster's own. */
  close(): Promise<void>;
}

/** @throws Error where the Redis refuses us, or there is none and none can be started */
export async function openRedis(url: string): Promise<ClusterRedis> {
  // The address may hold a password.
  const { host } = new URL(url);
  if (await isThere(url)) return { url, words: `Using the Redis at ${host}.`, close: async () => {} };
  const port = await freePort();
  const child = startChild(new URL("./redis-server.ts", import.meta.url), [String(port)], {});
  const gone = ended(child);
  child.stderr?.pipe(process.stderr);
  if (child.stdout === null) throw new Error("redis-server has no output.");
  const lines = createInterface({ input: child.stdout });
  const isUp = await Promise.race([once(lines, "line").then(() => true), gone.then(() => false)]);
  if (!isUp) throw new Error("Without a Redis there is no cluster.");
  return {
    url: `redis://localhost:${port}`,
    words: `There is no Redis at ${host}: started one for this run, on port ${port}.`,
    async close() {
      child.kill("SIGTERM");
      await gone;
    },
  };
}

async function isThere(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 2_000 });
  let reason: unknown;
  client.on("error", (error) => {
    reason = error;
  });
  try {
    await client.connect();
    await client.ping();
    return true;
  } catch (error) {
    if (isRefusal(reason ?? error)) return false;
    const words = reason instanceof Error ? reason.message : String(error);
    throw new Error(`The Redis at ${new URL(url).host} cannot be used: ${words}`);
  } finally {
    client.disconnect();
  }
}

/** Nobody listens there, as opposed to a Redis that will not have us. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
}
