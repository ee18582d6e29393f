// Calls over one connection that know the time of their Redis: one that reaches it too late is not done.
import type { Clock, StopTask } from "../../clock.ts";
import { ScriptCalls, type ScriptCallsParts } from "./script-calls.ts";
import { StoreTime } from "./store-time.ts";

const measureMs = 3_000;

/** `stop` ends the measuring; the connection is the caller's to close. */
export function timedCalls({ steady, ...parts }: Omit<ScriptCallsParts, "time" | "remeasure"> & { steady: Clock }): {
  readonly calls: ScriptCalls;
  readonly stop: StopTask;
} {
  const time = new StoreTime(steady);
  const measure = () => time.measure(() => calls.redisTime()).catch(() => {});
  const calls = new ScriptCalls({ ...parts, time, remeasure: measure });
  const stop = steady.every(measureMs, measure);
  // The first answer may have waited for the connection, and is that much off.
  void measure().then(measure);
  return { calls, stop };
}
