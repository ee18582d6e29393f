// Where sessions and accounts are kept: in Redis by a member of a cluster, else in a folder of this machine, with the keys.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LoginOptions } from "colyseus-login";
import { sqliteAccounts, sqliteStore } from "colyseus-login/sqlite";
import { isMember, memberOfLogins } from "./cluster.ts";
import { orStop, withLoginConfig } from "./config.ts";
import { dataFolder } from "./data-folder.ts";

interface Storage {
  readonly options: Pick<LoginOptions, "store" | "accounts" | "tokens">;
  readonly queue: { readonly restoreSeconds?: number };
  /** Where the keys are kept; null where LOGIN_CONFIG brings them. */
  readonly keyFile: string | null;
}

/** What defineLogin is told of it. */
export const storage: Storage = isMember ? { options: memberOfLogins(), queue: {}, keyFile: null } : orStop(openFolder);

/** Whoever is logged in when the server ends is so when it starts again. */
function openFolder(): Storage {
  const folder = dataFolder();
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new TypeError(`DATA_DIR must be a folder: ${error instanceof Error ? error.message : String(error)}`);
  }
  const file = join(folder, "login.db");
  const kept = { store: sqliteStore(file), accounts: sqliteAccounts(file) };
  if (hasKeys()) return { options: kept, queue: {}, keyFile: null };

  const keyFile = join(folder, "keys.json");
  const isFirstStart = !existsSync(keyFile);
  if (isFirstStart) writeFileSync(keyFile, newKeys(), { mode: 0o600 });
  // Tickets of an earlier life come back before anybody is let in: a page that sees one player or two needs no ten seconds.
  return { options: { ...kept, tokens: readKeys(keyFile) }, queue: { restoreSeconds: isFirstStart ? 0 : 3 }, keyFile };
}

/** Whether LOGIN_CONFIG brings the keys, as it should wherever more than this machine relies on them. */
function hasKeys(): boolean {
  const { tokens } = withLoginConfig<{ tokens: Record<string, unknown> }>({ tokens: {} });
  return tokens?.["keys"] !== undefined;
}

/** As `npx colyseus-login keys` makes them. */
function newKeys(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const current = privateKey.export({ type: "pkcs8", format: "pem" });
  return JSON.stringify({ keys: { current }, refreshSecrets: { current: randomBytes(32).toString("base64url") } });
}

function readKeys(keyFile: string): LoginOptions["tokens"] {
  try {
    return JSON.parse(readFileSync(keyFile, "utf8"));
  } catch {
    // What it holds is secret, so that nothing is repeated of it.
    throw new TypeError(`${keyFile} cannot be read: move it away, and the next start makes new keys`);
  }
}
