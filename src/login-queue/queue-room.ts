// The room `login_queue`: holds waiting players, pushes to each its own state, and hands over the pass (DESIGN 5).
import { type AuthContext, type Client, ClientState, CloseCode, Deferred, Room } from "@colyseus/core";
import type { Callers } from "../callers.ts";
import type { Clock, StopTask } from "../clock.ts";
import type { Emit } from "../emitter.ts";
import { fitCloseReason, LoginCloseCode, LoginError, type RefusalSignals, toServerError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { ClientStateSerializer } from "./client-state-serializer.ts";
import { type AskNewcomer, entranceOf } from "./entrance.ts";
import { parseJoinOptions, requireJoiningCall } from "./join-options.ts";
import type { ChooseLane } from "./lanes.ts";
import type { KnownSession, LoginQueue } from "./queue.ts";
import type { QueueSignals } from "./queue-signals.ts";
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
  readonly emit: Emit<QueueSignals & RefusalSignals>;
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
  const refuse = (error: unknown) => toServerError(error, { ...deps, door: "queue" });
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
        throw refuse(error);
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
        emit: deps.emit,
      },
    });
    readonly #serializer = new ClientStateSerializer((client) => this.#show(client));
    #stopRefresh: StopTask | null = null;
    #stopListening: readonly StopTask[] = [];
    #isEnding = false;
    #handedOver: Promise<void> | null = null;

    override onCreate(): void {
      this.state = new QueueState();
      this.setSerializer(this.#serializer);
      const everyMs = deps.settings.updateIntervalSeconds * 1000;
      this.#stopRefresh = deps.clock.every(everyMs, () =>
        this.#seats
          .refresh()
          .catch((error) => deps.logger.error("colyseus-login: a queue room could not be told its places", error)),
      );
      this.#stopListening = [
        deps.queue.settings.onChange(() => this.#seats.announce()),
        deps.queue.onAccessChange(() => void this.#seats.reconsider()),
        deps.queue.addRoom(this),
      ];
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
        throw refuse(error);
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
        const closeCode = isBanned ? LoginCloseCode.BANNED : LoginCloseCode.DISCONNECTED;
        client.leave(closeCode, fitCloseReason(describe(error)));
        deps.emit("socketClosed", { code: closeCode });
        throw refuse(error);
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
      for (const stop of this.#stopListening) stop();
    }

    /** Part of the framework's graceful shutdown; places are handed over at once, however long other rooms take to end. */
    override onBeforeShutdown(): void {
      void this.handOver();
    }

    /**
     * Sends everybody who waits to another process, with a fresh ticket and the place kept. Closed with 4001: the SDK does not
     * come back by itself to a process that ends, and whoever has the ticket joins anew.
     */
    handOver(): Promise<void> {
      this.#handedOver ??= this.#handOver();
      return this.#handedOver;
    }

    async #handOver(): Promise<void> {
      try {
        await this.lock();
        await this.#seats.handOver();
      } catch (error) {
        deps.logger.error(
          "colyseus-login: tickets of a room that ends could not be renewed, the last ones hold",
          error,
        );
      }
      for (const _client of this.clients) deps.emit("socketClosed", { code: CloseCode.SERVER_SHUTDOWN });
      // Refused while the room is being made: then there is nobody in it.
      await this.disconnect(CloseCode.SERVER_SHUTDOWN).catch(() => {});
    }

    override async disconnect(closeCode?: number): Promise<unknown> {
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
      if (seat.client === null) {
        seat.abandon?.();
        return;
      }
      this.kickClient(seat.client.sessionId, code, fitCloseReason(reason));
      deps.emit("socketClosed", { code });
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
