// The session token's claims: made from a record, and read back from a token whose signature was checked.
import { z } from "zod";
import { LoginError } from "../errors.ts";
import { type JwtSigner, maxTokenBytes, type TokenContent, tokenKinds, type VerifiedToken } from "../tokens/jwt.ts";
import { mergeVars, type SessionRecord, sessionEntryEndsAt } from "./session.ts";

/** `game` opens game rooms, `social` everything around them. */
export type SessionAudience = "game" | "social";

/** What of a record a session token is made from. */
export type TokenSource = Pick<
  SessionRecord,
  | "sid"
  | "userId"
  | "username"
  | "clientVars"
  | "serverVars"
  | "kind"
  | "shard"
  | "generation"
  | "tokenId"
  | "tokenIssuedAt"
  | "tokenExpiresAt"
  | "idleEndsAt"
  | "absoluteEndsAt"
>;

/** The longest a generation can be written: what fits with it fits at every refresh to come. */
const longestGeneration = 9_999_999_999;

/** What the session's token of this generation says; the same at every repeat. `exp` is the end of entry, rounded up to the second. */
export function sessionTokenContent(record: TokenSource, audience: SessionAudience): TokenContent {
  return {
    subject: record.userId,
    // Two tokens of one generation need two names.
    id: audience === "game" ? record.tokenId : `${record.tokenId}-${audience}`,
    issuedAt: record.tokenIssuedAt,
    expiresAt: sessionEntryEndsAt(record),
    claims: {
      sid: record.sid,
      username: record.username,
      vars: mergeVars(record),
      svars: record.serverVars,
      kind: record.kind,
      gen: record.generation,
      ...(record.shard !== null && audience === "game" ? { shard: record.shard } : {}),
    },
  };
}

/** The tokens a session has: where a shard is in play, one for the shard and one for everything around it. */
export function audiencesOf(record: Pick<SessionRecord, "shard">): readonly SessionAudience[] {
  return record.shard === null ? ["game"] : ["game", "social"];
}

/** Refuses, before anything has happened, what would make a token longer than may be issued: LoginError INVALID_REQUEST. */
export function requireTokenFits(jwt: Pick<JwtSigner, "encodedLength">, record: TokenSource): void {
  const longest = { ...record, generation: longestGeneration };
  for (const audience of audiencesOf(record)) {
    if (jwt.encodedLength(tokenKinds.player, audience, sessionTokenContent(longest, audience)) > maxTokenBytes) {
      throw new LoginError("INVALID_REQUEST", "vars: together with the username they do not fit into a session token");
    }
  }
}

const stringPairs = z.record(z.string(), z.string());

const claimsSchema = z.object({
  sub: z.string().min(1),
  sid: z.string().min(1),
  username: z.string(),
  vars: stringPairs,
  svars: stringPairs,
  kind: z.literal("player"),
  gen: z.int().min(1),
  shard: z.string().optional(),
});

export interface SessionTokenClaims {
  readonly audience: string;
  readonly userId: string;
  readonly sid: string;
  readonly generation: number;
  /** The shard a game token is for, or null. */
  readonly shard: string | null;
}

/** Throws LoginError TOKEN_INVALID where a claim is missing or of the wrong type. */
export function parseSessionToken(token: VerifiedToken): SessionTokenClaims {
  const { success, data } = claimsSchema.safeParse(token.claims);
  if (!success) throw new LoginError("TOKEN_INVALID", "The token is not valid here.");
  return {
    audience: token.audience,
    userId: data.sub,
    sid: data.sid,
    generation: data.gen,
    shard: data.shard ?? null,
  };
}
