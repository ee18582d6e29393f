// How the tests run: three projects one after the other, each with the time its tests need.
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { CountReporter } from "./test/support/count-reporter.ts";

// Every file has a process of its own, and the servers of the tests have: they all load the same code. Saves a fifth of the CPU.
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules/.cache/compiled-for-tests");

const apart = "test/**/*.apart.test.ts";

export default defineConfig({
  test: {
    reporters: ["default", new CountReporter()],
    projects: [
      {
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          exclude: ["test/browser/**", "test/package/**", apart],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Deadlines of a second are what some of them are about, and a busy machine may stand still for as long.
          retry: 1,
          // Many wait for leases and for other processes more than they reckon, on two cores as on eight.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
          // A process for each of some two hundred files would cost as much as their tests: they share one a worker.
          isolate: false,
        },
      },
      {
        // Files that replace modules or look at how a process begins.
        test: {
          name: "apart",
          include: [apart],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Needs Chromium. Three files at a time: they wait a third of their time, and what a page shows in time depends on the machine.
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          maxWorkers: 3,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          retry: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Looks at the built package, so it needs `npm run build` before.
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
