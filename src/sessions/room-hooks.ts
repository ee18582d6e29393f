// Every way into one room, checked: wrappers laid over the room's own hooks, on the instance.
//
// On the instance, because there alone nothing passes them by: a plugin's hooks are skipped for arrow fields and for the
// first instance of a class with `onUncaughtException`, and there are none for drop and reconnection.
import type { Client, Deferred, Room, ServerError } from "@colyseus/core";
import type { Clock } from "../clock.ts";
import type { Emit } from "../emitter.ts";
import { LoginError, type RefusalSignals, toServerError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { closingForRefusal, cutIfIgnored } from "./closing.ts";
import { refusedHold, type Seat } from "./seat.ts";
import type { SessionAuth } from "./session.ts";
import type { SessionSignals } from "./session-signals.ts";
import type { SessionSockets } from "./sockets.ts";

export interface RoomDependencies {
  readonly clock: Clock;
  readonly sockets: SessionSockets;
  /**
   * Reads the session, which was to last until `seenUntil` when its seat was reserved, and answers its frozen `client.auth`; or
   * throws the LoginError that speaks against its entry.
   */
  readonly requireEntry: (sid: string, seenUntil: number) => Promise<SessionAuth>;
  readonly emit: Emit<SessionSignals & RefusalSignals>;
  readonly logger: Logger;
}

type HookName = "onJoin" | "onLeave" | "onDrop" | "onReconnect" | "allowReconnection";

const guardedRooms = new WeakMap<SessionSockets, WeakSet<Room>>();

/**
 * Guards a room that is fully constructed and has no client yet. A room that has the plugin twice, or the plugin and the
 * guard, is guarded once.
 */
export function guardHooks(room: Room, dependencies: RoomDependencies): void {
  const guarded = guardedRooms.get(dependencies.sockets) ?? new WeakSet();
  guardedRooms.set(dependencies.sockets, guarded);
  if (guarded.has(room)) return;
  guarded.add(room);
  new RoomHooks(room, dependencies);
}

/**
 * The framework's hooks and what they mean here. Games call their own hooks too, for bots say: whom the framework has not
 * just put into the room, or taken out of it, is none of ours and goes straight to the room's own.
 */
class RoomHooks {
  readonly #room: Room;
  readonly #deps: RoomDependencies;
  readonly #seats = new WeakMap<Client, Seat>();
  /** Seats held for a reconnection, by the framework's id of the seat. */
  readonly #held = new Map<string, Seat>();
  /** Clients the room has never heard of: being checked, or refused. Its hooks do not run for them. */
  readonly #strangers = new WeakSet<Client>();
  readonly #own: { readonly [K in HookName]: () => Room[K] };

  constructor(room: Room, dependencies: RoomDependencies) {
    this.#room = room;
    this.#deps = dependencies;
    this.#own = {
      onJoin: takeOver(room, "onJoin", (client, options, auth) => this.#onJoin(client, options, auth)),
      onLeave: takeOver(room, "onLeave", (client, code) => this.#onLeave(client, code)),
      onDrop: takeOver(room, "onDrop", (client, code) => this.#onDrop(client, code)),
      onReconnect: takeOver(room, "onReconnect", (client) => this.#onReconnect(client)),
      allowReconnection: takeOver(room, "allowReconnection", (client, time) => this.#allowReconnection(client, time)),
    };
  }

  async #onJoin(client: Client, options: unknown, auth: unknown): Promise<void> {
    const own = this.#own.onJoin();
    if (!this.#isInRoom(client) || this.#seats.has(client)) return own?.call(this.#room, client, options, auth);

    this.#strangers.add(client);
    let seat: Seat | undefined;
    try {
      // A seat can be reserved on the server without `onAuth`, and by a room that answers to another one.
      const sid = sidOf(client.auth);
      if (sid === null) throw new LoginError("TOKEN_INVALID", "The seat was reserved without a session.");
      seat = this.#deps.sockets.open(sid, this.#room, client);
      this.#seats.set(client, seat);
      await this.#letIn(seat, client);
    } catch (error) {
      seat?.leave(client);
      throw this.#refusal(client, error);
    }
    this.#strangers.delete(client);
    await own?.call(this.#room, client, options, client.auth);
    seat.sitDown();
  }

  /** The only gate of an automatic reconnection, which goes straight to the socket. */
  async #onReconnect(client: Client): Promise<void> {
    const own = this.#own.onReconnect();
    if (!this.#isInRoom(client) || this.#seats.has(client)) return own?.call(this.#room, client);

    const seat = this.#held.get(client.sessionId);
    try {
      if (seat === undefined) {
        this.#strangers.add(client);
        throw new LoginError("TOKEN_INVALID", "No session holds this seat.");
      }
      this.#held.delete(client.sessionId);
      this.#seats.set(client, seat);
      this.#deps.sockets.reopen(seat, client);
      await this.#letIn(seat, client);
    } catch (error) {
      // Before the throw, or the SDK sees an error and 4003 in place of the code.
      const closing = seat?.closing ?? (error instanceof LoginError ? closingForRefusal(error) : null);
      if (closing !== null) {
        client.leave(closing.code, closing.reason);
        if (seat?.isSocketTold !== true) this.#deps.emit("socketClosed", { code: closing.code });
      }
      throw this.#refusal(client, error);
    }
    await own?.call(this.#room, client);
    seat.sitDown();
  }

  async #onDrop(client: Client, code?: number): Promise<void> {
    const own = this.#own.onDrop();
    if (this.#strangers.has(client)) return;
    const seat = this.#seats.get(client);
    if (seat === undefined || this.#isInRoom(client)) return own?.call(this.#room, client, code);

    seat.socketGone(client);
    // Came back, but dropped again before it was let in: the room has not heard of the return, and knows it as dropped.
    if (seat.wasLetIn) await own?.call(this.#room, client, code);
  }

  async #onLeave(client: Client, code?: number): Promise<void> {
    const own = this.#own.onLeave();
    if (this.#strangers.has(client)) return;
    const seat = this.#seats.get(client);
    if (seat === undefined || this.#isInRoom(client)) return own?.call(this.#room, client, code);

    seat.socketGone(client);
    try {
      await own?.call(this.#room, client, code);
    } finally {
      seat.leave(client);
    }
  }

  #allowReconnection(client: Client, time: number | "manual"): Deferred<Client> {
    const seat = this.#seats.get(client);
    const refusal = seat?.holdRefusal ?? null;
    if (refusal !== null) return refusedHold(refusal);

    const held = this.#own.allowReconnection().call(this.#room, client, time);
    if (seat?.belongsTo(client)) this.#hold(seat, client.sessionId, held);
    // Rooms may leave the answer alone, as the framework's own example does, and an unhandled rejection ends the process.
    held.catch(() => {});
    return held;
  }

  #hold(seat: Seat, seatId: string, held: Deferred<Client>): void {
    seat.hold(held);
    this.#held.set(seatId, seat);
    held.catch(() => {
      if (this.#held.get(seatId) === seat) this.#held.delete(seatId);
      seat.holdEnded();
    });
  }

  /** The socket is registered already: an end at this moment is seen by the record that is read, or by the seat. */
  async #letIn(seat: Seat, client: Client): Promise<void> {
    const auth = await this.#deps.requireEntry(seat.sid, endOf(client.auth));
    this.#deps.sockets.letIn(seat, auth);
    client.auth = auth;
  }

  /** What the framework is to throw at a refused client. */
  #refusal(client: Client, error: unknown): ServerError {
    cutIfIgnored(client.ref, this.#deps.clock);
    return toServerError(error, { ...this.#deps, door: "room" });
  }

  #isInRoom(client: Client): boolean {
    return this.#room.clients.includes(client);
  }
}

/**
 * Puts `wrapper` in the place of a hook and answers the way to the room's own, be it what stands there or what the room
 * assigns later. A room without `onDrop` must go on having none: the framework calls `onLeave` in its place.
 */
function takeOver<K extends HookName>(room: Room, name: K, wrapper: Room[K]): () => Room[K] {
  let own: Room[K] = room[name];
  Object.defineProperty(room, name, {
    configurable: true,
    get: () => (name === "onDrop" && own === undefined ? undefined : wrapper),
    set: (hook: Room[K]) => {
      own = hook;
    },
  });
  return () => own;
}

function sidOf(auth: unknown): string | null {
  if (typeof auth !== "object" || auth === null) return null;
  const sid: unknown = Reflect.get(auth, "sid");
  return typeof sid === "string" && sid !== "" ? sid : null;
}

/** 0 where the seat was reserved without it. */
function endOf(auth: unknown): number {
  const expiresAt: unknown = typeof auth === "object" && auth !== null ? Reflect.get(auth, "expiresAt") : 0;
  return typeof expiresAt === "number" && Number.isFinite(expiresAt) ? expiresAt : 0;
}
