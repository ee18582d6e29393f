// Metrics with everything touched that can be, and a reader of the text they answer.

import { timedStore } from "../../src/composition/timed-store.ts";
import { Emitter } from "../../src/emitter.ts";
import { type Door, errorStatus, LoginCloseCode, type LoginErrorCode, type RefusalCode } from "../../src/errors.ts";
import type { QueueStatus } from "../../src/login-queue/queue-store.ts";
import type { LoginSignals } from "../../src/login-signals.ts";
import { createMetrics, type Metrics, type MetricsDependencies } from "../../src/operator/metrics.ts";
import type { EndReason, SessionRecord } from "../../src/sessions/session.ts";
import type { Store } from "../../src/stores/store.ts";
import { queueStatus as fullQueue, laneStatus } from "../login-queue/eta/facts.ts";
import { recordingLogger } from "../support/recording-logger.ts";

const codes = Object.keys(errorStatus) as LoginErrorCode[];
export const refusalCodes: readonly RefusalCode[] = [...codes, "INTERNAL"];
/** More than the operator's side has, with longer names. */
const actions = Array.from({ length: 24 }, (_, index) => `something.disconnect${index}`);
const doors: readonly Door[] = ["http", "matchmaking", "room", "queue"];
const endReasons: readonly EndReason[] = ["logout", "expired", "reuse", "banned", "replaced"];

export const record: SessionRecord = {
  sid: "0123456789abcdefghijkl",
  userId: "ada",
  username: "Ada",
  groups: [],
  kind: "player",
  clientVars: {},
  serverVars: {},
  shard: null,
  address: null,
  agent: null,
  createdAt: 0,
  seenAt: 0,
  idleEndsAt: 1,
  absoluteEndsAt: 1,
  nonce: "",
  generation: 1,
  rotatedAt: 0,
  previousRotatedAt: 0,
  confirmedAt: null,
  attempt: null,
  refreshSecretId: "",
  tokenId: "",
  tokenIssuedAt: 0,
  tokenExpiresAt: 1,
  end: null,
};

export { laneStatus };

/** An empty one. */
export function queueStatus(changes: Partial<QueueStatus> = {}): QueueStatus {
  return fullQueue({ asOf: 1_000_000, liveSlots: 0, targetCcuLimit: 100, ...changes });
}

/** One whose every value is there. */
export function fullQueueStatus(lanes: readonly string[]): QueueStatus {
  const lane = laneStatus({ waiting: 123_456, away: 12_345, admitted: 1_234_567, lapsed: 123_456, abandoned: 234_567 });
  return queueStatus({
    lanes: Object.fromEntries(lanes.map((name) => [name, lane])),
    liveSlots: 123_456,
    departedSlots: 12_345_678,
    noShows: 123_456,
    oldestEnqueuedAt: 1_234,
    admissionStepAt: 999_877,
    secondsToLogin: 4.321,
  });
}

export interface MetricsHouse {
  readonly signals: Emitter<LoginSignals>;
  readonly metrics: Metrics;
  readonly logger: ReturnType<typeof recordingLogger>;
  read(): Promise<Exposition>;
}

export function meteredHouse(changes: Partial<MetricsDependencies> = {}): MetricsHouse {
  const logger = recordingLogger();
  const signals = new Emitter<LoginSignals>((name, error) => {
    throw new Error(`the signal ${name} was not taken in`, { cause: error });
  });
  const metrics = createMetrics({
    signals,
    providers: ["device", "anonymous"],
    connectedSessions: () => 0,
    feedLagMs: () => 0,
    readQueue: async () => queueStatus(),
    logger,
    ...changes,
  });
  return { signals, metrics, logger, read: async () => readExposition((await metrics.text()).body) };
}

/** Every call of the store once well and once not, every code at every door, every outcome of every provider. */
export async function touchEverything({ signals, metrics }: MetricsHouse, providers: readonly string[]): Promise<void> {
  await callEverything(metrics);
  for (const provider of providers) {
    signals.emit("loggedIn", { record, provider, created: true, repeated: false });
    signals.emit("loggedIn", { record, provider, created: false, repeated: false });
    signals.emit("loggedIn", { record, provider, created: false, repeated: true });
    for (const code of refusalCodes) signals.emit("loginRefused", { provider, code });
  }
  signals.emit("refreshed", { record, outcome: "rotated", lostWrites: true });
  signals.emit("refreshed", { record, outcome: "repeated", lostWrites: false });
  signals.emit("reuseDetected", { record });
  signals.emit("admissionStep", { seconds: 1 / 3 });
  signals.emit("estimateMet", { lane: "default", lateSeconds: -1 / 3, waitedSeconds: 1 });
  for (const code of codes) signals.emit("refreshRefused", { code });
  for (const reason of endReasons) signals.emit("sessionEnded", { record, reason });
  for (const code of [...Object.values(LoginCloseCode), 4000, 4001, 4002, 1234]) signals.emit("socketClosed", { code });
  for (const door of doors) for (const code of refusalCodes) signals.emit("refused", { door, code });
  for (const action of actions) for (const outcome of ["done", ...codes]) emitAction(signals, action, outcome);
}

export function emitAction(signals: Emitter<LoginSignals>, action: string, outcome: string): void {
  signals.emit("operatorAction", {
    entry: {
      id: "1",
      at: 0,
      actor: { kind: "operator", name: "Ada", tokenId: "t" },
      action,
      target: null,
      outcome,
      reason: null,
      before: null,
      after: null,
    },
  });
}

/** A store whose every verb does `work`. */
export function uniformStore(work: (call: string, args: readonly unknown[]) => Promise<unknown>): Store {
  const part = (name: string) =>
    new Proxy(
      {},
      {
        get:
          (_, verb) =>
          (...args: unknown[]) =>
            work(`${name}.${String(verb)}`, args),
      },
    );
  // What is asked of it is asked by name, so that no verb can be missing.
  return {
    sessions: part("sessions"),
    access: part("access"),
    audit: part("audit"),
    queue: part("queue"),
  } as unknown as Store;
}

/** The verbs of a timed store, by `part.verb`. */
export function verbsOf(store: Store): ReadonlyMap<string, (...args: unknown[]) => Promise<unknown>> {
  const parts = { sessions: store.sessions, access: store.access, audit: store.audit, queue: store.queue };
  return new Map(
    Object.entries(parts).flatMap(([name, part]) =>
      Object.entries(part).map(([verb, call]) => [`${name}.${verb}`, call] as const),
    ),
  );
}

async function callEverything(metrics: Metrics): Promise<void> {
  for (const fails of [false, true]) {
    const work = () => (fails ? Promise.reject(new Error("away")) : Promise.resolve());
    let now = 0;
    const clock = { now: () => (now += 1000 / 3) };
    const store = timedStore(uniformStore(work), metrics.storeCall, clock);
    await Promise.allSettled([...verbsOf(store).values()].map((call) => call()));
  }
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  readonly type: string;
  readonly help: string;
  /** By the name of the series: a histogram has three. */
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
}

export type Exposition = ReadonlyMap<string, MetricFamily>;

/** Throws for what is not the text format of Prometheus. */
export function readExposition(text: string): Exposition {
  const families = new Map<string, { type: string; help: string; samples: Map<string, Sample[]> }>();
  let current: { type: string; help: string; samples: Map<string, Sample[]> } | undefined;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const help = /^# HELP (\w+) (.+)$/.exec(line);
    const type = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line);
    const sample = /^(\w+)(?:\{(.*)\})? (-?[\d.]+(?:e[+-]?\d+)?)$/.exec(line);
    if (help !== null) {
      current = { type: "", help: help[2] ?? "", samples: new Map() };
      if (families.has(help[1] ?? "")) throw new Error(`twice: ${line}`);
      families.set(help[1] ?? "", current);
    } else if (type !== null && current !== undefined) current.type = type[2] ?? "";
    else if (sample !== null && current !== undefined) {
      const [, name = "", labels = "", value] = sample;
      current.samples.set(name, [
        ...(current.samples.get(name) ?? []),
        { labels: readLabels(labels), value: Number(value) },
      ]);
    } else throw new Error(`not in the text format: ${line}`);
  }
  return families;
}

function readLabels(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value]));
}

/** All series, one name each: what collecting them costs. */
export function seriesOf(exposition: Exposition): string[] {
  return [...exposition.values()].flatMap(({ samples }) =>
    [...samples].flatMap(([name, all]) => all.map(({ labels }) => `${name}${JSON.stringify(labels)}`)),
  );
}

/** The value of the one series of that name with these labels; undefined where there is none. */
export function valueAt(
  exposition: Exposition,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const full = `colyseus_login_${name}`;
  const wanted = JSON.stringify(Object.entries(labels).sort());
  for (const { samples } of exposition.values()) {
    const found = samples.get(full)?.find((sample) => JSON.stringify(Object.entries(sample.labels).sort()) === wanted);
    if (found !== undefined) return found.value;
  }
  return undefined;
}
