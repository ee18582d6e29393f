// The journal of a one-process store in a file: one row per record, one transaction per verb.
import { openAccess } from "../../access/access-rules.ts";
import { type AuditEntry, auditNumberOf, mostAuditEntries } from "../../audit/audit-store.ts";
import type { Journal, RecordChange } from "../memory/records.ts";
import { forgetSessionAt } from "../memory/session-table.ts";
import type { Database, Row } from "./database.ts";

/** Rows that one part of a sweep deletes from each table: a few ms. */
const rowsPerPart = 1_000;

export class SqliteJournal implements Journal {
  readonly #database: Database;
  readonly #lock: { close(): void };

  constructor(database: Database, lock: { close(): void }) {
    this.#database = database;
    this.#lock = lock;
  }

  *load(now: number): Iterable<RecordChange> {
    const database = this.#database;
    for (const row of database.each("SELECT record FROM sessions WHERE forgetAt > ? ORDER BY position", now)) {
      yield { of: "session", record: JSON.parse(textOf(row, "record")) };
    }
    for (const row of database.each("SELECT * FROM bans WHERE until IS NULL OR until > ?", now)) {
      const ban = { reason: textOf(row, "reason"), until: endOf(row) };
      yield { of: "ban", userId: textOf(row, "userId"), ban };
    }
    for (const row of database.each("SELECT * FROM revocations WHERE until IS NULL OR until > ?", now)) {
      yield { of: "revocation", jti: textOf(row, "jti"), until: endOf(row) };
    }
    // What a later version adds to the rules is open until it is set.
    const rules = this.#setting("accessRules");
    if (rules !== null) yield { of: "accessRules", rules: { ...openAccess, ...JSON.parse(rules) } };
    const overrides = this.#setting("queueOverrides");
    if (overrides !== null) yield { of: "queueOverrides", overrides: JSON.parse(overrides) };
    for (const row of database.each("SELECT * FROM audit ORDER BY id")) {
      const entry = { ...JSON.parse(textOf(row, "entry")), id: textOf(row, "id"), at: Number(row["at"]) };
      yield { of: "audit", entry };
    }
  }

  write(changes: readonly RecordChange[]): void {
    this.#database.transaction(() => {
      for (const change of changes) this.#write(change);
    });
  }

  forgetDue(now: number): boolean {
    return this.#database.transaction(() => {
      const parts = [
        "DELETE FROM sessions WHERE position IN (SELECT position FROM sessions WHERE forgetAt <= ? LIMIT ?)",
        "DELETE FROM bans WHERE userId IN (SELECT userId FROM bans WHERE until <= ? LIMIT ?)",
        "DELETE FROM revocations WHERE jti IN (SELECT jti FROM revocations WHERE until <= ? LIMIT ?)",
      ].map((sql) => this.#database.run(sql, now, rowsPerPart));
      return parts.includes(rowsPerPart);
    });
  }

  close(): void {
    this.#database.close();
    this.#lock.close();
  }

  #write(change: RecordChange): void {
    const database = this.#database;
    switch (change.of) {
      case "session": {
        const { record } = change;
        database.run(
          `INSERT INTO sessions (sid, forgetAt, record) VALUES (?, ?, ?)
           ON CONFLICT (sid) DO UPDATE SET forgetAt = excluded.forgetAt, record = excluded.record`,
          record.sid,
          forgetSessionAt(record),
          JSON.stringify(record),
        );
        break;
      }
      case "ban": {
        const { userId, ban } = change;
        if (ban === null) database.run("DELETE FROM bans WHERE userId = ?", userId);
        else database.run("REPLACE INTO bans (userId, reason, until) VALUES (?, ?, ?)", userId, ban.reason, ban.until);
        break;
      }
      case "revocation":
        database.run("REPLACE INTO revocations (jti, until) VALUES (?, ?)", change.jti, change.until);
        break;
      case "accessRules":
        this.#set("accessRules", change.rules);
        break;
      case "queueOverrides":
        this.#set("queueOverrides", change.overrides);
        break;
      case "audit":
        this.#addToAudit(change.entry);
        break;
    }
  }

  #addToAudit({ id, at, ...entry }: AuditEntry): void {
    const number = auditNumberOf(id);
    this.#database.run("INSERT INTO audit (id, at, entry) VALUES (?, ?, ?)", number, at, JSON.stringify(entry));
    this.#database.run("DELETE FROM audit WHERE id <= ? - ?", number, mostAuditEntries);
  }

  #setting(name: string): string | null {
    const row = this.#database.one("SELECT value FROM settings WHERE name = ?", name);
    return row === undefined ? null : textOf(row, "value");
  }

  #set(name: string, value: object): void {
    this.#database.run("REPLACE INTO settings (name, value) VALUES (?, ?)", name, JSON.stringify(value));
  }
}

function textOf(row: Row, column: string): string {
  return String(row[column]);
}

function endOf({ until }: Row): number | null {
  return until === null ? null : Number(until);
}
