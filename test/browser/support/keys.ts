// Keys that several processes of the example share.
import { generateKeyPairSync } from "node:crypto";

export function newTokens() {
  return {
    keys: { current: generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }) },
    refreshSecrets: { current: "the same one on every process of this test" },
  };
}
