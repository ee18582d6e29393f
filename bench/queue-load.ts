// Queue rooms with up to 15 000 waiting clients against plain Colyseus rooms: joins, CPU, memory, and how late patches come.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { LoadFigures, LoadPlan } from "./support/queue-load-server.ts";

const common = { sizes: [1_000, 5_000, 15_000], watchSeconds: 10, clientsPerRoom: 2_000 } as const;
const plans = {
  "plain rooms, one message of 26 bytes a second": { ...common, room: "plain", everySecond: true },
  "queue rooms, everybody told every second": { ...common, room: "login_queue", everySecond: true },
  "queue rooms as they are, far places by turns": { ...common, room: "login_queue", everySecond: false },
} as const satisfies Record<string, LoadPlan>;
/** Nothing should come near it: it ends a run whose clients were lost on the way. */
const longestMs = 300_000;

function run(plan: LoadPlan): Promise<LoadFigures[]> {
  return new Promise((resolve, reject) => {
    const module = fileURLToPath(new URL("./support/queue-load-server.ts", import.meta.url));
    const child = fork(module, { execArgv: ["--expose-gc"] });
    const timer = setTimeout(() => child.kill("SIGKILL"), longestMs);
    // The framework has messages of its own for whoever started the process.
    child.on("message", (message: { figures?: LoadFigures[] }) => {
      if (message.figures !== undefined) resolve(message.figures);
    });
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      if (code !== 0) reject(new Error(`the load on ${plan.room} ended with ${code ?? signal}`));
    });
    child.send(plan);
  });
}

const rows: readonly (readonly [label: string, value: (figures: LoadFigures) => string])[] = [
  ["joins/s", (of) => of.joinsPerSecond.toFixed(0)],
  ["CPU of one join, ms", (of) => of.joinMs.toFixed(2)],
  ["CPU share of one core", (of) => `${(of.cpuShare * 100).toFixed(1)} %`],
  ["CPU per client and second, µs", (of) => of.clientUs.toFixed(1)],
  ["patches per client and second", (of) => of.patchesPerSecond.toFixed(2)],
  ["bytes of a patch", (of) => of.patchBytes.toFixed(0)],
  ["heap per client, KiB", (of) => of.heapKib.toFixed(1)],
  ["RSS per client, KiB", (of) => of.rssKib.toFixed(1)],
  ["patch latency p50 / p99 / most, ms", (of) => spread(of.latencyMs)],
  ["event loop late p50 / p99 / most, ms", (of) => spread(of.loopDelayMs)],
];

function spread({ p50, p99, most }: LoadFigures["latencyMs"]): string {
  return [p50, p99, most].map((milliseconds) => milliseconds.toFixed(0)).join(" / ");
}

/** From the last size to the one before: the first is too small to tell a client's cost from the process's. */
function growth(figures: readonly LoadFigures[], value: (of: LoadFigures) => number): number {
  const [before, last] = figures.slice(-2);
  if (before === undefined || last === undefined) throw new Error("too few sizes were measured");
  return value(last) / value(before);
}

const measured = new Map<string, LoadFigures[]>();
for (const [name, plan] of Object.entries(plans)) {
  const figures = await run(plan);
  measured.set(name, figures);
  console.log(`\n${name.padEnd(46)}${figures.map(({ clients }) => String(clients).padStart(18)).join("")}`);
  for (const [label, value] of rows) {
    console.log(`  ${label.padEnd(44)}${figures.map((of) => value(of).padStart(18)).join("")}`);
  }
}

const [plain = [], everySecond = [], byTurns = []] = [...measured.values()];
const last = (figures: readonly LoadFigures[], value: (of: LoadFigures) => number): number =>
  value(figures.at(-1) as LoadFigures);
const ratios = {
  load_join_cpu_vs_plain: last(everySecond, (of) => of.joinMs) / last(plain, (of) => of.joinMs),
  load_client_cpu_vs_plain: last(everySecond, (of) => of.clientUs) / last(plain, (of) => of.clientUs),
  load_client_cpu_by_turns_vs_plain: last(byTurns, (of) => of.clientUs) / last(plain, (of) => of.clientUs),
  load_client_cpu_15000_vs_5000: growth(everySecond, (of) => of.clientUs),
  load_plain_client_cpu_15000_vs_5000: growth(plain, (of) => of.clientUs),
  load_heap_kib_more_than_plain: last(everySecond, (of) => of.heapKib) - last(plain, (of) => of.heapKib),
  load_latency_p99_ms: last(everySecond, (of) => of.latencyMs.p99),
  load_latency_by_turns_p99_ms: last(byTurns, (of) => of.latencyMs.p99),
};
const rounded = Object.entries(ratios).map(([name, value]) => [name, Math.round(value * 1000) / 1000]);
console.log(`\nBENCH ${JSON.stringify(Object.fromEntries(rounded))}`);
