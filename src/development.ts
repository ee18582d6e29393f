// Secrets that a developer need not configure: made at each start, announced by one warning, refused in production (DESIGN 3).
import type { Logger } from "./logger.ts";
import type { ResolvedOptions } from "./options/options.ts";
import { randomId } from "./random.ts";
import type { RefreshSecrets } from "./sessions/refresh-token.ts";

/** Shorter secrets can be guessed by whoever has one refresh token. */
const minSecretLength = 32;

/**
 * Refuses what only development may have.
 * @throws TypeError that names the option, where `NODE_ENV` is `production`
 */
export function refuseDevelopmentSettings({ tokens, queue }: ResolvedOptions, nodeEnv: string | undefined): void {
  if (nodeEnv !== "production") return;
  const refuse = (option: string, expected: string): never => {
    throw new TypeError(`defineLogin: option ${option}: expected ${expected} when NODE_ENV is production`);
  };
  if (tokens.keys === undefined) refuse("tokens.keys", "signing keys");
  const secrets = tokens.refreshSecrets ?? refuse("tokens.refreshSecrets", "secrets");
  for (const secret of [secrets.current, ...(secrets.previous ?? [])]) {
    if (secret.length < minSecretLength || new Set(secret).size < 8) {
      refuse("tokens.refreshSecrets", `random secrets of at least ${minSecretLength} characters`);
    }
  }
  if (queue?.devLoginQueueBypass) refuse("queue.devLoginQueueBypass", "false");
}

/**
 * What one process makes at its start the others that share its store do not have: its tokens would be worth nothing there.
 * @throws TypeError that names the option, where the store is shared and it is not configured
 */
export function requireSharedSecrets({ tokens, store }: ResolvedOptions): void {
  if (store?.shared !== true) return;
  const refuse = (option: string, expected: string): never => {
    throw new TypeError(`defineLogin: option ${option}: expected ${expected} with a store that processes share`);
  };
  if (tokens.keys === undefined) refuse("tokens.keys", "signing keys");
  if (tokens.refreshSecrets === undefined) refuse("tokens.refreshSecrets", "secrets");
}

/** One line for what was made at this start, and one for a queue that is passed by. */
export function warnOfDevelopmentSettings({ tokens, queue }: ResolvedOptions, logger: Logger): void {
  const made = [
    ...(tokens.keys === undefined ? ["tokens.keys"] : []),
    ...(tokens.refreshSecrets === undefined ? ["tokens.refreshSecrets"] : []),
  ];
  if (made.length > 0) {
    logger.warn(
      `colyseus-login: ${made.join(" and ")} not configured: made for this start, so a restart logs everybody out`,
    );
  }
  if (queue?.devLoginQueueBypass)
    logger.warn("colyseus-login: devLoginQueueBypass is on: nobody needs a pass or a slot");
}

export function refreshSecretsOf({ tokens }: ResolvedOptions): RefreshSecrets {
  const { refreshSecrets } = tokens;
  if (refreshSecrets === undefined) return { current: randomId(32) };
  const { current, previous } = refreshSecrets;
  return { current, ...(previous === undefined ? {} : { previous }) };
}
