// `npm run soak [steps] [seed]`: the property tests for as long as it takes, telling how far they are and how to find it again.
import { spawnSync } from "node:child_process";

const [steps = "10000000", seed = String(Date.now() % 2_000_000_000)] = process.argv.slice(2);
const args = [
  "run",
  "--project",
  "node",
  "test/stores",
  "test/redis",
  "-t",
  "the invariants",
  "--disable-console-intercept",
];
const env = { ...process.env, SOAK_STEPS: steps, SOAK_SEED: seed };

console.log(`SOAK_STEPS=${steps} SOAK_SEED=${seed} vitest ${args.join(" ")}`);
process.exitCode = spawnSync("vitest", args, { stdio: "inherit", env }).status ?? 1;
