// The commands of the program: each reads its arguments and prints one line, or says what is wrong.
import { parseArgs } from "node:util";
import { systemClock } from "../clock.ts";
import { keyRingOptions, otherTokenLifetimes } from "../login-settings.ts";
import { randomId } from "../random.ts";
import { JwtSigner } from "../tokens/jwt.ts";
import { createKeyRing, generateKey, type KeyRing, signingAlgorithms } from "../tokens/keys.ts";
import { type OperatorKind, OperatorTokenIssuer } from "../tokens/operator-tokens.ts";
import { isOperatorScope, operatorScopes } from "../tokens/scopes.ts";
import { configError, readTokenOptions, type TokenOptions } from "./config.ts";
import { ConfigError, UsageError, usage } from "./usage.ts";

/** What a run reads and writes beside files. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard output. */
  readonly print: (text: string) => void;
  /** Standard error. */
  readonly complain: (text: string) => void;
}

/** Runs one command line and answers the exit status. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    terminal.print(await answer(args, terminal.env));
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.complain(`colyseus-login: ${error.message}\n\n${usage}`);
      return 2;
    }
    terminal.complain(error instanceof ConfigError ? `colyseus-login: ${error.message}` : String(Object(error).stack));
    return 1;
  }
}

async function answer(args: readonly string[], env: Terminal["env"]): Promise<string> {
  if (args.includes("--help") || args.includes("-h") || args[0] === "help") return usage;
  const [command, kind, ...rest] = args;
  if (command === "keys") return printKeys(args.slice(1));
  if (command !== "token") throw new UsageError(command === undefined ? "no command" : `no command ${show(command)}`);
  if (kind !== "operator" && kind !== "partner")
    throw new UsageError(`token: expected operator or partner, got ${kind === undefined ? "nothing" : show(kind)}`);
  return printToken(kind, rest, env);
}

function printKeys(args: readonly string[]): string {
  const { algorithm = "RS256" } = parse(args, { algorithm: { type: "string" } });
  const known = signingAlgorithms.find((name) => name === algorithm);
  if (known === undefined)
    throw new UsageError(`--algorithm: expected ${signingAlgorithms.join(", ")}, got ${show(algorithm)}`);
  // One line: environment files and containers take no more.
  return JSON.stringify({ keys: { current: generateKey(known) }, refreshSecrets: { current: randomId(32) } });
}

async function printToken(kind: OperatorKind, args: readonly string[], env: Terminal["env"]): Promise<string> {
  const { name, scope, config, issuer } = parse(args, {
    name: { type: "string" },
    scope: { type: "string", multiple: true },
    config: { type: "string" },
    issuer: { type: "string" },
  });
  if (name === undefined) throw new UsageError(`token ${kind}: --name is missing`);
  const tokens = readTokenOptions({ file: config, env, issuer });
  const jwt = new JwtSigner({
    keys: openKeys(tokens, config ?? "LOGIN_CONFIG"),
    issuer: tokens.issuer,
    clock: systemClock,
  });
  const { operators } = otherTokenLifetimes({ tokens });
  const tokenIssuer = new OperatorTokenIssuer({ jwt, clock: systemClock, lifetimesMs: operators });
  const scopes = scope?.map(requireScope);
  try {
    return await tokenIssuer.issue(kind, { name, ...(scopes === undefined ? {} : { scopes }) });
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(`--${error.message}`) : error;
  }
}

function openKeys(tokens: TokenOptions, where: string): KeyRing {
  try {
    return createKeyRing(keyRingOptions({ tokens }));
  } catch (error) {
    throw configError(error, where);
  }
}

function requireScope(scope: string) {
  if (isOperatorScope(scope)) return scope;
  throw new UsageError(`--scope: expected one of ${operatorScopes.join(", ")}, got ${show(scope)}`);
}

type OptionsConfig = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>["options"]>;

function parse<const T extends OptionsConfig>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // node:util throws a TypeError with words for whoever typed the line.
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

function show(argument: string): string {
  return JSON.stringify(argument.length > 64 ? `${argument.slice(0, 64)}…` : argument);
}
