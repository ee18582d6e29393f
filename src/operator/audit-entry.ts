// How an entry of the audit list is made: short enough to be kept, in one line where it goes to the log, and without secrets.
import { mostAuditEntryBytes, type NewAuditEntry } from "../audit/audit-store.ts";
import { oneLine } from "../plain-name.ts";
import type { Operator } from "../tokens/operator-tokens.ts";

/** What was there before a change, or after it; null where nothing was or is. */
export type Values = Readonly<Record<string, unknown>> | null;

/** What an operator did. */
export type OperatorAct = Omit<NewAuditEntry, "actor">;

/** What texts, lists and objects are cut to, harder and harder until the entry fits: characters, or members. */
const cuts = [500, 100, 20, 4] as const;
const mostLineCharacters = 400;

/** An entry that the store may keep: what is long in it is cut, and what was cut off is counted. */
export function auditEntry({ kind, name, tokenId }: Operator, act: OperatorAct): NewAuditEntry {
  const entry: NewAuditEntry = { actor: { kind, name, tokenId }, ...act };
  return cuts.map((most) => cutTo(entry, most)).find(fits) ?? { ...cutTo(entry, 4), before: null, after: null };
}

function fits(entry: NewAuditEntry): boolean {
  return Buffer.byteLength(JSON.stringify(entry)) <= mostAuditEntryBytes;
}

function cutTo(entry: NewAuditEntry, most: number): NewAuditEntry {
  const { actor, target, reason, before, after } = entry;
  // Whoever looks for a user or a token has to find them: these stay whole longest.
  const mostOfIds = Math.max(most, 64);
  return {
    ...entry,
    actor: { ...actor, name: cutText(actor.name, mostOfIds), tokenId: cutText(actor.tokenId, mostOfIds) },
    target: target === null ? null : cutText(target, mostOfIds),
    reason: reason === null ? null : cutText(reason, most),
    before: cutValues(before, most),
    after: cutValues(after, most),
  };
}

function cutValues(values: Values, most: number): Values {
  if (values === null) return null;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, cutValue(value, most)]));
}

function cutValue(value: unknown, most: number): unknown {
  if (typeof value === "string") return cutText(value, most);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const left = value.slice(0, most).map((member) => cutValue(member, most));
    return value.length <= most ? left : [...left, sayMore(value.length - most)];
  }
  const members = Object.entries(value);
  const left = members.slice(0, most).map(([name, member]) => [cutText(name, most), cutValue(member, most)] as const);
  return Object.fromEntries(members.length <= most ? left : [...left, ["…", sayMore(members.length - most)]]);
}

function sayMore(count: number): string {
  return `${count} more`;
}

function cutText(text: string, most: number): string {
  const whole = text.toWellFormed();
  return whole.length <= most ? whole : `${whole.slice(0, most).toWellFormed()}…`;
}

/** What the log says of an act, in one line. */
export function auditLine({ actor, action, target, outcome, reason, before, after }: NewAuditEntry): string {
  const parts = [
    target,
    ...changesOf(before, after),
    reason === null || reason === "" ? null : `"${reason}"`,
    outcome === "done" ? null : `refused: ${outcome}`,
  ];
  const said = parts.filter((part) => part !== null).join(" ");
  const who = `${actor.kind} ${actor.name} (token ${actor.tokenId.slice(0, 8)})`;
  return cutText(oneLine(`colyseus-login: ${who}: ${action} ${said}`.trimEnd()), mostLineCharacters);
}

/** Values that are there both before and after, and differ. */
function changesOf(before: Values, after: Values): string[] {
  if (before === null || after === null) return [];
  return Object.entries(after)
    .filter(([name, value]) => Object.hasOwn(before, name) && JSON.stringify(before[name]) !== JSON.stringify(value))
    .map(([name, value]) => `${name} ${JSON.stringify(before[name])} → ${JSON.stringify(value)}`);
}
