// What a process knows of the queue as a whole, looked up once a second: who waits, how fast it moves, which settings hold.
import type { Clock } from "../clock.ts";
import { WaitEstimator } from "./eta/estimator.ts";
import { etaMsOf } from "./eta/steady.ts";
import { defaultLane } from "./lanes.ts";
import type { LiveSettings } from "./live-settings.ts";
import { type Place, toPlace } from "./place.ts";
import { CounterHistory, overviewOf, type QueueOverview } from "./queue-overview.ts";
import type { QueueStore, Standing } from "./queue-store.ts";
import { retryAfterSeconds } from "./retry-after.ts";

export class QueueOutlook {
  readonly #store: Pick<QueueStore, "status">;
  readonly #clock: Clock;
  readonly #settings: LiveSettings;
  readonly #waits = new WaitEstimator();
  readonly #history = new CounterHistory();
  #someoneWaits = false;

  constructor(deps: {
    readonly store: Pick<QueueStore, "status">;
    readonly clock: Clock;
    readonly settings: LiveSettings;
  }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#settings = deps.settings;
  }

  /** Takes over how the queue stands and which settings are in force. Throws LoginError STORE_UNAVAILABLE. */
  async look(): Promise<void> {
    const status = await this.#store.status();
    this.#someoneWaits = Object.values(status.lanes).some(({ waiting, away }) => waiting > away);
    this.#waits.update(status);
    this.#history.add(status);
    // Whoever hears of a change finds an estimate that goes by it.
    await this.#settings.refresh();
  }

  /** Whether somebody who is present waited at the last look. */
  get someoneWaits(): boolean {
    return this.#someoneWaits;
  }

  /** What an operator sees. Throws LoginError STORE_UNAVAILABLE. */
  async status(): Promise<QueueOverview> {
    const status = await this.#store.status();
    this.#history.add(status);
    return overviewOf(status, this.#settings.current.notice, this.#history);
  }

  /** The estimate for the ticket at `position` of a lane, in ms; -1 = not known. */
  etaMs(position: number, lane: string): number {
    const now = this.#clock.now();
    return etaMsOf(this.#waits.estimate(position, lane, now), now);
  }

  /** What somebody is told who would stand behind so many. */
  atTheEnd(queueLength: number): { queueLength: number; etaMs: number; retryAfterSeconds: number } {
    const settings = this.#settings.current;
    const position = queueLength + 1;
    const etaMs = this.etaMs(position, defaultLane(settings.lanes));
    const retry = retryAfterSeconds({ ...settings, position, etaMs }, Math.random());
    return { queueLength, etaMs, retryAfterSeconds: retry };
  }

  /** A standing of the store in the words of the wire. */
  toPlace(ticketId: string, standing: Standing | undefined): Place {
    const known = standing ?? { status: "gone", reason: null };
    return toPlace(ticketId, known, this.#waits, this.#settings.current, this.#clock.now());
  }
}
