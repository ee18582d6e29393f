// From the options to what the parts ask for: units, and defaults that hang on other options.
import type { QueueSettings } from "./login-queue/queue-store.ts";
import type { ResolvedOptions, ResolvedQueueOptions } from "./options/options.ts";
import type { OpenRequest, SessionLifetimes } from "./sessions/session-store.ts";
import type { createKeyRing } from "./tokens/keys.ts";

const minuteMs = 60_000;

/** What the queue goes by until an operator changes it. Bypassed, it holds nobody up. */
export function queueSettings(queue: ResolvedQueueOptions): QueueSettings {
  const mode = queue.devLoginQueueBypass ? "open" : queue.mode;
  return { ...queue, mode, notice: "", loginBurst: queue.loginBurst ?? null };
}

export function keyRingOptions({
  tokens: { algorithm, keys },
}: Pick<ResolvedOptions, "tokens">): Parameters<typeof createKeyRing>[0] {
  if (keys === undefined) return { algorithm };
  const { current, previous = [], next } = keys;
  return { algorithm, keys: { current, previous, ...(next === undefined ? {} : { next }) } };
}

export function sessionLifetimes({ tokens }: ResolvedOptions): SessionLifetimes {
  return {
    tokenMs: tokens.tokenExpirationMinutes * minuteMs,
    idleMs: tokens.refreshTokenExpirationMinutes * minuteMs,
    absoluteMs: tokens.sessionMaxMinutes * minuteMs,
    refreshGraceMs: tokens.refreshGraceSeconds * 1000,
  };
}

/** How long the tokens live that are no player's. */
export function otherTokenLifetimes({ tokens }: Pick<ResolvedOptions, "tokens">): {
  readonly operators: { readonly operator: number; readonly partner: number };
  readonly email: number;
} {
  return {
    operators: {
      operator: tokens.operatorTokenExpirationMinutes * minuteMs,
      partner: tokens.partnerTokenExpirationHours * 60 * minuteMs,
    },
    email: tokens.emailTokenExpirationMinutes * minuteMs,
  };
}

/** How long a session may be quiet while somebody waits; 0 for ever. */
export function idleMs({ queue }: ResolvedOptions): number {
  return (queue?.idleMinutes ?? 0) * minuteMs;
}

/** What "many" stands for: beyond any player, and few enough that listing and ending them all stays one quick step of a store. */
const manySessions = 1_000;

/** A slot is one user's: where slots are counted, one session a user is the default. */
export function concurrentSessions({
  concurrentSessions,
  onExceeded,
  queue,
}: ResolvedOptions): OpenRequest["concurrent"] {
  const wanted = concurrentSessions ?? (queue === undefined ? "many" : "one");
  const limit = wanted === "many" ? manySessions : wanted === "one" ? 1 : wanted;
  return { limit, onExceeded };
}
