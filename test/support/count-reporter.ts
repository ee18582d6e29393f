// A vitest reporter that ends a run with the one line that scripts read: "N passed, N failed".
import type { Reporter, SerializedError, TestModule } from "vitest/node";

export class CountReporter implements Reporter {
  onTestRunEnd(testModules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const { passed, failed } = count(testModules);
    process.stdout.write(`${passed} passed, ${failed + unhandledErrors.length} failed\n`);
  }
}

/** What went wrong outside a test (a file that does not load, a hook that throws) counts as one failure. */
function count(testModules: readonly TestModule[]): { passed: number; failed: number } {
  let passed = 0;
  let failed = 0;
  for (const testModule of testModules) {
    failed += testModule.errors().length;
    for (const suite of testModule.children.allSuites()) failed += suite.errors().length;
    for (const test of testModule.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") passed += 1;
      if (state === "failed") failed += 1;
    }
  }
  return { passed, failed };
}
