// The audit list of the memory store: the newest entries, the oldest first.
import { type AuditEntry, auditNumberOf, mostAuditEntries } from "../../audit/audit-store.ts";

export class AuditTable {
  readonly #entries: AuditEntry[] = [];
  #lastNumber = 0;

  /** The id of the next entry. */
  get nextId(): string {
    return String(this.#lastNumber + 1);
  }

  /** An entry that is newer than all of before. */
  put(entry: AuditEntry): void {
    this.#entries.push(entry);
    this.#lastNumber = auditNumberOf(entry.id) ?? this.#lastNumber;
    if (this.#entries.length > mostAuditEntries) this.#entries.shift();
  }

  /** The newest first, of those with a lesser number. */
  below(number: number, limit: number): AuditEntry[] {
    const last = this.#entries.findLastIndex(({ id }) => (auditNumberOf(id) ?? 0) < number);
    return this.#entries.slice(Math.max(0, last + 1 - limit), last + 1).reverse();
  }
}
