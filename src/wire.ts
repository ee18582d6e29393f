// The shapes both sides of the wire speak (DESIGN 6). Types only: used by http/ and client/. Times are ms since the epoch.

/** A session as its owner may see it. */
export interface WireSession<V = Record<string, string>> {
  sid: string;
  userId: string;
  username: string;
  /** Client vars with server vars laid over them. */
  vars: V;
  /** The part of `vars` that no client can have written. */
  serverVars: Record<string, string>;
  kind: "player";
  createdAt: number;
  /** When the session token in force ends; a refresh moves it. */
  expiresAt: number;
}

/** A session in the list of its owner's sessions. */
export interface WireSessionEntry<V = Record<string, string>> extends WireSession<V> {
  /** Where its login came from; null where the server could not tell. */
  address: string | null;
  /** The `User-Agent` of its login, at most 256 characters; null where none was sent. */
  agent: string | null;
  /** When it was in use last, give or take a minute. */
  lastSeenAt: number;
  /** Whether it is the session that asks. */
  current: boolean;
}

/** One way to log in to an account, as its owner sees it. */
export interface WireIdentity {
  /** The provider's name. */
  provider: string;
  linkedAt: number;
  /** The address, where it is one. */
  email?: string;
  /** Whether its owner has confirmed the address. */
  emailVerified?: boolean;
}

/** The answer to every call that opens or prolongs a session. */
export interface WireLogin<V = Record<string, string>, D = Record<string, unknown>> {
  token: string;
  refreshToken: string;
  /** Beside a `token` for one shard: good for everything but game rooms. */
  socialToken?: string;
  tokenExpiresAt: number;
  refreshTokenExpiresAt: number;
  /** When to refresh: drawn per answer, so that clients that logged in together do not refresh together. */
  refreshAt: number;
  session: WireSession<V>;
  user: { id: string; username: string };
  /** What the server's `loginData` jobs brought; nothing after a refresh. */
  loginData: D;
  /** Whether this login made the account. */
  created: boolean;
}

export type PlaceStatus = "waiting" | "admitted" | "removed";

/** Modes of the queue (DESIGN 5). */
export type QueueMode = "auto" | "always" | "paused" | "closed" | "open";

/**
 * What the queue room tells of the queue: its mode, or that the server cannot look after it at the moment. Places are kept, and
 * nobody is let in meanwhile. Over HTTP that is an answer 503.
 */
export type ShownMode = QueueMode | "unavailable";

/** A place in the queue, as polling over HTTP sees it. */
export interface WirePlace {
  status: PlaceStatus;
  /** 1 = next; 0 once admitted. */
  position: number;
  /** Tickets waiting in the same lane. */
  queueLength: number;
  /** Estimated ms until logged in; -1 = not known. */
  etaMs: number;
  mode: QueueMode;
  notice: string;
  ticket: string;
  pass?: string;
  passExpiresAt?: number;
  retryAfterSeconds: number;
  asOf: number;
}

/** The body of every refusal. */
export interface WireError {
  code: string;
  message: string;
  reason?: string;
  until?: number;
  room?: string;
  queueLength?: number;
  etaMs?: number;
  retryAfterSeconds?: number;
  verifyEmail?: true;
}
