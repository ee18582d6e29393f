// A ticket's place as its holder is told of it: the store's standing, in the words of the wire, with the estimate.
import type { PlaceStatus, QueueMode } from "../wire.ts";
import type { WaitEstimator } from "./eta/estimator.ts";
import { type Estimate, etaMsOf } from "./eta/steady.ts";
import type { FinishReason, Standing, Ticket } from "./queue-store.ts";

export interface Place {
  readonly ticketId: string;
  readonly status: PlaceStatus;
  /** 1 = next; 0 once admitted. */
  readonly position: number;
  readonly queueLength: number;
  /** Estimated ms until logged in; -1 = not known. */
  readonly etaMs: number;
  /** What that was made of; null where it is not known, or nobody waits. */
  readonly estimate: Estimate | null;
  readonly mode: QueueMode;
  /** Words of the operator for everybody who waits; empty for none. */
  readonly notice: string;
  /** ms since the epoch; 0 while there is no pass. */
  readonly passExpiresAt: number;
  readonly asOf: number;
  /** The record; null once the ticket is finished. */
  readonly ticket: Ticket | null;
  /** How it finished; null while it lives, and for one that the store does not know. */
  readonly finish: FinishReason | null;
}

export function toPlace(
  ticketId: string,
  standing: Standing,
  waits: WaitEstimator,
  settings: { readonly mode: QueueMode; readonly notice: string },
  now: number,
): Place {
  const { mode, notice } = settings;
  const common = { ticketId, mode, notice, asOf: now, passExpiresAt: 0, finish: null, estimate: null };
  switch (standing.status) {
    case "waiting": {
      const { position, rank, queueLength, ticket } = standing;
      // A position never rises, but after a restart those with earlier tickets may come back behind it: the wait counts them.
      const estimate = waits.estimate(rank, ticket.lane, now);
      const etaMs = etaMsOf(estimate, now);
      return { ...common, status: "waiting", position, queueLength, etaMs, estimate, ticket };
    }
    case "admitted": {
      const { passExpiresAt, queueLength, ticket } = standing;
      return { ...common, status: "admitted", position: 0, queueLength, etaMs: 0, passExpiresAt, ticket };
    }
    case "gone":
      return {
        ...common,
        status: "removed",
        notice: "",
        position: 0,
        queueLength: 0,
        etaMs: -1,
        ticket: null,
        finish: standing.reason,
      };
  }
}
