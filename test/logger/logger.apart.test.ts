// Left to Colyseus's logger, lines go where the server sends its own.
import { Server } from "@colyseus/core";
import { afterEach, expect, it, vi } from "vitest";
import { frameworkLogger } from "../../src/logger.ts";
import { recordingLogger } from "../support/recording-logger.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const levels = ["debug", "info", "warn", "error"] as const;

it("to the console until a server has another logger, but for debug lines; then to that one, all of them", () => {
  const printed: string[] = [];
  for (const level of levels) vi.spyOn(console, level).mockImplementation((text) => void printed.push(text));
  for (const level of levels) frameworkLogger[level](level);
  expect(printed.splice(0)).toEqual(["info", "warn", "error"]);

  const logger = recordingLogger();
  new Server({ greet: false, gracefullyShutdown: false, logger: { ...logger, trace: logger.debug } });
  for (const level of levels) frameworkLogger[level](level, { of: "more parts" });
  expect(logger.lines).toEqual(levels.map((level) => ({ level, text: `${level} { of: 'more parts' }` })));
  expect(printed).toEqual([]);
});
