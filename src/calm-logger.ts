// Keeps a flood of failures from becoming a flood of log lines: of one kind some lines a minute, and how many more there were.
import type { Clock, StopTask } from "./clock.ts";
import type { Logger } from "./logger.ts";

const minuteMs = 60_000;
/** Warnings, or errors, of one kind that are written in a minute. */
const linesPerMinute = 10;
/** Kinds beyond these are counted as one: what a line says may come from outside, in spite of the rules. */
const mostKinds = 1_000;
/** How lines write the ids of players, sessions and tickets. They make no other kind of line. */
const shortIds = /\S{1,8}…/gu;

export interface CalmLogger extends Logger {
  /** Tells at once how many lines were left out so far: the process may end before their minute does. */
  flush(): void;
}

/** Lines of one kind have the same words, but for short ids. Lines for debugging and for information are not held back. */
export function calmLogger(logger: Logger, clock: Pick<Clock, "after">): CalmLogger {
  const kinds = new Map<string, { lines: number; readonly settle: StopTask }>();

  const begin = (kind: string, level: "warn" | "error", words: string) => {
    const settle = (): void => {
      stop();
      kinds.delete(kind);
      const leftOut = begun.lines - linesPerMinute;
      if (leftOut > 0) logger[level](`colyseus-login: ${leftOut} more lines in one minute like: ${words}`);
    };
    const stop = clock.after(minuteMs, settle);
    const begun = { lines: 0, settle };
    kinds.set(kind, begun);
    return begun;
  };

  const write = (level: "warn" | "error", parts: readonly unknown[]): void => {
    const [text] = parts;
    const words = typeof text === "string" ? text.replaceAll(shortIds, "…") : "";
    const ofItsOwn = `${level} ${words}`;
    const kind = kinds.has(ofItsOwn) || kinds.size < mostKinds ? ofItsOwn : level;
    const counted = kinds.get(kind) ?? begin(kind, level, words);
    counted.lines += 1;
    if (counted.lines <= linesPerMinute) logger[level](...parts);
  };

  return {
    debug: (...parts) => logger.debug(...parts),
    info: (...parts) => logger.info(...parts),
    warn: (...parts) => write("warn", parts),
    error: (...parts) => write("error", parts),
    flush() {
      for (const { settle } of [...kinds.values()]) settle();
    },
  };
}
