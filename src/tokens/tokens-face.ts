// `login.tokens`: issues, checks and revokes the tokens that are no player's (DESIGN 3 and 4).
import { LoginError } from "../errors.ts";
import type { EmailTokenRequest, EmailTokens } from "./email-tokens.ts";
import { type JwtSigner, type TokenKind, tokenKinds } from "./jwt.ts";
import type { Operator, OperatorTokenIssuer, OperatorTokenRequest, OperatorTokenVerifier } from "./operator-tokens.ts";
import type { RevocationStore } from "./revocation.ts";
import type { OperatorScope } from "./scopes.ts";

/** Tokens of those who run the game, of other servers, and of mails. A wrong argument is a TypeError. */
export interface TokensFace {
  /** A token for a person who runs the game. It lives `tokens.operatorTokenExpirationMinutes`. */
  issueOperatorToken(request: OperatorTokenRequest): Promise<string>;
  /** A token for another server that calls this one. It lives `tokens.partnerTokenExpirationHours`. */
  issuePartnerToken(request: OperatorTokenRequest): Promise<string>;
  /** A token for the link of a mail, good for one use. It lives `tokens.emailTokenExpirationMinutes`. */
  issueEmailToken(request: EmailTokenRequest): Promise<string>;
  /**
   * Ends an operator's, a partner's or a mail's token at once, on every process. Takes the token, or its `jti`, which is then
   * remembered for ever, because its end is not known. Answers false where nothing was left to end. Throws LoginError
   * TOKEN_INVALID for a token that is none of these: a player's ends with its session. STORE_UNAVAILABLE.
   */
  revoke(tokenOrId: string): Promise<boolean>;
  /**
   * For calls of the server's own that only operators and partners may make: whose token it is, if it has the scope. Throws
   * LoginError TOKEN_INVALID or TOKEN_EXPIRED (401), FORBIDDEN (403: it lacks the scope), STORE_UNAVAILABLE (503).
   */
  verifyOperatorToken(token: string, scope: OperatorScope): Promise<Operator>;
}

/** Told by their headers, so the wrong ones cost nothing. */
const revocableKinds: readonly TokenKind[] = [tokenKinds.operator, tokenKinds.partner, tokenKinds.email];

export function createTokensFace(deps: {
  readonly jwt: Pick<JwtSigner, "verify">;
  readonly store: RevocationStore;
  readonly issuer: OperatorTokenIssuer;
  readonly verifier: OperatorTokenVerifier;
  readonly emails: EmailTokens;
}): TokensFace {
  const { jwt, store, issuer, verifier, emails } = deps;
  return {
    issueOperatorToken: (request) => issuer.issue("operator", request),
    issuePartnerToken: (request) => issuer.issue("partner", request),
    issueEmailToken: (request) => emails.issue(request),
    verifyOperatorToken: (token, scope) => verifier.verify(token, scope),
    async revoke(tokenOrId) {
      if (typeof tokenOrId === "string" && /^[\w-]{1,128}$/.test(tokenOrId)) return store.revokeToken(tokenOrId, null);
      if (typeof tokenOrId !== "string" || !tokenOrId.includes("."))
        throw new TypeError("revoke: expected a token, or the jti of one");
      const token = await readRevocable(jwt, tokenOrId);
      return token !== null && store.revokeToken(token.id, token.expiresAt);
    },
  };
}

/** null for a token that has ended by itself. */
async function readRevocable(
  jwt: Pick<JwtSigner, "verify">,
  token: string,
): Promise<{ id: string; expiresAt: number } | null> {
  for (const kind of revocableKinds) {
    try {
      return await jwt.verify(kind, token);
    } catch (error) {
      if (!(error instanceof LoginError)) throw error;
      if (error.code === "TOKEN_EXPIRED") return null;
    }
  }
  throw new LoginError("TOKEN_INVALID", "The token is not valid here.");
}
