// Sessions in the memory store, their sockets and the guard, put together as `login.ts` does, for tests of rooms.
import { type AuthContext, matchMaker, type Room } from "@colyseus/core";
import { Client as SdkClient } from "@colyseus/sdk";
import { expect } from "vitest";
import { LoginError, toServerError } from "../../src/errors.ts";
import { StoreOutage } from "../../src/outage.ts";
import { type GuardDependencies, guardRoom } from "../../src/sessions/guard.ts";
import { SessionPlugin } from "../../src/sessions/room-plugin.ts";
import { type SessionAuth, type SessionRecord, sessionEntryEndsAt, toSessionAuth } from "../../src/sessions/session.ts";
import type { EndRequest } from "../../src/sessions/session-store.ts";
import { SessionSockets } from "../../src/sessions/sockets.ts";
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import { Calls } from "./calls.ts";
import { ManualClock } from "./manual-clock.ts";
import type { RoomServer } from "./room-server.ts";

export type RoomClass = new () => Room;

const minuteMs = 60_000;

export const lifetimes = {
  tokenMs: 60 * minuteMs,
  idleMs: 600 * minuteMs,
  absoluteMs: 900 * minuteMs,
  refreshGraceMs: 0,
};

export interface RoomsOptions {
  maxSocketsPerSession?: number;
  closeSocketsOnExpiry?: boolean;
}

export class Rooms {
  readonly clock = new ManualClock();
  readonly store = memoryStore()({ clock: this.clock, queue: null, ticketsMayReturn: false });
  readonly sockets: SessionSockets;
  readonly dependencies: GuardDependencies;
  readonly calls = new Calls();
  readonly slots: string[] = [];
  readonly logged: unknown[][] = [];
  /** What was told of, in order. */
  readonly told: unknown[][] = [];
  readonly emit = (...signal: unknown[]): void => void this.told.push(signal);
  /** While set, the process does not hear of ends: they stand in the store alone. */
  feedCut = false;
  /** While set, the store cannot be read. */
  storeDown = false;
  /** While set, the store has lost every record. */
  storeLost = false;
  /** Runs between a socket's registration and the read of its record. */
  beforeRead: (() => void | Promise<void>) | null = null;
  /** Runs after that read, before its answer is used. */
  afterRead: (() => void | Promise<void>) | null = null;
  readonly #server: RoomServer;
  readonly #unhandled: unknown[] = [];
  readonly #onUnhandled = (reason: unknown): void => {
    this.#unhandled.push(reason);
  };
  #sessions = 0;

  constructor(server: RoomServer, { maxSocketsPerSession = 8, closeSocketsOnExpiry = true }: RoomsOptions = {}) {
    this.#server = server;
    const logger = {
      debug: (...parts: unknown[]) => this.logged.push(parts),
      info: (...parts: unknown[]) => this.logged.push(parts),
      warn: (...parts: unknown[]) => this.logged.push(parts),
      error: (...parts: unknown[]) => this.logged.push(parts),
    };
    this.sockets = new SessionSockets({
      clock: this.clock,
      maxSocketsPerSession,
      closeSocketsOnExpiry,
      listensToPlayers: true,
      readSession: (sid) => this.#read(sid),
      onFirstSocket: (sid) => this.slots.push(`first ${sid}`),
      onLastSocket: (sid) => this.slots.push(`last ${sid}`),
      outage: new StoreOutage({ clock: this.clock, logger, emit: () => {} }),
      emit: this.emit,
      logger,
    });
    this.dependencies = {
      clock: this.clock,
      sockets: this.sockets,
      requireEntry: (sid) => this.#requireEntry(sid),
      emit: this.emit,
      logger,
      onAuth: (token) => this.onAuth(token),
    };
    this.store.subscribe((event) => {
      if (this.feedCut || (event.type !== "sessionEnded" && event.type !== "disconnect")) return 0;
      return this.sockets.hear(event);
    });
    process.on("unhandledRejection", this.#onUnhandled);
    this.sockets.start();
  }

  /** Disposes of every room and throws if anything was left behind: a rejection that nobody handled, a seat, a slot. */
  async stop(): Promise<void> {
    await Promise.all(matchMaker.disconnectAll());
    // The last hooks of a seat given up, and Node's word of a rejection, come when the microtasks are through.
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    this.sockets.stop();
    await this.store.close();
    process.off("unhandledRejection", this.#onUnhandled);
    expect(this.#unhandled, "unhandled rejections").toEqual([]);
    expect(this.sockets.size, "sessions with seats that nobody gave back").toBe(0);
    expect(this.slots.length % 2, "sessions whose last socket was not told").toBe(0);
  }

  readonly onAuth = async (
    token: string | undefined,
    _options?: unknown,
    _context?: AuthContext,
  ): Promise<SessionAuth> => {
    try {
      return await this.#requireEntry(token ?? "", false);
    } catch (error) {
      throw toServerError(error, { ...this.dependencies, door: "matchmaking" });
    }
  };

  plugin(): SessionPlugin {
    return new SessionPlugin(this.dependencies);
  }

  guard<R extends RoomClass>(roomClass: R): R {
    return guardRoom(roomClass, this.dependencies);
  }

  define(name: string, roomClass: RoomClass): void {
    this.#server.define(name, roomClass);
  }

  get http(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  get port(): number {
    return this.#server.port;
  }

  async openSession(userId = "ann"): Promise<string> {
    this.#sessions += 1;
    const sid = `sid-${this.#sessions}-of-${userId}`;
    const session = {
      sid,
      userId,
      username: userId,
      groups: [],
      kind: "player",
      clientVars: { colour: "red" },
      serverVars: { rank: "7" },
      shard: null,
      address: null,
      agent: null,
      nonce: "nonce",
      refreshSecretId: "secret",
      tokenId: "token-1",
    } as const;
    await this.store.sessions.open({
      session,
      lifetimes,
      ticketId: null,
      concurrent: { limit: 1_000, onExceeded: "replace" },
    });
    return sid;
  }

  async refresh(sid: string, clientVars: Record<string, string> | null = null): Promise<void> {
    await this.store.sessions.refresh({
      sid,
      presented: 1,
      attempt: null,
      clientVars,
      serverVars: null,
      username: "ann",
      groups: [],
      tokenId: "token-2",
      refreshSecretId: "secret",
      lifetimes,
    });
  }

  /** Logs out, with or without closing the sockets. */
  async end(sid: string, request: Partial<EndRequest> = {}): Promise<number> {
    const { socketsClosed } = await this.store.sessions.end(sid, { reason: "logout", closeSockets: false, ...request });
    return socketsClosed;
  }

  /** A client of the stock SDK that shows `sid` as its token, and reconnects at once when it drops. */
  sdk(sid: string | null): SdkClient {
    const client = new SdkClient(this.http);
    if (sid !== null) client.auth.token = sid;
    return client;
  }

  /** A seat that the matchmaker reserved for the session, or for nobody at all. */
  async reserve(roomId: string, sid: string | null): Promise<string> {
    const context: AuthContext | undefined =
      sid === null ? undefined : { token: sid, headers: new Headers(), ip: undefined };
    return (await matchMaker.joinById(roomId, {}, context)).sessionId;
  }

  /** A room on the server by its id. */
  room<T extends Room = Room>(roomId: string): T {
    return matchMaker.getLocalRoomById(roomId) as T;
  }

  async #read(sid: string): Promise<SessionRecord | null> {
    if (this.storeDown) throw new LoginError("STORE_UNAVAILABLE", "The store cannot be reached.");
    return this.storeLost ? null : this.store.sessions.get(sid);
  }

  async #requireEntry(sid: string, atSocket = true): Promise<SessionAuth> {
    if (atSocket) await this.beforeRead?.();
    const record = await this.#read(sid);
    if (atSocket) await this.afterRead?.();
    if (record === null) throw new LoginError("SESSION_REVOKED", "There is no such session.");
    const ban = await this.store.access.getBan(record.userId);
    if (ban !== null) throw new LoginError("BANNED", "Banned.", { reason: ban.reason });
    if (record.end !== null) throw new LoginError("SESSION_REVOKED", "The session has ended.");
    if (sessionEntryEndsAt(record) <= this.clock.now()) throw new LoginError("TOKEN_EXPIRED", "The session ran out.");
    return toSessionAuth(record);
  }
}
