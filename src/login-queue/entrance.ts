// How somebody comes to the queue: from which address, and what is asked of them before they are given a new place.
import { addressGroup } from "../address.ts";
import type { Caller } from "../callers.ts";

/** Who asks, as the game's own `beforeQueue` sees it: the session was verified, the hint is whatever the client sent. */
export interface Newcomer<S> {
  readonly session: S | null;
  readonly hint: unknown;
}

export interface Entrance {
  /** Those who count as one share it; null where it is not known. */
  readonly addressGroup: string | null;
  /** Throws where no new place may be given; null where nothing is asked. */
  readonly beforeNewTicket: (() => Promise<void>) | null;
}

/** From nobody knows where, and without a question. */
export const openEntrance: Entrance = Object.freeze({ addressGroup: null, beforeNewTicket: null });

/** Asks the game's own code, which throws a LoginError to refuse. */
export type AskNewcomer<S> = (newcomer: Newcomer<S>, caller: Caller) => Promise<void>;

export function entranceOf<S>(ask: AskNewcomer<S> | null, newcomer: Newcomer<S>, caller: Caller): Entrance {
  return {
    ...entranceFrom(caller),
    beforeNewTicket: ask === null ? null : () => ask(newcomer, caller),
  };
}

/** Of somebody who has a place: nothing is asked again. */
export function entranceFrom({ address }: Pick<Caller, "address">): Entrance {
  return { addressGroup: address === null ? null : addressGroup(address), beforeNewTicket: null };
}
