// What the program says of itself, and the two ways in which a run can fail.
import { operatorScopes } from "../tokens/scopes.ts";

export const usage = `Usage: colyseus-login keys [--algorithm RS256|ES256|EdDSA]
       colyseus-login token operator --name NAME [--scope SCOPE …] [--config FILE]
       colyseus-login token partner  --name NAME [--scope SCOPE …] [--config FILE]
       colyseus-login --help

keys    prints a new signing key and a new refresh secret: { "keys": …, "refreshSecrets": … }, on one line of JSON
token   prints a token, and nothing else, signed by the keys of the server

  --algorithm  of the key: RS256 (the default), ES256 or EdDSA
  --name       who will hold the token, as the audit list will tell; not secret
  --scope      what it may do; give it once for each. Left out: all of
               ${operatorScopes.slice(0, 5).join(", ")},
               ${operatorScopes.slice(5).join(", ")}
  --issuer     the server's tokens.issuer, where the configuration does not say it
  --config     a JSON file with the keys. Left out: the environment variable LOGIN_CONFIG, with JSON.
               Either holds what \`keys\` prints, or { "tokens": { "keys": … } } as defineLogin takes it

Both print secrets: send them to a file that nobody else reads, not to a log.
Exit status: 0 done, 1 the configuration will not do, 2 wrong usage.`;

/** A wrong command line: told with the way to the usage. Status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Keys that are missing or will not do. Status 1. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
