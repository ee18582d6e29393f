// Where the package writes its few log lines: the part of Colyseus's `logger` it uses. No line carries a token, a secret or a whole sid.

export interface Logger {
  debug(...parts: unknown[]): void;
  info(...parts: unknown[]): void;
  warn(...parts: unknown[]): void;
  error(...parts: unknown[]): void;
}
