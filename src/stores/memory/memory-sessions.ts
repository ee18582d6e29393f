// Sessions of the memory store: each verb runs to its end without waiting for anything, and so is one atomic step.
import type { Clock } from "../../clock.ts";
import { decideRefresh, rotate } from "../../sessions/refresh-policy.ts";
import type { SessionRecord } from "../../sessions/session.ts";
import type {
  EndAllOutcome,
  EndOutcome,
  EndRequest,
  NewSession,
  OpenOutcome,
  OpenRequest,
  RefreshOutcome,
  RefreshRequest,
  SessionLifetimes,
  SessionStore,
} from "../../sessions/session-store.ts";
import type { StoreEvent } from "../store.ts";
import type { Feed } from "./feed.ts";
import type { QueueSide } from "./queue-side.ts";
import type { RecordChange, Records } from "./records.ts";
import { isLive } from "./session-table.ts";

interface Parts {
  readonly clock: Clock;
  readonly feed: Feed;
  readonly records: Records;
  /** null where no queue is configured. */
  readonly queue: QueueSide | null;
}

/** What belongs to the step of several ends: written with them, and done before them. */
interface Alongside {
  readonly changes: readonly RecordChange[];
  readonly carryOut: (events: StoreEvent[]) => void;
}

export class MemorySessions implements SessionStore {
  readonly #clock: Clock;
  readonly #feed: Feed;
  readonly #records: Records;
  readonly #queue: QueueSide | null;

  constructor(parts: Parts) {
    this.#clock = parts.clock;
    this.#feed = parts.feed;
    this.#records = parts.records;
    this.#queue = parts.queue;
  }

  async get(sid: string): Promise<SessionRecord | null> {
    return this.#records.sessions.get(sid);
  }

  async listByUser(userId: string): Promise<readonly SessionRecord[]> {
    return this.#liveOfUser(userId, this.#clock.now());
  }

  async open(request: OpenRequest): Promise<OpenOutcome> {
    const now = this.#clock.now();
    const { session, ticketId, concurrent } = request;
    const ban = this.#records.bans.inForce(session.userId, now);
    if (ban !== null) return { outcome: "banned", ban };

    let queuedWith: SessionRecord | null = null;
    if (ticketId !== null) {
      const check = this.#requireQueue().checkPass(ticketId, session.userId, now);
      const owner = "sid" in check ? this.#records.sessions.getLive(check.sid, now) : null;
      if (check.pass === "claimed" && owner !== null) return { outcome: "repeated", record: owner };
      if (check.pass === "bound") queuedWith = owner;
      if (check.pass !== "unspent" && queuedWith === null) return { outcome: "passInvalid" };
    }

    const live = this.#liveOfUser(session.userId, now).filter(({ sid }) => sid !== queuedWith?.sid);
    const excess = live.length + 1 - concurrent.limit;
    if (excess > 0 && concurrent.onExceeded === "reject") return { outcome: "tooManySessions" };

    const ending = { reason: "replaced", closeSockets: true } as const;
    const outgoing = [...(queuedWith === null ? [] : [queuedWith]), ...live.slice(0, Math.max(0, excess))];
    const replaced = outgoing.map((record) => endedRecord(record, ending, now));
    const record = newRecord(session, request.lifetimes, now);
    this.#records.commit([...replaced, record].map(sessionChange));
    const events: StoreEvent[] = [];
    // First: the end of the session that queued would take the ticket along.
    if (ticketId !== null) this.#requireQueue().spendPass(ticketId, session.userId, session.sid, now);
    for (const { sid, userId } of replaced) this.#carryOutEnd(sid, userId, ending, now, events);
    this.#feed.publish(events);
    return { outcome: "opened", record, replaced };
  }

  async refresh(request: RefreshRequest): Promise<RefreshOutcome> {
    const now = this.#clock.now();
    const record = this.#records.sessions.get(request.sid);
    if (record === null) return { outcome: "revoked" };
    const ban = this.#records.bans.inForce(record.userId, now);
    if (ban !== null) return { outcome: "banned", ban };

    const decided = decideRefresh(record, request, request.lifetimes.refreshGraceMs, now);
    switch (decided.decision) {
      case "revoked":
        return { outcome: "revoked" };
      case "repeat":
        return { outcome: "repeated", record };
      case "expired":
        return {
          outcome: "expired",
          record: this.#endAndTell(record, { reason: "expired", closeSockets: false }, now),
        };
      case "reuse":
        return { outcome: "reuse", record: this.#endAndTell(record, { reason: "reuse", closeSockets: true }, now) };
      case "rotate": {
        const change = {
          clientVars: { ...(request.clientVars ?? record.clientVars) },
          serverVars: { ...(request.serverVars ?? record.serverVars) },
          username: request.username,
          groups: [...request.groups],
          attempt: request.attempt,
          tokenId: request.tokenId,
          refreshSecretId: request.refreshSecretId,
        };
        const successor = rotate(record, decided.from, change, request.lifetimes, now);
        this.#records.commit([sessionChange(successor)]);
        this.#queue?.renewSlot(record.sid, now);
        return { outcome: "rotated", record: successor, lostWrites: decided.lostWrites };
      }
    }
  }

  async confirm(sid: string, generation: number): Promise<void> {
    const now = this.#clock.now();
    const record = this.#records.sessions.getLive(sid, now);
    if (record === null || record.generation !== generation || record.confirmedAt !== null) return;
    this.#records.commit([sessionChange({ ...record, confirmedAt: now, seenAt: now })]);
  }

  async markSeen(sid: string): Promise<void> {
    const now = this.#clock.now();
    const record = this.#records.sessions.getLive(sid, now);
    if (record !== null) this.#records.commit([sessionChange({ ...record, seenAt: now })]);
  }

  async end(sid: string, request: EndRequest): Promise<EndOutcome> {
    const record = this.#records.sessions.get(sid);
    if (record === null) {
      // Sockets may outlive a record that was forgotten.
      const events = request.closeSockets ? [endedEvent(sid, null, request)] : [];
      return { record, ended: false, socketsClosed: this.#feed.publish(events) };
    }
    const { ended, socketsClosed } = this.endRecords([record], request, this.#clock.now());
    return { record: ended[0] ?? record, ended: ended.length > 0, socketsClosed };
  }

  async endAllOfUser(userId: string, request: EndRequest, except?: string): Promise<EndAllOutcome> {
    const records = this.#records.sessions.ofUser(userId).filter((record) => record.sid !== except);
    return this.endRecords(records, request, this.#clock.now());
  }

  async endAll(before: number, request: EndRequest): Promise<EndAllOutcome> {
    const records = [...this.#records.sessions.all()].filter((record) => record.createdAt <= before);
    return this.endRecords(records, request, this.#clock.now());
  }

  async disconnect(sid: string, reason: string, isIdle = false): Promise<number> {
    return this.#disconnect([sid], reason, isIdle);
  }

  async disconnectAllOfUser(userId: string, reason: string): Promise<number> {
    return this.#disconnect(
      this.#records.sessions.ofUser(userId).map((record) => record.sid),
      reason,
    );
  }

  /** Ends what has not ended, sessions past their end included; of the others closes the sockets, if asked. */
  endRecords(
    records: readonly SessionRecord[],
    request: EndRequest,
    now: number,
    { changes, carryOut }: Alongside = nothingAlongside,
  ): EndAllOutcome {
    const ended = records.filter(({ end }) => end === null).map((record) => endedRecord(record, request, now));
    this.#records.commit([...changes, ...ended.map(sessionChange)]);
    const events: StoreEvent[] = [];
    carryOut(events);
    for (const { sid, userId, end } of records) {
      if (end === null) this.#carryOutEnd(sid, userId, request, now, events);
      else if (request.closeSockets) events.push(endedEvent(sid, userId, request));
    }
    return { ended, socketsClosed: this.#feed.publish(events) };
  }

  #disconnect(sids: readonly string[], reason: string, isIdle = false): number {
    const now = this.#clock.now();
    for (const sid of sids) this.#queue?.disconnectSession(sid, now);
    return this.#feed.publish(sids.map((sid) => ({ type: "disconnect", sid, reason, ...(isIdle ? { isIdle } : {}) })));
  }

  #endAndTell(record: SessionRecord, request: EndRequest, now: number): SessionRecord {
    return this.endRecords([record], request, now).ended[0] ?? record;
  }

  /** What follows from an end that is written. */
  #carryOutEnd(sid: string, userId: string, request: EndRequest, now: number, events: StoreEvent[]): void {
    events.push(endedEvent(sid, userId, request));
    this.#queue?.endSession(sid, request.reason, request.message, now, events);
  }

  #liveOfUser(userId: string, now: number): SessionRecord[] {
    return this.#records.sessions.ofUser(userId).filter((record) => isLive(record, now));
  }

  #requireQueue(): QueueSide {
    if (this.#queue === null) throw new TypeError("a pass was presented to a store that was opened without a queue");
    return this.#queue;
  }
}

const nothingAlongside: Alongside = { changes: [], carryOut: () => {} };

function sessionChange(record: SessionRecord): RecordChange {
  return { of: "session", record };
}

function endedRecord(record: SessionRecord, { reason }: EndRequest, now: number): SessionRecord {
  return { ...record, end: { at: now, reason } };
}

function endedEvent(sid: string, userId: string | null, { reason, closeSockets, message }: EndRequest): StoreEvent {
  const event = { type: "sessionEnded", sid, userId, reason, closeSockets } as const;
  return message === undefined ? event : { ...event, message };
}

function newRecord(session: NewSession, lifetimes: SessionLifetimes, now: number): SessionRecord {
  const absoluteEndsAt = now + lifetimes.absoluteMs;
  return {
    sid: session.sid,
    userId: session.userId,
    username: session.username,
    groups: [...session.groups],
    kind: session.kind,
    clientVars: { ...session.clientVars },
    serverVars: { ...session.serverVars },
    shard: session.shard,
    address: session.address,
    agent: session.agent,
    createdAt: now,
    seenAt: now,
    idleEndsAt: Math.min(now + lifetimes.idleMs, absoluteEndsAt),
    absoluteEndsAt,
    nonce: session.nonce,
    generation: 1,
    rotatedAt: now,
    previousRotatedAt: now,
    confirmedAt: null,
    attempt: null,
    refreshSecretId: session.refreshSecretId,
    tokenId: session.tokenId,
    tokenIssuedAt: now,
    tokenExpiresAt: Math.min(now + lifetimes.tokenMs, absoluteEndsAt),
    end: null,
  };
}
