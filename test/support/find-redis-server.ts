// Finds a Redis to start: the one REDIS_SERVER names, or one on the PATH.
import { spawnSync } from "node:child_process";

const programs = ["redis-server", "valkey-server"];

/** The program, or null where there is none. */
export function findRedisServer(): string | null {
  const named = process.env["REDIS_SERVER"];
  const candidates = named === undefined ? programs : [named];
  return candidates.find((program) => spawnSync(program, ["--version"]).status === 0) ?? null;
}
