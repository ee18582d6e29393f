// Warns of a Redis that throws keys away when its memory is full.
import type { RedisCalls } from "./calls.ts";
import type { Outages } from "./outages.ts";

/** `kept` is what it would throw away. */
export async function warnOfEviction(calls: RedisCalls, outages: Outages, kept: string): Promise<void> {
  const info = await calls.command("INFO", ["memory"]).catch(() => null);
  const policy = typeof info === "string" ? /^maxmemory_policy:(\S+)/m.exec(info)?.[1] : undefined;
  if (policy === undefined || policy === "noeviction") return;
  outages.warn(`Redis has maxmemory-policy ${policy}, which may drop ${kept}; it should be noeviction`);
}
