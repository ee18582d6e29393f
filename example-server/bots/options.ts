// The command line of the bots, checked.
import { parseArgs } from "node:util";

const usage = `Usage: npm run bots -- <number of bots> [options]
  --url <url>         the server (http://localhost:2567); given several times, the bots spread over all of them
  --ramp <per second> how many bots arrive each second (20)
  --stay <seconds>    how long each one plays (10)`;

export interface BotOptions {
  readonly count: number;
  /** The servers, at least one. */
  readonly urls: readonly string[];
  readonly rampPerSecond: number;
  readonly staySeconds: number;
}

const mostBots = 5_000;

/** @throws TypeError that says what is wrong, and how the command is used. */
export function readOptions(args: readonly string[]): BotOptions {
  const { values, positionals } = parse(args);
  if (positionals.length !== 1) throw new TypeError(usage);
  const wrong = values.url.find((url) => !URL.canParse(url) || !/^https?:/.test(url));
  if (wrong !== undefined) throw new TypeError(`--url must be an http address, got ${wrong}`);
  return {
    count: toNumber("the number of bots", positionals[0], 1, mostBots),
    urls: values.url,
    rampPerSecond: toNumber("--ramp", values.ramp, 1, 1_000),
    staySeconds: toNumber("--stay", values.stay, 0, 3_600),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        url: { type: "string", multiple: true, default: ["http://localhost:2567"] },
        ramp: { type: "string", default: "20" },
        stay: { type: "string", default: "10" },
      },
    });
  } catch (error) {
    throw new TypeError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function toNumber(name: string, text: string | undefined, least: number, most: number): number {
  const number = Number(text);
  if (text?.trim() && number >= least && number <= most) return number;
  throw new TypeError(`${name} must be a number from ${least} to ${most}, got ${text}\n${usage}`);
}
