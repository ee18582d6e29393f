// `npm run build`: dist/ anew, by plain tsc, with the files that are read at run time (the Redis store's Lua, the dashboard) and the program marked as one.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, rmSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
for (const folder of ["stores/redis/scripts", "operator/dashboard"]) {
  cpSync(`src/${folder}`, `dist/${folder}`, { recursive: true });
}
const { status } = spawnSync("tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit" });
if (status === 0) chmodSync("dist/cli/main.js", 0o755);
process.exitCode = status ?? 1;
