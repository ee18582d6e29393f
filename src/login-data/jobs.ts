// What a job of `loginData` is: code of the game's own that brings something to the client with its login.
import type { RequestContext } from "../accounts/providers.ts";
import type { SessionAuth, Vars } from "../sessions/session.ts";

/** What a job is told. */
export interface LoginDataContext<V extends object = Vars, R extends object = Record<string, unknown>> {
  /** The session that this login is about to open: nobody can use it before all jobs are done. */
  readonly session: SessionAuth<V>;
  /** The request that brought the credentials. */
  readonly request: RequestContext;
  /** Whether this login made the account. */
  readonly created: boolean;
  /**
   * What the jobs named in `after` answered, as plain frozen values. An optional one that failed is undefined. Reading one that
   * is not named in `after` throws: it may not be there yet.
   */
  readonly results: Readonly<R>;
  /** Aborted when the job's time is over, or when the login has failed by another job. */
  readonly signal: AbortSignal;
}

/** Answers what is JSON: text, numbers, booleans, null, arrays and plain objects of these. */
export type LoginDataRun<V extends object = Vars, A = unknown, R extends object = Record<string, unknown>> = (
  context: LoginDataContext<V, R>,
) => A | Promise<A>;

/** A job with more to say than its function. `O`: whether it may be optional. */
export interface LoginDataJobOptions<
  V extends object = Vars,
  A = unknown,
  R extends object = Record<string, unknown>,
  O extends boolean = boolean,
> {
  readonly run: LoginDataRun<V, A, R>;
  /** The jobs that must be done before; it sees their results. */
  readonly after?: readonly Extract<keyof R, string>[];
  /** How long it may take, in seconds. Default: the option `loginDataJobTimeoutSeconds`. */
  readonly timeoutSeconds?: number;
  /** Whether the login succeeds without it: a failure is logged, and its name is absent from the result. Default false. */
  readonly optional?: O;
}

/** A job: its function, or that with more to say. */
export type LoginDataJob<
  V extends object = Vars,
  A = unknown,
  R extends object = Record<string, unknown>,
  O extends boolean = boolean,
> = LoginDataRun<V, A, R> | LoginDataJobOptions<V, A, R, O>;

/**
 * The jobs by name, for data of the shape `D`: each answers its part, and may see the others'. A part that is optional in `D`
 * may be brought by an optional job, or by none.
 */
export type LoginDataJobs<V extends object = Vars, D extends object = Record<string, unknown>> = {
  readonly [K in keyof D]: LoginDataJob<
    V,
    unknown extends D[K] ? unknown : Exclude<D[K], undefined>,
    string extends keyof D ? D : Omit<D, K>,
    undefined extends D[K] ? boolean : false
  >;
};

/** A job as the options have checked it. */
interface CheckedJob {
  readonly run: LoginDataRun;
  readonly after?: readonly string[] | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly optional?: boolean | undefined;
}

/** A job as it runs. */
export interface PlannedJob {
  readonly name: string;
  readonly after: readonly string[];
  readonly timeoutMs: number;
  readonly optional: boolean;
  readonly run: LoginDataRun;
}

/** The jobs with their defaults. */
export function planJobs(
  jobs: Readonly<Record<string, CheckedJob>>,
  defaultTimeoutSeconds: number,
): readonly PlannedJob[] {
  return Object.entries(jobs).map(([name, job]) => {
    const { run, after = [], timeoutSeconds = defaultTimeoutSeconds, optional = false } = job;
    return { name, after, timeoutMs: timeoutSeconds * 1000, optional, run };
  });
}

/** The first circle of jobs that wait for each other, from a job back to itself, or null. Unknown names lead nowhere. */
export function findCircle(after: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const finished = new Set<string>();
  const visit = (name: string, trail: readonly string[]): readonly string[] | null => {
    if (trail.includes(name)) return [...trail.slice(trail.indexOf(name)), name];
    if (finished.has(name)) return null;
    for (const earlier of after.get(name) ?? []) {
      const circle = visit(earlier, [...trail, name]);
      if (circle !== null) return circle;
    }
    finished.add(name);
    return null;
  };
  for (const name of after.keys()) {
    const circle = visit(name, []);
    if (circle !== null) return circle;
  }
  return null;
}
