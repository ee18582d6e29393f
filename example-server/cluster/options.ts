// The command line and the environment of the cluster, checked.
import { readPort, readRedisUrl } from "../src/config.ts";

const most = 16;

export interface ClusterOptions {
  readonly count: number;
  /** The first process's port, the others' follow; 0 takes free ones. */
  readonly firstPort: number;
  /** The Redis to look for. */
  readonly redisUrl: string;
}

/** @throws TypeError that says what is wrong */
export function readOptions(args: readonly string[]): ClusterOptions {
  const [text = "3", ...more] = args;
  const count = Number(text);
  if (more.length > 0 || !/^\d+$/.test(text) || count < 1 || count > most)
    throw new TypeError(`Usage: npm run cluster -- <number of processes, 1 to ${most}>`);
  return { count, firstPort: readPort(), redisUrl: readRedisUrl() ?? "redis://localhost:6379" };
}
