// Whether a session lets its holder in now: asked at every way in, answered from the record (DESIGN 4, Ending).
//
// With a cache, from the record as this process remembers it. A remembered record may say yes; no is said only after a read.
import type { Clock } from "../clock.ts";
import { type Ban, bannedError, LoginError } from "../errors.ts";
import { type JwtSigner, tokenKinds } from "../tokens/jwt.ts";
import type { RecordCache } from "./record-cache.ts";
import { type SessionRecord, sessionEntryEndsAt } from "./session.ts";
import type { SessionStore } from "./session-store.ts";
import { parseSessionToken, type SessionAudience } from "./session-token.ts";

export interface BanReader {
  /** The ban in force, or null. */
  getBan(userId: string): Promise<Ban | null>;
}

export interface SessionVerifierDependencies {
  readonly store: Pick<SessionStore, "get" | "confirm">;
  readonly bans: BanReader;
  readonly jwt: Pick<JwtSigner, "verify">;
  readonly clock: Clock;
  /** The shard this server is, or null. */
  readonly gameShardId: string | null;
  /** With `verify: "cached"`. Left out: every check reads. */
  readonly cache?: RecordCache | undefined;
}

export class SessionVerifier {
  readonly #deps: SessionVerifierDependencies;
  /** Writes under way, by session and generation: players join several rooms at once with a fresh token. */
  readonly #confirming = new Map<string, Promise<void>>();

  constructor(dependencies: SessionVerifierDependencies) {
    this.#deps = dependencies;
  }

  /**
   * The session of a token, by one read of its record; the first time a generation is shown, one write. With a cache, by
   * neither where this process remembers a record of this generation or a later one. Throws LoginError TOKEN_INVALID,
   * TOKEN_EXPIRED, SESSION_REVOKED or BANNED; STORE_UNAVAILABLE lets nobody in.
   */
  async verify(
    token: string,
    options: { readonly audiences?: readonly SessionAudience[] } = {},
  ): Promise<SessionRecord> {
    const { jwt, gameShardId } = this.#deps;
    const claims = parseSessionToken(await jwt.verify(tokenKinds.player, token, options));
    if (claims.audience === "game" && gameShardId !== null && claims.shard !== gameShardId) {
      throw new LoginError("TOKEN_INVALID", "The token is for another shard.");
    }
    const record = await this.#requireLive(
      claims.sid,
      claims.userId,
      ({ generation }) => generation >= claims.generation,
    );
    if (claims.generation === record.generation && record.confirmedAt === null) await this.#confirm(record);
    return record;
  }

  /**
   * The same check for a session that was verified before, as at a join or a reconnection. `seenUntil` is when it was to end
   * then: what ends before that is remembered from before a refresh, and read again.
   */
  requireLive(sid: string, seenUntil = 0): Promise<SessionRecord> {
    return this.#requireLive(sid, null, (record) => sessionEntryEndsAt(record) >= seenUntil);
  }

  /** Why an ended or unknown session is refused: where its user is known and banned, for that. */
  async #refusal(userId: string | null): Promise<LoginError> {
    const ban = userId === null ? null : await this.#deps.bans.getBan(userId);
    return ban === null ? revokedError() : bannedError(ban);
  }

  async #requireLive(
    sid: string,
    userId: string | null,
    isRecent: (record: SessionRecord) => boolean,
  ): Promise<SessionRecord> {
    const { store, cache, clock } = this.#deps;
    const hasEnded = (record: SessionRecord) => clock.now() >= sessionEntryEndsAt(record);
    const record = await (cache?.get(sid, (known) => !hasEnded(known) && isRecent(known)) ?? store.get(sid));
    if (record === null || record.end !== null) throw await this.#refusal(record?.userId ?? userId);
    if (hasEnded(record)) throw expiredError();
    return record;
  }

  async #confirm({ sid, generation }: SessionRecord): Promise<void> {
    const key = `${sid}.${generation}`;
    const underWay = this.#confirming.get(key);
    if (underWay !== undefined) return underWay;
    const { store, cache, clock } = this.#deps;
    const write = store
      .confirm(sid, generation)
      .then(() => cache?.confirmed(sid, generation, clock.now()))
      .finally(() => this.#confirming.delete(key));
    this.#confirming.set(key, write);
    return write;
  }
}

export function expiredError(): LoginError {
  return new LoginError("TOKEN_EXPIRED", "The session has expired.");
}

export function revokedError(): LoginError {
  return new LoginError("SESSION_REVOKED", "The session has ended.");
}

/** Refusals of a session token that make its holder a stranger, and no more. */
const deadSessionCodes: ReadonlySet<string> = new Set(["TOKEN_INVALID", "TOKEN_EXPIRED", "SESSION_REVOKED"]);

/** What a check of a session found, or null where the session is dead. A banned one is refused all the same. */
export async function nullIfDead<T>(check: Promise<T>): Promise<T | null> {
  try {
    return await check;
  } catch (error) {
    if (error instanceof LoginError && deadSessionCodes.has(error.code)) return null;
    throw error;
  }
}
