// Does what may need the queue: waits in it when the server says so, one wait at a time, and tries again.
import { LoginClientError } from "./errors.ts";
import { exclusively } from "./lock.ts";
import { QueueLine } from "./queue-line.ts";
import type { Admission, QueueUpdate } from "./queue-visit.ts";
import type { SdkClient } from "./sdk.ts";
import type { Vault } from "./storage.ts";
import type { Time } from "./time.ts";

export interface GateRequest {
  readonly needsPass: boolean;
  /** Waits before the first try. */
  readonly queueFirst?: boolean;
  readonly hint?: unknown;
  readonly signal?: AbortSignal;
  /** Must not throw. */
  readonly onUpdate: (update: QueueUpdate) => void;
  readonly onAdmitted: (admission: Admission) => void;
}

/** Waits for one thing: a pass may run out before it is used. */
const MOST_WAITS = 3;
const DEFAULT_ROOM = "login_queue";

export class QueueGate {
  #line: QueueLine;
  #time: Time;
  #onStale: (since: number) => void;
  #waits = new Set<AbortController>();

  constructor(sdk: SdkClient, vault: Vault<unknown, object>, time: Time, onStale: (since: number) => void) {
    this.#line = new QueueLine(sdk, vault, time);
    this.#time = time;
    this.#onStale = onStale;
  }

  /** Does `act`. Where that is answered with QUEUE_REQUIRED, or `queueFirst` is set, waits in the queue and then does it. */
  async pass<T>(act: () => Promise<T>, request: GateRequest): Promise<T> {
    let firstRoomName = DEFAULT_ROOM;
    if (!request.queueFirst) {
      const first = await tryOrQueue(act);
      if (first.done) return first.result;
      firstRoomName = first.roomName;
    }
    const othersWait = this.#waits.size > 0;
    const giveUp = new AbortController();
    const abort = () => giveUp.abort(request.signal?.reason);
    request.signal?.addEventListener("abort", abort, { once: true });
    if (request.signal?.aborted) abort();
    this.#waits.add(giveUp);
    try {
      // Two waits at a time would take the place from each other.
      return await exclusively({ storage: this, name: "queue", shared: false, time: this.#time }, async () => {
        giveUp.signal.throwIfAborted();
        let roomName = firstRoomName;
        if (othersWait) {
          const second = await tryOrQueue(act);
          if (second.done) return second.result;
          roomName = second.roomName;
        }
        return await this.#waitAndAct(act, request, roomName, giveUp.signal);
      });
    } finally {
      this.#waits.delete(giveUp);
      request.signal?.removeEventListener("abort", abort);
    }
  }

  /** Rejects every wait with an `AbortError`, and leaves the queue. */
  giveUp(): void {
    for (const wait of this.#waits) wait.abort();
  }

  async #waitAndAct<T>(
    act: () => Promise<T>,
    request: GateRequest,
    firstRoomName: string,
    signal: AbortSignal,
  ): Promise<T> {
    let roomName = firstRoomName;
    for (let waits = 1; ; waits++) {
      const admission = await this.#wait({ ...request, signal }, roomName);
      request.onAdmitted(admission);
      let used = false;
      try {
        const next = await tryOrQueue(act);
        if (next.done) {
          used = true;
          await this.#line.forget();
          return next.result;
        }
        if (waits === MOST_WAITS) throw next.refusal;
        roomName = next.roomName;
      } finally {
        // A failed login's pass stays in force until it ends, so that the next try need not wait again.
        admission.leave(used ? "forGood" : "toReturn");
      }
    }
  }

  async #wait(request: GateRequest & { signal: AbortSignal }, roomName: string): Promise<Admission> {
    try {
      return await this.#line.wait({ ...request, hint: request.hint, roomName, onStale: this.#onStale });
    } catch (error) {
      if (request.signal.aborted) await this.#line.forget();
      throw error;
    }
  }
}

type Tried<T> =
  | { readonly done: true; readonly result: T }
  | { readonly done: false; readonly refusal: LoginClientError; readonly roomName: string };

async function tryOrQueue<T>(act: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { done: true, result: await act() };
  } catch (error) {
    if (!(error instanceof LoginClientError) || error.code !== "QUEUE_REQUIRED") throw error;
    return { done: false, refusal: error, roomName: error.room ?? DEFAULT_ROOM };
  }
}
