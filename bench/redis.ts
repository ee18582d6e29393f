// What the Redis store costs, against what it could cost at the least, on a Redis of its own.
import { runBenchmarks } from "./support/run-benchmarks.ts";

await runBenchmarks(["admissions", "positions", "verify", "redis-joins", "disconnect", "memory"]);
