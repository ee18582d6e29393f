// What the environment may say: PORT, REDIS_URL, and LOGIN_CONFIG, a JSON object laid over the options of defineLogin, or keys for it.
import { once } from "node:events";
import { createServer } from "node:net";
import type { Server } from "colyseus";

/** Lays the JSON object in LOGIN_CONFIG over `options`, object by object; any other value replaces the one below it. */
export function withLoginConfig<Options extends object>(options: Options): Options {
  const text = process.env["LOGIN_CONFIG"] ?? "";
  if (text.trim() === "") return options;
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw new TypeError(`LOGIN_CONFIG is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(config))
    throw new TypeError(`LOGIN_CONFIG must be a JSON object such as {"queue":{"targetCcuLimit":5}}`);
  // What `colyseus-login keys` prints may stand there as it is: it is what the option tokens takes.
  const laid = "keys" in config && !("tokens" in config) ? { tokens: config } : config;
  // What it holds is defineLogin's to check, which is why the type of the options stays.
  return layOver(options, laid) as Options;
}

/** Listens on PORT, where 0 lets the system choose a free one, says where the server is to be found, and answers that. */
export async function listen(server: Server): Promise<string> {
  const port = orStop(readPort);
  await requireFree(port);
  await server.listen(port);
  const address = server.transport.server?.address();
  const url = `http://localhost:${typeof address === "object" ? address?.port : port}`;
  console.log(`listening on ${url}`);
  return url;
}

/** Runs a step of the start. A setting that is wrong ends the process with its message alone, for there is nothing to debug. */
export function orStop<Value>(step: () => Value): Value {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

/** The address in REDIS_URL, or null where there is none. Throws a TypeError for what is no address of a Redis. */
export function readRedisUrl(): string | null {
  const url = process.env["REDIS_URL"] ?? "";
  if (url === "" || /^rediss?:\/\/./.test(url)) return url === "" ? null : url;
  // It may hold a password, so it is not repeated.
  throw new TypeError("REDIS_URL must be an address such as redis://localhost:6379");
}

/** Throws a TypeError for anything but a port. */
export function readPort(): number {
  const text = process.env["PORT"] ?? "2567";
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 65_535) return number;
  throw new TypeError(`PORT must be a whole number from 0 to 65535, got ${JSON.stringify(text)}`);
}

/** Colyseus itself logs that a port is taken, and then waits for ever. */
async function requireFree(port: number): Promise<void> {
  const probe = createServer().listen(port);
  try {
    await once(probe, "listening");
  } catch (error) {
    console.error(`PORT ${port} cannot be listened on: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
  probe.close();
  await once(probe, "close");
}

function layOver(below: object, above: object): object {
  // fromEntries defines properties, so that a key named __proto__ stays a key, for defineLogin to refuse.
  const merged = new Map<string, unknown>(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const under = merged.get(key);
    merged.set(key, isObject(under) && isObject(value) ? layOver(under, value) : value);
  }
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
