// Composes everything: reads the options, makes the parts, and joins them. The only file that knows them all.
import { type AuthContext, logger as colyseusLogger, type Room } from "@colyseus/core";
import { Bans } from "./access/bans.ts";
import type { AccountStore } from "./accounts/account-store.ts";
import { anonymousProvider } from "./accounts/anonymous.ts";
import { deviceProvider } from "./accounts/device.ts";
import { memoryAccounts } from "./accounts/memory-accounts.ts";
import type { IdentityProvider } from "./accounts/providers.ts";
import { Callers } from "./callers.ts";
import { type Clock, systemClock } from "./clock.ts";
import { refreshSecretsOf, refuseDevelopmentSettings, warnOfDevelopmentSettings } from "./development.ts";
import { LoginError, toServerError } from "./errors.ts";
import type { LoginRoutes } from "./http/dual-mode.ts";
import type { QueueFace as QueueHttpFace } from "./http/face.ts";
import { createMiddleware, type LoginMiddleware } from "./http/middleware.ts";
import { createLoginRoutes } from "./http/routes.ts";
import { createHttpFace } from "./http-face.ts";
import type { Logger } from "./logger.ts";
import { LoginFlow } from "./login-flow.ts";
import { type AskNewcomer, entranceFrom, entranceOf } from "./login-queue/entrance.ts";
import { createLaneChooser } from "./login-queue/lanes.ts";
import { QueuePolling } from "./login-queue/polling.ts";
import { LoginQueue } from "./login-queue/queue.ts";
import { createQueueRoom, type QueueRoomClass } from "./login-queue/queue-room.ts";
import { concurrentSessions, idleMs, keyRingOptions, queueSettings, sessionLifetimes } from "./login-settings.ts";
import { type LoginOptions, type LoginTypes, type ResolvedOptions, resolveOptions, type VarsOf } from "./options.ts";
import { createQueueFace, type QueueFace } from "./queue-face.ts";
import { randomId } from "./random.ts";
import { guardRoom } from "./sessions/guard.ts";
import { askBeforeQueue, type LoginHooks } from "./sessions/hooks.ts";
import { IdleWatch } from "./sessions/idle.ts";
import { RefreshTokens } from "./sessions/refresh-token.ts";
import type { RoomDependencies } from "./sessions/room-hooks.ts";
import { SessionPlugin } from "./sessions/room-plugin.ts";
import { type SessionAuth, type SessionRecord, toSessionAuth, type Vars } from "./sessions/session.ts";
import { Sessions } from "./sessions/sessions.ts";
import { createSessionsFace, type SessionsFace } from "./sessions/sessions-face.ts";
import { SessionSockets } from "./sessions/sockets.ts";
import { memoryStore } from "./stores/memory/memory-store.ts";
import type { Store } from "./stores/store.ts";
import { JwtSigner } from "./tokens/jwt.ts";
import { createKeyRing } from "./tokens/keys.ts";

/** What `defineLogin` answers: everything a server asks of the package (DESIGN 3). */
export interface Login<V extends object = Vars> {
  /**
   * For `static onAuth` of a room class: lets a seat be reserved for a live session only. Refuses with a ServerError whose
   * message is our code: TOKEN_INVALID, TOKEN_EXPIRED, SESSION_REVOKED, BANNED, QUEUE_REQUIRED, STORE_UNAVAILABLE.
   */
  readonly onAuth: (token: string | undefined, options: unknown, context: AuthContext) => Promise<SessionAuth<V>>;
  /** For `plugins` of a room class: tracks the room's sockets and checks the session again at join and reconnection. */
  sessionPlugin(): SessionPlugin;
  /** The class with `static onAuth` and the plugin added. */
  guard<R extends new () => Room>(RoomClass: R): R;
  /** Puts the session of the bearer token on an HTTP request, for express and for core's router. */
  middleware(): LoginMiddleware<V>;
  /** The HTTP calls: `app.use(login.routes())` with express, `createRouter({ ...login.routes() })` without. */
  routes(): LoginRoutes;
  /** The room `login_queue`. Throws a TypeError where no queue is configured. */
  readonly QueueRoom: QueueRoomClass;
  readonly sessions: SessionsFace<V>;
  readonly queue: QueueFace;
  readonly bans: Bans;
  /** Stops admitting and sweeping and closes the store. Sockets are the server's to close. */
  shutdown(): Promise<void>;
}

/**
 * Defines the login of a server: sessions, and with `queue` the login queue.
 *
 *   const login = defineLogin<{ vars: { skin?: string } }>({ queue: { targetCcuLimit: 10_000 } });
 *
 * @throws TypeError for a wrong option, naming the option, what was expected and what came
 */
export function defineLogin<T extends LoginTypes<T> = Record<never, never>>(
  options: LoginOptions<T> = {},
): Login<VarsOf<T>> {
  // What a game says its vars are is a promise of its hooks and clients: nothing at run time knows the shape, so it is
  // taken at its word here and nowhere else.
  return createLogin(resolveOptions(options), systemClock) as unknown as Login<VarsOf<T>>;
}

/** The same with checked options and any clock. */
export function createLogin(options: ResolvedOptions, clock: Clock): Login {
  refuseDevelopmentSettings(options, process.env["NODE_ENV"]);
  const logger = options.logger ?? colyseusLogger;
  warnOfDevelopmentSettings(options, logger);

  const accounts = (options.accounts ?? memoryAccounts())({ clock });
  const keys = createKeyRing(keyRingOptions(options));
  const jwt = new JwtSigner({ keys, issuer: options.tokens.issuer, clock });
  const store = (options.store ?? memoryStore())({
    clock,
    queue: options.queue === undefined ? null : queueSettings(options.queue),
    ticketsMayReturn: !keys.development,
  });
  const callers = new Callers(options.trustedProxyHops);
  const basics: Basics = { options, clock, logger, jwt, store, callers };
  const sessions = createSessions(basics, accounts);
  const sockets: SessionSockets = createSockets(basics, sessions, () => queue?.service ?? null);
  const queue = createQueue(basics, sessions, () => sockets.connectedSids());
  const idleWatch = queue === null ? null : createIdleWatch(basics, sockets, queue.service);
  const flow = new LoginFlow({
    providers: new Map(Object.entries(options.providers ?? defaultProviders())),
    accounts,
    sessions,
    queue: queue?.service ?? null,
    hooks: options.hooks ?? {},
    gameShardId: options.gameShardId ?? null,
    logger,
  });
  const httpFace = createHttpFace({ flow, sessions, keys, queue: queue?.http ?? null });
  const { onAuth, requireEntry } = createEntry(basics, sessions, queue?.service ?? null);
  const rooms: RoomDependencies = { clock, sockets, requireEntry, logger };

  const stopListening = store.subscribe((event) => {
    if (event.type === "sessionEnded" || event.type === "disconnect") return sockets.hear(event);
    queue?.service.onEvent(event);
    return 0;
  });
  callers.start();
  sockets.start();
  idleWatch?.start();
  queue?.service.start();

  return {
    onAuth,
    sessionPlugin: () => new SessionPlugin(rooms),
    guard: (RoomClass) => guardRoom(RoomClass, { ...rooms, onAuth }),
    middleware: () => createMiddleware({ verify: async (token) => toSessionAuth(await sessions.verify(token)) }),
    routes: () => createLoginRoutes(httpFace, { prefix: options.prefix, clock, logger, callers }),
    get QueueRoom() {
      return (queue ?? noQueue()).QueueRoom;
    },
    sessions: createSessionsFace(sessions),
    queue: createQueueFace(() => ({ service: (queue ?? noQueue()).service, store: store.queue })),
    bans: new Bans({ store: store.access, announceEnded: (ended) => sessions.announceEnded(ended) }),
    async shutdown() {
      queue?.service.stop();
      sockets.stop();
      idleWatch?.stop();
      callers.stop();
      stopListening();
      await store.close();
    },
  };
}

/** What nearly every part is made of. */
interface Basics {
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly jwt: JwtSigner;
  readonly store: Store;
  readonly callers: Callers;
}

function defaultProviders(): Record<string, IdentityProvider> {
  return { device: deviceProvider(), anonymous: anonymousProvider() };
}

function createSessions({ options, clock, logger, jwt, store }: Basics, accounts: AccountStore): Sessions {
  const { tokenRefreshMinutes: minutes, tokenRefreshVarianceMinutes: varianceMinutes } = options.tokens;
  return new Sessions({
    store: store.sessions,
    bans: store.access,
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
    logger,
  });
}

/** Sockets keep their session's slot. They are known before the queue is, because its lease names their sessions. */
function createSockets(
  { options, clock, logger }: Basics,
  sessions: Sessions,
  queue: () => LoginQueue | null,
): SessionSockets {
  return new SessionSockets({
    clock,
    maxSocketsPerSession: options.maxSocketsPerSession,
    closeSocketsOnExpiry: options.closeSocketsOnExpiry,
    listensToPlayers: idleMs(options) > 0,
    readSession: (sid) => sessions.get(sid),
    onFirstSocket: (sid) => void queue()?.socketsOpened(sid),
    onLastSocket: (sid) => void queue()?.socketsClosed(sid),
    logger,
  });
}

/** null where players may be idle for as long as they like. */
function createIdleWatch(
  { options, clock, logger, store }: Basics,
  sockets: SessionSockets,
  queue: LoginQueue,
): IdleWatch | null {
  if (idleMs(options) === 0 || queue.bypass) return null;
  return new IdleWatch({
    clock,
    idleMs: idleMs(options),
    sockets,
    someoneWaits: () => queue.someoneWaits,
    quietEverywhere: (quiet) => queue.quietEverywhere(quiet),
    disconnect: (sid) => store.sessions.disconnect(sid, "idle", true),
    logger,
  });
}

/** The queue with its two faces: the room, and the calls for those who poll. null where none is configured. */
function createQueue(
  { options, clock, logger, jwt, store, callers }: Basics,
  sessions: Sessions,
  connectedSids: () => readonly string[],
): { service: LoginQueue; QueueRoom: QueueRoomClass; http: QueueHttpFace } | null {
  if (options.queue === undefined) return null;
  const { lane } = options.queue;
  const settings = { ...options.queue, ...queueSettings(options.queue) };
  const service = new LoginQueue({
    store: store.queue,
    jwt,
    clock,
    settings,
    hostId: randomId(),
    connectedSids,
    logger,
  });
  const chooseLane = createLaneChooser<SessionAuth>({ lane, lanes: () => service.settings.current.lanes }, logger);
  const askNewcomer = createNewcomerCheck(options.hooks ?? {}, logger);
  const authenticate = (token: string) => liveOrNull(sessions.verify(token));
  const readSession = (sid: string) => liveOrNull(sessions.requireLive(sid));
  const polling = new QueuePolling({ queue: service, store: store.queue });
  const http: QueueHttpFace = {
    async join({ ticket, hint }, token, caller) {
      const session = token === null ? null : await authenticate(token);
      const player = { session, hint };
      const entrance = entranceOf(askNewcomer, player, caller);
      return polling.join({ ticket: ticket ?? null, session, lane: chooseLane(player), entrance });
    },
    poll: (ticket, caller) => polling.poll(ticket, entranceFrom(caller)),
    leave: (ticket) => polling.leave(ticket),
  };
  return {
    service,
    QueueRoom: createQueueRoom({
      queue: service,
      clock,
      settings,
      chooseLane,
      callers,
      askNewcomer,
      authenticate,
      readSession,
      logger,
    }),
    http,
  };
}

/** Asks the hook `beforeQueue` of whoever is to get a new ticket; null where there is none. */
function createNewcomerCheck(hooks: LoginHooks, logger: Logger): AskNewcomer<SessionAuth> | null {
  if (hooks.beforeQueue === undefined) return null;
  return (newcomer, caller) => askBeforeQueue(hooks, { ...newcomer, address: caller.address }, caller, logger);
}

/** The checks at the ways into a room: the token at matchmaking, the session at the socket and at reconnection. */
function createEntry({ options, logger }: Basics, sessions: Sessions, queue: LoginQueue | null) {
  const admit = async (record: SessionRecord): Promise<SessionAuth> => {
    await queue?.requireSlot(record);
    return toSessionAuth(record);
  };
  const onAuth: Login["onAuth"] = async (token) => {
    try {
      if (!token) throw new LoginError("TOKEN_INVALID", "A session token is required.");
      return await admit(await sessions.verify(token, { audiences: ["game"] }));
    } catch (error) {
      throw toServerError(error, logger);
    }
  };
  const requireEntry = async (sid: string): Promise<SessionAuth> => {
    const record = await sessions.requireLive(sid);
    const { gameShardId } = options;
    if (gameShardId !== undefined && record.shard !== gameShardId) {
      throw new LoginError("TOKEN_INVALID", "The session is for another shard.");
    }
    return admit(record);
  };
  return { onAuth, requireEntry };
}

/** Refusals of a session token that make its holder a stranger to the queue, and no more. */
const deadSessionCodes: ReadonlySet<string> = new Set(["TOKEN_INVALID", "TOKEN_EXPIRED", "SESSION_REVOKED"]);

async function liveOrNull(read: Promise<SessionRecord>): Promise<SessionAuth | null> {
  try {
    return toSessionAuth(await read);
  } catch (error) {
    if (error instanceof LoginError && deadSessionCodes.has(error.code)) return null;
    throw error;
  }
}

function noQueue(): never {
  throw new TypeError("defineLogin: no login queue is configured: give the option queue");
}
