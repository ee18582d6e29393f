// An issuer of identity tokens on this machine: it shows its keys as a JWKS, can change them, and can fail in every way.
import { generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface IssuerKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** As the JWKS shows it. */
  readonly jwk: Record<string, unknown>;
}

/** Ed25519 keys are made in no time; of RSA there is one for all. */
export function newIssuerKey(kid: string, type: "rsa" | "ec" | "ed25519" = "ed25519"): IssuerKey {
  const { privateKey, publicKey } =
    type === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : type === "ec"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : generateKeyPairSync("ed25519");
  const alg = { rsa: "RS256", ec: "ES256", ed25519: "EdDSA" }[type];
  return { kid, privateKey, jwk: { ...publicKey.export({ format: "jwk" }), kid, alg, use: "sig" } };
}

export class Issuer {
  readonly url = "https://id.example";
  keys: IssuerKey[] = [newIssuerKey("first")];
  /** How often the keys were asked for. */
  fetches = 0;
  /** How it answers while it is not well; null: with its keys. */
  failure: Answer | null = null;
  readonly #server = createServer((request, response) => {
    this.fetches += 1;
    if (this.failure !== null) return this.failure(request, response);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys: this.keys.map(({ jwk }) => jwk) }));
  });

  get jwks(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/jwks`;
  }

  async start(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  /** A token under a real signature, whatever it says. A claim or header field that is undefined is left out. */
  sign(claims: object, header: Record<string, unknown> = {}, key: IssuerKey = this.keys[0]!): string {
    const fields = { alg: key.jwk["alg"], typ: "JWT", kid: key.kid, ...header };
    const input = `${base64url(fields)}.${base64url(claims)}`;
    const type = key.privateKey.asymmetricKeyType;
    const algorithm = type === "ed25519" ? null : `sha${String(fields.alg).slice(2) || "256"}`;
    const options = type === "ec" ? { key: key.privateKey, dsaEncoding: "ieee-p1363" as const } : key.privateKey;
    return `${input}.${signBytes(algorithm, Buffer.from(input), options).toString("base64url")}`;
  }
}

export function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
