// A redis-server that ends with the cluster, also when the cluster is killed: says one line when it is ready.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { whenParentIsGone } from "./child.ts";

const [port = ""] = process.argv.slice(2);
const program = findProgram();
const folder = mkdtempSync(join(tmpdir(), "colyseus-login-cluster-"));
const where = ["--port", port, "--bind", "127.0.0.1", "--dir", folder];
const server = spawn(program, [...where, "--save", "", "--appendonly", "no"], { stdio: ["ignore", "pipe", "inherit"] });

process.once("exit", () => {
  server.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});
server.once("exit", (code) => process.exit(code ?? 0));
whenParentIsGone(() => process.exit());
process.once("SIGTERM", () => process.exit());

createInterface({ input: server.stdout }).on("line", (line) => {
  if (/ready to accept connections/i.test(line)) console.log("ready");
});

function findProgram(): string {
  const named = process.env["REDIS_SERVER"];
  const programs = named === undefined ? ["redis-server", "valkey-server"] : [named];
  const found = programs.find((name) => spawnSync(name, ["--version"]).status === 0);
  if (found !== undefined) return found;
  console.error(
    `There is no ${programs.join(" or ")} on this machine. Install one, or name a running Redis in REDIS_URL.`,
  );
  process.exit(1);
}
