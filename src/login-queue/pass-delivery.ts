// Tells the connections of this process what happened to their tickets: admitted, removed, taken over.
import type { Place } from "./place.ts";
import type { QueueEvent } from "./queue-store.ts";

/** A connection of this process that holds a ticket and wants to hear of it. */
export interface TicketWatcher {
  readonly ticketId: string;
  /** Which connection: `Holder.id`. */
  readonly holderId: string;
  /** The ticket's pass. Answers whether it went out to a live socket. */
  admitted(place: Place, pass: string): boolean;
  removed(reason: string, cause?: "banned"): void;
  takenOver(): void;
}

export interface PassDeliveryDependencies {
  readonly hostId: string;
  places(ticketIds: readonly string[]): Promise<readonly Place[]>;
  signPass(place: Place): Promise<string>;
  markDelivered(ticketIds: readonly string[]): Promise<void>;
}

/** One watcher a ticket: whoever came last. */
export class PassDelivery {
  readonly #deps: PassDeliveryDependencies;
  readonly #watchers = new Map<string, TicketWatcher>();

  constructor(deps: PassDeliveryDependencies) {
    this.#deps = deps;
  }

  /** Whoever watched the ticket before in this process has lost it. */
  watch(watcher: TicketWatcher): void {
    const before = this.#watchers.get(watcher.ticketId);
    this.#watchers.set(watcher.ticketId, watcher);
    if (before !== undefined && before !== watcher) before.takenOver();
  }

  unwatch(watcher: TicketWatcher): void {
    if (this.#watchers.get(watcher.ticketId) === watcher) this.#watchers.delete(watcher.ticketId);
  }

  removed({ ticketId, reason, cause }: QueueEvent & { readonly type: "ticketRemoved" }): void {
    this.#watchers.get(ticketId)?.removed(reason, cause);
  }

  takenOver({ ticketId, from }: QueueEvent & { readonly type: "ticketTakenOver" }): void {
    const watcher = this.#watchers.get(ticketId);
    if (watcher === undefined || from.kind !== "socket") return;
    if (from.hostId === this.#deps.hostId && from.id === watcher.holderId) watcher.takenOver();
  }

  /** Hands the passes of admitted tickets to their watchers, and remembers in the store which arrived. */
  async deliver(ticketIds: readonly string[]): Promise<void> {
    const watched = ticketIds.filter((id) => this.#watchers.has(id));
    if (watched.length === 0) return;
    const places = await this.#deps.places(watched);
    const arrived = await Promise.all(places.map((place) => this.#handOver(place)));
    const delivered = watched.filter((_, index) => arrived[index]);
    if (delivered.length > 0) await this.#deps.markDelivered(delivered);
  }

  async #handOver(place: Place): Promise<boolean> {
    if (place.status !== "admitted") return false;
    const pass = await this.#deps.signPass(place);
    return this.#watchers.get(place.ticketId)?.admitted(place, pass) ?? false;
  }
}
