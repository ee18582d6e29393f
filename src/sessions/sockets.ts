// The sockets of this process by session: how many, whom they belong to, when their session runs out, and how to close them.
import type { Client, Room } from "@colyseus/core";
import type { Clock, StopTask } from "../clock.ts";
import type { Emit } from "../emitter.ts";
import { LoginCloseCode, LoginError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { StoreOutage } from "../outage.ts";
import { listenToPlayer } from "./activity.ts";
import { type Closing, closeCodeFor, closing } from "./closing.ts";
import { Seat } from "./seat.ts";
import { type SessionAuth, type SessionRecord, sessionEntryEndsAt } from "./session.ts";
import type { SessionSignals } from "./session-signals.ts";
import type { SessionEvent } from "./session-store.ts";

export interface SessionSocketsDependencies {
  readonly clock: Clock;
  /** Sockets one session may have open in this process. */
  readonly maxSocketsPerSession: number;
  /** Whether sockets are closed when their session runs out. */
  readonly closeSocketsOnExpiry: boolean;
  /** Whether it is to be known how long a session is quiet. */
  readonly listensToPlayers: boolean;
  readonly readSession: (sid: string) => Promise<SessionRecord | null>;
  readonly outage: StoreOutage;
  /** The session's first socket was let in. Must not throw. */
  readonly onFirstSocket: (sid: string) => void;
  /** The last socket of the session that was let in is gone. Must not throw. */
  readonly onLastSocket: (sid: string) => void;
  readonly emit: Emit<SessionSignals>;
  readonly logger: Logger;
}

interface Tracked {
  readonly seats: Set<Seat>;
  /** Whether a socket of it was let in and is still there. */
  connected: boolean;
  /** When to look whether the session has run out, ms since the epoch. */
  endsAt: number;
  ended: boolean;
  /** When a room was joined or a message came last, ms since the epoch. */
  heardAt: number;
}

const expiryCheckMs = 1_000;

/** Where a session past its end could not be read, it is looked at again so much later. */
const lookAgainMs = 30_000;

/** A store that lost its sessions is told of no more often. */
const tellAgainMs = 60_000;

export class SessionSockets {
  readonly #deps: SessionSocketsDependencies;
  readonly #sessions = new Map<string, Tracked>();
  #stopExpiry: StopTask | null = null;
  #toldOfUnknownAt = Number.NEGATIVE_INFINITY;

  constructor(dependencies: SessionSocketsDependencies) {
    this.#deps = dependencies;
  }

  /** Starts to close the sockets of sessions that run out, if they are to be closed. */
  start(): void {
    if (!this.#deps.closeSocketsOnExpiry || this.#stopExpiry !== null) return;
    const { clock, logger } = this.#deps;
    this.#stopExpiry = clock.every(expiryCheckMs, () =>
      this.#closeExpired().catch((error) => logger.error("colyseus-login: sockets past their end stay open", error)),
    );
  }

  stop(): void {
    this.#stopExpiry?.();
    this.#stopExpiry = null;
  }

  /**
   * Registers the socket of a client that wants in. It comes before the read of the record, so that an end at that moment
   * is seen by one side or the other.
   * @throws LoginError TOO_MANY_REQUESTS
   */
  open(sid: string, room: Room, client: Client): Seat {
    const seat = new Seat(sid, room, client, this.#deps.clock, (changed) => this.#settle(changed));
    const tracked = this.#sessions.get(sid) ?? {
      seats: new Set(),
      connected: false,
      endsAt: Number.POSITIVE_INFINITY,
      ended: false,
      heardAt: 0,
    };
    tracked.heardAt = this.#deps.clock.now();
    this.#sessions.set(sid, tracked);
    tracked.seats.add(seat);
    try {
      this.reopen(seat, client);
    } catch (error) {
      seat.leave(client);
      throw error;
    }
    return seat;
  }

  /**
   * The same for a client that comes back to its seat.
   * @throws LoginError TOO_MANY_REQUESTS
   */
  reopen(seat: Seat, client: Client): void {
    seat.occupy(client);
    if (this.#deps.listensToPlayers) listenToPlayer(client.ref, () => this.#heard(seat));
    if (this.count(seat.sid) <= this.#deps.maxSocketsPerSession) return;
    throw new LoginError("TOO_MANY_REQUESTS", "The session has too many sockets open.");
  }

  /** The record lets the session in: its socket counts from now on. Throws if the seat was closed meanwhile. */
  letIn(seat: Seat, { expiresAt }: SessionAuth): void {
    seat.letIn();
    const tracked = this.#sessions.get(seat.sid);
    if (tracked !== undefined) tracked.endsAt = expiresAt;
  }

  /** How many sessions have a socket in this process, or a seat held for one. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Sessions that have a socket in this process, or a seat held for one. */
  sids(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  /** Sockets of the session that are open in this process. */
  count(sid: string): number {
    let count = 0;
    for (const seat of this.#sessions.get(sid)?.seats ?? []) if (seat.hasSocket) count += 1;
    return count;
  }

  /** Sessions with a socket in this process. */
  connectedSids(): string[] {
    return [...this.#sessions].filter(([, { connected }]) => connected).map(([sid]) => sid);
  }

  /** Sessions with a socket in this process that has heard nothing of them for so long; each with its silence in ms. */
  quiet(atLeastMs: number): ReadonlyMap<string, number> {
    const now = this.#deps.clock.now();
    const quiet = new Map<string, number>();
    for (const [sid, { connected, heardAt }] of this.#sessions) {
      if (connected && now - heardAt >= atLeastMs) quiet.set(sid, now - heardAt);
    }
    return quiet;
  }

  /** Sends a message to every socket of the session. */
  tell(sid: string, type: string, message: unknown): void {
    for (const seat of this.#sessions.get(sid)?.seats ?? []) seat.tell(type, message);
  }

  /** What an event of the store's feed asks for; answers how many sockets were told to close. */
  hear(event: SessionEvent): number {
    if (event.type === "disconnect") {
      if (event.isIdle === true) return this.closeSession(event.sid, LoginCloseCode.IDLE);
      return this.closeSession(event.sid, LoginCloseCode.DISCONNECTED, event.reason);
    }
    this.endSession(event.sid);
    return event.closeSockets ? this.closeSession(event.sid, closeCodeFor(event.reason), event.message) : 0;
  }

  /** Closes every socket of the session and gives up the seats held for it; answers how many sockets were told. */
  closeSession(sid: string, code: LoginCloseCode, reason?: string): number {
    return this.#close(sid, closing(code, reason));
  }

  /** The session ended and its sockets stay: nobody who is being checked gets in, nobody who drops comes back. */
  endSession(sid: string): void {
    const tracked = this.#sessions.get(sid);
    if (tracked === undefined) return;
    tracked.ended = true;
    for (const seat of [...tracked.seats]) seat.endSession();
  }

  #close(sid: string, how: Closing): number {
    let told = 0;
    for (const seat of [...(this.#sessions.get(sid)?.seats ?? [])]) {
      if (!seat.close(how)) continue;
      told += 1;
      this.#deps.emit("socketClosed", { code: how.code });
    }
    return told;
  }

  #heard({ sid }: Seat): void {
    const tracked = this.#sessions.get(sid);
    if (tracked !== undefined) tracked.heardAt = this.#deps.clock.now();
  }

  #settle(seat: Seat): void {
    const tracked = this.#sessions.get(seat.sid);
    if (tracked === undefined) return;
    if (seat.isOver) tracked.seats.delete(seat);
    if (tracked.seats.size === 0) this.#sessions.delete(seat.sid);

    const connected = [...tracked.seats].some(({ isConnected }) => isConnected);
    if (connected === tracked.connected) return;
    tracked.connected = connected;
    if (connected) this.#deps.onFirstSocket(seat.sid);
    else this.#deps.onLastSocket(seat.sid);
  }

  async #closeExpired(): Promise<void> {
    const now = this.#deps.clock.now();
    const due = [...this.#sessions].filter(([, { connected, endsAt }]) => connected && endsAt <= now);
    const looks = await Promise.all(due.map(([sid, tracked]) => this.#closeIfExpired(sid, tracked)));
    const unknown = looks.filter((look) => look === "unknown").length;
    if (unknown === 0 || now < this.#toldOfUnknownAt + tellAgainMs) return;
    this.#toldOfUnknownAt = now;
    this.#deps.logger.warn(
      `colyseus-login: ${unknown} sessions past their known end are unknown to the store, their sockets stay open`,
    );
  }

  /** Only what the record says closes a socket: a store that lost or hides it closes none. */
  async #closeIfExpired(sid: string, tracked: Tracked): Promise<"looked" | "unknown" | "unread"> {
    const now = this.#deps.clock.now();
    const record = await this.#read(sid);
    // An ended session may be gone from the store because its time is over; that it ended is known here.
    if (record === undefined || (record === null && !tracked.ended)) {
      tracked.endsAt = now + lookAgainMs;
      return record === undefined ? "unread" : "unknown";
    }
    const endsAt = record === null ? tracked.endsAt : sessionEntryEndsAt(record);
    if (endsAt > now) tracked.endsAt = endsAt;
    else this.#close(sid, closing(LoginCloseCode.EXPIRED));
    return "looked";
  }

  /** undefined where the store does not answer. */
  async #read(sid: string): Promise<SessionRecord | null | undefined> {
    const { outage, readSession } = this.#deps;
    const answer: { record?: SessionRecord | null } = {};
    await outage.attempt("reading sessions past their end", async () => {
      answer.record = await readSession(sid);
    });
    return answer.record;
  }
}
