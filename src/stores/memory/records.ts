// What the memory store knows of sessions and access: read from tables in memory, and written to a journal first where it has one.
import { type AccessRules, openAccess } from "../../access/access-rules.ts";
import type { Ban } from "../../access/access-store.ts";
import type { AuditEntry } from "../../audit/audit-store.ts";
import type { QueueOverrides } from "../../login-queue/queue-settings.ts";
import type { SessionRecord } from "../../sessions/session.ts";
import { AuditTable } from "./audit-table.ts";
import { BanTable } from "./ban-table.ts";
import { RevocationTable } from "./revocation-table.ts";
import { SessionTable } from "./session-table.ts";

/** One record as it is from now on. */
export type RecordChange =
  | { readonly of: "session"; readonly record: SessionRecord }
  /** null: there is no ban any more. */
  | { readonly of: "ban"; readonly userId: string; readonly ban: Ban | null }
  /** `until` null: for ever. */
  | { readonly of: "revocation"; readonly jti: string; readonly until: number | null }
  | { readonly of: "accessRules"; readonly rules: AccessRules }
  | { readonly of: "queueOverrides"; readonly overrides: QueueOverrides }
  /** One more, newer than all of before. */
  | { readonly of: "audit"; readonly entry: AuditEntry };

/** Where records outlive the process. What the queue holds is not among them: it comes back by its tickets. */
export interface Journal {
  /**
   * Every record that is not over at `now`; sessions in the order in which they were opened, audit entries in that of their
   * ids. Read once, at the start.
   */
  load(now: number): Iterable<RecordChange>;
  /**
   * Writes all of them or nothing. Once it has returned they outlive the process, however that ends.
   * @throws LoginError STORE_UNAVAILABLE, and then nothing was written
   */
  write(changes: readonly RecordChange[]): void;
  /** Deletes some of what is over at `now`, and answers whether more is left of it. May throw. */
  forgetDue(now: number): boolean;
  close(): void;
}

/**
 * A verb first decides, then commits every change at once, and only then touches the queue and tells the feed: where the
 * journal fails, the verb throws and nothing has happened.
 */
export class Records {
  readonly sessions = new SessionTable();
  readonly bans = new BanTable();
  readonly revocations = new RevocationTable();
  readonly audit = new AuditTable();
  readonly #journal: Journal | null;
  /** Whether something of it may be over: at the start, for it may have been closed for long. */
  #journalHasDue: boolean;
  #accessRules: AccessRules = openAccess;
  #queueOverrides: QueueOverrides = {};

  constructor(journal: Journal | null, now: number) {
    this.#journal = journal;
    this.#journalHasDue = journal !== null;
    for (const change of journal?.load(now) ?? []) this.#apply(change);
  }

  get accessRules(): AccessRules {
    return this.#accessRules;
  }

  get queueOverrides(): QueueOverrides {
    return this.#queueOverrides;
  }

  /** @throws LoginError STORE_UNAVAILABLE, and then nothing has changed */
  commit(changes: readonly RecordChange[]): void {
    if (changes.length === 0) return;
    this.#journal?.write(changes);
    for (const change of changes) this.#apply(change);
  }

  /** Lets go of what is over, in the journal a bounded part of it: answers whether more is left there. */
  forgetDue(now: number): boolean {
    const forgotten = this.sessions.forgetDue(now) + this.bans.forgetDue(now) + this.revocations.forgetDue(now);
    this.#journalHasDue ||= this.#journal !== null && forgotten > 0;
    if (this.#journalHasDue) this.#journalHasDue = this.#journal?.forgetDue(now) ?? false;
    return this.#journalHasDue;
  }

  close(): void {
    this.#journal?.close();
  }

  #apply(change: RecordChange): void {
    switch (change.of) {
      case "session":
        this.sessions.put(change.record);
        break;
      case "ban":
        if (change.ban === null) this.bans.delete(change.userId);
        else this.bans.put(change.userId, change.ban);
        break;
      case "revocation":
        this.revocations.put(change.jti, change.until);
        break;
      case "accessRules":
        this.#accessRules = change.rules;
        break;
      case "queueOverrides":
        this.#queueOverrides = change.overrides;
        break;
      case "audit":
        this.audit.put(change.entry);
        break;
    }
  }
}
