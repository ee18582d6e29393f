// A login queue on the memory store with a clock that tests move, alone or behind a real queue room.

import type { Room as SdkRoom } from "@colyseus/sdk";
import type { Logger } from "../../src/logger.ts";
import { type ChooseLane, createLaneChooser } from "../../src/login-queue/lanes.ts";
import { QueuePolling } from "../../src/login-queue/polling.ts";
import {
  type KnownSession,
  LoginQueue,
  type LoginQueueSettings,
  type MayEnterClosed,
} from "../../src/login-queue/queue.ts";
import { createQueueRoom, type QueueRoomClass } from "../../src/login-queue/queue-room.ts";
import type { QueueView } from "../../src/login-queue/queue-state.ts";
import type { QueueSettings, QueueStore } from "../../src/login-queue/queue-store.ts";
import { StoreOutage } from "../../src/outage.ts";
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import type { Store } from "../../src/stores/store.ts";
import { JwtSigner } from "../../src/tokens/jwt.ts";
import { createKeyRing, type KeyRing } from "../../src/tokens/keys.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { newSession } from "../support/new-session.ts";

export const issuer = "https://game.example";
/** Ed25519 keys are made in no time. */
export const keys = createKeyRing({ algorithm: "EdDSA" });

type AllSettings = LoginQueueSettings &
  QueueSettings & { updateIntervalSeconds: number; heartbeatSeconds: number; maxClientsPerQueueRoom: number };

/** Queue and store share one object, so a test may change a setting in mid-run. */
export type TestSettings = { -readonly [Name in keyof AllSettings]: AllSettings[Name] };

const settings: TestSettings = {
  mode: "auto",
  notice: "",
  targetLoginRatePerSecond: 50,
  loginBurst: 50,
  targetCcuLimit: 0,
  safetyMarginPercent: 0,
  queueGraceSeconds: 90,
  playerGraceSeconds: 300,
  passSeconds: 30,
  restoreSeconds: 0,
  pollPresentSeconds: 15,
  maxQueueLength: 0,
  maxTicketsPerIp: 0,
  lanes: { default: 1 },
  estimatedSecondsToLogin: 10,
  maxCheckTicketPollTimeSeconds: 300,
  devLoginQueueBypass: false,
  updateIntervalSeconds: 1,
  heartbeatSeconds: 5,
  maxClientsPerQueueRoom: 2_000,
};

export interface LogLine {
  readonly level: keyof Logger;
  readonly text: string;
}

export function recordingLogger(): Logger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write =
    (level: keyof Logger) =>
    (...parts: unknown[]) =>
      void lines.push({ level, text: parts.map(String).join(" ") });
  return { lines, debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

interface HouseOptions {
  readonly settings?: Partial<TestSettings>;
  readonly keys?: KeyRing;
  readonly lane?: ChooseLane<KnownSession>;
  readonly mayEnterClosed?: MayEnterClosed;
}

/** One process: its store, its queue, and the class of its queue room. */
export class QueueHouse {
  readonly clock = new ManualClock();
  readonly settings: TestSettings;
  readonly logger = recordingLogger();
  /** What was told of, in order. */
  readonly told: unknown[][] = [];
  readonly emit = (...signal: unknown[]): void => void this.told.push(signal);
  readonly jwt: JwtSigner;
  store: Store;
  queue: LoginQueue;
  readonly polling: QueuePolling;
  readonly RoomClass: QueueRoomClass;
  /** Tokens that prove a live session. */
  readonly sessions = new Map<string, KnownSession>();
  /** What reading a session throws, by sid. */
  readonly sessionErrors = new Map<string, Error>();
  /** While set, every call to the store throws it, or those of `failingVerbs` alone. */
  storeFailure: Error | null = null;
  failingVerbs: readonly (keyof QueueStore)[] | null = null;
  /** While set, every call to the store waits for it. */
  beforeCall: ((verb: keyof QueueStore) => Promise<void> | undefined) | null = null;
  /** While set, this process hears nothing from the feed. */
  isFeedCut = false;
  /** Calls to the store by name. */
  readonly storeCalls: string[] = [];
  connectedSids: string[] = [];
  /** From where whoever asks for a seat comes. */
  readonly callers: { currentAddress: string | null } = { currentAddress: null };

  constructor(options: HouseOptions = {}) {
    this.settings = { ...settings, ...options.settings };
    this.jwt = new JwtSigner({ keys: options.keys ?? keys, issuer, clock: this.clock });
    this.store = this.#openStore();
    // Reads `this.store` at every call, so that a test can put an empty one in its place.
    const store = new Proxy({} as QueueStore, {
      get:
        (_target, verb: keyof QueueStore) =>
        async (...values: unknown[]) => {
          this.storeCalls.push(verb);
          await this.beforeCall?.(verb);
          if (this.storeFailure !== null && (this.failingVerbs?.includes(verb) ?? true)) throw this.storeFailure;
          return Reflect.apply(Reflect.get(this.store.queue, verb), this.store.queue, values);
        },
    });
    this.queue = new LoginQueue({
      store,
      jwt: this.jwt,
      clock: this.clock,
      settings: this.settings,
      hostId: "host",
      connectedSids: () => this.connectedSids,
      outage: new StoreOutage(this),
      emit: this.emit,
      steady: this.clock,
      ...(options.mayEnterClosed === undefined ? {} : { mayEnterClosed: options.mayEnterClosed }),
    });
    this.polling = new QueuePolling({ queue: this.queue, store });
    this.RoomClass = createQueueRoom({
      queue: this.queue,
      clock: this.clock,
      settings: this.settings,
      chooseLane: options.lane ?? createLaneChooser({ lanes: () => this.settings.lanes }, this.logger),
      authenticate: async (token) => this.#session(this.sessions.get(token)),
      logger: this.logger,
      callers: this.callers,
      askNewcomer: null,
      emit: this.emit,
      readSession: async (sid) => this.#session([...this.sessions.values()].find((session) => session.sid === sid)),
    });
  }

  /** A live session, and the token that proves it. */
  async openSession(userId: string): Promise<KnownSession & { readonly token: string }> {
    const sid = `sid-${this.sessions.size + 1}-of-${userId}`;
    const hour = 3_600_000;
    await this.store.sessions.open({
      session: newSession({ sid, userId, tokenId: "token" }),
      lifetimes: { tokenMs: hour, idleMs: hour, absoluteMs: hour, refreshGraceMs: 0 },
      ticketId: null,
      concurrent: { limit: 100, onExceeded: "replace" },
    });
    const token = `token of ${sid}`;
    this.sessions.set(token, { userId, sid });
    return { userId, sid, token };
  }

  /** The store is replaced by an empty one, as after a restart of it. */
  loseStore(): void {
    this.store = this.#openStore();
  }

  /** Raises the limit by so many, and admits. */
  async letIn(count: number): Promise<void> {
    this.settings.targetCcuLimit += count;
    await this.store.queue.admit();
  }

  #openStore(): Store {
    const store = memoryStore()({ clock: this.clock, queue: this.settings, ticketsMayReturn: true });
    store.subscribe((event) => {
      if (this.isFeedCut || event.type === "sessionEnded" || event.type === "disconnect") return 0;
      if (event.type === "accessChanged") this.queue.accessChanged();
      else this.queue.onEvent(event);
      return 0;
    });
    return store;
  }

  #session(session: KnownSession | undefined): KnownSession | null {
    const error = this.sessionErrors.get(session?.sid ?? "");
    if (error !== undefined) throw error;
    return session ?? null;
  }
}

/** The room's state as the stock SDK has it. */
export function stateOf(room: SdkRoom): QueueView {
  return room.state as QueueView;
}

/** Resolves with the state once it is as asked. */
export function until(room: SdkRoom, isSo: (state: QueueView) => boolean): Promise<QueueView> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (room.state?.status === undefined || !isSo(stateOf(room))) return;
      room.onStateChange.remove(look);
      resolve({ ...stateOf(room) });
    };
    room.onStateChange(look);
    look();
  });
}
