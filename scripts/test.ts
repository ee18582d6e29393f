// `npm test`: everything that must hold, one step after the other. A step that fails does not keep the rest from telling what they know.
import { spawnSync } from "node:child_process";

const steps = ["prerequisites", "build", "check:types", "check:lint", "check:unused", "check:package", "test:run"];

const failed = steps.filter((step) => {
  console.log(`\n== ${step}`);
  return spawnSync("npm", ["run", "--silent", step], { stdio: "inherit" }).status !== 0;
});

if (failed.length > 0) {
  console.error(`\nfailed: ${failed.join(", ")} (each can be run alone: npm run ${failed[0]})`);
  process.exitCode = 1;
}
