// Lets metrics be read while the store is away: just then they are needed, and whether a token was revoked cannot be asked.
import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import { LoginError } from "../errors.ts";
import type { Operator } from "../tokens/operator-tokens.ts";
import { RecentMap } from "../tokens/recent-map.ts";
import type { OperatorScope } from "../tokens/scopes.ts";
import type { TokensFace } from "../tokens/tokens-face.ts";

type Tokens = Pick<TokensFace, "verifyOperatorToken">;

const scrapeScope: OperatorScope = "metrics:read";
/** Who was let in so lately goes on reading, in ms. */
const trustMs = 10 * 60_000;
const rememberedTokens = 1_000;

interface Trusted {
  readonly operator: Operator;
  readonly readAt: number;
}

/**
 * The same tokens, but that one which read the metrics in this process within the last ten minutes may read them without the
 * store, and nothing else. What it misses until the store is back is a revocation since that token's last read: one of the
 * minutes before, or one made by a process that still reaches the store. Metrics are numbers, and no player's.
 */
export function scrapeTokens(tokens: Tokens, clock: Pick<Clock, "now">): Tokens {
  // By digest, so that no good token is kept.
  const trusted = new RecentMap<Trusted>(rememberedTokens);
  const trust = (key: string, operator: Operator): Operator => {
    trusted.set(key, { operator, readAt: clock.now() });
    return operator;
  };
  return {
    async verifyOperatorToken(token, scope) {
      if (scope !== scrapeScope) return tokens.verifyOperatorToken(token, scope);
      const key = createHash("sha256").update(token).digest("base64url");
      try {
        return trust(key, await tokens.verifyOperatorToken(token, scope));
      } catch (error) {
        const last = trusted.get(key);
        if (isAway(error) && last !== undefined && isFresh(last, clock.now())) return trust(key, last.operator);
        trusted.delete(key);
        throw error;
      }
    },
  };
}

function isAway(error: unknown): boolean {
  return error instanceof LoginError && error.code === "STORE_UNAVAILABLE";
}

function isFresh({ operator, readAt }: Trusted, now: number): boolean {
  return now < readAt + trustMs && now < operator.expiresAt;
}
