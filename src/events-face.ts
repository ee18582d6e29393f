// `login.on`: what happens in this process, for the game's own code. Typed, frozen, and nothing in it opens a door.
import type { AuditEntry } from "./audit/audit-store.ts";
import type { StopTask } from "./clock.ts";
import { Emitter } from "./emitter.ts";
import type { RefusalCode } from "./errors.ts";
import type { Logger } from "./logger.ts";
import type { LiveQueueSettings } from "./login-queue/queue-settings.ts";
import type { Ticket } from "./login-queue/queue-store.ts";
import type { LoginSignals } from "./login-signals.ts";
import {
  type EndReason,
  type SessionAuth,
  type SessionRecord,
  shortSid,
  toSessionAuth,
  type Vars,
} from "./sessions/session.ts";
import type { QueueMode } from "./wire.ts";

/** A session as events tell of it. */
export interface EventSession<V extends object = Vars>
  extends Pick<SessionAuth<V>, "userId" | "username" | "kind" | "groups" | "vars" | "serverVars"> {
  /** The first 8 characters of its `sid`, as in log lines. */
  readonly shortSid: string;
}

/** What `login.on` tells, by name. Told once, by the process that did it, unless it says otherwise. Times are in ms. */
export interface LoginEvents<V extends object = Vars> {
  /** `created`: its account is new. `repeated`: a pass answered the session again that it had opened before. */
  loggedIn: {
    readonly session: EventSession<V>;
    /** The name of the identity provider. */
    readonly provider: string;
    readonly created: boolean;
    readonly repeated: boolean;
  };
  /** `provider` is `unknown` where there is none of that name; `code` is `INTERNAL` for a fault. */
  loginRefused: { readonly provider: string; readonly code: RefusalCode };
  /** `repeated`: the pair in force was answered once more. */
  refreshed: { readonly session: EventSession<V>; readonly repeated: boolean };
  /** A refresh token was shown again after its time, as a thief or its victim would. `sessionEnded` follows. */
  reuseDetected: { readonly session: EventSession<V> };
  /** A call ended it. A session that nobody refreshes any more just runs out. */
  sessionEnded: { readonly session: EventSession<V>; readonly reason: EndReason };
  /** A ticket was given its pass. One whose pass reached nobody has its place back, and may be admitted once more. */
  admitted: {
    readonly ticketId: string;
    readonly lane: string;
    /** null for somebody who came without a session. */
    readonly userId: string | null;
    readonly waitedMs: number;
  };
  /** On every process. */
  queueMode: { readonly mode: QueueMode; readonly previous: QueueMode };
  /** Live settings changed, the mode included. On every process. */
  queueConfigured: { readonly settings: LiveQueueSettings; readonly previous: LiveQueueSettings };
  /** `until`: ms since the epoch; null for a ban without end. */
  banned: { readonly userId: string; readonly reason: string; readonly until: number | null };
  unbanned: { readonly userId: string };
  /** `login.access.get()` tells what they are. On every process. */
  accessChanged: Readonly<Record<never, never>>;
  /** The store stopped answering this process's own tasks, or answers all of them again. On each process by itself. */
  storeAvailable: { readonly available: boolean };
  /** An operator or partner did something, was refused it, or looked at something: the entry of the audit list. */
  operatorAction: AuditEntry;
}

export interface EventsFace<V extends object = Vars> {
  /** The listener may answer with a promise. What it throws or rejects with is logged, and changes nothing else. */
  on<Name extends keyof LoginEvents<V>>(name: Name, listener: (event: LoginEvents<V>[Name]) => unknown): StopTask;
}

export interface ClosableEvents extends EventsFace {
  /** The login shut down: nobody hears anything any more. */
  close(): void;
}

export function createEventsFace(signals: Pick<Emitter<LoginSignals>, "on">, logger: Logger): ClosableEvents {
  const events = new Emitter<LoginEvents>((name, error) =>
    logger.error(`colyseus-login: a listener of the event ${name} failed`, error),
  );
  const sources = sourcesOf(signals, events);
  /** Signals are listened to for those events that somebody asked for: nothing is gathered for nobody. */
  const stops = new Map<keyof LoginEvents, StopTask>();
  let isOver = false;

  return {
    on(name, listener) {
      if (!Object.hasOwn(sources, name)) {
        throw new TypeError(`login.on: name: expected one of ${Object.keys(sources).join(", ")}, got ${String(name)}`);
      }
      if (typeof listener !== "function") {
        throw new TypeError(`login.on: listener: expected a function, got ${typeof listener}`);
      }
      if (isOver) return () => {};
      if (!stops.has(name)) stops.set(name, sources[name]());
      return events.on(name, listener);
    },
    close() {
      isOver = true;
      for (const stop of stops.values()) stop();
    },
  };
}

/** How each event is made of the signals. */
function sourcesOf(
  signals: Pick<Emitter<LoginSignals>, "on">,
  { emit }: Pick<Emitter<LoginEvents>, "emit">,
): { readonly [Name in keyof LoginEvents]: () => StopTask } {
  return {
    loggedIn: () =>
      signals.on("loggedIn", ({ record, provider, created, repeated }) =>
        emit("loggedIn", Object.freeze({ session: toEventSession(record), provider, created, repeated })),
      ),
    loginRefused: () =>
      signals.on("loginRefused", ({ provider, code }) => emit("loginRefused", Object.freeze({ provider, code }))),
    refreshed: () =>
      signals.on("refreshed", ({ record, outcome }) =>
        emit("refreshed", Object.freeze({ session: toEventSession(record), repeated: outcome === "repeated" })),
      ),
    reuseDetected: () =>
      signals.on("reuseDetected", ({ record }) =>
        emit("reuseDetected", Object.freeze({ session: toEventSession(record) })),
      ),
    sessionEnded: () =>
      signals.on("sessionEnded", ({ record, reason }) =>
        emit("sessionEnded", Object.freeze({ session: toEventSession(record), reason })),
      ),
    admitted: () =>
      signals.on("admitted", ({ tickets }) => {
        for (const ticket of tickets) emit("admitted", toAdmission(ticket));
      }),
    queueMode: () =>
      signals.on("queueConfigured", ({ settings: { mode }, previous }) => {
        if (mode !== previous.mode) emit("queueMode", Object.freeze({ mode, previous: previous.mode }));
      }),
    queueConfigured: () =>
      signals.on("queueConfigured", ({ settings, previous }) =>
        emit("queueConfigured", frozenCopy({ settings, previous })),
      ),
    banned: () =>
      signals.on("banned", ({ userId, reason, until }) => emit("banned", Object.freeze({ userId, reason, until }))),
    unbanned: () => signals.on("unbanned", ({ userId }) => emit("unbanned", Object.freeze({ userId }))),
    accessChanged: () => signals.on("accessChanged", () => emit("accessChanged", Object.freeze({}))),
    storeAvailable: () =>
      signals.on("storeAvailable", ({ available }) => emit("storeAvailable", Object.freeze({ available }))),
    operatorAction: () => signals.on("operatorAction", ({ entry }) => emit("operatorAction", frozenCopy(entry))),
  };
}

function toEventSession(record: SessionRecord): EventSession {
  const { userId, username, kind, groups, vars, serverVars } = toSessionAuth(record);
  return Object.freeze({ userId, username, kind, groups, vars, serverVars, shortSid: shortSid(record.sid) });
}

function toAdmission({ id, lane, userId, enqueuedAt, admittedAt }: Ticket): LoginEvents["admitted"] {
  const waitedMs = Math.max(0, (admittedAt ?? enqueuedAt) - enqueuedAt);
  return Object.freeze({ ticketId: id, lane, userId, waitedMs });
}

function frozenCopy<T extends object>(value: T): T {
  const copy = structuredClone(value);
  freezeAll(copy);
  return copy;
}

function freezeAll(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) freezeAll(inner);
}
