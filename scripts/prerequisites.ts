// Makes sure that what the tests need beside npm packages is on this machine: Chromium for the browser tests, and a Redis.
import { spawnSync } from "node:child_process";
import { findChromium } from "../test/support/chromium.ts";
import { findRedisServer } from "../test/support/find-redis-server.ts";

const prerequisites = [
  {
    find: findChromium,
    debianPackage: "chromium",
    whereMissing:
      "The browser tests need Chromium, and this machine has none. On Debian, run: sudo apt-get install chromium. " +
      "Elsewhere, install Chromium or Chrome and, if it is not on the PATH, name its program in CHROMIUM_PATH.",
  },
  {
    find: findRedisServer,
    debianPackage: "redis-server",
    whereMissing:
      "The tests of the Redis store need redis-server, and this machine has none. On Debian, run: sudo apt-get install " +
      "redis-server. Elsewhere, install Redis or Valkey and, if it is not on the PATH, name its program in REDIS_SERVER.",
  },
];

for (const { find, debianPackage, whereMissing } of prerequisites) {
  if (find() === null) installOnDebian(debianPackage);
  if (find() !== null) continue;
  console.error(whereMissing);
  process.exitCode = 1;
}

/** Only as root, where apt-get can do it without asking anybody. */
function installOnDebian(name: string): void {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  console.log(`installing ${name} with apt-get`);
  spawnSync("apt-get", ["update"], { stdio: "inherit", env });
  spawnSync("apt-get", ["install", "--yes", "--no-install-recommends", name], { stdio: "inherit", env });
}
