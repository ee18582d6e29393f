// Keys and secrets as a server would configure them.
import { generateKeyPairSync } from "node:crypto";
import type { JWK } from "jose";

/** Ed25519 keys are made in no time. */
export function newKey(): JWK {
  return generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
}

export const refreshSecrets = { current: "q7Gd0tVb9Lw2XzR4nJm6KsYp8EhUcAfT" };
