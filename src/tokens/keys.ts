// The keys that sign and verify every kind of token: read once at the start, each bound to one algorithm.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { JWK } from "jose";

export const signingAlgorithms = ["RS256", "ES256", "EdDSA"] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** A private key: a JWK object, or a PEM string (PKCS#8, PKCS#1 or SEC1, not encrypted). RSA from 2 048 bits, P-256 or Ed25519. */
export type PrivateKeyInput = JWK | string;

/** `current` signs; all verify and stand in the JWKS. Moving `current` to `previous` logs nobody out; dropping a key kills what it signed. */
export interface KeyRingOptions {
  readonly current: PrivateKeyInput;
  readonly previous?: readonly PrivateKeyInput[];
  readonly next?: PrivateKeyInput;
}

export interface SigningKey {
  /** The JWK's own `kid`, else its RFC 7638 thumbprint. */
  readonly kid: string;
  /** The only algorithm this key ever signs or verifies with. */
  readonly algorithm: SigningAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** Length of a signature in bytes. */
  readonly signatureBytes: number;
}

export interface KeyRing {
  readonly current: SigningKey;
  find(kid: string): SigningKey | undefined;
  /** The public halves of all keys. */
  jwks(): { keys: JWK[] };
  /** Whether the keys were made at this start, because none were configured. */
  readonly development: boolean;
}

/**
 * Reads the configured keys, or makes a development key of `algorithm` where there are none (configured keys bring their own
 * algorithm). Throws a TypeError that names the option and never shows the key.
 */
export function createKeyRing(options: { keys?: KeyRingOptions; algorithm: SigningAlgorithm }): KeyRing {
  const { keys } = options;
  const [current, ...others] =
    keys === undefined
      ? [signingKey(generatePrivateKey(options.algorithm), "the development key")]
      : [
          readKey(keys.current, "tokens.keys.current"),
          ...(keys.previous ?? []).map((key, index) => readKey(key, `tokens.keys.previous[${index}]`)),
          ...(keys.next === undefined ? [] : [readKey(keys.next, "tokens.keys.next")]),
        ];

  const byKid = new Map<string, SigningKey>();
  for (const key of [current, ...others]) {
    if (byKid.has(key.kid)) {
      throw new TypeError(`tokens.keys: expected every key once, with a kid of its own, got kid "${key.kid}" twice`);
    }
    byKid.set(key.kid, key);
  }
  const publicKeys = [...byKid.values()].map(toPublicJwk);
  return {
    current,
    find: (kid) => byKid.get(kid),
    jwks: () => ({ keys: publicKeys.map((key) => ({ ...key })) }),
    development: keys === undefined,
  };
}

/** A new private key with its `kid`, as a configuration keeps it. */
export function generateKey(algorithm: SigningAlgorithm): JWK {
  const privateKey = generatePrivateKey(algorithm);
  const kid = thumbprint(createPublicKey(privateKey));
  return { ...privateKey.export({ format: "jwk" }), kid, alg: algorithm, use: "sig" };
}

function generatePrivateKey(algorithm: SigningAlgorithm): KeyObject {
  switch (algorithm) {
    case "RS256":
      return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    case "ES256":
      return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    case "EdDSA":
      return generateKeyPairSync("ed25519").privateKey;
  }
}

function readKey(input: PrivateKeyInput, option: string): SigningKey {
  if (typeof input === "string") {
    const privateKey = importKey(() => createPrivateKey(input), option);
    return signingKey(privateKey, option);
  }
  const privateKey = importKey(() => createPrivateKey({ key: input, format: "jwk" }), option);
  const { kid, alg, use } = input;
  if (kid !== undefined && (typeof kid !== "string" || kid.length < 1 || kid.length > 128)) {
    throw new TypeError(`${option}: expected a kid of 1 to 128 characters`);
  }
  if (use !== undefined && use !== "sig") throw new TypeError(`${option}: expected a key with use "sig", got "${use}"`);
  const key = signingKey(privateKey, option, kid);
  // RFC 9864 gives the one curve we take for EdDSA a name of its own.
  const named = alg === "Ed25519" ? "EdDSA" : alg;
  if (named !== undefined && named !== key.algorithm) {
    throw new TypeError(`${option}: expected alg "${key.algorithm}" for a key of this kind, got "${alg}"`);
  }
  return key;
}

/** What Node says about a key it cannot read may quote the key, so its error is not passed on. */
function importKey(read: () => KeyObject, option: string): KeyObject {
  try {
    return read();
  } catch {
    throw new TypeError(`${option}: expected a private key, as a JWK or an unencrypted PEM, got something else`);
  }
}

function signingKey(privateKey: KeyObject, option: string, kid?: string): SigningKey {
  const publicKey = createPublicKey(privateKey);
  return { ...algorithmOf(privateKey, option), kid: kid ?? thumbprint(publicKey), privateKey, publicKey };
}

function algorithmOf(key: KeyObject, option: string): Pick<SigningKey, "algorithm" | "signatureBytes"> {
  const details = key.asymmetricKeyDetails;
  switch (key.asymmetricKeyType) {
    case "rsa": {
      const bits = details?.modulusLength ?? 0;
      if (bits < 2048) throw new TypeError(`${option}: expected an RSA key of at least 2048 bits, got ${bits}`);
      return { algorithm: "RS256", signatureBytes: Math.ceil(bits / 8) };
    }
    case "ec":
      if (details?.namedCurve !== "prime256v1") {
        throw new TypeError(`${option}: expected an EC key on P-256, got ${details?.namedCurve}`);
      }
      return { algorithm: "ES256", signatureBytes: 64 };
    case "ed25519":
      return { algorithm: "EdDSA", signatureBytes: 64 };
    default:
      throw new TypeError(`${option}: expected an RSA, P-256 or Ed25519 key, got ${key.asymmetricKeyType}`);
  }
}

/** RFC 7638: SHA-256 over the required members alone, in alphabetical order. */
function thumbprint(publicKey: KeyObject): string {
  const { crv, e, kty, n, x, y } = publicKey.export({ format: "jwk" });
  const members = kty === "RSA" ? { e, kty, n } : kty === "EC" ? { crv, kty, x, y } : { crv, kty, x };
  return createHash("sha256").update(JSON.stringify(members)).digest("base64url");
}

function toPublicJwk(key: SigningKey): JWK {
  return { ...key.publicKey.export({ format: "jwk" }), kid: key.kid, alg: key.algorithm, use: "sig" };
}
