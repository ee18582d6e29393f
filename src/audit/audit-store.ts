// What the audit list needs of a store: who of the operators did what, and when.

/** Whose token it was. */
export interface AuditActor {
  readonly kind: "operator" | "partner";
  /** As the token says it. */
  readonly name: string;
  /** The token's `jti`, by which it can be revoked. */
  readonly tokenId: string;
}

/** One call of the operator's side, before the store stamps it. */
export interface NewAuditEntry {
  readonly actor: AuditActor;
  /** The call, such as `queue.configure`. */
  readonly action: string;
  /** What it was done to: a user, a ticket, a session (its first 8 characters); null for the whole. */
  readonly target: string | null;
  /** `done`, or the code it was refused with. */
  readonly outcome: string;
  /** The words that the operator gave. */
  readonly reason: string | null;
  /** What it was before, and after; null where nothing was or is. */
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

/** An entry of the audit list. */
export interface AuditEntry extends NewAuditEntry {
  /** A decimal number, greater than those of all entries before. */
  readonly id: string;
  /** By the store's clock, ms since the epoch. */
  readonly at: number;
}

export interface AuditPage {
  /**
   * The id of an entry: those older than it are listed, were it forgotten meanwhile or never given out. Text that is no id
   * has nothing before it. null for the newest of all.
   */
  readonly before: string | null;
  readonly limit: number;
}

/** Every call may throw `LoginError("STORE_UNAVAILABLE")`. */
export interface AuditStore {
  /**
   * Keeps an entry, of its values what JSON says of them, for as long as the store's data lasts, and lets go of the oldest
   * beyond `mostAuditEntries`.
   */
  append(entry: NewAuditEntry): Promise<AuditEntry>;
  /** The newest first. */
  list(page: AuditPage): Promise<readonly AuditEntry[]>;
}

/** Older entries are forgotten. */
export const mostAuditEntries = 10_000;
/** What one entry may weigh as JSON, in bytes: whoever writes one keeps below it. */
export const mostAuditEntryBytes = 4_096;

/** The number that an entry's id is; null for text that is no id. */
export function auditNumberOf(id: string): number | null {
  return /^[1-9]\d{0,14}$/.test(id) ? Number(id) : null;
}
