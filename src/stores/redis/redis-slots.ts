// The slots of the Redis store's queue: who takes one, which processes have sockets, and who has been quiet.
import { type EntryRefusal, hostRenewSeconds, type SlotOutcome } from "../../login-queue/queue-store.ts";
import { inParallel } from "../../parallel.ts";
import { randomId } from "../../random.ts";
import type { RedisCalls } from "./calls.ts";
import { flagOf, listOf, numberOf, type Reply, textOf } from "./replies.ts";

/** Sessions of one call: enough to be worth it, and nobody waits long behind it. */
const mostPerCall = 1000;
/** Parts of one list that are sent at once: each has a deadline, and those of a hundred thousand sessions would not keep it. */
const partsAtOnce = 4;

/** A renewal under way. */
interface Renewal {
  readonly hostId: string;
  readonly name: string;
  /** Sessions whose sockets there have closed since its list was made. */
  readonly closed: Set<string>;
}

export class RedisSlots {
  readonly #calls: RedisCalls;
  readonly #settings: string;
  readonly #renewals = new Set<Renewal>();

  /** `settings`: what `settingsArgument` makes of the options. */
  constructor(calls: RedisCalls, settings: string) {
    this.#calls = calls;
    this.#settings = settings;
  }

  async takeSlot(sid: string, mayEnterClosed = false): Promise<SlotOutcome> {
    const reply = await this.#calls.run("take_slot", [this.#settings, sid, mayEnterClosed ? 1 : 0]);
    const outcome = textOf(listOf(reply)[0]);
    return outcome === "held" || outcome === "taken" ? { outcome } : refusalOf(reply);
  }

  async setSocketsOpen(sid: string, hostId: string, open: boolean): Promise<void> {
    for (const renewal of this.#renewals) {
      if (renewal.hostId === hostId) renewal.closed[open ? "delete" : "add"](sid);
    }
    await this.#calls.run("set_sockets_open", [this.#settings, sid, hostId, open ? 1 : 0]);
  }

  async renewHost(hostId: string, connectedSids: readonly string[]): Promise<void> {
    const renewal: Renewal = { hostId, name: randomId(), closed: new Set() };
    const parts = chunks([...new Set(connectedSids)], mostPerCall);
    const last = parts.pop() ?? [];
    this.#renewals.add(renewal);
    try {
      await inParallel(parts, partsAtOnce, (sids) => this.#renew(renewal, false, sids));
      // The last part closes whatever was not named, and so waits for all others.
      let hasMore = flagOf(await this.#renew(renewal, true, last));
      while (hasMore) hasMore = flagOf(await this.#renew(renewal, true, []));
    } finally {
      this.#renewals.delete(renewal);
    }
  }

  async reportQuiet(hostId: string, quietMs: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
    const everywhere = new Map<string, number>();
    const report = async (quiet: readonly [string, number][], isFirst: boolean) => {
      const head = [this.#settings, hostId, isFirst ? 1 : 0, hostRenewSeconds * 1000];
      const said = listOf(await this.#calls.run("report_quiet", [...head, ...quiet.flat()]));
      for (let index = 0; index < said.length; index += 2) {
        everywhere.set(textOf(said[index]), numberOf(said[index + 1]));
      }
    };
    const [first = [], ...parts] = chunks([...quietMs], mostPerCall);
    await report(first, true);
    await inParallel(parts, partsAtOnce, (quiet) => report(quiet, false));
    return everywhere;
  }

  /** What closed before its part is sent is not named as open after that. */
  #renew({ hostId, name, closed }: Renewal, isLast: boolean, sids: readonly string[]): Promise<Reply> {
    const open = sids.filter((sid) => !closed.has(sid));
    return this.#calls.run("renew_host", [this.#settings, hostId, name, isLast ? 1 : 0, mostPerCall, ...open]);
  }
}

/** What `lib/refusal.lua` answers. */
export function refusalOf(reply: Reply): EntryRefusal {
  const [outcome, queueLength] = listOf(reply);
  return textOf(outcome) === "queueClosed"
    ? { outcome: "queueClosed" }
    : { outcome: "queueRequired", queueLength: numberOf(queueLength) };
}

/** At least one, be it empty. */
function chunks<T>(all: readonly T[], size: number): T[][] {
  const count = Math.max(1, Math.ceil(all.length / size));
  return Array.from({ length: count }, (_, index) => all.slice(index * size, (index + 1) * size));
}
