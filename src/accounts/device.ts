// Identity provider for devices: a secret id that the device made up and keeps is its whole credential.
import { createHash } from "node:crypto";
import { LoginError } from "../errors.ts";
import type { IdentityProvider } from "./providers.ts";

const idLength = { min: 10, max: 128 };

/** Credential `id`: 10 to 128 characters. Whoever knows it is that player, so it should be random (a UUID will do). */
export function deviceProvider(): IdentityProvider {
  return {
    async authenticate({ id }) {
      const length = typeof id === "string" && id.isWellFormed() ? [...id].length : 0;
      if (typeof id !== "string" || length < idLength.min || length > idLength.max) {
        throw new LoginError(
          "INVALID_REQUEST",
          `id: expected a string of ${idLength.min} to ${idLength.max} characters`,
        );
      }
      // Accounts hold the hash alone: whoever reads them cannot log in as anyone.
      return { externalId: createHash("sha256").update("colyseus-login device\0").update(id).digest("base64url") };
    },
  };
}
