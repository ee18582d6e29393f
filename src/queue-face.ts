// `login.queue`: what a server may ask of the queue, and what its operator may do to it.
import { LoginError } from "./errors.ts";
import type { Forecast, ForecastChanges } from "./login-queue/eta/forecast.ts";
import type { LoginQueue } from "./login-queue/queue.ts";
import type { QueueOverview } from "./login-queue/queue-overview.ts";
import { type LiveQueueSettings, type QueuePatch, resetOf } from "./login-queue/queue-settings.ts";
import type { QueueStore } from "./login-queue/queue-store.ts";
import { parseForecastChanges, parseQueuePatch } from "./options/live-options.ts";

/** The reason is told as a notice is. */
export const mostReasonCharacters = 500;

/** What a change answers: what is in force now, and what was before. */
export interface QueueConfigured {
  readonly settings: LiveQueueSettings;
  readonly previous: LiveQueueSettings;
}

/**
 * Every call throws a TypeError where no queue is configured or an argument is wrong, and LoginError STORE_UNAVAILABLE while
 * the store is out of reach.
 */
export interface QueueFace {
  /** How the queue stands, and how fast it moves. */
  status(): Promise<QueueOverview>;
  /**
   * When the queue is empty and how long the last one waits, from what was measured, as things are or with these settings
   * changed, of which nothing is kept.
   */
  forecast(changes?: ForecastChanges): Promise<Forecast>;
  /**
   * Changes settings on every process, and tells everybody who waits within a second. What is not named stays; `null` puts a
   * setting back to what the options say. A change outlives restarts where the store does. Graces and leases that run keep
   * their ends; a lane that is taken away keeps its tickets, with weight 1.
   */
  configure(patch: QueuePatch): Promise<QueueConfigured>;
  /** Puts every setting, the notice too, back to what the options say. */
  reset(): Promise<QueueConfigured>;
  /** Shows everybody who waits these words, of at most 500 characters; "" takes them away. */
  notice(text: string): Promise<void>;
  /**
   * Lets a ticket in now: ahead of the line, of the rate, and of a mode that admits none. It takes a slot, and one login's
   * worth of the rate. One that was admitted stays so. Throws LoginError NOT_FOUND where there is no such ticket, CONFLICT where the
   * limit is reached (in mode `open` it is not asked).
   */
  admit(ticketId: string): Promise<void>;
  /** Takes a place, or an unspent pass, away; its holder is told the reason. Throws LoginError NOT_FOUND. */
  remove(ticketId: string, reason: string): Promise<void>;
  /**
   * Puts a waiting ticket at this place of its lane: 1 = next, beyond the last = the last. The only thing that may raise a
   * position, and only that ticket's. Answers the place. Throws LoginError NOT_FOUND.
   */
  move(ticketId: string, position: number): Promise<number>;
}

/** `queue` throws where none is configured. */
export function createQueueFace(queue: () => { readonly service: LoginQueue; readonly store: QueueStore }): QueueFace {
  const change = async (patch: QueuePatch): Promise<QueueConfigured> => {
    const { service, store } = queue();
    const configured = await store.configure(patch);
    // This process need not wait for the feed. The change stands, and is heard of, should it fail.
    await service.outlook.look().catch(() => {});
    return configured;
  };
  return {
    status: async () => queue().service.outlook.status(),
    forecast: async (changes = {}) => queue().service.outlook.forecast(parseForecastChanges(changes)),
    configure: async (patch) => change(parseQueuePatch(patch)),
    reset: async () => change(resetOf(await queue().store.settings())),
    async notice(text) {
      requireString("notice", "text", text);
      await change(parseQueuePatch({ notice: text }));
    },
    async admit(ticketId) {
      requireString("admit", "ticketId", ticketId);
      const admission = await queue().service.admitTicket(ticketId);
      if (admission === "unknown") throw notFound();
      if (admission === "full") throw new LoginError("CONFLICT", "The limit of concurrent users is reached.");
    },
    async remove(ticketId, reason) {
      requireString("remove", "ticketId", ticketId);
      requireString("remove", "reason", reason);
      if (reason.length > mostReasonCharacters) {
        throw new TypeError(`login.queue.remove: reason: expected at most ${mostReasonCharacters} characters`);
      }
      if (!(await queue().store.remove(ticketId, reason))) throw notFound();
    },
    async move(ticketId, position) {
      requireString("move", "ticketId", ticketId);
      if (!Number.isSafeInteger(position) || position < 1) {
        throw new TypeError(`login.queue.move: position: expected a whole number above 0, got ${String(position)}`);
      }
      const place = await queue().store.move(ticketId, position);
      if (place === null) throw notFound();
      return place;
    },
  };
}

function requireString(call: string, name: string, value: unknown): void {
  if (typeof value !== "string") {
    throw new TypeError(
      `login.queue.${call}: ${name}: expected a string, got ${value === null ? "null" : typeof value}`,
    );
  }
}

function notFound(): LoginError {
  return new LoginError("NOT_FOUND", "There is no such ticket in the queue.");
}
