// Identity provider for tokens that others sign: OpenID Connect identity tokens, and those of any issuer that shows its keys as a JWKS.
import { createHash } from "node:crypto";
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { type Clock, systemClock } from "../clock.ts";
import { LoginError } from "../errors.ts";
import { checkIdentity } from "./custom.ts";
import { checkJwtOptions, type JwtClaims, type JwtProviderOptions, type JwtSettings } from "./jwt-options.ts";
import type { IdentityProvider } from "./providers.ts";

/** How far ahead of our clock the issuer's may be, and how long an ended token is taken still, where no option says it. */
const defaultSkewSeconds = 60;
const maxSubjectLength = 1024;

/**
 * Credentials `{ token, nonce? }`. Whoever the token's `sub` names is the same player each time.
 *
 *   jwtProvider({ issuer: "https://accounts.google.com", audience: clientId, jwks: "https://www.googleapis.com/oauth2/v3/certs" })
 *
 * The issuer's keys are fetched when first needed, kept for ten minutes, and fetched anew for a key that is not among them,
 * though not more often than every 30 seconds: an issuer may change its keys at any time. A login is refused with
 * INVALID_REQUEST (no token), INVALID_CREDENTIALS (a wrong, foreign or ended one) or PROVIDER_UNAVAILABLE (503: the issuer's
 * keys cannot be had now; it says nothing of the token, so it does not count against a pass).
 * @throws TypeError for a wrong option
 */
export function jwtProvider(options: JwtProviderOptions): IdentityProvider {
  return createJwtProvider(options, systemClock);
}

/** The same with any clock. The age of the fetched keys goes by the machine's. */
export function createJwtProvider(options: JwtProviderOptions, clock: Clock): IdentityProvider {
  const settings = checkJwtOptions(options);
  const keyOf = keySource(settings);
  return {
    issuers: settings.issuers,
    isGuessable: false,
    async authenticate({ token, nonce }) {
      if (typeof token !== "string" || token === "")
        throw new LoginError("INVALID_REQUEST", "token: expected an identity token");
      if (nonce !== undefined && (typeof nonce !== "string" || nonce === ""))
        throw new LoginError("INVALID_REQUEST", "nonce: expected the nonce of the identity token");
      const claims = await verify(token, keyOf, settings, clock.now());
      requireAuthorizedParty(claims, settings);
      requireNonce(claims, nonce, settings);
      const externalId = subjectOf(claims);
      const profile = (await settings.mapClaims?.(claims)) ?? {};
      return checkIdentity({ ...profile, externalId }, "jwtProvider");
    },
  };
}

/** Finds the key that a token names. A key has the algorithm that the set gives it, and no symmetric key is one. */
function keySource({ jwks, fetchKeys }: JwtSettings): JWTVerifyGetKey {
  if (!(jwks instanceof URL)) return createLocalJWKSet(jwks);
  const remote = createRemoteJWKSet(jwks, fetchKeys);
  return async (header, token) => {
    try {
      return await remote(header, token);
    } catch (error) {
      if (keyRefusals.some((Refusal) => error instanceof Refusal)) throw error;
      throw new LoginError(
        "PROVIDER_UNAVAILABLE",
        "The identity provider cannot be reached. Try again later.",
        {},
        { cause: error },
      );
    }
  };
}

/** What says that the token's key is not among the issuer's, and not that the issuer is out of reach. */
const keyRefusals = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

async function verify(token: string, keyOf: JWTVerifyGetKey, settings: JwtSettings, now: number): Promise<JwtClaims> {
  const { clockSkewSeconds = defaultSkewSeconds } = settings;
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keyOf, {
      algorithms: [...settings.algorithms],
      issuer: [...settings.issuers],
      audience: [...settings.audiences],
      requiredClaims: ["exp", "iat", "sub"],
      clockTolerance: clockSkewSeconds,
      currentDate: new Date(now),
      ...(settings.maxTokenAgeSeconds === undefined ? {} : { maxTokenAge: settings.maxTokenAgeSeconds }),
    });
    if (!isExpectedType(protectedHeader.typ, settings.typ)) throw refused("typ");
    if (payload.iat === undefined || payload.iat > now / 1000 + clockSkewSeconds) throw refused("iat");
    return Object.freeze(payload);
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw new LoginError("INVALID_CREDENTIALS", "The identity token has expired.");
    }
    if (error instanceof errors.JWTClaimValidationFailed) throw refused(error.claim);
    if (error instanceof errors.JOSEError) throw refused();
    throw error;
  }
}

/** RFC 7515: a media type may be written without its `application/`, and its case does not matter. */
function isExpectedType(typ: unknown, expected: string | undefined): boolean {
  const shown = typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : undefined;
  if (expected !== undefined) return shown === expected.toLowerCase().replace(/^application\//, "");
  return typ === undefined || shown === "jwt";
}

/** OpenID Connect Core 3.1.3.7: with several audiences, or where it is there, `azp` names the client the token was made for. */
function requireAuthorizedParty({ azp, aud }: JwtClaims, { audiences, authorizedParties }: JwtSettings): void {
  if (azp === undefined && (!Array.isArray(aud) || aud.length < 2)) return;
  if (typeof azp !== "string" || !(authorizedParties ?? audiences).includes(azp)) throw refused("azp");
}

function requireNonce({ nonce: claim }: JwtClaims, nonce: string | undefined, { nonce: rule }: JwtSettings): void {
  if (nonce === undefined) {
    if (rule === "optional") return;
    throw new LoginError("INVALID_REQUEST", "nonce: expected the nonce of the identity token");
  }
  if (rule !== "hashed" && claim === nonce) return;
  if (rule === "hashed" && typeof claim === "string") {
    const digest = createHash("sha256").update(nonce).digest();
    if (claim.toLowerCase() === digest.toString("hex") || claim === digest.toString("base64url")) return;
  }
  throw refused("nonce");
}

function subjectOf({ sub }: JwtClaims): string {
  const isSubject = typeof sub === "string" && sub !== "" && sub.length <= maxSubjectLength && sub.isWellFormed();
  if (!isSubject) throw refused("sub");
  return sub;
}

function refused(claim?: string): LoginError {
  const what =
    claim === undefined ? "The identity token is not valid here." : `The identity token's ${claim} is not right.`;
  return new LoginError("INVALID_CREDENTIALS", what);
}
