// Bans of the memory store, each one atomic step with the ends of what it forbids.
import type { AccessStore, Ban, BanOutcome } from "../../access/access-store.ts";
import type { Clock } from "../../clock.ts";
import type { StoreEvent } from "../store.ts";
import type { BanTable } from "./ban-table.ts";
import type { MemorySessions } from "./memory-sessions.ts";
import type { QueueSide } from "./queue-side.ts";
import type { SessionTable } from "./session-table.ts";

interface Parts {
  readonly clock: Clock;
  readonly table: SessionTable;
  readonly bans: BanTable;
  readonly sessions: MemorySessions;
  readonly queue: QueueSide | null;
}

export class MemoryAccess implements AccessStore {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async ban(userId: string, ban: Ban): Promise<BanOutcome> {
    const { clock, table, bans, sessions, queue } = this.#parts;
    const now = clock.now();
    const { reason, until } = ban;
    bans.put(userId, { reason, until });
    // A ban that is over already forbids nothing, and so ends nothing.
    if (bans.inForce(userId, now) === null) return { ended: [], socketsClosed: 0 };
    const events: StoreEvent[] = [];
    queue?.banUser(userId, reason, now, events);
    return sessions.endRecords(
      table.ofUser(userId),
      { reason: "banned", closeSockets: true, message: reason },
      now,
      events,
    );
  }

  async unban(userId: string): Promise<boolean> {
    const { clock, bans } = this.#parts;
    const banned = bans.inForce(userId, clock.now()) !== null;
    bans.delete(userId);
    return banned;
  }

  async getBan(userId: string): Promise<Ban | null> {
    return this.#parts.bans.inForce(userId, this.#parts.clock.now());
  }
}
