// The ways into a room: the token at matchmaking, the session at the socket and at reconnection.
import type { AuthContext } from "@colyseus/core";
import { LoginError, toServerError } from "../errors.ts";
import type { LoginQueue } from "../login-queue/queue.ts";
import type { RoomDependencies } from "../sessions/room-hooks.ts";
import { type SessionAuth, type SessionRecord, toSessionAuth } from "../sessions/session.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Basics } from "./basics.ts";

/** The checks, for `static onAuth` and for the room plugin. */
export function createEntry({ options, logger, signals }: Basics, sessions: Sessions, queue: LoginQueue | null) {
  const admit = async (record: SessionRecord): Promise<SessionAuth> => {
    await queue?.slots.requireSlot(record);
    return toSessionAuth(record);
  };
  const onAuth = async (token: string | undefined, _options: unknown, _context: AuthContext): Promise<SessionAuth> => {
    try {
      if (!token) throw new LoginError("TOKEN_INVALID", "A session token is required.");
      return await admit(await sessions.verify(token, { audiences: ["game"] }));
    } catch (error) {
      throw toServerError(error, { door: "matchmaking", emit: signals.emit, logger });
    }
  };
  const requireEntry: RoomDependencies["requireEntry"] = async (sid, seenUntil) => {
    const record = await sessions.requireLive(sid, seenUntil);
    const { gameShardId } = options;
    if (gameShardId !== undefined && record.shard !== gameShardId) {
      throw new LoginError("TOKEN_INVALID", "The session is for another shard.");
    }
    return admit(record);
  };
  return { onAuth, requireEntry };
}
