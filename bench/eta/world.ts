// Players over virtual time against the real memory store: they arrive, wait, drop out, give up, log in and play.
import type { Clock } from "../../src/clock.ts";
import { crowdSeconds } from "../../src/login-queue/eta/lane-meter.ts";
import type { Holder, QueueSettings, QueueStatus, TicketClaim } from "../../src/login-queue/queue-store.ts";
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import type { Store } from "../../src/stores/store.ts";
import {
  createRandom,
  drawExponential,
  drawInProgress,
  drawLognormal,
  hazardOf,
  type Lognormal,
  type Random,
} from "./random.ts";
import { Timeline } from "./timeline.ts";

/** The admission step runs so often, as it does in a server at this rate. */
const stepMs = 200;
const minute = 60_000;
const sessionLength: Lognormal = { median: 40 * minute, sigma: 1 };
const loginTime: Lognormal = { median: 4_000, sigma: 0.5 };
/** Of those who are admitted, so many never log in. */
const noShows = 0.03;

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface Scenario {
  readonly name: string;
  /** One run for each. */
  readonly seeds: readonly number[];
  readonly settings: Partial<QueueSettings>;
  /** When players arrive, in ms from the start, in order. */
  readonly arrivals: (random: Random) => readonly number[];
  /** How many play when it begins. */
  readonly playing: number;
  /** The part of the waiting who give up, and when, in the mean; half of them by closing the window without a word. */
  readonly givingUp?: { readonly part: number; readonly afterMs: number };
  /** The part of the waiting whose link breaks, when in the mean, and for how long. */
  readonly dropping?: { readonly part: number; readonly afterMs: number; readonly awayMs: number };
  readonly laneOf?: (random: Random) => string;
  /** What the operator does. */
  readonly changes?: readonly {
    readonly atMs: number;
    readonly settings?: Partial<QueueSettings>;
    /** Sessions run so many times faster to their end from now on. */
    readonly haste?: number;
  }[];
  readonly afterRestart?: boolean;
  readonly untilMs: number;
}

export interface Player {
  readonly index: number;
  readonly lane: string;
  readonly joinedAt: number;
  claim: TicketClaim;
  holderId: string;
  state: "waiting" | "away" | "admitted" | "playing" | "lost";
  position: number;
  loggedInAt: number | null;
  /** What each contestant showed: the time, then one estimate in ms per contestant, again and again. */
  readonly samples: number[];
  /** What contestants remember of the player. */
  readonly memory: unknown[];
}

/** What is true at this moment and what no estimator can see. */
export interface Truth {
  readonly departuresPerSlotSecond: number;
  readonly abandonRate: number;
  readonly secondsToLogin: number;
  readonly returning: number;
  readonly awayEndRate: number;
  /** By lane, what is still to come; empty where there is but one. */
  readonly arrivals: Readonly<Record<string, { readonly arrivalsSoon: number; readonly arrivalsLater: number }>>;
}

interface SessionInPlay {
  readonly sid: string;
  readonly startedAt: number;
}

export class World {
  readonly settings: Mutable<QueueSettings>;
  readonly players = new Map<string, Player>();
  /** Those of them who wait, or are expected back. */
  readonly waiting = new Map<string, Player>();
  readonly scenario: Scenario;
  readonly #store: Store;
  readonly #random: Random;
  readonly #events = new Timeline<() => Promise<unknown>>();
  /** In play time, which runs `haste` times as fast as the clock. */
  readonly #ends = new Timeline<SessionInPlay>();
  readonly #sessions = new Set<SessionInPlay>();
  readonly #arrivals: { readonly at: number; readonly lane: string }[] = [];
  #now = Date.UTC(2030, 0, 1);
  #playNow = 0;
  #haste = 1;
  #ids = 0;
  readonly startsAt = this.#now;

  constructor(scenario: Scenario, seed: number) {
    this.scenario = scenario;
    this.#random = createRandom(seed);
    this.settings = {
      mode: "auto",
      notice: "",
      estimatedSecondsToLogin: 10,
      targetLoginRatePerSecond: 50,
      loginBurst: 50,
      targetCcuLimit: 25_000,
      safetyMarginPercent: 0,
      queueGraceSeconds: 90,
      // Sessions of the simulation end when they end: no slot of theirs is held on a lease.
      playerGraceSeconds: 1e6,
      passSeconds: 30,
      restoreSeconds: 10,
      pollPresentSeconds: 15,
      maxCheckTicketPollTimeSeconds: 300,
      maxQueueLength: 0,
      maxTicketsPerIp: 0,
      lanes: { default: 1 },
      ...scenario.settings,
    };
    const clock: Clock = { now: () => this.#now, every: () => () => {}, after: () => () => {} };
    this.#store = memoryStore()({ clock, queue: this.settings, ticketsMayReturn: scenario.afterRestart ?? false });
  }

  get now(): number {
    return this.#now;
  }

  status(): Promise<QueueStatus> {
    return this.#store.queue.status();
  }

  /** Brings every position up to date. */
  async locate(ticketIds: readonly string[]): Promise<void> {
    const standings = await this.#store.queue.standings(ticketIds);
    ticketIds.forEach((id, index) => {
      const standing = standings[index];
      if (standing?.status === "waiting") this.players.get(id)!.position = standing.position;
    });
  }

  truth(): Truth {
    let departures = 0;
    for (const { startedAt } of this.#sessions) departures += hazardOf(sessionLength, this.#playNow - startedAt);
    // Passes that open no session give their slot up too.
    const perSecond = (departures * this.#haste * 1000) / (1 - noShows);
    const { givingUp, dropping } = this.scenario;
    let hazard = 0;
    let waiting = 0;
    for (const { state, joinedAt } of this.waiting.values()) {
      if (state !== "waiting") continue;
      waiting += 1;
      if (givingUp === undefined) continue;
      const left = givingUp.part * Math.exp(-(this.#now - joinedAt) / givingUp.afterMs);
      hazard += ((left / givingUp.afterMs) * 1000) / (1 - givingUp.part + left);
    }
    const silent = (givingUp?.part ?? 0) / 2;
    const links = dropping?.part ?? 0;
    const awayMs = dropping?.awayMs ?? 90_000;
    return {
      departuresPerSlotSecond: this.#sessions.size === 0 ? 0 : perSecond / this.#sessions.size,
      abandonRate: waiting === 0 ? 0 : hazard / waiting,
      secondsToLogin: loginTime.median / 1000,
      returning: links + silent === 0 ? 1 : links / (links + silent),
      arrivals: this.#arrivalsAhead(),
      awayEndRate: 1000 / ((links * awayMs + silent * 90_000) / Math.max(1e-9, links + silent) || 90_000),
    };
  }

  #arrivalsAhead(): Truth["arrivals"] {
    const lanes = Object.keys(this.settings.lanes);
    if (lanes.length === 1) return {};
    const later = 10 * 60;
    return Object.fromEntries(
      lanes.map((lane) => [
        lane,
        {
          arrivalsSoon: this.#arrivalsPerSecond(lane, 0, crowdSeconds),
          arrivalsLater: this.#arrivalsPerSecond(lane, crowdSeconds, later),
        },
      ]),
    );
  }

  /** Between two moments from now in seconds. */
  #arrivalsPerSecond(lane: string, fromSeconds: number, toSeconds: number): number {
    const from = this.#now + fromSeconds * 1000;
    const to = this.#now + toSeconds * 1000;
    let count = 0;
    for (const arrival of this.#arrivals)
      if (arrival.lane === lane && arrival.at > from && arrival.at <= to) count += 1;
    return count / (toSeconds - fromSeconds);
  }

  /** Runs to the end, looking around once a second. */
  async run(look: (second: number) => Promise<void>): Promise<void> {
    const { scenario } = this;
    await this.#letPlay(scenario.playing);
    for (const atMs of scenario.arrivals(this.#random)) {
      const lane = scenario.laneOf?.(this.#random) ?? "default";
      this.#arrivals.push({ at: this.startsAt + atMs, lane });
      this.#at(this.startsAt + atMs, () => this.#arrive(lane));
    }
    for (const change of scenario.changes ?? []) {
      this.#at(this.startsAt + change.atMs, async () => {
        Object.assign(this.settings, change.settings);
        this.#haste = change.haste ?? this.#haste;
      });
    }
    const { queue } = this.#store;
    for (let step = 1; step * stepMs <= scenario.untilMs; step++) {
      const until = this.startsAt + step * stepMs;
      while (this.#events.nextAt <= until) {
        const event = this.#events.take()!;
        this.#now = Math.max(this.#now, event.at);
        await event.what();
      }
      this.#now = until;
      await this.#endSessions();
      if (step % (5_000 / stepMs) === 1) await queue.renewHost("host", []);
      await this.#admit();
      if (step % (1_000 / stepMs) === 0) await look((step * stepMs) / 1000);
    }
    await this.#store.close();
  }

  #at(at: number, what: () => Promise<unknown>): void {
    this.#events.add(at, what);
  }

  #newId(kind: string): string {
    this.#ids += 1;
    return `${kind}${this.#ids}`;
  }

  async #letPlay(count: number): Promise<void> {
    const { targetLoginRatePerSecond, loginBurst } = this.settings;
    Object.assign(this.settings, { targetLoginRatePerSecond: 1e9, loginBurst: 1e9 });
    this.#now += count === 0 ? 0 : 1_000;
    for (let index = 0; index < count; index++) {
      const ticketId = this.#newId("direct");
      await this.#store.queue.admitDirectly(ticketId);
      const { age, total } = drawInProgress(this.#random, sessionLength);
      await this.#play(ticketId, total, age);
    }
    Object.assign(this.settings, { targetLoginRatePerSecond, loginBurst });
  }

  async #play(ticketId: string, total: number, age: number): Promise<boolean> {
    const sid = this.#newId("sid");
    const session = {
      sid,
      userId: sid,
      username: sid,
      groups: [],
      kind: "player" as const,
      clientVars: {},
      serverVars: {},
      shard: null,
      address: null,
      agent: null,
      nonce: "",
      refreshSecretId: "",
      tokenId: "",
    };
    const day = 86_400_000;
    const lifetimes = { tokenMs: day, idleMs: day, absoluteMs: day, refreshGraceMs: 10_000 };
    const concurrent = { limit: 1, onExceeded: "replace" as const };
    const opened = await this.#store.sessions.open({ session, lifetimes, ticketId, concurrent });
    if (opened.outcome !== "opened") return false;
    const inPlay = { sid, startedAt: this.#playNow - age };
    this.#sessions.add(inPlay);
    this.#ends.add(inPlay.startedAt + total, inPlay);
    return true;
  }

  async #endSessions(): Promise<void> {
    this.#playNow += stepMs * this.#haste;
    while (this.#ends.nextAt <= this.#playNow) {
      const { what } = this.#ends.take()!;
      this.#sessions.delete(what);
      await this.#store.sessions.end(what.sid, { reason: "logout", closeSockets: false });
    }
  }

  #newHolder(): Holder & { readonly kind: "socket" } {
    return { kind: "socket", id: this.#newId("socket"), hostId: "host" };
  }

  async #arrive(lane: string): Promise<void> {
    const { scenario } = this;
    const newTicketId = this.#newId("ticket");
    const holder = this.#newHolder();
    const joined = await this.#store.queue.join({ claim: null, newTicketId, lane, userId: null, sid: null, holder });
    if (joined.outcome !== "joined") throw new Error(joined.outcome);
    const player: Player = {
      index: this.players.size,
      lane,
      joinedAt: this.#now,
      claim: joined.ticket,
      holderId: holder.id,
      state: "waiting",
      position: joined.ticket.position,
      loggedInAt: null,
      samples: [],
      memory: [],
    };
    this.players.set(newTicketId, player);
    this.waiting.set(newTicketId, player);
    const { givingUp, dropping } = scenario;
    if (givingUp !== undefined && this.#random() < givingUp.part) {
      const at = this.#now + drawExponential(this.#random, givingUp.afterMs);
      const isSilent = this.#random() < 0.5;
      this.#at(at, () => this.#giveUp(player, isSilent));
    } else if (dropping !== undefined && this.#random() < dropping.part) {
      this.#at(this.#now + drawExponential(this.#random, dropping.afterMs), () => this.#drop(player, dropping.awayMs));
    }
  }

  async #giveUp(player: Player, isSilent: boolean): Promise<void> {
    if (player.state !== "waiting") return;
    player.state = "lost";
    this.waiting.delete(player.claim.id);
    const { queue } = this.#store;
    if (isSilent) await queue.drop(player.claim.id, player.holderId);
    else await queue.leave(player.claim.id, player.holderId);
  }

  async #drop(player: Player, awayMs: number): Promise<void> {
    if (player.state !== "waiting") return;
    player.state = "away";
    await this.#store.queue.drop(player.claim.id, player.holderId);
    this.#at(this.#now + Math.min(85_000, drawExponential(this.#random, awayMs)), async () => {
      const { claim, lane } = player;
      const holder = this.#newHolder();
      const newTicketId = this.#newId("ticket");
      const joined = await this.#store.queue.join({ claim, newTicketId, lane, userId: null, sid: null, holder });
      if (joined.outcome !== "joined" || joined.ticket.id !== claim.id) throw new Error("the place was lost");
      player.state = "waiting";
      player.holderId = holder.id;
      player.memory.length = 0;
    });
  }

  async #admit(): Promise<void> {
    const admitted = await this.#store.queue.admit();
    if (admitted.length === 0) return;
    await this.#store.queue.markDelivered(admitted.map((ticket) => ticket.id));
    for (const { id } of admitted) {
      const player = this.players.get(id)!;
      player.state = "admitted";
      this.waiting.delete(id);
      if (this.#random() < noShows) {
        player.state = "lost";
        continue;
      }
      const delay = Math.min(28_000, drawLognormal(this.#random, loginTime));
      this.#at(this.#now + delay, async () => {
        const total = drawLognormal(this.#random, sessionLength);
        if (!(await this.#play(id, total, 0))) throw new Error("the pass was refused");
        player.state = "playing";
        player.loggedInAt = this.#now;
      });
    }
  }
}
