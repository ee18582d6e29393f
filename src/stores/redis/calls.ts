// How the parts of the Redis store talk to it: scripts by name and plain commands, each with a deadline.
import type { Reply } from "./replies.ts";

export type CallArgument = string | number;

/** What an ending verb learned. */
export interface Ending {
  readonly value: Reply;
  /** Sockets that every process together told to close. */
  readonly socketsClosed: number;
}

/**
 * Every call throws `LoginError("STORE_UNAVAILABLE")` where Redis did not answer in time, is not connected, or cannot
 * serve (loading, read-only, out of memory …). It may have run all the same.
 */
export interface RedisCalls {
  /**
   * Runs `scripts/<script>.lua`; `args` are its ARGV[4] and on (clock, process and call id go before them). Answers its value:
   * `return value` or `return reply(value)`. The events of a reply were told to this process's listeners when it resolves.
   */
  run(script: string, args?: readonly CallArgument[]): Promise<Reply>;
  /**
   * As `run`, for a script that ends sessions or disconnects them: resolves when every process that was alive has heard it,
   * or is no longer alive.
   */
  runEnding(script: string, args?: readonly CallArgument[]): Promise<Ending>;
  /** The string of that name, such as `s:<sid>`, or null: a plain read. */
  read(name: string): Promise<string | null>;
  /** One plain command: `command("HGETALL", [calls.key("cfg")])`. */
  command(name: string, args: readonly CallArgument[]): Promise<Reply>;
  /** The whole name of a key: `{prefix}:<name>`. */
  key(name: string): string;
  /** The store's time as well as this process knows it, in ms since the epoch. */
  now(): number;
}
