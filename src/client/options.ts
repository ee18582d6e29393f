// What callers of the helper give and get: options and events.
import type { LoginClientError } from "./errors.ts";
import type { QueueUpdate } from "./queue-visit.ts";
import type { SdkRoom } from "./sdk.ts";
import type { LoginSession } from "./session.ts";
import type { LoginStorage } from "./storage.ts";

export interface LoginClientOptions {
  /** Where the server's login routes are. Default: `/auth`. */
  prefix?: string;
  /** Where session and place are kept. Default: `localStorage` in browsers, memory elsewhere. */
  storage?: LoginStorage;
  /** Names the entries in the storage. Default: made of the server's address, so that games of one origin do not meet. */
  storageKey?: string;
}

export interface AuthenticateOptions {
  /** Client vars of the session. */
  vars?: Readonly<Record<string, string>>;
  /** The name of a new account. */
  username?: string;
  /** Whether an unknown player gets an account; the server's provider decides by default. */
  create?: boolean;
  /** Anything that helps the server to choose the lane in the queue; sent to the queue room, not checked by anyone. */
  hint?: unknown;
  /**
   * Takes a place in the queue before the first try, which needs a server with a queue. Default false: the login is tried first,
   * which is quickest where mostly nobody waits, but a browser prints the refusal of a full server in its console.
   */
  queueFirst?: boolean;
  /** Called whenever the queue room says something new; not at all where there is no wait. */
  onQueue?: (update: QueueUpdate) => void;
  /** Gives up: leaves the queue, and logs out again should the login still come through. */
  signal?: AbortSignal;
}

/** The server closed a room. */
export interface Disconnected {
  /** 4401 session ended, 4403 banned, 4408 expired, 4409 replaced by a newer login, 4410 disconnected by the server, 4411 idle. */
  readonly code: number;
  readonly reason: string;
  readonly room: SdkRoom;
}

/** The server is about to close a room (4411) because the player does nothing while others wait; any message to a room tells it otherwise. */
export interface IdleWarning {
  readonly secondsLeft: number;
  readonly room: SdkRoom;
}

/** What the listeners of each event are called with. */
export type LoginClientEvents<V, D extends object = Record<string, unknown>> = {
  /** The place in the queue changed. */
  queue: [update: QueueUpdate];
  /** The session changed: a login, a refresh (of another tab, too), or its end, with the refusal that ended it if there was one. */
  session: [session: LoginSession<V, D> | null, error: LoginClientError | null];
  /** The server closed a room that was joined through the helper. */
  disconnected: [event: Disconnected];
  /** A room that was joined through the helper asks whether the player is still there. */
  idle: [warning: IdleWarning];
  /**
   * The queue has been silent for three heartbeats (15 s), and the helper connects anew by itself, with the ticket. `since`: the
   * last word, by the local clock. Told once; the next `queue` event says that the link is back.
   */
  stale: [event: { readonly since: number }];
};
