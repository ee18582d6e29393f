// Runs benchmarks one after the other, each in a process of its own, and prints one table and, last, one BENCH line as JSON.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { BenchResult } from "./figures.ts";

/** Of these, by their name in one.ts, those that the command line names; all where it names none. */
export async function runBenchmarks(names: readonly string[]): Promise<void> {
  const chosen = process.argv.slice(2);
  const ratios: Record<string, number> = {};
  for (const name of names) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    const result = await runOne(name);
    console.log(`\n${name}`);
    for (const [label, value] of result.rows) console.log(`  ${label.padEnd(72)} ${value.padStart(10)}`);
    for (const [ratio, value] of Object.entries(result.ratios)) ratios[ratio] = Math.round(value * 1000) / 1000;
  }
  console.log(`\nBENCH ${JSON.stringify(ratios)}`);
}

function runOne(name: string): Promise<BenchResult> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL("../one.ts", import.meta.url)), [name], { execArgv: ["--expose-gc"] });
    // The framework has messages of its own for whoever started the process.
    child.on("message", (message: { result?: BenchResult }) => message.result !== undefined && resolve(message.result));
    child.once("exit", (code) => code !== 0 && reject(new Error(`benchmark ${name} ended with ${code}`)));
  });
}
