// Who is let in by the Redis store's queue: the admission step, single tickets, passes, and the settings that all go by.
import {
  type LiveQueueSettings,
  liveSettingsOf,
  type QueuePatch,
  type QueueSettings,
} from "../../login-queue/queue-settings.ts";
import {
  type DirectPassOutcome,
  type PassState,
  passTries,
  type Ticket,
  type TicketAdmission,
} from "../../login-queue/queue-store.ts";
import type { RedisCalls } from "./calls.ts";
import { refusalOf } from "./redis-slots.ts";
import { flagOf, listOf, numberOf, type Reply, textOf } from "./replies.ts";
import { patchArguments, readOverrides, settingsInForce } from "./settings-codec.ts";
import { ticketOf } from "./standing.ts";

/** Tickets that one call lets in, or marks: enough to be worth it, and nobody waits long behind it. */
const mostPerCall = 200;

interface Parts {
  readonly calls: RedisCalls;
  readonly options: QueueSettings;
  /** What `settingsArgument` makes of the options. */
  readonly settings: string;
}

export class RedisAdmission {
  readonly #calls: RedisCalls;
  readonly #options: QueueSettings;
  readonly #settings: string;

  constructor({ calls, options, settings }: Parts) {
    this.#calls = calls;
    this.#options = options;
    this.#settings = settings;
  }

  async admit(): Promise<readonly Ticket[]> {
    const admitted: Ticket[] = [];
    for (let hasMore = true; hasMore; ) {
      const [more, tickets] = listOf(await this.#run("admit", mostPerCall));
      admitted.push(...listOf(tickets).map(ticketOf));
      hasMore = flagOf(more);
    }
    return admitted;
  }

  async admitTicket(ticketId: string): Promise<TicketAdmission> {
    const known = ["admitted", "already", "full", "unknown"] as const;
    return oneOf<TicketAdmission>(known, await this.#run("admit_ticket", ticketId));
  }

  async admitDirectly(ticketId: string, mayEnterClosed = false): Promise<DirectPassOutcome> {
    const reply = await this.#run("admit_directly", ticketId, mayEnterClosed ? 1 : 0);
    const [outcome] = listOf(reply);
    return outcome === "admitted" ? { outcome } : refusalOf(reply);
  }

  async passState(ticketId: string): Promise<PassState> {
    return oneOf<PassState>(["unspent", "bound", "spent", "none"], await this.#run("pass_state", ticketId));
  }

  async failPass(ticketId: string): Promise<number> {
    return numberOf(await this.#run("fail_pass", ticketId, passTries));
  }

  async releasePass(ticketId: string): Promise<void> {
    await this.#run("release_pass", ticketId);
  }

  async markDelivered(ticketIds: readonly string[]): Promise<void> {
    for (let from = 0; from < ticketIds.length; from += mostPerCall) {
      await this.#run("mark_delivered", ...ticketIds.slice(from, from + mostPerCall));
    }
  }

  async configure(patch: QueuePatch): Promise<{ settings: LiveQueueSettings; previous: LiveQueueSettings }> {
    const [before, after] = listOf(await this.#run("configure", ...patchArguments(patch)));
    return { settings: liveSettingsOf(this.#inForce(after)), previous: liveSettingsOf(this.#inForce(before)) };
  }

  async settings(): Promise<QueueSettings> {
    return this.#inForce(await this.#calls.command("HGETALL", [this.#calls.key("cfg")]));
  }

  #inForce(changed: Reply | undefined): QueueSettings {
    return settingsInForce(this.#options, readOverrides(changed));
  }

  #run(script: string, ...args: readonly (string | number)[]): Promise<Reply> {
    return this.#calls.run(script, [this.#settings, ...args]);
  }
}

function oneOf<T extends string>(known: readonly T[], reply: Reply): T {
  const text = textOf(reply);
  const found = known.find((one) => one === text);
  if (found === undefined) throw new Error(`a script of the Redis store answered ${text}, not ${known.join(" or ")}`);
  return found;
}
