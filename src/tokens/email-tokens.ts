// Tokens that travel by e-mail: each for one purpose, one account and one version of its credential. Using one makes a new
// version, so that it is good for one use.
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { LoginError } from "../errors.ts";
import { randomId } from "../random.ts";
import { type JwtSigner, tokenKinds } from "./jwt.ts";
import type { RevocationStore } from "./revocation.ts";

/** What following the link in a mail does. */
export type EmailPurpose = (typeof tokenKinds.email.audiences)[number];

/** What a token for a mail is made from. The address is no part of it: whoever finds the token learns none. */
export interface EmailTokenRequest {
  readonly userId: string;
  readonly purpose: EmailPurpose;
  /** `version` of the account's credential: a token of another version is dead. 1 to 64 characters; not secret. */
  readonly credentialVersion: string;
}

/** What a token from a mail proved. Whether its version is still the account's is for the caller to ask. */
export interface EmailToken {
  readonly userId: string;
  readonly credentialVersion: string;
}

const credentialVersion = z.string().min(1).max(64);
const claimsSchema = z.object({ sub: z.string().min(1), ver: credentialVersion });

export class EmailTokens {
  readonly #jwt: Pick<JwtSigner, "sign" | "verify">;
  readonly #clock: Clock;
  readonly #lifetimeMs: number;
  readonly #store: Pick<RevocationStore, "isTokenRevoked">;

  constructor(deps: {
    readonly jwt: Pick<JwtSigner, "sign" | "verify">;
    readonly clock: Clock;
    readonly lifetimeMs: number;
    readonly store: Pick<RevocationStore, "isTokenRevoked">;
  }) {
    this.#jwt = deps.jwt;
    this.#clock = deps.clock;
    this.#lifetimeMs = deps.lifetimeMs;
    this.#store = deps.store;
  }

  /** A token to put into the link of a mail. Throws a TypeError for a wrong request. */
  async issue({ userId, purpose, credentialVersion: version }: EmailTokenRequest): Promise<string> {
    if (typeof userId !== "string" || userId === "")
      throw new TypeError(`issueEmailToken: userId: expected a user's id, got ${typeof userId}`);
    if (!tokenKinds.email.audiences.includes(purpose))
      throw new TypeError(`issueEmailToken: purpose: expected one of ${tokenKinds.email.audiences.join(", ")}`);
    if (!credentialVersion.safeParse(version).success)
      throw new TypeError("issueEmailToken: credentialVersion: expected 1 to 64 characters");
    const issuedAt = this.#clock.now();
    return this.#jwt.sign(tokenKinds.email, purpose, {
      subject: userId,
      id: randomId(),
      issuedAt,
      expiresAt: issuedAt + this.#lifetimeMs,
      claims: { ver: version },
    });
  }

  /**
   * Reads a token for one purpose and uses nothing up. Throws LoginError TOKEN_EXPIRED for one that is past its end, and
   * TOKEN_INVALID for all else: another purpose, another kind, a revocation. STORE_UNAVAILABLE.
   */
  async verify(purpose: EmailPurpose, token: string): Promise<EmailToken> {
    const verified = await this.#jwt.verify(tokenKinds.email, token, { audiences: [purpose] });
    const { success, data } = claimsSchema.safeParse(verified.claims);
    if (!success || (await this.#store.isTokenRevoked(verified.id)))
      throw new LoginError("TOKEN_INVALID", "The token is not valid here.");
    return { userId: data.sub, credentialVersion: data.ver };
  }
}
