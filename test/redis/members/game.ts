// A game of several processes on one Redis: started, broken and stopped by the tests.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { vi } from "vitest";
import type { LoginOptions } from "../../../src/options/options.ts";
import { randomId } from "../../../src/random.ts";
import { newKey, refreshSecrets } from "../../login/keys.ts";
import { Player } from "../../login/player.ts";
import { freePort } from "../../support/free-port.ts";
import type { RedisServer } from "../../support/redis-server.ts";
import type { MemberAnswer, MemberCalls, MemberRequest, MemberSetup } from "./member.ts";

const program = fileURLToPath(new URL("./member.ts", import.meta.url));
/** A process whose clock is an hour ahead of everybody's. */
export const hourAhead = ["--import", new URL("./hour-ahead.ts", import.meta.url).href];

interface MemberOptions {
  /** The way by which its store goes to Redis. */
  readonly by?: { readonly url: string };
  readonly execArgv?: readonly string[];
}

export interface Admitted {
  /** By Redis's time, ms since the epoch. */
  readonly at: number;
  readonly ticketId: string;
}

let games = 0;

/** One game: what its processes have in common. */
export class Game {
  /** A database of its own: what Colyseus keeps in Redis has no prefix. */
  readonly redis: Redis;
  readonly #database: string;
  readonly #server: RedisServer;
  readonly prefix = `game-${randomId(6)}`;
  readonly members: Member[] = [];
  readonly #options: LoginOptions;

  constructor(server: RedisServer, options: LoginOptions = {}) {
    games += 1;
    this.#database = `/${games % 16}`;
    this.#server = server;
    this.redis = new Redis(server.url + this.#database, { maxRetriesPerRequest: null }).on("error", () => {});
    const tokens = { ...options.tokens, keys: { current: newKey() }, refreshSecrets };
    this.#options = { ...options, tokens };
  }

  /** One more process. It resolves when that listens. */
  async start({ by = this.#server, execArgv = [] }: MemberOptions = {}): Promise<Member> {
    const setup = {
      port: await freePort(),
      redisUrl: this.#server.url + this.#database,
      storeUrl: by.url + this.#database,
      prefix: this.prefix,
      options: this.#options,
    };
    const member = new Member(setup, execArgv);
    this.members.push(member);
    await member.listening;
    return member;
  }

  async startTwo(): Promise<[Member, Member]> {
    return Promise.all([this.start(), this.start()]);
  }

  /** Fails where one has ended by itself: nothing may bring it down. */
  async stop(): Promise<void> {
    await Promise.all(this.members.splice(0).map((member) => member.stop()));
    this.redis.disconnect();
  }

  /** All processes end as a deployment ends them. */
  async shutDown(): Promise<void> {
    await Promise.all(this.members.map((member) => member.call("shutDown")));
    await Promise.all(this.members.splice(0).map((member) => member.kill()));
  }

  /** Redis's time, in ms. */
  async now(): Promise<number> {
    const [seconds = 0, micros = 0] = (await this.redis.time()).map(Number);
    return seconds * 1_000 + micros / 1_000;
  }

  /** Everybody whom the queue let in, as the feed tells it, in order. */
  async admitted(): Promise<Admitted[]> {
    const entries = await this.redis.xrange(`{${this.prefix}}:feed`, "-", "+");
    return entries.flatMap(([entry, fields]) => {
      const events: { type: string; ticketIds: string[] }[] = JSON.parse(fields[fields.indexOf("events") + 1] ?? "[]");
      return events
        .filter(({ type }) => type === "ticketsAdmitted")
        .flatMap(({ ticketIds }) => ticketIds.map((ticketId) => ({ at: Number.parseInt(entry, 10), ticketId })));
    });
  }
}

/** Those who were let in more than once. */
export function letInTwice(admitted: readonly Admitted[]): string[] {
  const tickets = admitted.map(({ ticketId }) => ticketId);
  return tickets.filter((ticketId, index) => tickets.indexOf(ticketId) !== index);
}

/** Tries until it succeeds: on a busy machine Redis may be late for a call, which is refused then. */
export function eventually<T>(call: () => Promise<T>): Promise<T> {
  return vi.waitFor(call, { timeout: 20_000, interval: 100 });
}

/** The most that were let in within one second, wherever that second begins. */
export function mostInOneSecond(admitted: readonly Admitted[]): number {
  return Math.max(
    0,
    ...admitted.map(({ at }) => admitted.filter((other) => other.at >= at && other.at < at + 1_000).length),
  );
}

export class Member {
  readonly url: string;
  readonly port: number;
  readonly listening: Promise<void>;
  readonly #process: ChildProcess;
  readonly #exit: Promise<unknown>;
  readonly #answers = new Map<number, PromiseWithResolvers<unknown>>();
  #calls = 0;
  #isKilled = false;

  constructor(setup: MemberSetup, execArgv: readonly string[]) {
    this.port = setup.port;
    this.url = `http://127.0.0.1:${setup.port}`;
    const env = { ...process.env, NODE_ENV: "test", MEMBER: JSON.stringify(setup) };
    const child = fork(program, {
      env,
      execArgv: [...execArgv],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#process = child;
    this.#exit = once(child, "exit");
    const listening = Promise.withResolvers<unknown>();
    this.#answers.set(0, listening);
    this.listening = listening.promise.then(() => {});
    child.on("message", (message: MemberAnswer) => this.#hear(message));
    child.once("exit", (code, signal) => this.#ended(`the process ended (${code ?? signal})`));
  }

  get isUp(): boolean {
    return !this.#isKilled;
  }

  /** What the process answers. Rejects with an error that has the LoginError's code. */
  async call<Name extends keyof MemberCalls>(
    name: Name,
    ...args: Parameters<MemberCalls[Name]>
  ): Promise<Awaited<ReturnType<MemberCalls[Name]>>> {
    this.#calls += 1;
    const id = this.#calls;
    const answer = Promise.withResolvers<unknown>();
    this.#answers.set(id, answer);
    const request: MemberRequest = { id, name, args };
    this.#process.send(request);
    // The program answers with what the function of that name did.
    return (await answer.promise) as Awaited<ReturnType<MemberCalls[Name]>>;
  }

  /** Somebody who comes to this process. */
  player(name: string): Player {
    return new Player(this.url, name);
  }

  async loggedIn(name: string, extras: Record<string, unknown> = {}): Promise<Player> {
    const player = this.player(name);
    await eventually(() => player.logIn(extras));
    return player;
  }

  /** The same player, who comes to this process from now on. */
  visitedBy(player: Player): Player {
    const here = new Player(this.url, player.device.replace("the device of ", ""));
    here.take({ status: 200, headers: new Headers(), body: { ...player.login } });
    return here;
  }

  /** The process stands still: its sockets stay open, and it says nothing. */
  pause(): void {
    this.#process.kill("SIGSTOP");
  }

  resume(): void {
    this.#process.kill("SIGCONT");
  }

  async kill(): Promise<void> {
    this.#isKilled = true;
    this.#process.kill("SIGKILL");
    await this.#exit;
  }

  async stop(): Promise<void> {
    if (this.#isKilled) return;
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) throw new Error("a process went down");
    await this.kill();
  }

  #hear(message: MemberAnswer): void {
    const answer = this.#answers.get(message.id);
    this.#answers.delete(message.id);
    if ("value" in message) answer?.resolve(message.value);
    else answer?.reject(Object.assign(new Error(message.error), { code: message.code }));
  }

  #ended(why: string): void {
    for (const answer of this.#answers.values()) {
      answer.promise.catch(() => {});
      answer.reject(new Error(why));
    }
    this.#answers.clear();
  }
}
