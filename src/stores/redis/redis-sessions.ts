// Sessions of the Redis store: each verb one script, and reading one a plain read.
import { randomId } from "../../random.ts";
import type { SessionRecord } from "../../sessions/session.ts";
import type {
  EndAllOutcome,
  EndOutcome,
  EndRequest,
  OpenOutcome,
  OpenRequest,
  RefreshOutcome,
  RefreshRequest,
  SessionStore,
} from "../../sessions/session-store.ts";
import type { CallArgument, Ending, RedisCalls } from "./calls.ts";
import { flagOf, listOf, numberOf, textOf, textOrNull } from "./replies.ts";
import type { Reposts } from "./repost.ts";
import {
  decodeBan,
  decodeSession,
  decodeSessions,
  endArguments,
  isForgotten,
  newSessionArguments,
  pairArgument,
  userIdOf,
} from "./session-codec.ts";

interface Parts {
  readonly calls: RedisCalls;
  /** What `settingsArgument` makes of the options: "" where there is no queue. */
  readonly settings: string;
  readonly reposts: Reposts;
}

/** Of all sessions, in one step: nobody else is served meanwhile. */
const endedPerCall = 200;
const sweptPerCall = 500;
/** A sweep comes every minute, and all sessions are gone through about once a day. */
const sweepsPerRound = 24 * 60;

export class RedisSessions implements SessionStore {
  readonly #calls: RedisCalls;
  readonly #settings: string;
  readonly #reposts: Reposts;

  constructor({ calls, settings, reposts }: Parts) {
    this.#calls = calls;
    this.#settings = settings;
    this.#reposts = reposts;
  }

  async get(sid: string): Promise<SessionRecord | null> {
    const text = await this.#calls.read(`s:${sid}`);
    if (text === null) return null;
    const record = decodeSession(sid, text);
    return isForgotten(record, this.#calls.now()) ? null : record;
  }

  async listByUser(userId: string): Promise<readonly SessionRecord[]> {
    return decodeSessions(await this.#calls.run("list_by_user", [this.#settings, userIdOf(userId)]));
  }

  async open({ session, lifetimes, ticketId, concurrent }: OpenRequest): Promise<OpenOutcome> {
    if (ticketId !== null && this.#settings === "") {
      throw new TypeError("a pass was presented to a store that was opened without a queue");
    }
    const { value } = await this.#runEnding("open", [
      session.sid,
      userIdOf(session.userId),
      ...newSessionArguments(session),
      lifetimes.tokenMs,
      lifetimes.idleMs,
      lifetimes.absoluteMs,
      ticketId === null ? "" : 1,
      ticketId ?? "",
      concurrent.limit === Number.POSITIVE_INFINITY ? "" : concurrent.limit,
      concurrent.onExceeded,
    ]);
    const [outcome, ...rest] = listOf(value);
    const name = textOf(outcome);
    switch (name) {
      case "opened": {
        const replaced = decodeSessions(rest[1]);
        await this.#reposts.ended(replaced, { reason: "replaced", closeSockets: true });
        return { outcome: name, record: decodeSession(session.sid, textOf(rest[0])), replaced };
      }
      case "repeated":
        return { outcome: name, record: decodeSession(textOf(rest[0]), textOf(rest[1])) };
      case "banned":
        return { outcome: name, ban: decodeBan(rest[0], rest[1]) };
      case "passInvalid":
      case "tooManySessions":
        return { outcome: name };
      default:
        throw new Error(`open.lua answered ${name}`);
    }
  }

  async refresh(request: RefreshRequest): Promise<RefreshOutcome> {
    const { sid, clientVars, serverVars, lifetimes } = request;
    const { value } = await this.#runEnding("refresh", [
      sid,
      request.presented,
      JSON.stringify(request.attempt),
      clientVars === null ? "" : JSON.stringify(clientVars),
      serverVars === null ? "" : JSON.stringify(serverVars),
      pairArgument(request),
      lifetimes.tokenMs,
      lifetimes.idleMs,
      lifetimes.refreshGraceMs,
    ]);
    const [outcome, ...rest] = listOf(value);
    const name = textOf(outcome);
    switch (name) {
      case "revoked":
        return { outcome: name };
      case "banned":
        return { outcome: name, ban: decodeBan(rest[0], rest[1]) };
      case "repeated":
        return { outcome: name, record: decodeSession(sid, textOf(rest[0])) };
      case "rotated":
        return { outcome: name, record: decodeSession(sid, textOf(rest[0])), lostWrites: flagOf(rest[1]) };
      case "expired":
      case "reuse": {
        const record = decodeSession(sid, textOf(rest[0]));
        // The end of one that ran out follows from its times, and so cannot be lost.
        if (name === "reuse") await this.#reposts.ended([record], { reason: name, closeSockets: true });
        return { outcome: name, record };
      }
      default:
        throw new Error(`refresh.lua answered ${name}`);
    }
  }

  async confirm(sid: string, generation: number): Promise<void> {
    await this.#calls.run("confirm", [this.#settings, sid, generation]);
  }

  async markSeen(sid: string): Promise<void> {
    await this.#calls.run("mark_seen", [this.#settings, sid]);
  }

  async end(sid: string, request: EndRequest): Promise<EndOutcome> {
    const { value, socketsClosed } = await this.#runEnding("end", [sid, ...endArguments(request)]);
    const [endedIt, shown] = listOf(value);
    const text = textOrNull(shown);
    const record = text === null ? null : decodeSession(sid, text);
    const ended = flagOf(endedIt);
    if (record !== null && ended) await this.#reposts.ended([record], request);
    return { record, ended, socketsClosed };
  }

  async endAllOfUser(userId: string, request: EndRequest, except?: string): Promise<EndAllOutcome> {
    const spared = except === undefined ? ["", ""] : ["1", except];
    const args = [userIdOf(userId), ...spared, ...endArguments(request)];
    const { value, socketsClosed } = await this.#runEnding("end_all_of_user", args);
    const ended = decodeSessions(value);
    await this.#reposts.ended(ended, request);
    return { ended, socketsClosed };
  }

  async endAll(before: number, request: EndRequest): Promise<EndAllOutcome> {
    const run = randomId();
    const ended: SessionRecord[] = [];
    let socketsClosed = 0;
    let place = "0";
    let isLast = false;
    while (!isLast) {
      const args = [before, place, endedPerCall, run, ...endArguments(request)];
      const piece = await this.#runEnding("end_all", args);
      const [next, last, shown] = listOf(piece.value);
      place = textOf(next);
      isLast = flagOf(last);
      const records = decodeSessions(shown);
      await this.#reposts.ended(records, request);
      ended.push(...records);
      socketsClosed += piece.socketsClosed;
    }
    return { ended, socketsClosed };
  }

  async disconnect(sid: string, reason: string, isIdle = false): Promise<number> {
    return (await this.#runEnding("disconnect", [sid, reason, isIdle ? 1 : ""])).socketsClosed;
  }

  async disconnectAllOfUser(userId: string, reason: string): Promise<number> {
    return (await this.#runEnding("disconnect_all_of_user", [userIdOf(userId), reason])).socketsClosed;
  }

  /**
   * Looks at a part of all sessions, and drops the names of those that Redis has forgotten. To be called every minute, by
   * every process.
   */
  async sweep(): Promise<void> {
    let left = Number.POSITIVE_INFINITY;
    for (let lookedAt = 0; lookedAt < left; lookedAt += sweptPerCall) {
      const [looked, total] = listOf(await this.#calls.run("sweep_sessions", [this.#settings, sweptPerCall]));
      if (numberOf(looked) < sweptPerCall) return;
      left = Math.ceil(numberOf(total) / sweepsPerRound);
    }
  }

  #runEnding(script: string, args: readonly CallArgument[]): Promise<Ending> {
    return this.#calls.runEnding(script, [this.#settings, ...args]);
  }
}
