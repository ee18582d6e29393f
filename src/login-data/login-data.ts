// Runs the jobs of `loginData` for one login: side by side where they may, each in its time, and all of them or none.
import type { Clock } from "../clock.ts";
import { LoginError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { LoginDataContext, PlannedJob } from "./jobs.ts";
import { type Json, toJson } from "./json.ts";

/** What the jobs of one login are told alike. */
export type LoginDataSubject = Pick<LoginDataContext, "session" | "request" | "created">;

export interface LoginDataDependencies {
  readonly jobs: readonly PlannedJob[];
  /** How long all of them may take together. */
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, "after">;
  readonly logger: Logger;
}

/** What the answer to a login has room for beside the longest tokens, names and vars: together they stay below 60 KiB. */
const maxBytes = 44 * 1024;

export class LoginData {
  readonly #deps: LoginDataDependencies;

  constructor(dependencies: LoginDataDependencies) {
    this.#deps = dependencies;
  }

  /** Whether there is anything to run. */
  get isEmpty(): boolean {
    return this.#deps.jobs.length === 0;
  }

  /**
   * The results by name; of optional jobs that failed there is none. Throws LoginError: what a required job refused with, or
   * LOGIN_DATA_UNAVAILABLE where one failed, ran out of time, or answered what is not JSON or too much of it.
   */
  async run(subject: LoginDataSubject): Promise<Record<string, Json>> {
    if (this.isEmpty) return {};
    const { jobs, timeoutMs, clock } = this.#deps;
    const login = new RunOfLogin(this.#deps, subject);
    const stop = clock.after(timeoutMs, () => login.runOut());
    try {
      const results = await Promise.all(jobs.map((job) => login.result(job)));
      const present = jobs.flatMap(({ name }, index) => {
        const result = results[index];
        return result === undefined ? [] : [[name, result] as const];
      });
      this.#requireRoom(present);
      return Object.fromEntries(present);
    } finally {
      stop();
      login.giveUp();
    }
  }

  #requireRoom(results: readonly (readonly [string, Json])[]): void {
    const sizes = results.map(([name, result]) => ({ name, bytes: bytesOf(result) }));
    const bytes = sizes.reduce((sum, size) => sum + size.bytes, 0);
    if (bytes <= maxBytes) return;
    const shares = sizes.map((size) => `${size.name} ${size.bytes}`).join(", ");
    this.#deps.logger.error(
      `colyseus-login: there is more login data than fits into the answer, which is ${maxBytes} bytes:`,
      `${bytes} bytes, ${shares}`,
    );
    throw unavailable();
  }
}

/** The jobs of one login while they run. */
class RunOfLogin {
  readonly #deps: LoginDataDependencies;
  readonly #subject: LoginDataSubject;
  readonly #byName: ReadonlyMap<string, PlannedJob>;
  readonly #results = new Map<string, Promise<Json | undefined>>();
  /** Ends what still runs: the login has failed, or the time for all is over. */
  readonly #end = new AbortController();
  #isGivenUp = false;

  constructor(deps: LoginDataDependencies, subject: LoginDataSubject) {
    this.#deps = deps;
    this.#subject = subject;
    this.#byName = new Map(deps.jobs.map((job) => [job.name, job]));
  }

  /** The job's result, begun when the jobs before it are done; undefined of an optional one that failed. */
  result(job: PlannedJob): Promise<Json | undefined> {
    const begun = this.#results.get(job.name);
    if (begun !== undefined) return begun;
    const result = this.#runInTurn(job);
    this.#results.set(job.name, result);
    return result;
  }

  /** The time for all jobs together is over. */
  runOut(): void {
    this.#end.abort(new Error(`all jobs together took longer than ${this.#deps.timeoutMs / 1000} seconds`));
  }

  /** Nobody waits for the results any more. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.#end.abort(new Error("the login is over"));
  }

  async #runInTurn(job: PlannedJob): Promise<Json | undefined> {
    const earlier = await Promise.all(
      job.after.map(async (name) => {
        const before = this.#byName.get(name);
        return [name, before === undefined ? undefined : await this.result(before)] as const;
      }),
    );
    try {
      return await this.#runInTime(job, new Map(earlier));
    } catch (error) {
      return this.#failed(job, error);
    }
  }

  async #runInTime(job: PlannedJob, earlier: ReadonlyMap<string, Json | undefined>): Promise<Json> {
    const own = new AbortController();
    const stop = this.#deps.clock.after(job.timeoutMs, () =>
      own.abort(new Error(`it took longer than ${job.timeoutMs / 1000} seconds`)),
    );
    const signal = AbortSignal.any([this.#end.signal, own.signal]);
    try {
      signal.throwIfAborted();
      const results = visibleResults(job, this.#byName.keys(), earlier);
      const answered = (async () => job.run({ ...this.#subject, results, signal }))();
      const result = toJson(await orAborted(answered, signal), "its result");
      const bytes = bytesOf(result);
      if (bytes > maxBytes)
        throw new TypeError(`its result has ${bytes} bytes, at most ${maxBytes} fit into the answer`);
      return result;
    } finally {
      stop();
    }
  }

  #failed({ name, optional }: PlannedJob, error: unknown): undefined {
    const { logger } = this.#deps;
    // Cut off because another one failed: that one is told.
    if (this.#isGivenUp) throw unavailable();
    if (optional) {
      logger.warn(`colyseus-login: the optional login data ${name} is left out`, error);
      return undefined;
    }
    if (error instanceof LoginError) throw error;
    logger.error(`colyseus-login: the login data ${name} failed, and the login with it`, error);
    throw unavailable();
  }
}

/** What a job may read: the results of those it waits for. Any other name throws, because it is a mistake at every timing. */
function visibleResults(
  job: PlannedJob,
  names: Iterable<string>,
  earlier: ReadonlyMap<string, Json | undefined>,
): Readonly<Record<string, unknown>> {
  const results = {};
  for (const name of names) {
    if (earlier.has(name)) {
      Object.defineProperty(results, name, { value: earlier.get(name), enumerable: true });
      continue;
    }
    Object.defineProperty(results, name, {
      get() {
        throw new TypeError(`the job ${job.name} reads the result of ${name} without naming it in after`);
      },
    });
  }
  return Object.freeze(results);
}

/** The answer, unless the signal comes first: then its reason, and whatever comes later is nobody's. */
function orAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    answer.then(resolve, reject);
  });
}

function bytesOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function unavailable(): LoginError {
  return new LoginError("LOGIN_DATA_UNAVAILABLE", "The game's data could not be loaded: try again.");
}
