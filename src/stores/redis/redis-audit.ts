// The audit list of the Redis store: an entry is added by one script, and a page is a plain read.
import {
  type AuditEntry,
  type AuditPage,
  type AuditStore,
  auditNumberOf,
  mostAuditEntries,
  type NewAuditEntry,
} from "../../audit/audit-store.ts";
import type { RedisCalls } from "./calls.ts";
import { listOf, numberOf, type Reply, textOf } from "./replies.ts";

/** Id, moment and JSON: as audit_append.lua has them. */
const written = /^(\d+) (\d+) (.*)$/s;

export class RedisAudit implements AuditStore {
  readonly #calls: Pick<RedisCalls, "run" | "command" | "key">;

  constructor(calls: Pick<RedisCalls, "run" | "command" | "key">) {
    this.#calls = calls;
  }

  async append(entry: NewAuditEntry): Promise<AuditEntry> {
    const text = JSON.stringify(entry);
    const [id, at] = listOf(await this.#calls.run("audit_append", [text, mostAuditEntries]));
    return { ...JSON.parse(text), id: textOf(id), at: numberOf(at) };
  }

  async list({ before, limit }: AuditPage): Promise<readonly AuditEntry[]> {
    const number = before === null ? Number.POSITIVE_INFINITY : auditNumberOf(before);
    if (number === null || limit <= 0) return [];
    const below = number === Number.POSITIVE_INFINITY ? "+inf" : `(${number}`;
    const page = [this.#calls.key("audit"), below, "-inf", "LIMIT", 0, limit];
    return listOf(await this.#calls.command("ZREVRANGEBYSCORE", page)).map(entryOf);
  }
}

function entryOf(reply: Reply): AuditEntry {
  const [, id = "", at, text = ""] = written.exec(textOf(reply)) ?? [];
  return { ...JSON.parse(text), id, at: Number(at) };
}
