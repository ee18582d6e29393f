// A logger that keeps what it is told, for tests to read.
import { inspect } from "node:util";
import type { Logger } from "../../src/logger.ts";

export interface LogLine {
  readonly level: keyof Logger;
  /** Everything a console would show: errors with their stacks and causes, objects to any depth. */
  readonly text: string;
}

export function recordingLogger(): Logger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write =
    (level: keyof Logger) =>
    (...parts: unknown[]) => {
      const text = parts.map((part) => (typeof part === "string" ? part : inspect(part, { depth: null }))).join(" ");
      lines.push({ level, text });
    };
  return { lines, debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
