// What the contract suite needs of a store: a way to make one whose time stands still, and short words for its verbs.

import { expect } from "vitest";
import type {
  Holder,
  JoinOutcome,
  JoinRequest,
  QueueSettings,
  Standing,
  Ticket,
  TicketClaim,
} from "../../src/login-queue/queue-store.ts";
import type { SessionRecord } from "../../src/sessions/session.ts";
import type {
  NewSession,
  OpenOutcome,
  OpenRequest,
  RefreshOutcome,
  RefreshRequest,
  SessionLifetimes,
} from "../../src/sessions/session-store.ts";
import type { Store, StoreEvent } from "../../src/stores/store.ts";
import { newSession } from "../support/new-session.ts";

export interface StoreUnderTest {
  readonly store: Store;
  /** Another client of the same state: another process. A store of one process answers itself. */
  connect(): Promise<Store>;
  /** Everything it keeps is lost, as by a restart of a store that keeps nothing: answers the empty one in its place. */
  loseState(): Promise<Store>;
  /** The store's time, ms since the epoch. It stands still until moved. */
  now(): number;
  advance(milliseconds: number): Promise<void>;
}

/** Makes a store over a new, empty state. */
export type MakeStore = (context: {
  readonly queue: QueueSettings | null;
  readonly ticketsMayReturn: boolean;
}) => Promise<StoreUnderTest>;

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

export const lifetimes: SessionLifetimes = {
  tokenMs: day,
  idleMs: 30 * day,
  absoluteMs: 90 * day,
  refreshGraceMs: 10 * second,
};

export const queueSettings: QueueSettings = {
  mode: "auto",
  notice: "",
  targetLoginRatePerSecond: 50,
  loginBurst: 50,
  targetCcuLimit: 100,
  safetyMarginPercent: 0,
  queueGraceSeconds: 90,
  playerGraceSeconds: 300,
  passSeconds: 30,
  restoreSeconds: 10,
  pollPresentSeconds: 15,
  maxCheckTicketPollTimeSeconds: 300,
  estimatedSecondsToLogin: 10,
  maxQueueLength: 0,
  maxTicketsPerIp: 0,
  lanes: { default: 1 },
};

interface OpenOptions extends Partial<NewSession> {
  readonly ticketId?: string;
  readonly limit?: number;
  readonly onExceeded?: "replace" | "reject";
  readonly lifetimes?: Partial<SessionLifetimes>;
}

interface JoinOptions extends Partial<JoinRequest> {
  readonly as?: Holder;
}

/** A holder on the one host that most tests have. */
export function socket(id: string, hostId = "host"): Holder {
  return { kind: "socket", id, hostId };
}

export function poller(nextPollSeconds = 5): Holder {
  return { kind: "poll", nextPollSeconds };
}

export class Harness {
  readonly store: Store;
  readonly connect: () => Promise<Store>;
  readonly now: () => number;
  readonly advance: (milliseconds: number) => Promise<void>;
  /** Everything the feed told since the start. */
  readonly events: StoreEvent[] = [];
  #count = 0;

  constructor(underTest: StoreUnderTest) {
    this.store = underTest.store;
    this.connect = () => underTest.connect();
    this.now = () => underTest.now();
    this.advance = (milliseconds) => underTest.advance(milliseconds);
    this.store.subscribe((event) => {
      this.events.push(event);
      return 0;
    });
  }

  newId(what: string): string {
    this.#count += 1;
    return `${what}-${this.#count}`;
  }

  openRequest({ ticketId, limit, onExceeded, lifetimes: special, ...session }: OpenOptions = {}): OpenRequest {
    return {
      session: newSession({
        sid: this.newId("sid"),
        userId: "user",
        username: "User",
        nonce: this.newId("nonce"),
        tokenId: this.newId("token"),
        ...session,
      }),
      lifetimes: { ...lifetimes, ...special },
      ticketId: ticketId ?? null,
      concurrent: { limit: limit ?? Number.POSITIVE_INFINITY, onExceeded: onExceeded ?? "replace" },
    };
  }

  tryOpen(options: OpenOptions = {}): Promise<OpenOutcome> {
    return this.store.sessions.open(this.openRequest(options));
  }

  /** Opens a session that must open. */
  async open(options: OpenOptions = {}): Promise<SessionRecord> {
    const opened = await this.tryOpen(options);
    if (opened.outcome !== "opened") throw new Error(`expected the session to open, got ${opened.outcome}`);
    return opened.record;
  }

  refreshRequest(sid: string, presented: number, options: Partial<RefreshRequest> = {}): RefreshRequest {
    return {
      sid,
      presented,
      attempt: null,
      clientVars: null,
      serverVars: null,
      username: "User",
      groups: [],
      tokenId: this.newId("token"),
      refreshSecretId: "secret",
      lifetimes,
      ...options,
    };
  }

  refresh(sid: string, presented: number, options: Partial<RefreshRequest> = {}): Promise<RefreshOutcome> {
    return this.store.sessions.refresh(this.refreshRequest(sid, presented, options));
  }

  /** Rotates once, as a client with the pair in force would. */
  async rotate(sid: string, options: Partial<RefreshRequest> = {}): Promise<SessionRecord> {
    const record = await this.record(sid);
    const refreshed = await this.refresh(sid, record.generation, options);
    if (refreshed.outcome !== "rotated") throw new Error(`expected a rotation, got ${refreshed.outcome}`);
    return refreshed.record;
  }

  async record(sid: string): Promise<SessionRecord> {
    const record = await this.store.sessions.get(sid);
    if (record === null) throw new Error(`expected a record of ${sid}`);
    return record;
  }

  tryJoin({ as, ...request }: JoinOptions = {}): Promise<JoinOutcome> {
    return this.store.queue.join({
      claim: null,
      newTicketId: this.newId("ticket"),
      lane: "default",
      userId: null,
      sid: null,
      holder: as ?? socket(this.newId("socket")),
      ...request,
    });
  }

  /** Takes a place that must be had. */
  async join(options: JoinOptions = {}): Promise<Ticket> {
    const joined = await this.tryJoin(options);
    if (joined.outcome !== "joined") throw new Error(`expected a place, got ${joined.outcome}`);
    return joined.ticket;
  }

  /** As many tickets at the end, in order. */
  async joinMany(count: number, options: JoinOptions = {}): Promise<Ticket[]> {
    const tickets: Ticket[] = [];
    for (let index = 0; index < count; index++) tickets.push(await this.join(options));
    return tickets;
  }

  /** One admission step; the ids it admitted. */
  async admit(): Promise<string[]> {
    return (await this.store.queue.admit()).map((ticket) => ticket.id);
  }

  /** A ticket with a delivered pass. */
  async admitted(options: JoinOptions = {}): Promise<Ticket> {
    const { id } = await this.join(options);
    expect(await this.admit()).toContain(id);
    await this.store.queue.markDelivered([id]);
    return this.ticket(id);
  }

  async standing(ticketId: string): Promise<Standing> {
    const [standing] = await this.store.queue.standings([ticketId]);
    if (standing === undefined) throw new Error(`expected a standing of ${ticketId}`);
    return standing;
  }

  async ticket(ticketId: string): Promise<Ticket> {
    const standing = await this.standing(ticketId);
    if (standing.status === "gone") throw new Error(`expected ${ticketId} in the queue`);
    return standing.ticket;
  }

  async position(ticketId: string): Promise<number> {
    const standing = await this.standing(ticketId);
    return standing.status === "waiting" ? standing.position : 0;
  }

  async liveSlots(): Promise<number> {
    return (await this.store.queue.status()).liveSlots;
  }

  /** Keeps the host alive over a time that is longer than its lease. */
  async advanceAlive(milliseconds: number, connectedSids: readonly string[] = []): Promise<void> {
    for (let left = milliseconds; left > 0; left -= 5 * second) {
      await this.advance(Math.min(left, 5 * second));
      await this.store.queue.renewHost("host", connectedSids);
    }
  }
}

/** What a client that kept its ticket would show. */
export function claimOf({ id, lane, order, position }: Ticket): TicketClaim {
  return { id, lane, order, position };
}

interface HarnessOptions {
  /** Laid over the settings of these tests; null for a store without a queue. */
  readonly queue?: Partial<QueueSettings> | null;
  readonly ticketsMayReturn?: boolean;
}

export async function makeHarness(make: MakeStore, options: HarnessOptions = {}): Promise<Harness> {
  const { queue = {}, ticketsMayReturn = false } = options;
  return new Harness(await make({ queue: queue === null ? null : { ...queueSettings, ...queue }, ticketsMayReturn }));
}
