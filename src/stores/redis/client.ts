// The ioredis client of a store: the one that was given, or one of our own for a URL. The one file that loads ioredis.
import { createRequire } from "node:module";
import type * as Ioredis from "ioredis";
import type { Cluster, Redis } from "ioredis";

export type RedisClient = Redis | Cluster;

/** Typed by what it answers: a package that may be missing cannot be imported as others are. */
const loadIoredis: () => typeof Ioredis = () => createRequire(import.meta.url)("ioredis");

const leastWaitMs = 50;
const mostWaitMs = 2_000;

/** When to try again after so many attempts: half of it is chance, so that a fleet does not come back in step. */
export function reconnectAfterMs(attempts: number): number {
  const wait = Math.min(mostWaitMs, leastWaitMs * 2 ** Math.min(attempts - 1, 10));
  return Math.round((wait * (1 + Math.random())) / 2);
}

/** A demoted primary is left for the one that took over, which the same name leads to by then. */
function leavesReplica(error: Error): boolean {
  return error.message.startsWith("READONLY");
}

/**
 * Opens a connection for a URL. A command that finds none fails at once instead of waiting in a queue of its own: whoever
 * waits for its answer has been told long before.
 *
 * @throws Error that says what to install, where ioredis is missing
 */
export function openClient(url: string, load = loadIoredis): Redis {
  const { Redis } = installed(load);
  return new Redis(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: true,
    maxRetriesPerRequest: null,
    connectTimeout: 5_000,
    keepAlive: 5_000,
    retryStrategy: reconnectAfterMs,
    reconnectOnError: leavesReplica,
  });
}

/** One more connection of the same kind, for reads that block. It never gives up, whatever the first one does. */
export function duplicateClient(client: RedisClient): RedisClient {
  const shared = { enableOfflineQueue: false, lazyConnect: false };
  if (isCluster(client)) {
    const redisOptions = { ...client.options.redisOptions, commandTimeout: undefined };
    return client.duplicate([], { ...shared, clusterRetryStrategy: reconnectAfterMs, redisOptions });
  }
  return client.duplicate({
    ...shared,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: null,
    commandTimeout: undefined,
    retryStrategy: reconnectAfterMs,
  });
}

/** @throws TypeError, in the name of `caller`, for anything but a URL or a client that reads from the primary */
export function checkClient(urlOrClient: unknown, caller: string): asserts urlOrClient is string | RedisClient {
  const expected = `${caller}: expected a URL (redis://…, rediss://…) or an ioredis client`;
  if (typeof urlOrClient === "string") {
    if (/^rediss?:\/\/./.test(urlOrClient)) return;
    throw new TypeError(`${expected}, got text that is no such URL`);
  }
  if (!isClient(urlOrClient)) throw new TypeError(`${expected}, got ${typeof urlOrClient}`);
  const readsFrom = isCluster(urlOrClient) ? (urlOrClient.options.scaleReads ?? "master") : "master";
  if (readsFrom !== "master") {
    throw new TypeError(`${caller}: expected a client that reads from primaries, got scaleReads: ${String(readsFrom)}`);
  }
}

function isClient(value: unknown): value is RedisClient {
  return (
    typeof value === "object" &&
    value !== null &&
    ["evalsha", "eval", "duplicate"].every((name) => typeof Reflect.get(value, name) === "function")
  );
}

function isCluster(client: RedisClient): client is Cluster {
  return "isCluster" in client && client.isCluster === true;
}

function installed(load: typeof loadIoredis): typeof Ioredis {
  try {
    return load();
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new Error("colyseus-login/redis needs the package ioredis: npm install ioredis", { cause: error });
  }
}

/** ioredis itself is missing, and not something that it needs. */
function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    error.code === "MODULE_NOT_FOUND" &&
    error.message.startsWith("Cannot find module 'ioredis'")
  );
}
