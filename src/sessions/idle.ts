// Gives the slots of idle players to those who wait: warns, and disconnects whoever stays quiet.
import type { Clock, StopTask } from "../clock.ts";
import type { StoreOutage } from "../outage.ts";
import type { SessionSockets } from "./sockets.ts";

/** The message by which every socket of an idle session is warned: `{ secondsLeft }`, a whole number. */
const idleMessage = "login:idle";

/** How long before its end an idle session is warned; of a shorter allowance, half of it. */
const longestNoticeMs = 60_000;
const lookMs = 1_000;

export interface IdleWatchDependencies {
  readonly clock: Clock;
  /** How long a session may be quiet while somebody waits. */
  readonly idleMs: number;
  readonly sockets: Pick<SessionSockets, "quiet" | "tell">;
  readonly someoneWaits: () => boolean;
  /** Of the sessions that are quiet here, with their silence in ms: those that are so on every process, and for how long. */
  readonly quietEverywhere: (quiet: ReadonlyMap<string, number>) => Promise<ReadonlyMap<string, number>>;
  /** Closes every socket of a session with 4411; its slot goes with the last of them. */
  readonly disconnect: (sid: string) => Promise<unknown>;
  readonly outage: StoreOutage;
}

export class IdleWatch {
  readonly #deps: IdleWatchDependencies;
  readonly #noticeMs: number;
  /** When each session that was warned is to go. A message of it, or the end of the queue, takes the warning back. */
  readonly #warned = new Map<string, number>();
  #stop: StopTask | null = null;

  constructor(dependencies: IdleWatchDependencies) {
    this.#deps = dependencies;
    this.#noticeMs = Math.min(longestNoticeMs, dependencies.idleMs / 2);
  }

  start(): void {
    const { clock, outage } = this.#deps;
    this.#stop ??= clock.every(lookMs, async () => {
      // Where idle sessions cannot be looked at, they stay.
      await outage.attempt("looking at idle sessions", () => this.#look());
    });
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
  }

  async #look(): Promise<void> {
    const quiet = await this.#quietSessions();
    for (const sid of this.#warned.keys()) if (!quiet.has(sid)) this.#warned.delete(sid);
    const due = [...quiet].filter(([sid, quietMs]) => this.#isDue(sid, quietMs));
    await Promise.all(due.map(([sid]) => this.#end(sid)));
  }

  async #quietSessions(): Promise<ReadonlyMap<string, number>> {
    const { sockets, idleMs, someoneWaits, quietEverywhere } = this.#deps;
    if (!someoneWaits()) return new Map();
    const quiet = sockets.quiet(idleMs - this.#noticeMs);
    return quiet.size === 0 ? quiet : quietEverywhere(quiet);
  }

  /** Whether the session's time is over; one that was not warned yet has the whole notice left. */
  #isDue(sid: string, quietMs: number): boolean {
    const now = this.#deps.clock.now();
    const endsAt = this.#warned.get(sid);
    if (endsAt !== undefined) return now >= endsAt;
    const leftMs = Math.max(this.#noticeMs, this.#deps.idleMs - quietMs);
    this.#warned.set(sid, now + leftMs);
    this.#deps.sockets.tell(sid, idleMessage, { secondsLeft: Math.ceil(leftMs / 1000) });
    return false;
  }

  async #end(sid: string): Promise<void> {
    await this.#deps.disconnect(sid);
    this.#warned.delete(sid);
  }
}
