// What logins, joins, the queue and being watched cost in one process.
import { runBenchmarks } from "./support/run-benchmarks.ts";

await runBenchmarks(["joins", "http", "push", "heap", "watched"]);
