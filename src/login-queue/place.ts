// A ticket's place as its holder is told of it: the store's standing, in the words of the wire, with the estimate.
import type { PlaceStatus, QueueMode } from "../wire.ts";
import type { QueueOutlook } from "./outlook.ts";
import type { FinishReason, Standing, Ticket } from "./queue-store.ts";

export interface Place {
  readonly ticketId: string;
  readonly status: PlaceStatus;
  /** 1 = next; 0 once admitted. */
  readonly position: number;
  readonly queueLength: number;
  /** Estimated ms until logged in; -1 = not known. */
  readonly etaMs: number;
  readonly mode: QueueMode;
  /** ms since the epoch; 0 while there is no pass. */
  readonly passExpiresAt: number;
  readonly asOf: number;
  /** The record; null once the ticket is finished. */
  readonly ticket: Ticket | null;
  /** How it finished; null while it lives, and for one that the store does not know. */
  readonly finish: FinishReason | null;
}

export function toPlace(ticketId: string, standing: Standing, outlook: QueueOutlook, now: number): Place {
  const common = { ticketId, mode: outlook.mode, asOf: now, passExpiresAt: 0, finish: null };
  switch (standing.status) {
    case "waiting": {
      const { position, queueLength, ticket } = standing;
      const etaMs = outlook.etaMs(position, ticket.lane, now);
      return { ...common, status: "waiting", position, queueLength, etaMs, ticket };
    }
    case "admitted": {
      const { passExpiresAt, queueLength, ticket } = standing;
      return { ...common, status: "admitted", position: 0, queueLength, etaMs: 0, passExpiresAt, ticket };
    }
    case "gone":
      return {
        ...common,
        status: "removed",
        position: 0,
        queueLength: 0,
        etaMs: -1,
        ticket: null,
        finish: standing.reason,
      };
  }
}
