// Tokens of those who run the game (operators) and of other servers that call this one (partners): issued with scopes, checked by scope.
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { LoginError } from "../errors.ts";
import { isPlainName } from "../plain-name.ts";
import { randomId } from "../random.ts";
import { type JwtSigner, tokenKinds, type VerifiedToken } from "./jwt.ts";
import type { RevocationStore } from "./revocation.ts";
import { isOperatorScope, type OperatorScope, operatorScopes } from "./scopes.ts";

/** A person who runs the game, or another server that calls this one. */
export type OperatorKind = "operator" | "partner";

/** Who a token is for, and what it may do. */
export interface OperatorTokenRequest {
  /** Who will hold it, as the audit list shall tell of them: 1 to 64 characters. Not secret. */
  readonly name: string;
  /** What it may do. Left out: everything there is today; a scope that is added later is not in it. */
  readonly scopes?: readonly OperatorScope[];
}

/** What a good operator or partner token proved. */
export interface Operator {
  readonly kind: OperatorKind;
  readonly name: string;
  readonly scopes: readonly OperatorScope[];
  /** `jti`: what the token is revoked by. */
  readonly tokenId: string;
  /** ms since the epoch. */
  readonly expiresAt: number;
}

/** A good token that lacks the scope. Whose it is stands in no answer: it is for the audit list. */
export class ScopeMissing extends LoginError {
  readonly operator: Operator;

  constructor(operator: Operator, scope: OperatorScope) {
    super("FORBIDDEN", `The token lacks the scope ${scope}.`);
    this.operator = operator;
  }
}

const maxNameLength = 64;

const claimsSchema = z.object({ name: z.string().min(1), scopes: z.array(z.string()) });

export class OperatorTokenIssuer {
  readonly #jwt: Pick<JwtSigner, "sign">;
  readonly #clock: Clock;
  readonly #lifetimesMs: Readonly<Record<OperatorKind, number>>;

  constructor(deps: {
    readonly jwt: Pick<JwtSigner, "sign">;
    readonly clock: Clock;
    readonly lifetimesMs: Readonly<Record<OperatorKind, number>>;
  }) {
    this.#jwt = deps.jwt;
    this.#clock = deps.clock;
    this.#lifetimesMs = deps.lifetimesMs;
  }

  /** Throws a TypeError for a wrong name or an unknown scope. */
  async issue(kind: OperatorKind, { name, scopes = operatorScopes }: OperatorTokenRequest): Promise<string> {
    checkName(name);
    checkScopes(scopes);
    const issuedAt = this.#clock.now();
    return this.#jwt.sign(tokenKinds[kind], tokenKinds[kind].audiences[0], {
      id: randomId(),
      issuedAt,
      expiresAt: issuedAt + this.#lifetimesMs[kind],
      claims: { name, scopes: operatorScopes.filter((scope) => scopes.includes(scope)) },
    });
  }
}

export class OperatorTokenVerifier {
  readonly #jwt: Pick<JwtSigner, "verify">;
  readonly #store: Pick<RevocationStore, "isTokenRevoked">;

  constructor(deps: {
    readonly jwt: Pick<JwtSigner, "verify">;
    readonly store: Pick<RevocationStore, "isTokenRevoked">;
  }) {
    this.#jwt = deps.jwt;
    this.#store = deps.store;
  }

  /**
   * Whose token it is, if it may do what is asked. Throws LoginError TOKEN_INVALID (401: no operator's or partner's token, or
   * a revoked one), TOKEN_EXPIRED (401), FORBIDDEN (403, a ScopeMissing). STORE_UNAVAILABLE lets nobody in.
   */
  async verify(token: string, scope: OperatorScope): Promise<Operator> {
    const [kind, verified] = await this.#verifyEither(token);
    const { success, data } = claimsSchema.safeParse(verified.claims);
    if (!success || (await this.#store.isTokenRevoked(verified.id))) throw notGood();
    const scopes = Object.freeze(data.scopes.filter(isOperatorScope));
    const { id: tokenId, expiresAt } = verified;
    const operator: Operator = Object.freeze({ kind, name: data.name, scopes, tokenId, expiresAt });
    if (!scopes.includes(scope)) throw new ScopeMissing(operator, scope);
    return operator;
  }

  async #verifyEither(token: string): Promise<readonly [OperatorKind, VerifiedToken]> {
    try {
      return ["operator", await this.#jwt.verify(tokenKinds.operator, token)];
    } catch (error) {
      // Another kind is told by its header, before any signature is looked at.
      if (!(error instanceof LoginError) || error.code !== "TOKEN_INVALID") throw error;
      return ["partner", await this.#jwt.verify(tokenKinds.partner, token)];
    }
  }
}

function checkName(name: unknown): void {
  if (isPlainName(name, maxNameLength) && name.trim() !== "") return;
  throw new TypeError(`name: expected 1 to ${maxNameLength} characters without control characters`);
}

function checkScopes(scopes: unknown): void {
  if (Array.isArray(scopes) && scopes.length > 0 && scopes.every(isOperatorScope)) return;
  throw new TypeError(`scopes: expected one or more of ${operatorScopes.join(", ")}`);
}

function notGood(): LoginError {
  return new LoginError("TOKEN_INVALID", "The token is not valid here.");
}
