// Composes everything: reads the options, makes the parts, and joins them. The only file that knows them all.
import type { AuthContext, Room } from "@colyseus/core";
import type { Bans } from "./access/bans.ts";
import type { AccessFace } from "./access-face.ts";
import { memoryAccounts } from "./accounts/memory-accounts.ts";
import type { AccountsFace } from "./accounts-face.ts";
import { Callers } from "./callers.ts";
import { calmLogger } from "./calm-logger.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Basics } from "./composition/basics.ts";
import { createPlayersFace } from "./composition/doors.ts";
import { createEntry } from "./composition/entry.ts";
import { createFaces } from "./composition/faces.ts";
import { followFeed } from "./composition/feed-parts.ts";
import { createAccess, createEmailTokens } from "./composition/identity-parts.ts";
import { logSignals, startLine } from "./composition/log-lines.ts";
import { meterStore } from "./composition/metrics-parts.ts";
import { createOperatorRoutes } from "./composition/operator-parts.ts";
import { createQueue, requireQueue } from "./composition/queue-parts.ts";
import {
  createIdleWatch,
  createRecheck,
  createRecordCache,
  createSessions,
  createSockets,
} from "./composition/session-parts.ts";
import { refuseDevelopmentSettings, requireSharedSecrets, warnOfDevelopmentSettings } from "./development.ts";
import { Emitter } from "./emitter.ts";
import { createEventsFace, type EventsFace } from "./events-face.ts";
import type { LoginRoutes } from "./http/dual-mode.ts";
import { createMiddleware, type LoginMiddleware } from "./http/middleware.ts";
import { createLoginRoutes } from "./http/routes.ts";
import { frameworkLogger } from "./logger.ts";
import type { QueueRoomClass } from "./login-queue/queue-room.ts";
import { keyRingOptions, queueSettings } from "./login-settings.ts";
import type { LoginSignals } from "./login-signals.ts";
import {
  type LoginDataOf,
  type LoginOptions,
  type LoginTypes,
  type ResolvedOptions,
  resolveOptions,
  type VarsOf,
} from "./options/options.ts";
import { StoreOutage } from "./outage.ts";
import type { QueueFace } from "./queue-face.ts";
import { guardRoom } from "./sessions/guard.ts";
import type { RoomDependencies } from "./sessions/room-hooks.ts";
import { SessionPlugin } from "./sessions/room-plugin.ts";
import { type SessionAuth, toSessionAuth, type Vars } from "./sessions/session.ts";
import type { SessionsFace } from "./sessions/sessions-face.ts";
import type { SessionSockets } from "./sessions/sockets.ts";
import { memoryStore } from "./stores/memory/memory-store.ts";
import { JwtSigner } from "./tokens/jwt.ts";
import { createKeyRing } from "./tokens/keys.ts";
import type { TokensFace } from "./tokens/tokens-face.ts";

/** What `defineLogin` answers: everything a server asks of the package (DESIGN 3). */
export interface Login<V extends object = Vars, D extends object = Record<string, unknown>> {
  /**
   * A type and no value: what the type parameter of `defineLogin` said, for the client, as in
   * `createLoginClient<typeof client, VarsOf<Types>, LoginDataOf<Types>>` with `type Types = NonNullable<typeof login.$types>`.
   */
  readonly $types?: { readonly vars: V; readonly loginData: D };
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
  readonly access: AccessFace;
  readonly accounts: AccountsFace;
  readonly tokens: TokensFace;
  /**
   * Listens to what happens in this process: see `LoginEvents`. Listeners are called in the midst of it and nobody waits for
   * their promises; what one throws or rejects with is logged. Returns the way to stop. After `shutdown` nothing is told.
   * Throws a TypeError for a name that is none, which lists them, and for a listener that is no function.
   */
  readonly on: EventsFace<V>["on"];
  /**
   * The end of this process: sends those who wait here to another one, with fresh tickets and their places kept (they are closed
   * with 4001), begins the grace of those who play here, and closes the store. Sockets of other rooms are the server's to close,
   * best before: `server.onShutdown(() => login.shutdown())`.
   */
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
): Login<VarsOf<T>, LoginDataOf<T>> {
  // What a game says its vars are is a promise of its hooks and clients: nothing at run time knows the shape, so it is
  // taken at its word here, and for a session's own view in `toSessionAuth`.
  return createLogin(resolveOptions(options), systemClock) as unknown as Login<VarsOf<T>, LoginDataOf<T>>;
}

/** The same with checked options and any clock. */
export function createLogin(options: ResolvedOptions, processClock: Clock): Login {
  refuseDevelopmentSettings(options, process.env["NODE_ENV"]);
  requireSharedSecrets(options);
  const logger = calmLogger(options.logger ?? frameworkLogger, processClock);
  warnOfDevelopmentSettings(options, logger);
  const signals = new Emitter<LoginSignals>((name, error) =>
    logger.error(`colyseus-login: the signal ${name} could not be taken in`, error),
  );
  logSignals(signals, logger);
  const events = createEventsFace(signals, logger);

  const keys = createKeyRing(keyRingOptions(options));
  const opened = (options.store ?? memoryStore())({
    clock: processClock,
    queue: options.queue === undefined ? null : queueSettings(options.queue),
    ticketsMayReturn: !keys.development,
    feedLeaseSeconds: options.feedLeaseSeconds,
    logger,
  });
  const { store, metrics } = meterStore(opened, {
    options,
    signals,
    logger,
    connectedSessions: () => sockets.connectedSids().length,
  });
  // From here on time is the store's: a process whose own clock is wrong must not judge by it.
  const { clock } = store;
  const accounts = (options.accounts ?? memoryAccounts())({ clock, logger });
  const jwt = new JwtSigner({ keys, issuer: options.tokens.issuer, clock });
  const callers = new Callers(options.trustedProxyHops);
  const outage = new StoreOutage({ clock, logger, emit: signals.emit });
  const cache = options.verify === "cached" ? createRecordCache(store) : null;
  const basics: Basics = { options, clock, logger, signals, jwt, store, callers, outage, cache };
  const access = createAccess(basics, accounts);
  const sessions = createSessions(basics, accounts, access);
  const sockets: SessionSockets = createSockets(basics, sessions, () => queue?.service ?? null);
  const queue = createQueue(basics, sessions, access, () => sockets.connectedSids());
  const emails = createEmailTokens(basics);
  const idleWatch = queue === null ? null : createIdleWatch(basics, sockets, queue.service);
  const recheck = createRecheck(basics, sessions, sockets);
  const parts = { accounts, access, sessions, queue, emails };
  const playersFace = createPlayersFace(basics, { ...parts, keys });
  const { onAuth, requireEntry } = createEntry(basics, sessions, queue?.service ?? null);
  const rooms: RoomDependencies = { clock, sockets, requireEntry, emit: signals.emit, logger };

  const faces = createFaces(basics, parts);
  const operator = createOperatorRoutes(basics, {
    ...faces,
    accounts,
    queue: queue === null ? null : { face: faces.queue, service: queue.service, history: queue.history },
    metrics,
    connectedSessions: () => sockets.connectedSids().length,
  });

  const stopFollowing = followFeed(basics, { access, queue, sockets, recheck });
  callers.start();
  sockets.start();
  idleWatch?.start();
  queue?.service.start();
  logger.info(startLine(options));

  return {
    onAuth,
    sessionPlugin: () => new SessionPlugin(rooms),
    guard: (RoomClass) => guardRoom(RoomClass, { ...rooms, onAuth }),
    middleware: () =>
      createMiddleware({
        verify: async (token) => toSessionAuth(await sessions.verify(token)),
        emit: signals.emit,
      }),
    routes: () =>
      createLoginRoutes(playersFace, { prefix: options.prefix, clock, logger, callers, emit: signals.emit }, operator),
    get QueueRoom() {
      return requireQueue(queue).QueueRoom;
    },
    ...faces,
    on: events.on,
    async shutdown() {
      await queue?.service.shutDown();
      sockets.stop();
      idleWatch?.stop();
      recheck.stop();
      callers.stop();
      stopFollowing();
      events.close();
      await store.close();
      await accounts.close?.();
      logger.flush();
    },
  };
}
