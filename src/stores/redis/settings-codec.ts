// The queue's settings on their way to the scripts and back: options go along with every call, changes are kept in Redis.
import type { QueueOverrides } from "../../login-queue/queue-settings.ts";
import {
  hostLeaseSeconds,
  type LiveQueueSettings,
  type QueuePatch,
  type QueueSettings,
  ticketResignSeconds,
} from "../../login-queue/queue-store.ts";
import type { StoreContext } from "../store.ts";
import { listOf, type Reply, textOf } from "./replies.ts";

/**
 * The first argument of every script that uses the queue: what this process was started with, and "" where it has no queue.
 * Sent each time, because processes may be started with different options, and Redis may be emptied at any moment.
 */
export function settingsArgument({
  queue,
  ticketsMayReturn,
}: Pick<StoreContext, "queue" | "ticketsMayReturn">): string {
  if (queue === null) return "";
  // The words for players are nothing that scripts go by; a burst that follows the rate is left out.
  const { notice: _notice, loginBurst, lanes, ...rest } = queue;
  return JSON.stringify({
    ...rest,
    ...(loginBurst === null ? {} : { loginBurst }),
    lanes: Object.entries(lanes),
    ticketsMayReturn,
    hostLeaseSeconds,
    ticketResignSeconds,
  });
}

/** Names and JSON in turns, as `configure.lua` takes them. */
export function patchArguments(patch: QueuePatch): string[] {
  return Object.entries(patch).flatMap(([name, value]) => (value === undefined ? [] : [name, encode(name, value)]));
}

/** What was changed and not put back, from names and JSON in turns. */
export function readOverrides(reply: Reply | undefined): QueueOverrides {
  const texts = listOf(reply).map(textOf);
  const overrides: Record<string, unknown> = {};
  for (let index = 0; index + 1 < texts.length; index += 2) {
    const [name = "", text = ""] = texts.slice(index, index + 2);
    overrides[name] = decode(name, text);
  }
  return overrides;
}

/** What is in force: the options of this process, and the changes laid over them. */
export function settingsInForce(options: QueueSettings, overrides: QueueOverrides): QueueSettings {
  return { ...options, ...overrides };
}

/** Lanes keep their order, which a Lua table would not: the first is the one of those who have no other. */
function encode(name: string, value: LiveQueueSettings[keyof LiveQueueSettings] | null): string {
  return JSON.stringify(name === "lanes" && value !== null ? Object.entries(value) : value);
}

function decode(name: string, text: string): unknown {
  const value: unknown = JSON.parse(text);
  return name === "lanes" && Array.isArray(value) ? Object.fromEntries(value) : value;
}
