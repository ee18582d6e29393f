// LOGIN_CONFIG for every process of a cluster: the environment's, with keys made for this run where it has none.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withLoginConfig } from "../src/config.ts";
import { dataFolder } from "../src/data-folder.ts";

export interface ClusterLogin {
  readonly config: string;
  /** Where the keys of this run are, for whoever makes an operator's token; null where the environment has them. */
  readonly keyFile: string | null;
}

/** @throws TypeError where the environment's LOGIN_CONFIG is none */
export function makeClusterLogin(): ClusterLogin {
  const given = withLoginConfig<{ tokens?: { keys?: unknown } }>({});
  if (given.tokens?.keys !== undefined) return { config: JSON.stringify(given), keyFile: null };
  const keys = makeKeys();
  const keyFile = join(dataFolder(), "cluster-keys.json");
  mkdirSync(dataFolder(), { recursive: true });
  writeFileSync(keyFile, keys, { mode: 0o600 });
  // Nobody has a ticket under new keys: there is no place to wait for.
  const queue = { restoreSeconds: 0 };
  return { config: JSON.stringify(withLoginConfig({ tokens: JSON.parse(keys), queue })), keyFile };
}

function makeKeys(): string {
  const program = new URL("./dist/cli/main.js", import.meta.resolve("colyseus-login/package.json"));
  return execFileSync(process.execPath, [fileURLToPath(program), "keys"], { encoding: "utf8" });
}
