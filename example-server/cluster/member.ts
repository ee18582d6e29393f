// One process of the cluster: starts the example's server, passes its lines on under a name, and ends it.
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { styleText } from "node:util";
import { ended, startChild } from "./child.ts";
import { freePort } from "./ports.ts";

interface MemberStart {
  readonly name: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly redisUrl: string;
  readonly loginConfig: string;
}

const colours = ["cyan", "yellow", "magenta", "green", "blue", "red"] as const;

export class Member {
  readonly name: string;
  readonly url: string;
  /** Resolves when players may come; rejects when the process ends before. */
  readonly listening: Promise<void>;
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  readonly #prefix: string;

  static async start(start: MemberStart): Promise<Member> {
    return new Member({ ...start, port: start.port === 0 ? await freePort() : start.port });
  }

  private constructor({ name, port, redisUrl, loginConfig }: MemberStart) {
    this.name = name;
    this.url = `http://localhost:${port}`;
    const colour = colours[name.charCodeAt(0) % colours.length] ?? "cyan";
    this.#prefix = styleText(colour, `${name} |`, { stream: process.stdout });
    this.#process = startChild(new URL("./server.ts", import.meta.url), [], {
      PORT: String(port),
      PUBLIC_ADDRESS: `localhost:${port}`,
      REDIS_URL: redisUrl,
      LOGIN_CONFIG: loginConfig,
    });
    const isUp = Promise.withResolvers<void>();
    this.listening = isUp.promise;
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        this.#say(line);
        if (line.startsWith("listening on ")) isUp.resolve();
      });
    }
    this.ended = ended(this.#process).then((how) => {
      this.#say(`ended (${how})`);
      isUp.reject(new Error(`${name} ended before it was up.`));
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Lets it hand its players over. */
  stop(): void {
    this.#process.kill("SIGTERM");
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  #say(line: string): void {
    console.log(`${this.#prefix} ${line}`);
  }
}
