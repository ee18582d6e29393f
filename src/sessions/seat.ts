// One seat of a session in a room: from its socket's registration to the room's last hook for it, reconnections included.
import { type Client, ClientState, Deferred, type Room, ServerError } from "@colyseus/core";
import type { Clock } from "../clock.ts";
import { LoginError } from "../errors.ts";
import { type Closing, cutIfIgnored } from "./closing.ts";

/**
 * `checking`: the record is being read, the room does not know of the socket. `entering`: let in, the room's own hook runs.
 * `seated`: in the room. `away`: no socket; its leave hooks run, or the room holds the seat for a reconnection.
 */
type Phase = "checking" | "entering" | "seated" | "away";

export class Seat {
  readonly sid: string;
  readonly #room: Room;
  readonly #clock: Clock;
  readonly #changed: (seat: Seat) => void;
  #client: Client;
  #phase: Phase = "away";
  #letIn = false;
  #held: Deferred<Client> | null = null;
  #closing: Closing | null = null;
  #isSocketTold = false;
  #sessionEnded = false;
  #leaveHookDone = false;
  #over = false;

  /** `changed` is told whenever `hasSocket`, `isConnected` or `isOver` may have become another. */
  constructor(sid: string, room: Room, client: Client, clock: Clock, changed: (seat: Seat) => void) {
    this.sid = sid;
    this.#room = room;
    this.#client = client;
    this.#clock = clock;
    this.#changed = changed;
  }

  /** Whether a socket is there, let in or not. */
  get hasSocket(): boolean {
    return this.#phase !== "away";
  }

  /** Whether a socket is there that was let in. */
  get isConnected(): boolean {
    return this.#phase === "entering" || this.#phase === "seated";
  }

  /** Whether nothing more will happen to it. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Whether the socket now or last in the seat was let in. */
  get wasLetIn(): boolean {
    return this.#letIn;
  }

  /** What the server closed the seat with, or null. Closed once, it lets nobody back. */
  get closing(): Closing | null {
    return this.#closing;
  }

  /** Whether the socket in the seat was sent that close. */
  get isSocketTold(): boolean {
    return this.#isSocketTold;
  }

  belongsTo(client: Client): boolean {
    return this.#client === client;
  }

  /** A socket takes the seat, to be checked. */
  occupy(client: Client): void {
    this.#client = client;
    this.#held = null;
    this.#letIn = false;
    this.#isSocketTold = false;
    this.#leaveHookDone = false;
    if (client.state !== ClientState.LEAVING) {
      this.#phase = "checking";
      client.ref.once("close", () => this.socketGone(client));
    }
    this.#changed(this);
  }

  /** The record lets the session in. Throws if something has spoken against it while the record was read. */
  letIn(): void {
    if (this.#closing !== null) throw new ServerError(this.#closing.code, this.#closing.reason);
    if (this.#sessionEnded) throw new LoginError("SESSION_REVOKED", "The session has ended.");
    if (this.#phase !== "checking") throw new ServerError(undefined, "the client left before it was let in");
    this.#letIn = true;
    this.#phase = "entering";
    this.#changed(this);
  }

  /** The room's own hook is through. Throws if the seat was closed while it ran: the room must hear of the leave after it. */
  sitDown(): void {
    if (this.#closing !== null) throw new ServerError(this.#closing.code, this.#closing.reason);
    if (this.#phase === "entering") this.#phase = "seated";
  }

  socketGone(client: Client): void {
    if (!this.belongsTo(client) || this.#phase === "away") return;
    this.#phase = "away";
    this.#changed(this);
  }

  /** The room's last hook for `client` is through: the seat ends, or waits for the reconnection that is still possible. */
  leave(client: Client): void {
    if (!this.belongsTo(client)) return;
    this.#phase = "away";
    this.#leaveHookDone = true;
    this.#over = this.#held === null;
    this.#changed(this);
  }

  /** What a room that asks to hold the seat is refused with, or null. */
  get holdRefusal(): ServerError | null {
    if (this.#closing !== null) return new ServerError(this.#closing.code, this.#closing.reason);
    return this.#sessionEnded ? new ServerError(401, "SESSION_REVOKED") : null;
  }

  /** The room holds the seat for a reconnection. */
  hold(held: Deferred<Client>): void {
    this.#held = held;
  }

  /** Nobody came back in time, or the seat was given up. */
  holdEnded(): void {
    this.#held = null;
    if (this.#leaveHookDone) this.leave(this.#client);
  }

  /** The session ended, its socket may stay: but who drops does not come back. */
  endSession(): void {
    this.#sessionEnded = true;
    this.#rejectHeld();
  }

  /** Sends a message to the socket in the seat, if there is one that was let in. */
  tell(type: string, message: unknown): void {
    if (this.isConnected && this.#closing === null) this.#client.send(type, message);
  }

  /** Closes the socket and gives up the seat; answers whether there was a socket to tell. */
  close(closing: Closing): boolean {
    if (this.#closing !== null) return false;
    this.#closing = closing;
    this.#rejectHeld();
    if (!this.hasSocket) return false;
    this.#isSocketTold = true;

    const client = this.#client;
    cutIfIgnored(client.ref, this.#clock);
    // Kicked at once, the room stops listening and lets go of the client. Before that there is nothing to listen to, and the
    // hook that is running throws when it is through, so that the room sees the join and the leave in their order.
    if (this.#phase === "seated") this.#room.kickClient(client.sessionId, closing.code, closing.reason);
    // kickClient closes when the room's hooks are through; the peer need not wait for them.
    client.leave(closing.code, closing.reason);
    return true;
  }

  #rejectHeld(): void {
    const refusal = this.holdRefusal;
    // A bare promise has no `reject`: it comes from a room that overrides `allowReconnection`, or is rejected already.
    if (refusal !== null) this.#held?.reject?.(refusal);
  }
}

/** What a room gets that asks to hold a seat which nobody may come back to: rejected, and never unhandled. */
export function refusedHold(refusal: ServerError): Deferred<Client> {
  const held = new Deferred<Client>();
  held.catch(() => {});
  held.reject(refusal);
  return held;
}
