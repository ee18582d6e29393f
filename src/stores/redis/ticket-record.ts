// A ticket as Redis keeps it: one line of fields, written and explained in scripts/lib/ticket_record.lua.
import type { Holder, Ticket } from "../../login-queue/queue-store.ts";

/** Where the fields are that are read here. */
const at = {
  position: 0,
  status: 1,
  lane: 2,
  order: 3,
  holder: 4,
  holderId: 5,
  enqueuedAt: 7,
  userId: 10,
  sid: 11,
  admittedAt: 12,
  passExpiresAt: 13,
} as const;

/** The ticket with this id, from its record. */
export function readTicket(id: string, record: string): Ticket {
  const fields = record.split("\t");
  const order = Number(fields[at.order]);
  return {
    id,
    lane: unescaped(fields[at.lane] ?? ""),
    order,
    position: Number(fields[at.position]),
    status: fields[at.status] === "w" ? "waiting" : "admitted",
    userId: textOrNull(fields[at.userId]),
    sid: textOrNull(fields[at.sid]),
    enqueuedAt: timeOrNull(fields[at.enqueuedAt]) ?? Math.floor(order / 1000),
    holder: readHolder(fields[at.holder] ?? "", fields[at.holderId] ?? ""),
    admittedAt: timeOrNull(fields[at.admittedAt]),
    passExpiresAt: timeOrNull(fields[at.passExpiresAt]),
  };
}

/** Whether a poller holds the waiting ticket of this record, and asked lately. */
export function isPollerThere(record: string): boolean {
  return record.split("\t", at.holder + 1)[at.holder]?.startsWith("p") ?? false;
}

function readHolder(holder: string, id: string): Holder | null {
  if (holder === "") return null;
  const rest = unescaped(holder.slice(1));
  if (!holder.startsWith("s")) return { kind: "poll", nextPollSeconds: Number(rest) };
  const own = unescaped(id.slice(1));
  return { kind: "socket", id: id.startsWith("=") ? rest + own : own, hostId: rest };
}

function textOrNull(field = ""): string | null {
  return field === "" ? null : unescaped(field);
}

function timeOrNull(field = ""): number | null {
  return field === "" ? null : Number(field);
}

/** See scripts/lib/escape.lua. */
function unescaped(text: string): string {
  return text.includes("%") ? text.replaceAll("%09", "\t").replaceAll("%25", "%") : text;
}
