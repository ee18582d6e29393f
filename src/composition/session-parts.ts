// The sessions of a login with what watches over their sockets.
import type { LimitedAccess } from "../access/limited-access.ts";
import type { AccountStore } from "../accounts/account-store.ts";
import { refreshSecretsOf } from "../development.ts";
import type { LoginQueue } from "../login-queue/queue.ts";
import { concurrentSessions, idleMs, sessionLifetimes } from "../login-settings.ts";
import { IdleWatch } from "../sessions/idle.ts";
import { SessionRecheck } from "../sessions/recheck.ts";
import { RecordCache } from "../sessions/record-cache.ts";
import { RefreshTokens } from "../sessions/refresh-token.ts";
import { Sessions } from "../sessions/sessions.ts";
import { SessionSockets } from "../sessions/sockets.ts";
import type { Store } from "../stores/store.ts";
import type { Basics } from "./basics.ts";

export function createSessions(
  { options, clock, logger, signals, jwt, store, cache }: Basics,
  accounts: AccountStore,
  access: LimitedAccess,
): Sessions {
  const { tokenRefreshMinutes: minutes, tokenRefreshVarianceMinutes: varianceMinutes } = options.tokens;
  return new Sessions({
    store: store.sessions,
    bans: store.access,
    access,
    accounts,
    jwt,
    refreshTokens: new RefreshTokens(refreshSecretsOf(options)),
    clock,
    lifetimes: sessionLifetimes(options),
    refreshAt: { minutes, varianceMinutes },
    concurrent: concurrentSessions(options),
    disconnectSockets: options.disconnectSockets,
    gameShardId: options.gameShardId ?? null,
    hooks: options.hooks ?? {},
    emit: signals.emit,
    logger,
    ...(cache === null ? {} : { cache }),
  });
}

export function createRecordCache(store: Store): RecordCache {
  return new RecordCache({ store: store.sessions, isLevel: () => store.isLevel() });
}

/** What is to be done where the feed may have kept an end from this process. */
export function createRecheck({ options, clock, outage }: Basics, sessions: Sessions, sockets: SessionSockets) {
  return new SessionRecheck({
    clock,
    outage,
    sockets,
    readSession: (sid) => sessions.get(sid),
    logoutClosesSockets: options.disconnectSockets,
  });
}

/** Sockets keep their session's slot. They are known before the queue is, because its lease names their sessions. */
export function createSockets(
  { options, clock, logger, signals, outage }: Basics,
  sessions: Sessions,
  queue: () => LoginQueue | null,
): SessionSockets {
  return new SessionSockets({
    clock,
    maxSocketsPerSession: options.maxSocketsPerSession,
    closeSocketsOnExpiry: options.closeSocketsOnExpiry,
    listensToPlayers: idleMs(options) > 0,
    readSession: (sid) => sessions.get(sid),
    onFirstSocket: (sid) => void queue()?.slots.socketsOpened(sid),
    onLastSocket: (sid) => void queue()?.slots.socketsClosed(sid),
    outage,
    emit: signals.emit,
    logger,
  });
}

/** null where players may be idle for as long as they like. */
export function createIdleWatch(
  { options, clock, outage, store }: Basics,
  sockets: SessionSockets,
  queue: LoginQueue,
): IdleWatch | null {
  if (idleMs(options) === 0 || queue.bypass) return null;
  return new IdleWatch({
    clock,
    idleMs: idleMs(options),
    sockets,
    someoneWaits: () => queue.outlook.someoneWaits,
    quietEverywhere: (quiet) => queue.slots.quietEverywhere(quiet),
    disconnect: (sid) => store.sessions.disconnect(sid, "idle", true),
    outage,
  });
}
