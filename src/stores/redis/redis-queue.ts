// The login queue of the Redis store: each verb is one script, so one atomic step whichever process asks.
import type {
  DirectPassOutcome,
  JoinOutcome,
  JoinRequest,
  ListedTicket,
  LiveQueueSettings,
  PassState,
  QueuePatch,
  QueueSettings,
  QueueStatus,
  QueueStore,
  SlotOutcome,
  Standing,
  Ticket,
  TicketAdmission,
  TicketPage,
} from "../../login-queue/queue-store.ts";
import type { CallArgument, RedisCalls } from "./calls.ts";
import { joinArguments, joinOutcomeOf } from "./join-codec.ts";
import { statusOf } from "./queue-status.ts";
import { RedisAdmission } from "./redis-admission.ts";
import { RedisSlots } from "./redis-slots.ts";
import { flagOf, numberOrNull, type Reply } from "./replies.ts";
import { standingOf, standingsOf } from "./standing.ts";
import { findTickets, listTickets } from "./ticket-list.ts";

/** Tickets of one call: enough to be worth it, and nobody waits long behind it. */
const mostPerCall = 500;

interface Parts {
  readonly calls: RedisCalls;
  /** What the queue was opened with. */
  readonly options: QueueSettings;
  /** What `settingsArgument` makes of the options. */
  readonly settings: string;
}

export class RedisQueue implements QueueStore {
  readonly #calls: RedisCalls;
  readonly #settings: string;
  readonly #admission: RedisAdmission;
  readonly #slots: RedisSlots;

  constructor({ calls, options, settings }: Parts) {
    this.#calls = calls;
    this.#settings = settings;
    this.#admission = new RedisAdmission({ calls, options, settings });
    this.#slots = new RedisSlots(calls, settings);
  }

  async join(request: JoinRequest): Promise<JoinOutcome> {
    return joinOutcomeOf(await this.#run("join", ...joinArguments(request)));
  }

  async drop(ticketId: string, holderId: string): Promise<void> {
    await this.#run("drop", ticketId, holderId);
  }

  async poll(ticketId: string, nextPollSeconds: number, address: string | null = null): Promise<Standing> {
    return standingOf(await this.#run("poll", ticketId, nextPollSeconds, address ?? ""));
  }

  async leave(ticketId: string, holderId?: string): Promise<boolean> {
    return flagOf(await this.#run("leave", ticketId, ...(holderId === undefined ? [] : [holderId])));
  }

  async remove(ticketId: string, reason: string): Promise<boolean> {
    return flagOf(await this.#run("remove", ticketId, reason));
  }

  async move(ticketId: string, position: number): Promise<number | null> {
    return numberOrNull(await this.#run("move", ticketId, position));
  }

  async standings(ticketIds: readonly string[]): Promise<readonly Standing[]> {
    const parts: Promise<Standing[]>[] = [];
    for (let from = 0; from < ticketIds.length; from += mostPerCall) {
      const some = ticketIds.slice(from, from + mostPerCall);
      parts.push(this.#run("standings", ...some).then((reply) => standingsOf(some, reply)));
    }
    return (await Promise.all(parts)).flat();
  }

  async sweep(): Promise<void> {
    while (flagOf(await this.#run("sweep_queue")));
  }

  async status(): Promise<QueueStatus> {
    return statusOf(await this.#run("status"));
  }

  listTickets(page: TicketPage): Promise<readonly ListedTicket[]> {
    return listTickets((...call) => this.#run(...call), page);
  }

  findTickets(idOrUserId: string): Promise<readonly ListedTicket[]> {
    return findTickets((...call) => this.#run(...call), idOrUserId);
  }

  admit(): Promise<readonly Ticket[]> {
    return this.#admission.admit();
  }

  admitTicket(ticketId: string): Promise<TicketAdmission> {
    return this.#admission.admitTicket(ticketId);
  }

  admitDirectly(ticketId: string, mayEnterClosed?: boolean): Promise<DirectPassOutcome> {
    return this.#admission.admitDirectly(ticketId, mayEnterClosed);
  }

  passState(ticketId: string): Promise<PassState> {
    return this.#admission.passState(ticketId);
  }

  failPass(ticketId: string): Promise<number> {
    return this.#admission.failPass(ticketId);
  }

  releasePass(ticketId: string): Promise<void> {
    return this.#admission.releasePass(ticketId);
  }

  markDelivered(ticketIds: readonly string[]): Promise<void> {
    return this.#admission.markDelivered(ticketIds);
  }

  configure(
    patch: QueuePatch,
  ): Promise<{ readonly settings: LiveQueueSettings; readonly previous: LiveQueueSettings }> {
    return this.#admission.configure(patch);
  }

  settings(): Promise<QueueSettings> {
    return this.#admission.settings();
  }

  takeSlot(sid: string, mayEnterClosed?: boolean): Promise<SlotOutcome> {
    return this.#slots.takeSlot(sid, mayEnterClosed);
  }

  setSocketsOpen(sid: string, hostId: string, open: boolean): Promise<void> {
    return this.#slots.setSocketsOpen(sid, hostId, open);
  }

  renewHost(hostId: string, connectedSids: readonly string[]): Promise<void> {
    return this.#slots.renewHost(hostId, connectedSids);
  }

  reportQuiet(hostId: string, quietMs: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
    return this.#slots.reportQuiet(hostId, quietMs);
  }

  #run(script: string, ...args: readonly CallArgument[]): Promise<Reply> {
    return this.#calls.run(script, [this.#settings, ...args]);
  }
}
