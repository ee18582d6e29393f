// The one place that signs and verifies JWTs, of every kind.
import { hash } from "node:crypto";
import { CompactSign, decodeProtectedHeader, errors, jwtVerify, type ProtectedHeaderParameters } from "jose";
import type { Clock } from "../clock.ts";
import { LoginError } from "../errors.ts";
import type { KeyRing, SigningKey } from "./keys.ts";
import { RecentMap } from "./recent-map.ts";

/** Longer tokens are neither issued nor read: a token travels in a header and, by the stock SDK, in a URL. */
export const maxTokenBytes = 4096;

/** How far `iat` and `nbf` may lie ahead: the clocks of two machines differ. `exp` has no such allowance. */
const maxClockSkewSeconds = 60;
/** Tokens whose signature a process need not look at again. */
const rememberedTokens = 50_000;
/** One spelling only: decoders forgive padding and line ends, and each forgiven spelling would be a token of its own. */
const compactSpelling = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** Header parameters that would let a token bring its own key, or its own rules. None is ever fetched or obeyed. */
const refusedHeaders = ["crit", "jku", "jwk", "x5c", "x5u"] as const;

/** A kind is told by `typ` and audience and never taken for another. */
export interface TokenKind {
  readonly typ: string;
  readonly audiences: readonly string[];
  /** Whether the process that issues one will soon be shown it, so that remembering it saves a verification. */
  readonly rememberIssued: boolean;
}

export const tokenKinds = {
  player: { typ: "at+jwt", audiences: ["game", "social"], rememberIssued: true },
  operator: { typ: "operator+jwt", audiences: ["operator"], rememberIssued: false },
  partner: { typ: "partner+jwt", audiences: ["partner"], rememberIssued: false },
  /** One audience a purpose: what was mailed for one thing does no other. */
  email: { typ: "email+jwt", audiences: ["verify-email", "reset-password"], rememberIssued: false },
  ticket: { typ: "ticket+jwt", audiences: ["ticket"], rememberIssued: false },
  pass: { typ: "pass+jwt", audiences: ["pass"], rememberIssued: false },
} as const satisfies Record<string, TokenKind>;

/** What a token says, before it is signed. Times are ms since the epoch: `iat` is rounded down to the second and `exp` up. */
export interface TokenContent {
  readonly subject?: string;
  /** `jti`. */
  readonly id: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Everything else. Registered claims of these names lose to ours. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What a token proved. Shared between all who present it: read only. */
export interface VerifiedToken {
  readonly audience: string;
  /** null where the token has no `sub`. */
  readonly subject: string | null;
  readonly id: string;
  /** ms since the epoch, whole seconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** All claims of the payload. */
  readonly claims: Readonly<Record<string, unknown>>;
}

export class JwtSigner {
  readonly #keys: KeyRing;
  readonly #issuer: string;
  readonly #clock: Clock;
  /** By the SHA-256 of the whole token. The `typ` is kept, because another kind must be refused from memory as well. */
  readonly #known = new RecentMap<{ readonly typ: string; readonly token: VerifiedToken }>(rememberedTokens);

  constructor(deps: { readonly keys: KeyRing; readonly issuer: string; readonly clock: Clock }) {
    this.#keys = deps.keys;
    this.#issuer = deps.issuer;
    this.#clock = deps.clock;
  }

  /** A signed token. Throws LoginError INVALID_REQUEST where it would be longer than `maxTokenBytes`. */
  async sign(kind: TokenKind, audience: string, content: TokenContent): Promise<string> {
    const key = this.#keys.current;
    const payload = this.#payload(audience, content);
    const bytes = Buffer.from(JSON.stringify(payload));
    if (encodedTokenLength(key, kind, bytes.length) > maxTokenBytes) {
      throw new LoginError("INVALID_REQUEST", `The token would be longer than ${maxTokenBytes} bytes.`);
    }
    const token = await new CompactSign(bytes).setProtectedHeader(headerOf(key, kind)).sign(key.privateKey);
    if (kind.rememberIssued) this.#known.set(keyOf(token), { typ: kind.typ, token: toVerified(payload) });
    return token;
  }

  /** How many bytes `sign` would make of this, for refusing a request before it has an effect. */
  encodedLength(kind: TokenKind, audience: string, content: TokenContent): number {
    const payloadBytes = Buffer.byteLength(JSON.stringify(this.#payload(audience, content)));
    return encodedTokenLength(this.#keys.current, kind, payloadBytes);
  }

  /**
   * Checks everything but revocation. Throws LoginError TOKEN_EXPIRED for a token that is good but past its `exp`, and
   * TOKEN_INVALID for all else. `audiences` narrows those of the kind.
   */
  async verify(
    kind: TokenKind,
    token: string,
    options: { readonly audiences?: readonly string[] } = {},
  ): Promise<VerifiedToken> {
    if (typeof token !== "string" || token.length > maxTokenBytes) throw invalid();
    const memoryKey = keyOf(token);
    const known = this.#known.get(memoryKey);
    const verified = known?.token ?? (await this.#verifySignature(kind, token));
    if (known === undefined) this.#known.set(memoryKey, { typ: kind.typ, token: verified });
    else if (known.typ !== kind.typ) throw invalid();
    if (!(options.audiences ?? kind.audiences).includes(verified.audience)) throw invalid();
    if (this.#clock.now() >= verified.expiresAt) throw expired();
    return verified;
  }

  async #verifySignature(kind: TokenKind, token: string): Promise<VerifiedToken> {
    if (!compactSpelling.test(token)) throw invalid();
    const header = readHeader(token);
    const key = typeof header.kid === "string" ? this.#keys.find(header.kid) : undefined;
    if (key === undefined || header.typ !== kind.typ || refusedHeaders.some((name) => name in header)) throw invalid();
    const now = this.#clock.now();
    try {
      const { payload } = await jwtVerify<Record<string, unknown>>(token, key.publicKey, {
        algorithms: [key.algorithm],
        issuer: this.#issuer,
        audience: [...kind.audiences],
        requiredClaims: ["exp", "iat", "jti"],
        clockTolerance: maxClockSkewSeconds,
        currentDate: new Date(now),
      });
      const { aud, sub, jti, iat, exp } = payload;
      if (typeof aud !== "string" || typeof jti !== "string") throw invalid();
      if (sub !== undefined && typeof sub !== "string") throw invalid();
      if (!isSecond(iat) || !isSecond(exp) || iat > now / 1000 + maxClockSkewSeconds) throw invalid();
      return toVerified({ ...payload, aud, sub, jti, iat, exp });
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw expired();
      if (error instanceof errors.JOSEError) throw invalid();
      throw error;
    }
  }

  #payload(audience: string, content: TokenContent): TokenPayload {
    return {
      ...content.claims,
      iss: this.#issuer,
      aud: audience,
      ...(content.subject === undefined ? {} : { sub: content.subject }),
      jti: content.id,
      iat: Math.floor(content.issuedAt / 1000),
      exp: Math.ceil(content.expiresAt / 1000),
    };
  }
}

interface TokenPayload {
  readonly [claim: string]: unknown;
  readonly aud: string;
  readonly sub?: string | undefined;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
}

function toVerified(payload: TokenPayload): VerifiedToken {
  return Object.freeze({
    audience: payload.aud,
    subject: payload.sub ?? null,
    id: payload.jti,
    issuedAt: payload.iat * 1000,
    expiresAt: payload.exp * 1000,
    claims: Object.freeze(payload),
  });
}

function headerOf(key: SigningKey, kind: TokenKind): { alg: string; typ: string; kid: string } {
  return { alg: key.algorithm, typ: kind.typ, kid: key.kid };
}

function encodedTokenLength(key: SigningKey, kind: TokenKind, payloadBytes: number): number {
  const headerBytes = Buffer.byteLength(JSON.stringify(headerOf(key, kind)));
  return base64urlLength(headerBytes) + 1 + base64urlLength(payloadBytes) + 1 + base64urlLength(key.signatureBytes);
}

function base64urlLength(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}

function readHeader(token: string): ProtectedHeaderParameters {
  try {
    return decodeProtectedHeader(token);
  } catch {
    throw invalid();
  }
}

/** Remembering the hash, not the token: it is shorter, and nothing that could be replayed lies about in memory. */
function keyOf(token: string): string {
  return hash("sha256", token, "base64url");
}

function isSecond(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}

function invalid(): LoginError {
  return new LoginError("TOKEN_INVALID", "The token is not valid here.");
}

function expired(): LoginError {
  return new LoginError("TOKEN_EXPIRED", "The token has expired.");
}
