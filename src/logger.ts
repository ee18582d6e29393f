// Where the package writes its few log lines: the part of Colyseus's `logger` it uses. No line carries a token, a secret or a whole sid.
import { logger as colyseusLogger } from "@colyseus/core";

export interface Logger {
  debug(...parts: unknown[]): void;
  info(...parts: unknown[]): void;
  warn(...parts: unknown[]): void;
  error(...parts: unknown[]): void;
}

/**
 * Colyseus's own: whatever a server gives it, be it after the login was defined. While it is the console, which shows every
 * level, debug lines are left out, because they are one or more a player.
 */
export const frameworkLogger: Logger = {
  debug: (...parts) => {
    if (colyseusLogger !== console) colyseusLogger.debug(...parts);
  },
  info: (...parts) => colyseusLogger.info(...parts),
  warn: (...parts) => colyseusLogger.warn(...parts),
  error: (...parts) => colyseusLogger.error(...parts),
};
