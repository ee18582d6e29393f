// What metrics tell of one process: counts what the parts signal, and times what it is told of.
import { CloseCode } from "@colyseus/core";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Emitter } from "../emitter.ts";
import { LoginCloseCode } from "../errors.ts";
import type { LoginSignals } from "../login-signals.ts";
import type { EndReason } from "../sessions/session.ts";
import { namesUpTo, otherLabel } from "./metric-labels.ts";

/** Hears of every call of the store: its name as `part.verb`, how long it took, and whether it failed. */
export type ObserveStoreCall = (call: string, seconds: number, failed: boolean) => void;

export interface ProcessMetricsDependencies {
  readonly signals: Pick<Emitter<LoginSignals>, "on">;
  /** Names of the configured identity providers. */
  readonly providers: readonly string[];
  /** Sessions with a socket in this process, as of now. */
  readonly connectedSessions: () => number;
  /** For how long this process has not known that it heard every event of the store, in ms. */
  readonly feedLagMs: () => number;
}

export interface ProcessMetrics {
  readonly registry: Registry;
  readonly storeCall: ObserveStoreCall;
}

const endReasons = ["logout", "expired", "reuse", "banned", "replaced"] as const satisfies readonly EndReason[];
const closeCodes: ReadonlySet<number> = new Set([
  ...Object.values(LoginCloseCode),
  CloseCode.CONSENTED,
  CloseCode.SERVER_SHUTDOWN,
  CloseCode.WITH_ERROR,
]);

/** Pairs of provider and outcome beyond so many are counted under the provider `other`. */
const mostLoginPairs = 64;
/** Actions of the operator's side beyond so many, which the calls there are do not reach. */
const mostActions = 30;

/** In seconds. Few, because every call of the store has them: what is at once, what is noticed, and what is too slow. */
const callBuckets = [0.005, 0.05, 0.5];
const stepBuckets = [0.001, 0.005, 0.02, 0.1, 0.5];
/** Below zero: earlier than was said. */
const errorBuckets = [-300, -60, -15, -5, 0, 5, 15, 60, 300];

export function createProcessMetrics(deps: ProcessMetricsDependencies): ProcessMetrics {
  const registry = new Registry();
  const make = new MetricMaker(registry);
  countLogins(make, deps);
  countSessions(make, deps);
  countRefusals(make, deps);
  measureQueue(make, deps);
  make.gauge("connected_sessions", "Sessions with a socket.", deps.connectedSessions);
  make.gauge(
    "feed_lag_seconds",
    "Seconds for which the process has not known that it heard every event of the store.",
    () => deps.feedLagMs() / 1000,
  );
  return { registry, storeCall: measureStoreCalls(make) };
}

/** Makes metrics by their short names. */
class MetricMaker {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  counter<const Label extends string = never>(name: string, help: string, ...labelNames: Label[]): Counter<Label> {
    return new Counter({ ...this.#options(name, help), labelNames });
  }

  histogram<const Label extends string = never>(
    name: string,
    help: string,
    buckets: number[],
    ...labelNames: Label[]
  ): Histogram<Label> {
    return new Histogram({ ...this.#options(name, help), buckets: [...buckets], labelNames });
  }

  /** Read whenever somebody looks. */
  gauge(name: string, help: string, read: () => number): void {
    const options = this.#options(name, help);
    new Gauge({
      ...options,
      collect() {
        this.set(read());
      },
    });
  }

  #options(name: string, help: string) {
    return { name: `colyseus_login_${name}`, help: `${help} Of this process.`, registers: [this.#registry] };
  }
}

function countLogins(make: MetricMaker, { signals, providers }: ProcessMetricsDependencies): void {
  const logins = make.counter(
    "logins_total",
    "Logins by provider and outcome: created, known or repeated, or the code of the refusal.",
    "provider",
    "outcome",
  );
  const named = new Set(providers);
  const pairs = new Set<string>();
  const count = (name: string, outcome: string): void => {
    const provider = named.has(name) ? name : "unknown";
    const pair = `${provider} ${outcome}`;
    if (pairs.size < mostLoginPairs) pairs.add(pair);
    logins.inc({ provider: pairs.has(pair) ? provider : otherLabel, outcome });
  };
  signals.on("loggedIn", ({ provider, created, repeated }) => {
    const outcome = repeated ? "repeated" : created ? "created" : "known";
    count(provider, outcome);
  });
  signals.on("loginRefused", ({ provider, code }) => count(provider, code));
}

function countSessions(make: MetricMaker, { signals }: ProcessMetricsDependencies): void {
  const refreshes = make.counter(
    "refreshes_total",
    "Refreshes by outcome: rotated or repeated, or the code of the refusal.",
    "outcome",
  );
  const lostWrites = make.counter("refresh_lost_writes_total", "Refreshes that showed that the store lost writes.");
  const reuses = make.counter("reuse_detected_total", "Sessions ended because an old refresh token came back.");
  const ended = make.counter("sessions_ended_total", "Sessions ended, by reason.", "reason");
  const closed = make.counter("sockets_closed_total", "Players' sockets that were closed, by close code.", "code");
  // What an alert waits for must stand at zero before it happens, or its first time is no increase.
  for (const reason of endReasons) ended.inc({ reason }, 0);

  signals.on("refreshed", ({ outcome, lostWrites: hasLost }) => {
    refreshes.inc({ outcome });
    if (hasLost) lostWrites.inc();
  });
  signals.on("refreshRefused", ({ code }) => refreshes.inc({ outcome: code }));
  signals.on("reuseDetected", () => reuses.inc());
  signals.on("sessionEnded", ({ reason }) => ended.inc({ reason }));
  signals.on("socketClosed", ({ code }) => closed.inc({ code: closeCodes.has(code) ? code : otherLabel }));
}

function countRefusals(make: MetricMaker, { signals }: ProcessMetricsDependencies): void {
  const refusals = make.counter("refusals_total", "Refusals by door and code.", "door", "code");
  const calls = make.counter(
    "operator_calls_total",
    "Entries of the audit list, by action and outcome: done or refused.",
    "action",
    "outcome",
  );
  const actionLabel = namesUpTo(mostActions);
  signals.on("refused", ({ door, code }) => refusals.inc({ door, code }));
  // Which refusal it was stands in `refusals_total`: all codes of all actions would be too many series.
  signals.on("operatorAction", ({ entry: { action, outcome } }) =>
    calls.inc({ action: actionLabel(action), outcome: outcome === "done" ? "done" : "refused" }),
  );
}

function measureQueue(make: MetricMaker, { signals }: ProcessMetricsDependencies): void {
  const steps = make.histogram("admission_step_duration_seconds", "Seconds that an admission step took.", stepBuckets);
  const errors = make.histogram(
    "eta_error_seconds",
    "Seconds by which admissions came later than was said at the join (below 0: earlier).",
    errorBuckets,
  );
  signals.on("admissionStep", ({ seconds }) => steps.observe(seconds));
  signals.on("estimateMet", ({ lateSeconds }) => errors.observe(lateSeconds));
}

function measureStoreCalls(make: MetricMaker): ObserveStoreCall {
  const durations = make.histogram(
    "store_call_duration_seconds",
    "Seconds that a call of the store took, failed ones included.",
    callBuckets,
    "call",
  );
  const failures = make.counter("store_call_failures_total", "Calls of the store that failed.", "call");
  return (call, seconds, failed) => {
    durations.observe({ call }, seconds);
    if (failed) failures.inc({ call });
  };
}
