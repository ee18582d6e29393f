// What the tests of the Redis store's sessions start from: stores without a queue on one Redis, in real time.

import { afterEach } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { randomId } from "../../src/random.ts";
import type { SessionRecord } from "../../src/sessions/session.ts";
import type { NewSession, SessionLifetimes } from "../../src/sessions/session-store.ts";
import { RedisLink } from "../../src/stores/redis/link.ts";
import { redisStore } from "../../src/stores/redis/redis-store.ts";
import type { Store } from "../../src/stores/store.ts";
import { lifetimes } from "../contract/harness.ts";
import { newSession } from "../support/new-session.ts";
import { type RedisServer, useRedisServer } from "../support/redis-server.ts";

const prefix = "sessions";

export const logout = { reason: "logout", closeSockets: false } as const;

/** The whole name of a key. */
export const key = (name: string): string => `{${prefix}}:${name}`;

interface Options extends Partial<NewSession> {
  readonly lifetimes?: Partial<SessionLifetimes>;
  /** How many a user may have; any number unless given. */
  readonly limit?: number;
}

export interface SessionStores {
  readonly server: RedisServer;
  /** Another process. */
  openStore(): Store;
  openLink(): RedisLink;
}

/** Stores and links that are closed after each test, and their keys with them. */
export function useSessionStores(): SessionStores {
  const server = useRedisServer();
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
    await server.forgetKeys(prefix);
  });
  return {
    server,
    openStore() {
      const store = redisStore(server.url, { prefix })({ clock: systemClock, queue: null, ticketsMayReturn: false });
      opened.push(store);
      return store;
    },
    openLink() {
      const link = new RedisLink({ urlOrClient: server.url, prefix }, { clock: systemClock });
      opened.push(link);
      return link;
    },
  };
}

/** Opens a session that must open. */
export async function open(
  store: Store,
  { lifetimes: special, limit = Number.POSITIVE_INFINITY, ...session }: Options = {},
): Promise<SessionRecord> {
  const outcome = await store.sessions.open({
    session: newSession({
      sid: randomId(),
      userId: "user",
      username: "User",
      nonce: randomId(),
      tokenId: randomId(),
      ...session,
    }),
    lifetimes: { ...lifetimes, ...special },
    ticketId: null,
    concurrent: { limit, onExceeded: "replace" },
  });
  if (outcome.outcome !== "opened") throw new Error(`expected the session to open, got ${outcome.outcome}`);
  return outcome.record;
}
