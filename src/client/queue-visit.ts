// One connection to the queue room, from its first state to its end.
import type { ShownMode, WirePlace } from "../wire.ts";
import { asRecord, LoginClientError } from "./errors.ts";
import type { SdkRoom } from "./sdk.ts";
import type { Time } from "./time.ts";

/**
 * What the queue room last said. `etaMs` is −1 while not known; `mode` is `unavailable` while the server cannot look after the
 * queue: a place is kept, and one that was not yet taken has position 0; `asOf` is the server's time, ms since the epoch.
 */
export type QueueUpdate = Readonly<
  Pick<WirePlace, "status" | "position" | "queueLength" | "etaMs" | "notice" | "asOf"> & { mode: ShownMode }
>;

/** A pass in hand, and the room that gave it. */
export interface Admission {
  /** Empty where the slot was bound to the session the place was taken with. */
  readonly pass: string;
  /** When the pass ends, by the local clock. */
  readonly passEndsAt: number;
  /** Leaves the queue room: `toReturn` leaves the pass in force until it ends. */
  leave(how: "forGood" | "toReturn"): void;
}

export type VisitOutcome =
  | { readonly kind: "admitted"; readonly admission: Admission }
  /** The connection was lost; the place waits for its grace. */
  | {
      readonly kind: "lost";
      readonly error: LoginClientError;
      /** The process shut down, and sent everybody to another one at this moment. */
      readonly isHandover?: boolean;
    }
  /** The server sent the player away. `ticketEnded` is false where another tab may hold the ticket now. */
  | { readonly kind: "out"; readonly error: LoginClientError; readonly ticketEnded: boolean };

export interface VisitRequest {
  readonly needsPass: boolean;
  readonly signal: AbortSignal;
  /** Must not throw; nor must the others. */
  readonly onUpdate: (update: QueueUpdate) => void;
  /** The room said something, news or not. */
  readonly onWord: () => void;
  readonly onTicket: (ticket: string) => void;
}

/** Three heartbeats of 5 s: the room says something at least that often. */
export const STALE_MS = 15_000;
/** The framework's close code of a process that ends. */
const SHUTTING_DOWN = 4001;
/** How long a removed player waits for the close that says why. */
const FAREWELL_MS = 2_000;

interface QueueState {
  readonly update: QueueUpdate;
  readonly ticket: string;
  readonly pass: string;
  readonly passExpiresAt: number;
}

/** Follows the room until it ends one way or the other. Rejects with the signal's reason when given up. */
export function visitQueueRoom(room: SdkRoom, time: Time, request: VisitRequest): Promise<VisitOutcome> {
  // The SDK would return to this very process; the ticket returns to whichever is there.
  room.reconnection.enabled = false;
  const { signal } = request;

  return new Promise((resolve, reject) => {
    let shown = "";
    let ticket = "";
    let cancelTimer = () => {};
    let over = false;

    const finish = (outcome: VisitOutcome) => {
      stop();
      resolve(outcome);
    };
    const stop = () => {
      over = true;
      cancelTimer();
      signal.removeEventListener("abort", abort);
    };
    const abort = () => {
      stop();
      closeQueueRoom(room, "forGood");
      reject(signal.reason);
    };
    const goStale = () => {
      finish({ kind: "lost", error: new LoginClientError("NETWORK", 0, "the queue room fell silent") });
      closeQueueRoom(room, "toReturn");
    };

    const look = () => {
      const state = over ? null : readState(room.state);
      if (state === null) return;
      request.onWord();
      cancelTimer();
      cancelTimer = time.after(STALE_MS, goStale);
      if (state.ticket !== "" && state.ticket !== ticket) {
        ticket = state.ticket;
        request.onTicket(ticket);
      }
      const said = JSON.stringify(state.update);
      if (said !== shown) {
        shown = said;
        request.onUpdate(state.update);
        if (over) return;
      }
      if (state.update.status === "removed") {
        cancelTimer();
        cancelTimer = time.after(FAREWELL_MS, () => {
          finish(sentAway(0, state.update.notice));
          closeQueueRoom(room, "toReturn");
        });
      } else if (state.update.status === "admitted" && (state.pass !== "" || !request.needsPass)) {
        finish({ kind: "admitted", admission: toAdmission(room, state, time.now()) });
      }
    };

    signal.addEventListener("abort", abort, { once: true });
    cancelTimer = time.after(STALE_MS, goStale);
    room.onStateChange(look);
    room.onLeave((code, reason) => {
      if (over) return;
      const removed = readState(room.state)?.update.status === "removed";
      if (removed || sendsAway(code)) finish(sentAway(code, reason));
      else {
        const error = new LoginClientError("NETWORK", 0, `the queue room closed (${code})`);
        finish({ kind: "lost", error, isHandover: code === SHUTTING_DOWN });
      }
    });
    if (signal.aborted) abort();
    // The first state may have come before anybody listened.
    else look();
  });
}

/** Leaves the room: `forGood` gives the place up, `toReturn` leaves it in its grace. A pass stays good either way. */
export function closeQueueRoom(room: SdkRoom, how: "forGood" | "toReturn"): void {
  // A browser reports a send into a closed socket as an error on its console.
  if (room.connection.isOpen) room.leave(how === "forGood").catch(() => {});
}

function toAdmission(room: SdkRoom, state: QueueState, now: number): Admission {
  return {
    pass: state.pass,
    passEndsAt: now + Math.max(0, state.passExpiresAt - state.update.asOf),
    leave: (how) => closeQueueRoom(room, how),
  };
}

/** Banned, replaced, disconnected by the server, idle. An ended or expired session only: its place may be taken again without it. */
function sendsAway(code: number): boolean {
  return code === 4403 || code === 4409 || code === 4410 || code === 4411;
}

function sentAway(code: number, reason: string | undefined): VisitOutcome {
  const details = reason === undefined || reason === "" ? {} : { reason };
  const error =
    code === 4403
      ? new LoginClientError("BANNED", 0, "banned while waiting in the queue", details)
      : new LoginClientError("REMOVED", 0, "the place in the queue was taken away", details);
  return { kind: "out", error, ticketEnded: code !== 4409 };
}

const statuses: ReadonlySet<unknown> = new Set<WirePlace["status"]>(["waiting", "admitted", "removed"]);

/** Null until the first state came: a room's state is empty before. */
function readState(value: unknown): QueueState | null {
  const state = asRecord(value);
  if (!statuses.has(state["status"])) return null;
  const number = (key: string) => (typeof state[key] === "number" ? state[key] : 0);
  const text = (key: string) => (typeof state[key] === "string" ? state[key] : "");
  return {
    update: Object.freeze({
      status: text("status") as WirePlace["status"],
      position: number("position"),
      queueLength: number("queueLength"),
      etaMs: typeof state["etaMs"] === "number" ? state["etaMs"] : -1,
      mode: text("mode") as ShownMode,
      notice: text("notice"),
      asOf: number("asOf"),
    }),
    ticket: text("ticket"),
    pass: text("pass"),
    passExpiresAt: number("passExpiresAt"),
  };
}
