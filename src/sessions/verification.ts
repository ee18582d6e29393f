// Whether a session lets its holder in now: asked at every way in, answered from the record (DESIGN 4, Ending).
import type { Clock } from "../clock.ts";
import { type Ban, bannedError, LoginError } from "../errors.ts";
import { type JwtSigner, tokenKinds } from "../tokens/jwt.ts";
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
}

export class SessionVerifier {
  readonly #deps: SessionVerifierDependencies;
  /** Writes under way, by session and generation: players join several rooms at once with a fresh token. */
  readonly #confirming = new Map<string, Promise<void>>();

  constructor(dependencies: SessionVerifierDependencies) {
    this.#deps = dependencies;
  }

  /**
   * The session of a token, by one read of its record; the first time a generation is shown, one write. Throws LoginError
   * TOKEN_INVALID, TOKEN_EXPIRED, SESSION_REVOKED or BANNED; STORE_UNAVAILABLE lets nobody in.
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
    const record = await this.#requireLive(claims.sid, claims.userId);
    if (claims.generation === record.generation && record.confirmedAt === null) await this.#confirm(record);
    return record;
  }

  /** The same check for a session that was verified before, as at a join or a reconnection. */
  requireLive(sid: string): Promise<SessionRecord> {
    return this.#requireLive(sid, null);
  }

  /** Why an ended or unknown session is refused: where its user is known and banned, for that. */
  async #refusal(userId: string | null): Promise<LoginError> {
    const ban = userId === null ? null : await this.#deps.bans.getBan(userId);
    return ban === null ? revokedError() : bannedError(ban);
  }

  async #requireLive(sid: string, userId: string | null): Promise<SessionRecord> {
    const record = await this.#deps.store.get(sid);
    if (record === null || record.end !== null) throw await this.#refusal(record?.userId ?? userId);
    if (this.#deps.clock.now() >= sessionEntryEndsAt(record)) throw expiredError();
    return record;
  }

  async #confirm({ sid, generation }: SessionRecord): Promise<void> {
    const key = `${sid}.${generation}`;
    const underWay = this.#confirming.get(key);
    if (underWay !== undefined) return underWay;
    const write = this.#deps.store.confirm(sid, generation).finally(() => this.#confirming.delete(key));
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
