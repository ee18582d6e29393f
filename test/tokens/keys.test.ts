// Keys: what is taken, what is refused, and what the JWKS shows.
import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint, type JWK } from "jose";
import { describe, expect, it } from "vitest";
import { createKeyRing, type PrivateKeyInput, type SigningAlgorithm } from "../../src/tokens/keys.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const ed25519 = generateKeyPairSync("ed25519").privateKey;

const jwk = (key: KeyObject): JWK => key.export({ format: "jwk" });
const pem = (key: KeyObject, type: "pkcs8" | "pkcs1" | "sec1" = "pkcs8"): string =>
  key.export({ format: "pem", type }).toString();
const ring = (current: PrivateKeyInput) => createKeyRing({ keys: { current }, algorithm: "RS256" });

describe("a configured key", () => {
  it.each<[string, KeyObject, SigningAlgorithm]>([
    ["RSA", rsa, "RS256"],
    ["P-256", p256, "ES256"],
    ["Ed25519", ed25519, "EdDSA"],
  ])("%s brings its own algorithm, as JWK and as PEM", (_name, key, algorithm) => {
    for (const input of [jwk(key), pem(key)]) {
      expect(ring(input).current.algorithm).toBe(algorithm);
      expect(ring(input).development).toBe(false);
    }
  });

  it("may be a PEM of the older forms", () => {
    expect(ring(pem(rsa, "pkcs1")).current.algorithm).toBe("RS256");
    expect(ring(pem(p256, "sec1")).current.algorithm).toBe("ES256");
  });

  it.each([rsa, p256, ed25519])("has its RFC 7638 thumbprint as kid", async (key) => {
    expect(ring(pem(key)).current.kid).toBe(await calculateJwkThumbprint(createPublicKey(key)));
  });

  it("keeps the kid of its JWK", () => {
    expect(ring({ ...jwk(p256), kid: "2030-01" }).current.kid).toBe("2030-01");
  });

  it("may name its algorithm", () => {
    expect(ring({ ...jwk(ed25519), alg: "EdDSA", use: "sig" }).current.algorithm).toBe("EdDSA");
    expect(ring({ ...jwk(ed25519), alg: "Ed25519" }).current.algorithm).toBe("EdDSA");
  });

  const encrypted = p256.export({ format: "pem", type: "pkcs8", cipher: "aes-128-cbc", passphrase: "x" }).toString();
  const refused: [string, unknown, RegExp][] = [
    ["an alg of another kind", { ...jwk(p256), alg: "RS256" }, /expected alg "ES256".*got "RS256"/],
    ["S01 a symmetric alg", { ...jwk(rsa), alg: "HS256" }, /expected alg "RS256".*got "HS256"/],
    ["S01 a symmetric key", { kty: "oct", k: "c2VjcmV0" }, /expected a private key/],
    ["a use that is not signing", { ...jwk(p256), use: "enc" }, /use "sig".*"enc"/],
    ["a kid that is no text", { ...jwk(p256), kid: 5 }, /kid of 1 to 128 characters/],
    ["an empty kid", { ...jwk(p256), kid: "" }, /kid of 1 to 128 characters/],
    [
      "S08 a short RSA key",
      pem(generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey),
      /at least 2048 bits, got 1024/,
    ],
    ["a key for RSA-PSS", pem(generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).privateKey), /got rsa-pss/],
    [
      "another curve",
      pem(generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey),
      /expected an EC key on P-256, got secp384r1/,
    ],
    ["a key that cannot sign", pem(generateKeyPairSync("x25519").privateKey), /got x25519/],
    ["a public key", createPublicKey(p256).export({ format: "jwk" }), /expected a private key/],
    ["a public PEM", createPublicKey(p256).export({ format: "pem", type: "spki" }), /expected a private key/],
    ["an encrypted PEM", encrypted, /expected a private key/],
    ["no PEM", "secret words", /expected a private key/],
    ["null", null, /expected a private key/],
    ["a number", 7, /expected a private key/],
  ];
  it.each(refused)("is refused: %s", (_name, key, message) => {
    const make = () => ring(key as PrivateKeyInput);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
    expect(make).toThrow(/^tokens\.keys\.current: /);
  });

  it("S61 is not quoted by the error that refuses it", () => {
    const { n: _modulus, d = "", ...rest } = jwk(rsa);
    let error: unknown;
    try {
      ring({ ...rest, d: `${d}!` });
    } catch (thrown) {
      error = thrown;
    }
    if (!(error instanceof TypeError)) throw new Error("expected a TypeError");
    expect(error.cause).toBeUndefined();
    expect(`${error.message} ${error.stack}`).not.toContain(d.slice(0, 12));
  });
});

describe("a key ring", () => {
  const keys = { current: jwk(rsa), previous: [jwk(p256)], next: jwk(ed25519) };

  it("finds every key by kid and knows no other", () => {
    const made = createKeyRing({ keys, algorithm: "RS256" });
    const algorithms = made.jwks().keys.map(({ kid = "" }) => made.find(kid)?.algorithm);
    expect(algorithms).toEqual(["RS256", "ES256", "EdDSA"]);
    expect(made.find("unknown")).toBeUndefined();
    expect(made.current.algorithm).toBe("RS256");
  });

  it("shows public halves alone", () => {
    for (const key of createKeyRing({ keys, algorithm: "RS256" }).jwks().keys) {
      expect(key).toMatchObject({ kid: expect.any(String), alg: expect.any(String), use: "sig" });
      for (const secret of ["d", "p", "q", "dp", "dq", "qi", "k"]) expect(key).not.toHaveProperty(secret);
    }
  });

  it("cannot be changed through what it shows", () => {
    const made = createKeyRing({ keys, algorithm: "RS256" });
    const shown = made.jwks().keys[0];
    if (shown !== undefined) shown.alg = "none";
    expect(made.jwks().keys[0]?.alg).toBe("RS256");
  });

  it("names the option of a key that is wrong", () => {
    const wrong = (changed: object) => () => createKeyRing({ keys: { ...keys, ...changed }, algorithm: "RS256" });
    expect(wrong({ previous: [jwk(p256), "x"] })).toThrow(/^tokens\.keys\.previous\[1\]: /);
    expect(wrong({ next: "x" })).toThrow(/^tokens\.keys\.next: /);
  });

  it("refuses two keys under one kid, and one key twice", () => {
    const make = (next: JWK) => () => createKeyRing({ keys: { current: jwk(rsa), next }, algorithm: "RS256" });
    expect(make(jwk(rsa))).toThrow(/every key once/);
    const kid = createKeyRing({ keys: { current: jwk(rsa) }, algorithm: "RS256" }).current.kid;
    expect(make({ ...jwk(p256), kid })).toThrow(/every key once/);
  });

  it.each<SigningAlgorithm>(["RS256", "ES256", "EdDSA"])(
    "S08 makes a development key of %s and says so",
    (algorithm) => {
      const made = createKeyRing({ algorithm });
      expect(made.development).toBe(true);
      expect(made.current.algorithm).toBe(algorithm);
      expect(made.jwks().keys).toHaveLength(1);
    },
  );
});
