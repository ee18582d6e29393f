// The option `tokens`: keys, refresh secrets, and how long every kind of token lives.
import { z } from "zod";
import { signingAlgorithms } from "../tokens/keys.ts";
import { defaults } from "./defaults.ts";
import { notNegative, oneOf, positive, text } from "./option-kinds.ts";

const privateKey = z.union([text, z.record(z.string(), z.unknown())], "a private key, as a JWK object or a PEM string");

export const tokensSchema = z.strictObject(
  {
    /** `iss` of every token. Default "colyseus-login". */
    issuer: text.default(defaults.tokens.issuer),
    /**
     * Private keys as JWK or PEM. `current` signs; `previous` and `next` verify too, so that rotating logs nobody out.
     * Default: a development key made at start (one warning; refused when `NODE_ENV` is `production`).
     */
    keys: z
      .strictObject(
        {
          current: privateKey,
          previous: z.array(privateKey, "an array of keys").optional(),
          next: privateKey.optional(),
        },
        "an object of keys",
      )
      .optional(),
    /** What refresh tokens are MACed with, at least 32 characters in production; `previous` still verify. Default: made at start, as `keys`. */
    refreshSecrets: z
      .strictObject(
        { current: text, previous: z.array(text, "an array of secrets").optional() },
        "an object of secrets",
      )
      .optional(),
    /** Algorithm of the development key. A configured key has its own. Default RS256. */
    algorithm: oneOf(...signingAlgorithms).default(defaults.tokens.algorithm),
    /** Life of a session token in minutes. Default 1 440. */
    tokenExpirationMinutes: positive.default(defaults.tokens.tokenExpirationMinutes),
    /** When a client is told to refresh, in minutes after the answer. Default 45. */
    tokenRefreshMinutes: positive.default(defaults.tokens.tokenRefreshMinutes),
    /** Spread of that moment to either side, in minutes. Default 5. */
    tokenRefreshVarianceMinutes: notNegative.default(defaults.tokens.tokenRefreshVarianceMinutes),
    /** Life of a refresh token in minutes; every refresh slides it. Default 43 200. */
    refreshTokenExpirationMinutes: positive.default(defaults.tokens.refreshTokenExpirationMinutes),
    /** Life of a session in minutes, whatever is refreshed. Default 129 600. */
    sessionMaxMinutes: positive.default(defaults.tokens.sessionMaxMinutes),
    /** Life of an operator's token in minutes. Default 2 880: two days. */
    operatorTokenExpirationMinutes: positive.default(defaults.tokens.operatorTokenExpirationMinutes),
    /** Life of a partner's token in hours. Default 876 000: a hundred years. */
    partnerTokenExpirationHours: positive.default(defaults.tokens.partnerTokenExpirationHours),
    /** Life of a token in a mail, in minutes. Default 10 080: a week. */
    emailTokenExpirationMinutes: positive.default(defaults.tokens.emailTokenExpirationMinutes),
    /** How long a replaced refresh token is answered with its successor, in seconds. Default 10. */
    refreshGraceSeconds: notNegative.default(defaults.tokens.refreshGraceSeconds),
  },
  "an object",
);
