// Bans of the memory store, each one atomic step with the ends of what it forbids; its access rules, and the tokens that are revoked.
import type { AccessRules } from "../../access/access-rules.ts";
import type { AccessStore, Ban, BanOutcome } from "../../access/access-store.ts";
import type { Clock } from "../../clock.ts";
import { isInForce } from "./ban-table.ts";
import type { Feed } from "./feed.ts";
import type { MemorySessions } from "./memory-sessions.ts";
import type { QueueSide } from "./queue-side.ts";
import type { Records } from "./records.ts";

interface Parts {
  readonly clock: Clock;
  readonly feed: Feed;
  readonly records: Records;
  readonly sessions: MemorySessions;
  readonly queue: QueueSide | null;
}

export class MemoryAccess implements AccessStore {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async ban(userId: string, { reason, until }: Ban): Promise<BanOutcome> {
    const { clock, records, sessions, queue } = this.#parts;
    const now = clock.now();
    const ban = { reason, until };
    const changes = [{ of: "ban", userId, ban } as const];
    // A ban that is over already forbids nothing, and so ends nothing.
    const forbidden = isInForce(ban, now) ? records.sessions.ofUser(userId) : [];
    const request = { reason: "banned", closeSockets: true, message: reason } as const;
    const previous = records.bans.inForce(userId, now);
    const outcome = sessions.endRecords(forbidden, request, now, {
      changes,
      carryOut: (events) => {
        if (isInForce(ban, now)) queue?.banUser(userId, reason, now, events);
      },
    });
    return { ...outcome, previous };
  }

  async unban(userId: string): Promise<Ban | null> {
    const { clock, records } = this.#parts;
    const lifted = records.bans.inForce(userId, clock.now());
    records.commit([{ of: "ban", userId, ban: null }]);
    return lifted;
  }

  async getBan(userId: string): Promise<Ban | null> {
    const { clock, records } = this.#parts;
    return records.bans.inForce(userId, clock.now());
  }

  async revokeToken(jti: string, until: number | null): Promise<boolean> {
    const { clock, records } = this.#parts;
    const now = clock.now();
    if (records.revocations.inForce(jti, now) || (until !== null && until <= now)) return false;
    records.commit([{ of: "revocation", jti, until }]);
    return true;
  }

  async isTokenRevoked(jti: string): Promise<boolean> {
    const { clock, records } = this.#parts;
    return records.revocations.inForce(jti, clock.now());
  }

  async accessRules(): Promise<AccessRules> {
    return this.#parts.records.accessRules;
  }

  async setAccessRules({ mode, allow, opensAt, closesAt }: AccessRules): Promise<AccessRules> {
    const { userIds, groups, rule } = allow;
    const rules = { mode, allow: { userIds: [...userIds], groups: [...groups], rule }, opensAt, closesAt };
    const previous = this.#parts.records.accessRules;
    this.#parts.records.commit([{ of: "accessRules", rules }]);
    this.#parts.feed.publish([{ type: "accessChanged" }]);
    return previous;
  }
}
