// Runs the programs of the example as a user does: processes of their own, with the built package.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../support/free-port.ts";

export const exampleFolder = fileURLToPath(new URL("../../../example-server/", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** A program of the example, from its start to its end. What it keeps is gone with it, unless `env` names a DATA_DIR. */
export class ExampleProgram {
  #process: ChildProcess;
  #ended: Promise<Ended>;
  #output = "";
  #calls = 0;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    // A Redis that the tests are given is none of the example's, unless a test says so.
    const data = mkdtempSync(join(tmpdir(), "colyseus-login-example-"));
    const given = { ...process.env, NODE_ENV: "test", REDIS_URL: "", DATA_DIR: data };
    this.#process = spawn(process.execPath, args, { cwd: exampleFolder, env: { ...given, ...env } });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
        this.#process.emit("output");
      });
    }
    this.#ended = once(this.#process, "close").then(([code]) => {
      rmSync(data, { recursive: true });
      return { code, output: this.#output };
    });
  }

  /** Resolves with the match as soon as the program has printed it; rejects if the program ends before. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match !== null) return match;
      const ended = await Promise.race([once(this.#process, "output").then(() => null), this.#ended]);
      if (ended !== null && !pattern.test(ended.output))
        throw new Error(`ended (${ended.code}) before ${pattern}:\n${ended.output}`);
    }
  }

  /** Has the server call `login.queue`; see operate.ts. */
  async operate(call: { notice?: string; configure?: object }): Promise<void> {
    this.#calls += 1;
    this.#process.stdin?.write(`${JSON.stringify(call)}\n`);
    await this.printed(new RegExp(`^operated ${this.#calls}$`, "m"));
  }

  end(): Promise<Ended> {
    return this.#ended;
  }

  /** Halts the program where it is, and lets it go on: its sockets stay open and say nothing. */
  freeze(isFrozen: boolean): void {
    this.#process.kill(isFrozen ? "SIGSTOP" : "SIGCONT");
  }

  stop(signal: "SIGTERM" | "SIGINT" | "SIGKILL" = "SIGTERM"): Promise<Ended> {
    this.#process.kill(signal);
    return this.#ended;
  }
}

export interface ExampleServer {
  readonly url: string;
  readonly program: ExampleProgram;
}

/** Starts the server with this LOGIN_CONFIG. The port is free unless one is given. */
export async function startExample(config: object = {}, port = 0): Promise<ExampleServer> {
  return listening(["src/server.ts"], config, port);
}

/** The same, with an operator: its program's `operate` can be called. */
export async function startOperatedExample(config: object = {}): Promise<ExampleServer> {
  return listening(["--import", "../test/browser/support/operate.ts", "src/server.ts"], config, 0);
}

/** The server that keeps everything in this folder, on this port. */
export async function startKeepingExample(
  dataFolder: string,
  port: number,
  config: object = {},
): Promise<ExampleServer> {
  return listening(["src/server.ts"], config, port, { DATA_DIR: dataFolder });
}

/** A member of the cluster at this Redis; the config must hold the keys that all members share. */
export async function startMember(redisUrl: string, config: object): Promise<ExampleServer> {
  const port = await freePort();
  const env = { REDIS_URL: redisUrl, PUBLIC_ADDRESS: `localhost:${port}` };
  return listening(["src/server.ts"], config, port, env);
}

async function listening(
  args: readonly string[],
  config: object,
  port: number,
  env: Readonly<Record<string, string>> = {},
): Promise<ExampleServer> {
  const program = new ExampleProgram(args, { PORT: String(port), LOGIN_CONFIG: JSON.stringify(config), ...env });
  const [, url = ""] = await program.printed(/^listening on (http:\/\/localhost:\d+)$/m);
  return { url, program };
}
