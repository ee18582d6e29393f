// Waiting in the queue room: comes back to its place when the socket drops, until it is admitted, refused or given up.
import { orAbort } from "./abort.ts";
import { backoffMs } from "./backoff.ts";
import { asRecord, fromMatchmaking, LoginClientError } from "./errors.ts";
import type { Admission, QueueUpdate, VisitOutcome, VisitRequest } from "./queue-visit.ts";
import { closeQueueRoom, visitQueueRoom } from "./queue-visit.ts";
import type { SdkClient, SdkRoom } from "./sdk.ts";
import { watchSilence } from "./silence.ts";
import type { Vault } from "./storage.ts";
import type { Time } from "./time.ts";

export interface WaitRequest {
  readonly roomName: string;
  /** What the server's `lane` function may look at. */
  readonly hint: unknown;
  /** Whether the place is to end in a pass; otherwise in a slot for the session at hand. */
  readonly needsPass: boolean;
  /** Nothing was tried before: a server that cannot be reached at all is told at once, not waited for. */
  readonly queueFirst?: boolean;
  readonly signal: AbortSignal;
  readonly onUpdate: (update: QueueUpdate) => void;
  /** Nothing was heard for three heartbeats, over whatever connections; the last word came at `since` (local clock). */
  readonly onStale: (since: number) => void;
}

/** Returns in a row without a lasting connection: with the backoff between them about the grace that a place has. */
const MOST_RETURNS = 20;
const unavailable = { mode: "unavailable", etaMs: -1 } as const;
const noPlaceYet = { status: "waiting", position: 0, queueLength: 0, notice: "" } as const;
/** Well within the grace of a place. */
const HANDOVER_MS = 5_000;
/** A connection that held this long was a good one. */
const LASTING_MS = 15_000;

export class QueueLine {
  #sdk: SdkClient;
  #vault: Vault<unknown, object>;
  #time: Time;

  constructor(sdk: SdkClient, vault: Vault<unknown, object>, time: Time) {
    this.#sdk = sdk;
    this.#vault = vault;
    this.#time = time;
  }

  /** Takes a place, or the old one again, and holds it until it is admitted. */
  async wait(request: WaitRequest): Promise<Admission> {
    const silence = watchSilence(this.#time, request.onStale);
    let last: QueueUpdate | null = null;
    const onUpdate = (update: QueueUpdate) => {
      last = update;
      request.onUpdate(update);
    };
    // Told by the refusal in the place of the room: whoever has a place keeps it, and others get one when it passes.
    const onUnavailable = () => {
      silence.heard();
      if (last?.mode !== "unavailable") onUpdate({ ...(last ?? noPlaceYet), ...unavailable, asOf: this.#time.now() });
    };
    try {
      return await this.#wait({ ...request, onUpdate, onUnavailable }, silence.heard);
    } finally {
      silence.stop();
    }
  }

  /** The ticket is spent or given up: a later wait starts at the end. */
  forget(): Promise<void> {
    return this.#vault.writeTicket(null);
  }

  async #wait(request: WaitRequest & { onUnavailable: () => void }, onWord: () => void): Promise<Admission> {
    let ticket = await this.#vault.readTicket();
    let reached = !request.queueFirst;
    const onTicket = (given: string) => {
      reached = true;
      ticket = given;
      void this.#vault.writeTicket(given);
    };
    let failures = 0;
    let refusals = 0;
    for (;;) {
      const startedAt = this.#time.now();
      const outcome = await this.#visit({ ...request, onTicket, onWord }, ticket, failures > 0);
      switch (outcome.kind) {
        case "admitted":
          return outcome.admission;
        case "out":
          if (outcome.ticketEnded) await this.forget();
          throw outcome.error;
        case "ticketRefused":
          ticket = null;
          await this.forget();
          break;
        case "lost":
          failures = outcome.isHandover || this.#time.now() - startedAt >= LASTING_MS ? 1 : failures + 1;
          refusals = 0;
          if (!reached || failures > MOST_RETURNS) throw outcome.error;
          await this.#time.sleep(outcome.isHandover ? handoverMs() : backoffMs(failures, 500, 5_000), request.signal);
          break;
        case "unavailable":
          // The server is there, and its store will be: however long that takes, the place is asked for again.
          refusals += 1;
          reached = true;
          request.onUnavailable();
          await this.#time.sleep(backoffMs(refusals, 1_000, 10_000), request.signal);
      }
    }
  }

  /** `isReturn`: a connection was lost before, and the player is not sent away for coming back too often. */
  async #visit(
    request: WaitRequest & Pick<VisitRequest, "onTicket" | "onWord">,
    ticket: string | null,
    isReturn: boolean,
  ): Promise<VisitOutcome | { readonly kind: "ticketRefused" | "unavailable" }> {
    const { roomName, hint, signal } = request;
    const options = { ...(ticket === null ? {} : { ticket }), ...(hint === undefined ? {} : { hint }) };
    let room: SdkRoom;
    try {
      room = await orAbort(this.#sdk.joinOrCreate(roomName, options), signal, (late) =>
        closeQueueRoom(late, "forGood"),
      );
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      const refusal = fromMatchmaking(thrown) ?? passingMatchmaking(thrown);
      if (refusal === null) throw thrown;
      if (ticket !== null && refusesTicket(refusal)) return { kind: "ticketRefused" };
      if (refusal.code === "STORE_UNAVAILABLE") return { kind: "unavailable" };
      const isLost = refusal.code === "NETWORK" || (isReturn && refusal.code === "TOO_MANY_REQUESTS");
      if (isLost) return { kind: "lost", error: refusal };
      throw refusal;
    }
    return visitQueueRoom(room, this.#time, request);
  }
}

/** Matchmaking failures that the next try may not meet: the chosen room is gone or full, or its seat ran out. */
function passingMatchmaking(thrown: unknown): LoginClientError | null {
  const { code, message } = asRecord(thrown);
  const passing = code === 521 || code === 522 || code === 523 || code === 524;
  return passing ? new LoginClientError("NETWORK", code, String(message), {}, { cause: thrown }) : null;
}

/** A ticket of another server or another key: without it there is a place to be had. */
function refusesTicket(refusal: LoginClientError): boolean {
  return refusal.code === "TOKEN_INVALID" || refusal.code === "TOKEN_EXPIRED" || refusal.code === "INVALID_REQUEST";
}

/** Everybody of a process that ends is sent away at one moment, and comes back spread over a few seconds. */
function handoverMs(): number {
  return HANDOVER_MS * (0.1 + 0.9 * Math.random());
}
