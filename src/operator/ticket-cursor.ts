// Where a page of tickets ended: the text that asks for the next one.
import { LoginError } from "../errors.ts";

export interface TicketCursor {
  readonly lane: string;
  readonly order: number;
}

/** The cursor behind this ticket. */
export function ticketCursor({ lane, order }: TicketCursor): string {
  return `${lane}~${order}`;
}

/** @throws LoginError `INVALID_REQUEST` for text that is no cursor, or one of another lane than the one that is asked for */
export function parseTicketCursor(text: string, askedLane: string | undefined): TicketCursor {
  const [, lane = "", digits = ""] = /^([\w-]{1,32})~(-?\d{1,17}(?:\.\d{1,17})?)$/.exec(text) ?? [];
  const order = Number(digits);
  if (lane === "" || (askedLane !== undefined && lane !== askedLane)) {
    throw new LoginError("INVALID_REQUEST", "query.after: expected the `next` of the page before");
  }
  return { lane, order };
}
