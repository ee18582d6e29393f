// The room `login_queue`: holds waiting players, pushes to each its own state, and hands over the pass (DESIGN 5).
import { type AuthContext, type Client, ClientState, CloseCode, Deferred, Room } from "@colyseus/core";
import type { Callers } from "../callers.ts";
import type { Clock, StopTask } from "../clock.ts";
import { fitCloseReason, LoginCloseCode, LoginError, toServerError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { ClientStateSerializer } from "./client-state-serializer.ts";
import { type AskNewcomer, entranceOf } from "./entrance.ts";
import { parseJoinOptions, requireJoiningCall } from "./join-options.ts";
import type { ChooseLane } from "./lanes.ts";
import type { KnownSession, LoginQueue } from "./queue.ts";
import { type QueueField, QueueState, type QueueView } from "./queue-state.ts";
import type { Seat } from "./seat.ts";
import { Seats } from "./seats.ts";

/** Waiting clients have nothing to say; one that talks on is closed. */
const maxMessagesPerSecond = 20;
/** How often the framework's own patch loop runs: nothing is sent by it, but it moves the clock that counts messages. */
const roomClockMs = 250;

export interface QueueRoomDependencies<S extends KnownSession = KnownSession> {
  readonly queue: LoginQueue;
  readonly clock: Clock;
  readonly settings: {
    readonly updateIntervalSeconds: number;
    readonly heartbeatSeconds: number;
    readonly maxClientsPerQueueRoom: number;
  };
  readonly chooseLane: ChooseLane<S>;
  readonly callers: Pick<Callers, "currentAddress">;
  /** What is asked of somebody before a new ticket; null for nothing. */
  readonly askNewcomer: AskNewcomer<S> | null;
  /** The live session of a token, or null: a bad, expired or ended one counts as none. @throws LoginError BANNED */
  authenticate(token: string): Promise<S | null>;
  /** The same session by its id, some seconds later at the socket. @throws LoginError BANNED */
  readSession(sid: string): Promise<S | null>;
  readonly logger: Logger;
}

/** What rides on a reserved seat from the matchmaker to the room, as JSON. It must have no field `sessionId`. */
export interface QueueSeatAuth {
  readonly sid: string | null;
  /** With which the seat was asked for. The socket's own is hidden in private members, and behind a proxy in no member at all. */
  readonly address: string | null;
  /** Of the request for the seat, if somebody asks for them. */
  readonly headers?: Readonly<Record<string, string>>;
}

type QueueClient = Client<{ auth: QueueSeatAuth }>;

/** The class of the queue room, for `defineRoom(login.QueueRoom)`. */
export interface QueueRoomClass {
  new (): Room<{ state: QueueState; client: QueueClient }>;
  onAuth(token: string, options: unknown, context: AuthContext): Promise<QueueSeatAuth>;
}

export function createQueueRoom<S extends KnownSession>(deps: QueueRoomDependencies<S>): QueueRoomClass {
  return class QueueRoom extends Room<{ state: QueueState; client: QueueClient }> {
    /**
     * Runs at matchmaking. Refuses what can be refused before a seat is reserved: a call that would create rooms without
     * bound, options that make no sense, and a banned user.
     */
    static override async onAuth(token: string, options: unknown, context: AuthContext): Promise<QueueSeatAuth> {
      try {
        requireJoiningCall(context);
        parseJoinOptions(options);
        const session = token ? await deps.authenticate(token) : null;
        const seat = { sid: session?.sid ?? null, address: deps.callers.currentAddress };
        return deps.askNewcomer === null ? seat : { ...seat, headers: headersWithoutToken(context) };
      } catch (error) {
        throw toServerError(error, deps.logger);
      }
    }

    override maxClients = deps.settings.maxClientsPerQueueRoom;
    override maxMessagesPerSecond = maxMessagesPerSecond;
    override patchRate = roomClockMs;
    override messages = { _: () => {} };
    readonly #seats = new Seats({
      ...deps,
      host: {
        now: () => deps.clock.now(),
        send: (seat, fields) => this.#send(seat, fields),
        close: (seat, code, reason) => this.#close(seat, code, reason),
      },
    });
    readonly #serializer = new ClientStateSerializer((client) => this.#show(client));
    #stopRefresh: StopTask | null = null;
    #stopListening: StopTask | null = null;
    #isEnding = false;

    override onCreate(): void {
      this.state = new QueueState();
      this.setSerializer(this.#serializer);
      const everyMs = deps.settings.updateIntervalSeconds * 1000;
      this.#stopRefresh = deps.clock.every(everyMs, () =>
        this.#seats
          .refresh()
          .catch((error) => deps.logger.error("colyseus-login: a queue room could not be told its places", error)),
      );
      this.#stopListening = deps.queue.settings.onChange(() => this.#seats.announce());
    }

    override async onJoin(client: QueueClient, options?: unknown): Promise<void> {
      try {
        const { ticket, hint } = parseJoinOptions(options);
        const { sid = null, address = null, headers = {} } = client.auth ?? {};
        // The headers have done their duty at the join, and are not kept for as long as the client waits.
        client.auth = { sid, address };
        const session = sid === null ? null : await deps.readSession(sid);
        const player = { session, hint };
        const entrance = entranceOf(deps.askNewcomer, player, { address, headers: new Headers(headers) });
        await this.#seats.join(client, session, ticket, deps.chooseLane(player), entrance);
      } catch (error) {
        throw toServerError(error, deps.logger);
      }
    }

    /** The socket is gone without a word: the seat is held for as long as the place is. */
    override async onDrop(client: QueueClient): Promise<void> {
      const seat = this.#seats.get(client);
      if (seat === undefined) return;
      if (!seat.isFinished && !this.#isEnding) {
        const held = this.allowReconnection(client, deps.queue.settings.current.queueGraceSeconds);
        held.catch(() => {});
        seat.abandon = () => {
          if (held instanceof Deferred) held.reject(false);
        };
      }
      await this.#seats.drop(seat);
    }

    override async onReconnect(client: QueueClient): Promise<void> {
      const seat = this.#seats.get(client);
      if (seat === undefined) throw new Error("there is no seat to come back to");
      try {
        await this.#seats.comeBack(seat, client);
      } catch (error) {
        const isBanned = error instanceof LoginError && error.code === "BANNED";
        client.leave(isBanned ? LoginCloseCode.BANNED : LoginCloseCode.DISCONNECTED, fitCloseReason(describe(error)));
        throw toServerError(error, deps.logger);
      }
    }

    /** The client left for good, or nobody came back to its seat, or the room ends: then the places stay. */
    override async onLeave(client: QueueClient, code?: number): Promise<void> {
      const seat = this.#seats.get(client);
      if (seat === undefined) return;
      this.#seats.forget(client);
      if (seat.client === null) return;
      if (code === CloseCode.CONSENTED && !this.#isEnding) await this.#seats.leave(seat);
      else await this.#seats.drop(seat);
    }

    override onDispose(): void {
      this.#stopRefresh?.();
      this.#stopListening?.();
    }

    override disconnect(closeCode?: number): Promise<unknown> {
      this.#isEnding = true;
      return super.disconnect(closeCode);
    }

    #send(seat: Seat, fields: readonly QueueField[]): boolean {
      const { client } = seat;
      if (client === null || client.state !== ClientState.JOINED) return false;
      if (fields.length === 0) return true;
      client.raw(this.#serializer.encodePatch(seat.view, fields));
      seat.sentAt = deps.clock.now();
      seat.isUnseen = false;
      return true;
    }

    #close(seat: Seat, code: number, reason: string): void {
      if (seat.client !== null) this.kickClient(seat.client.sessionId, code, fitCloseReason(reason));
      else seat.abandon?.();
    }

    /** What a client that has just confirmed its join is sent whole. */
    #show(client: Client): QueueView | undefined {
      const seat = this.#seats.get(client);
      if (seat === undefined) return undefined;
      seat.sentAt = deps.clock.now();
      seat.isUnseen = false;
      seat.isPassShown = seat.view.pass !== "";
      return seat.view;
    }
  };
}

/** The token was read already, and a reserved seat may travel through other hands. */
function headersWithoutToken({ headers }: AuthContext): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name !== "authorization"));
}

function describe(error: unknown): string {
  return error instanceof LoginError ? (error.details.reason ?? error.message) : "The place could not be taken again.";
}
