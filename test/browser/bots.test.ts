// The bots of the example against its server: the table they end with, and their exit code.
import { expect, it } from "vitest";
import { ExampleProgram, startExample } from "./support/example.ts";

function runBots(...args: string[]): ExampleProgram {
  return new ExampleProgram(["bots/run.ts", ...args]);
}

it("go through queue, login and arena, and end with a table", async () => {
  const { url, program } = await startExample({ queue: { targetCcuLimit: 3 } });
  const { code, output } = await runBots("8", "--url", url, "--ramp", "100", "--stay", "1").end();
  expect(output).toMatch(
    /joined +admitted +played +waited p50 +waited p95 +errors\n[- ]+\n +8 +8 +8 +\d+\.\d s +[1-9]\d*\.\d s +0\n/,
  );
  expect(code).toBe(0);
  await program.stop();
});

it("fail when nothing worked", async () => {
  const { url, program } = await startExample();
  await program.stop();
  const { code, output } = await runBots("2", "--url", url).end();
  expect(code).toBe(1);
  expect(output).toMatch(/ 0 +0 +0 +- +- +2\n/);
});

it.each([
  [[], /^Usage: npm run bots/m],
  [["0"], /number of bots must be a number from 1 to 5000, got 0/],
  [["1e9"], /number of bots must be a number from 1 to 5000/],
  [["5", "--stay", "long"], /--stay must be a number/],
  [["5", "--url", "nowhere"], /--url must be an http address/],
  [["5", "--speed", "9"], /--speed/],
])("say what is wrong with %j", async (args, sentence) => {
  const { code, output } = await runBots(...args).end();
  expect(code).toBe(1);
  expect(output).toMatch(sentence);
});
