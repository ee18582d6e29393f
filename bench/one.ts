// One benchmark in a fresh process, so that no heap or warmth of another one is in its figures.
import { benchHeap } from "./heap.ts";
import { benchHttp } from "./http.ts";
import { benchJoins } from "./joins.ts";
import { benchPush } from "./push.ts";

const benchmarks: Record<string, () => Promise<unknown>> = {
  joins: benchJoins,
  http: benchHttp,
  push: benchPush,
  heap: benchHeap,
};

const benchmark = benchmarks[process.argv[2] ?? ""];
if (benchmark === undefined) throw new Error(`no benchmark ${process.argv[2]}`);
process.send?.({ result: await benchmark() }, undefined, undefined, () => process.exit(0));
