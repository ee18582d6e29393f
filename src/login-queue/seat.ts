// One client of the queue room: which ticket it holds, and what it was last told of it.
import type { Client } from "@colyseus/core";
import type { Emit } from "../emitter.ts";
import { LoginCloseCode } from "../errors.ts";
import { etaMsOf, type ShownFinish, steadyFinish } from "./eta/steady.ts";
import type { TicketWatcher } from "./pass-delivery.ts";
import type { Place } from "./place.ts";
import type { KnownSession } from "./queue.ts";
import type { QueueSignals } from "./queue-signals.ts";
import { emptyQueueView, type QueueField, type QueueView, queueFields } from "./queue-state.ts";

/** What a seat needs of its room. */
export interface SeatHost {
  now(): number;
  /** Sends these fields of the seat's view. Answers whether there is a live socket that takes them. */
  send(seat: Seat, fields: readonly QueueField[]): boolean;
  /** Closes the seat's socket, or gives up waiting for it; the seat is forgotten. */
  close(seat: Seat, code: number, reason: string): void;
  readonly emit: Emit<QueueSignals>;
}

export class Seat implements TicketWatcher {
  /** The client's socket; null while it is away and may come back to this seat. */
  client: Client | null;
  session: KnownSession | null;
  /** The ticket, and with it enough to come back: empty before there is one. */
  ticketId = "";
  lane = "";
  order = 0;
  leastPosition = 0;
  holderId = "";
  /** With which its client asked for the seat. */
  addressGroup: string | null = null;
  /** Whether the store knows this connection as the ticket's holder. */
  isClaimed = false;
  /** Made at this join and never shown: nobody could come back with it. */
  isUnseen = false;
  /** When the ticket is to be signed again, ms since the epoch. */
  resignAt = 0;
  /** When its socket came, ms since the epoch. */
  connectedAt = 0;
  /** When that socket was last sent anything, ms since the epoch; 0 before its first full state. */
  sentAt = 0;
  /** Where it comes in the row of those who are told by turns. */
  turn = 0;
  isPassDelivered = false;
  /** Whether the client was sent its pass, be it by a patch or in its first full state. */
  isPassShown = false;
  /** Told the last word. */
  isFinished = false;
  /** Gave the place up. */
  hasLeft = false;
  /** What it was told of its admission when it took its place, in ms since the epoch, and for which place; null for nothing. */
  promise: { readonly admittedAt: number; readonly order: number } | null = null;
  /** Gives up the wait for an absent client. */
  abandon: (() => void) | null = null;
  readonly view: QueueView = emptyQueueView();
  /** When the client is to be logged in, as it was told. */
  #finish: ShownFinish | null = null;
  readonly #host: SeatHost;

  constructor(host: SeatHost, client: Client, session: KnownSession | null) {
    this.#host = host;
    this.client = client;
    this.session = session;
  }

  /** Present, and with more to hear. */
  get isListening(): boolean {
    return this.client !== null && !this.isFinished;
  }

  admitted(place: Place, pass: string): boolean {
    this.#measurePromise(place);
    if (!this.isListening) return false;
    const { status, position, queueLength, etaMs, mode, passExpiresAt, asOf } = place;
    const news = this.tell({ status, position, queueLength, etaMs, mode, pass, passExpiresAt, asOf });
    this.isPassDelivered = this.#host.send(this, news);
    if (this.isPassDelivered) this.isPassShown = true;
    return this.isPassDelivered;
  }

  #measurePromise({ ticket }: Place): void {
    const { promise } = this;
    this.promise = null;
    if (promise === null || ticket === null || ticket.admittedAt === null || ticket.order !== promise.order) return;
    const { lane, admittedAt, enqueuedAt } = ticket;
    const lateSeconds = (admittedAt - promise.admittedAt) / 1000;
    this.#host.emit("estimateMet", { lane, lateSeconds, waitedSeconds: (admittedAt - enqueuedAt) / 1000 });
  }

  removed(reason: string, cause?: "banned"): void {
    this.finish(cause === "banned" ? LoginCloseCode.BANNED : LoginCloseCode.DISCONNECTED, reason);
  }

  takenOver(): void {
    this.finish(LoginCloseCode.REPLACED, "The place was taken over by another connection.");
  }

  /** The last word: the ticket is of no use any more. */
  finish(code: number, reason: string): void {
    if (this.isFinished) return;
    this.isFinished = true;
    const asOf = this.#host.now();
    const last = { status: "removed", position: 0, etaMs: -1, notice: reason, pass: "", passExpiresAt: 0, asOf };
    this.#host.send(this, this.tell(last));
    this.#host.close(this, code, reason);
  }

  /**
   * Takes a place over into the view. Answers the fields that are news to the client, or null where they can wait: nothing
   * changed but the countdown, and the next heartbeat is not due.
   */
  takePlace(place: Place, isHeartbeatDue: boolean): QueueField[] | null {
    const { view } = this;
    // Spelt out, because it runs for every waiting client every second.
    const news: QueueField[] = [];
    if (view.status !== place.status) news.push("status");
    if (view.position !== place.position) news.push("position");
    if (view.queueLength !== place.queueLength) news.push("queueLength");
    if (view.mode !== place.mode) news.push("mode");
    if (view.notice !== place.notice) news.push("notice");
    // Clients count down on their own: a finish that stays is no news.
    const finish = place.estimate === null ? null : steadyFinish(this.#finish, place.estimate);
    if (news.length === 0 && !isHeartbeatDue && finish === this.#finish) return null;
    this.#finish = finish;
    const etaMs = finish === null ? place.etaMs : etaMsOf(finish, place.asOf);
    if (view.etaMs !== etaMs) news.push("etaMs");
    if (view.asOf !== place.asOf) news.push("asOf");
    view.status = place.status;
    view.position = place.position;
    view.queueLength = place.queueLength;
    view.mode = place.mode;
    view.notice = place.notice;
    view.etaMs = etaMs;
    view.asOf = place.asOf;
    return news;
  }

  /** Takes values over into the view. Answers the fields that differ. */
  tell(values: Partial<QueueView>): QueueField[] {
    const news: QueueField[] = [];
    for (const field of queueFields) {
      const value = values[field];
      if (value !== undefined && value !== this.view[field]) news.push(field);
    }
    Object.assign(this.view, values);
    return news;
  }
}
