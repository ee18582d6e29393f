// Signers that share keys and a clock that stands, and tokens forged by hand: what the token tests start from.
import { type KeyObject, sign as signBytes } from "node:crypto";
import { JwtSigner, type TokenContent, tokenKinds } from "../../src/tokens/jwt.ts";
import { createKeyRing, type KeyRing } from "../../src/tokens/keys.ts";
import { issuer } from "../sessions/setup.ts";
import { ManualClock } from "../support/manual-clock.ts";

export const rsaRing = createKeyRing({ algorithm: "RS256" });
export const ecRing = createKeyRing({ algorithm: "ES256" });
export const clock = new ManualClock();

export const { player, ticket } = tokenKinds;
export const signerOf = (keys: KeyRing) => new JwtSigner({ keys, issuer, clock });
/** A process of the same server that has seen none of the tokens. */
export const fresh = () => signerOf(rsaRing);
export const signer = fresh();

export const content = (changes: Partial<TokenContent> = {}): TokenContent => ({
  subject: "user-1",
  id: "token-1",
  issuedAt: clock.now(),
  expiresAt: clock.now() + 60_000,
  claims: { sid: "session-1" },
  ...changes,
});

export const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
export const claims = (changes: object = {}) => {
  const seconds = Math.floor(clock.now() / 1000);
  return { iss: issuer, aud: "game", sub: "user-1", jti: "token-1", iat: seconds, exp: seconds + 60, ...changes };
};
export const rsaHeader = { alg: "RS256", typ: "at+jwt", kid: rsaRing.current.kid };

/** A token made by hand, as no signer of ours would: any header and payload under a real signature. */
export function forge(header: object, payload: unknown, key: KeyObject = rsaRing.current.privateKey): string {
  const input = `${base64url(header)}.${base64url(payload)}`;
  const signature = signBytes(
    "sha256",
    Buffer.from(input),
    key.asymmetricKeyType === "ec" ? { key, dsaEncoding: "ieee-p1363" } : key,
  );
  return `${input}.${signature.toString("base64url")}`;
}
