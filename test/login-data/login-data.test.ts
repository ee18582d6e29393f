// The jobs of one login: their order, their times, what they see, and what comes of one that fails.
import { describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { findCircle, type LoginDataJobOptions, type LoginDataRun, planJobs } from "../../src/login-data/jobs.ts";
import { LoginData, type LoginDataSubject } from "../../src/login-data/login-data.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";

const session: LoginDataSubject["session"] = {
  id: "ann",
  userId: "ann",
  sid: "sid",
  username: "Ann",
  vars: {},
  serverVars: {},
  kind: "player",
  groups: [],
  expiresAt: 1,
};
const request = { provider: "device", headers: new Headers(), address: null };
const subject: LoginDataSubject = { session, request, created: true };

function dataOf(jobs: Record<string, LoginDataJobOptions>, timeoutSeconds = 10) {
  const clock = new ManualClock();
  const logger = recordingLogger();
  const data = new LoginData({ jobs: planJobs(jobs, 5), timeoutMs: timeoutSeconds * 1000, clock, logger });
  return { clock, logger, run: () => data.run(subject) };
}

/** A job that notes its beginning, or whatever else, and answers. */
function noting<A>(answer: A | Promise<A>, note: (signal: AbortSignal) => void): LoginDataRun {
  return ({ signal }) => {
    note(signal);
    return answer;
  };
}

/** A promise and the way to settle it. */
function gate<T>() {
  return Promise.withResolvers<T>();
}

const never = () => new Promise<never>(() => {});
const unavailable = { code: "LOGIN_DATA_UNAVAILABLE", status: 503 };

describe("the results", () => {
  it("are nothing without jobs", async () => {
    expect(await dataOf({}).run()).toEqual({});
  });

  it("come by name, each job having seen session, request and created", async () => {
    const seen: unknown[] = [];
    const { run } = dataOf({
      a: {
        run: ({ signal: _, results, ...told }) => {
          seen.push(told, results);
          return 1;
        },
      },
      b: { run: async () => ({ list: [2] }) },
    });
    expect(await run()).toEqual({ a: 1, b: { list: [2] } });
    expect(seen).toEqual([subject, {}]);
  });

  it("of earlier jobs are seen by those that name them, and by no other", async () => {
    const { run, logger } = dataOf({
      sum: { after: ["one", "two"], run: ({ results: { one, two } }) => Number(one) + Number(two) },
      two: { after: ["one"], run: ({ results }) => Number(results["one"]) + 1 },
      one: { run: () => 1 },
      sly: { optional: true, after: ["two"], run: ({ results }) => results["one"] },
    });
    expect(await run()).toEqual({ sum: 3, two: 2, one: 1 });
    expect(logger.lines).toMatchObject([
      { level: "warn", text: expect.stringContaining("without naming it in after") },
    ]);
  });

  it("cannot be changed by a later job", async () => {
    const { run } = dataOf({
      items: { run: () => ["sword"] },
      thief: {
        optional: true,
        after: ["items"],
        run: ({ results }) => (results["items"] as string[]).push("crown"),
      },
    });
    expect(await run()).toEqual({ items: ["sword"] });
  });
});

describe("the order", () => {
  it("lets everything run side by side that waits for nothing", async () => {
    const begun: string[] = [];
    const [a, b] = [gate<number>(), gate<number>()];
    const { run } = dataOf({
      a: { run: noting(a.promise, () => begun.push("a")) },
      b: { run: noting(b.promise, () => begun.push("b")) },
      c: { after: ["a"], run: () => begun.push("c") },
      d: { after: ["a", "b"], run: () => begun.push("d") },
    });
    const done = run();
    expect(begun).toEqual([]);
    await Promise.resolve();
    expect(begun).toEqual(["a", "b"]);
    a.resolve(1);
    await new Promise(setImmediate);
    expect(begun).toEqual(["a", "b", "c"]);
    b.resolve(2);
    expect(await done).toEqual({ a: 1, b: 2, c: 3, d: 4 });
  });

  it.each([
    [{ a: ["a"] }, ["a", "a"]],
    [{ a: ["b"], b: ["c"], c: ["a"] }, ["a", "b", "c", "a"]],
    [{ start: ["a"], a: ["b"], b: ["a"] }, ["a", "b", "a"]],
    [{ a: [], b: ["a"], c: ["a", "b"], d: ["b", "c"] }, null],
  ])("has a circle or none: %j", (after, circle) => {
    expect(findCircle(new Map(Object.entries(after)))).toEqual(circle);
  });
});

describe("a required job that fails", () => {
  it("fails the login, is logged with its name, and cuts the others off", async () => {
    const signals: AbortSignal[] = [];
    const { run, logger } = dataOf({
      slow: { run: noting(never(), (signal) => signals.push(signal)) },
      bad: { run: () => Promise.reject(new Error("the database says no")) },
      later: { after: ["bad"], run: () => signals.push(new AbortController().signal) },
    });
    await expect(run()).rejects.toMatchObject(unavailable);
    expect(logger.lines.map(({ text }) => text).join()).toMatch(/login data bad failed.*the database says no/s);
    expect(logger.lines).toHaveLength(1);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it("may refuse with a LoginError of its own, which is no fault to log", async () => {
    const { run, logger } = dataOf({
      licence: {
        run: () => {
          throw new LoginError("FORBIDDEN", "Buy the game.");
        },
      },
    });
    await expect(run()).rejects.toMatchObject({ code: "FORBIDDEN", message: "Buy the game." });
    expect(logger.lines).toEqual([]);
  });

  it.each([
    ["a Date", () => ({ since: new Date(0) }), "its result.since is a Date"],
    ["nothing", () => {}, "its result is undefined"],
    ["too much", () => "x".repeat(44 * 1024), "at most 45056 fit"],
  ])("has failed too when it answers %s", async (_what, answer, words) => {
    const { run, logger } = dataOf({ odd: { run: answer } });
    await expect(run()).rejects.toMatchObject(unavailable);
    expect(logger.lines).toMatchObject([{ level: "error", text: expect.stringContaining(words) }]);
  });

  it("is told apart by size where only all together are too much", async () => {
    const half = { run: () => "☃".repeat(8 * 1024) };
    const { run, logger } = dataOf({ left: half, right: half });
    await expect(run()).rejects.toMatchObject(unavailable);
    expect(logger.lines).toMatchObject([{ level: "error", text: expect.stringMatching(/left \d+, right \d+/) }]);
  });
});

describe("an optional job that fails", () => {
  it("is left out and logged, and those after it see nothing in its place", async () => {
    const { run, logger } = dataOf({
      offers: {
        optional: true,
        run: () => {
          throw new LoginError("FORBIDDEN", "no");
        },
      },
      shop: { after: ["offers"], run: ({ results }) => ({ hasOffers: results["offers"] !== undefined }) },
    });
    expect(await run()).toEqual({ shop: { hasOffers: false } });
    expect(logger.lines).toMatchObject([{ level: "warn", text: expect.stringContaining("offers is left out") }]);
  });

  it("does not excuse the required one after it", async () => {
    const { run } = dataOf({
      offers: { optional: true, run: () => Promise.reject(new Error("no")) },
      shop: { after: ["offers"], run: ({ results }) => (results["offers"] as string[]).length },
    });
    await expect(run()).rejects.toMatchObject(unavailable);
  });
});

describe("the time", () => {
  it("of a job is its own, the default, and counted from its own begin", async () => {
    const first = gate<number>();
    const reasons: unknown[] = [];
    const { clock, logger, run } = dataOf({
      first: { timeoutSeconds: 6, run: () => first.promise },
      second: {
        after: ["first"],
        optional: true,
        timeoutSeconds: 2,
        run: noting(never(), (signal) => signal.addEventListener("abort", () => reasons.push(signal.reason))),
      },
    });
    const done = run();
    await new Promise(setImmediate);
    await clock.advance(5_999);
    first.resolve(1);
    await new Promise(setImmediate);
    await clock.advance(1_999);
    expect(reasons).toEqual([]);
    await clock.advance(1);
    expect(await done).toEqual({ first: 1 });
    expect(reasons).toEqual([new Error("it took longer than 2 seconds")]);
    expect(logger.lines).toHaveLength(1);
  });

  it("of a required one that runs out fails the login", async () => {
    const { clock, run } = dataOf({ slow: { run: never } });
    const done = expect(run()).rejects.toMatchObject(unavailable);
    await new Promise(setImmediate);
    await clock.advance(5_000);
    await done;
  });

  it("of all together runs out for who is not done, and an answer that comes later is nobody's", async () => {
    const late = gate<number>();
    const { clock, logger, run } = dataOf(
      { quick: { run: () => 1 }, late: { optional: true, timeoutSeconds: 60, run: () => late.promise } },
      3,
    );
    const done = run();
    await new Promise(setImmediate);
    await clock.advance(3_000);
    expect(await done).toEqual({ quick: 1 });
    expect(logger.lines).toMatchObject([{ text: expect.stringContaining("all jobs together took longer than 3") }]);
    late.reject(new Error("too late"));
    await new Promise(setImmediate);
    expect(logger.lines).toHaveLength(1);
  });

  it("leaves no timer behind", async () => {
    const { clock, logger, run } = dataOf({ quick: { run: () => 1 } });
    await run();
    await clock.advance(60_000);
    expect(logger.lines).toEqual([]);
  });
});
