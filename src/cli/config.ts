// Reads the keys of a server from a file or the environment: what `keys` printed, or the options of defineLogin as JSON.
import { readFileSync } from "node:fs";
import { type ResolvedOptions, resolveOptions } from "../options/options.ts";
import { ConfigError } from "./usage.ts";

export type TokenOptions = ResolvedOptions["tokens"];

/** The `tokens` of the options, with their defaults. Throws a ConfigError that never shows a key. */
export function readTokenOptions(source: {
  /** Path of a JSON file; undefined: LOGIN_CONFIG. */
  readonly file: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Goes before the configuration's own. */
  readonly issuer: string | undefined;
}): TokenOptions {
  const { file, env, issuer } = source;
  const where = file ?? "LOGIN_CONFIG";
  const text = file === undefined ? (env["LOGIN_CONFIG"] ?? "") : readFile(file);
  if (text.trim() === "") {
    throw new ConfigError(
      `${where} is empty: it must hold the server's keys as JSON. \`colyseus-login keys\` makes some`,
    );
  }
  const config = parse(text, where);
  const tokens = isObject(config) && "tokens" in config ? config["tokens"] : config;
  if (!isObject(tokens) || tokens["keys"] === undefined) {
    throw new ConfigError(`${where} has no keys: expected { "keys": … } or { "tokens": { "keys": … } }`);
  }
  try {
    return resolveOptions({ tokens: issuer === undefined ? tokens : { ...tokens, issuer } }).tokens;
  } catch (error) {
    throw configError(error, where);
  }
}

/** The words of a TypeError about an option, as one about the configuration; anything else is no mistake of the caller's. */
export function configError(error: unknown, where: string): unknown {
  if (!(error instanceof TypeError)) return error;
  return new ConfigError(`${where}: ${error.message.replace(/^defineLogin: (option )?/, "")}`);
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What JSON.parse says of a text it cannot read quotes it, so its words are not passed on. */
function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError(`${where} is not JSON`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
