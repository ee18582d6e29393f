// One benchmark in a fresh process, so that no heap or warmth of another one is in its figures.
const benchmarks: Record<string, () => Promise<unknown>> = {
  // Each loads what it needs when it runs: some need the built package, and some a Redis.
  joins: async () => (await import("./joins.ts")).benchJoins(),
  http: async () => (await import("./http.ts")).benchHttp(),
  push: async () => (await import("./push.ts")).benchPush(),
  heap: async () => (await import("./heap.ts")).benchHeap(),
  watched: async () => (await import("./watched.ts")).benchWatched(),
  admissions: async () => (await import("./redis/admissions.ts")).benchAdmissions(),
  positions: async () => (await import("./redis/positions.ts")).benchPositions(),
  verify: async () => (await import("./redis/verify.ts")).benchVerify(),
  "redis-joins": async () => (await import("./redis/joins.ts")).benchRedisJoins(),
  disconnect: async () => (await import("./redis/disconnect.ts")).benchDisconnect(),
  memory: async () => (await import("./redis/memory.ts")).benchMemory(),
};

const benchmark = benchmarks[process.argv[2] ?? ""];
if (benchmark === undefined) throw new Error(`no benchmark ${process.argv[2]}`);
process.send?.({ result: await benchmark() }, undefined, undefined, () => process.exit(0));
