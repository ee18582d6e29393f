// The audit list of the memory store, written to its journal where it has one.
import {
  type AuditEntry,
  type AuditPage,
  type AuditStore,
  auditNumberOf,
  type NewAuditEntry,
} from "../../audit/audit-store.ts";
import type { Clock } from "../../clock.ts";
import type { Records } from "./records.ts";

export class MemoryAudit implements AuditStore {
  readonly #records: Records;
  readonly #clock: Clock;

  constructor(records: Records, clock: Clock) {
    this.#records = records;
    this.#clock = clock;
  }

  async append(entry: NewAuditEntry): Promise<AuditEntry> {
    // A copy, and of values what JSON keeps of them: as from every other store.
    const values: NewAuditEntry = JSON.parse(JSON.stringify(entry));
    const stamped = { ...values, id: this.#records.audit.nextId, at: this.#clock.now() };
    this.#records.commit([{ of: "audit", entry: stamped }]);
    return stamped;
  }

  async list({ before, limit }: AuditPage): Promise<readonly AuditEntry[]> {
    const number = before === null ? Number.POSITIVE_INFINITY : auditNumberOf(before);
    return number === null ? [] : this.#records.audit.below(number, limit);
  }
}
