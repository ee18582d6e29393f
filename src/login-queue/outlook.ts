// What a process knows of the queue as a whole, looked up once a second: who waits, how fast it moves, which settings hold.
import type { Clock, StopTask } from "../clock.ts";
import { WaitEstimator } from "./eta/estimator.ts";
import { type Forecast, type ForecastChanges, forecast, supposing } from "./eta/forecast.ts";
import { etaMsOf } from "./eta/steady.ts";
import { defaultLane } from "./lanes.ts";
import type { LiveSettings } from "./live-settings.ts";
import { type Place, toPlace } from "./place.ts";
import { CounterHistory, overviewOf, type QueueOverview } from "./queue-overview.ts";
import type { QueueStatus, QueueStore, Standing } from "./queue-store.ts";
import { retryAfterSeconds } from "./retry-after.ts";

export class QueueOutlook {
  readonly #store: Pick<QueueStore, "status">;
  readonly #clock: Clock;
  readonly #settings: LiveSettings;
  readonly #waits = new WaitEstimator();
  readonly #history = new CounterHistory();
  readonly #listeners = new Set<(status: QueueStatus) => void>();
  #someoneWaits = false;
  #secondsToLogin = 0;

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
    this.#secondsToLogin = status.secondsToLogin ?? status.estimatedSecondsToLogin;
    this.#waits.update(status);
    this.#history.add(status);
    // Whoever hears of a change finds an estimate that goes by it.
    await this.#settings.refresh();
    for (const listener of this.#listeners) listener(status);
  }

  /** Hears how the queue stands whenever this process has looked, once estimates and settings are those of then. */
  onLook(listener: (status: QueueStatus) => void): StopTask {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Whether somebody who is present waited at the last look. */
  get someoneWaits(): boolean {
    return this.#someoneWaits;
  }

  /** When the ticket of this estimate is to be admitted, ms since the epoch: the estimate is until the login. */
  admissionAt(asOf: number, etaMs: number): number {
    return asOf + etaMs - this.#secondsToLogin * 1000;
  }

  /** What an operator sees. Throws LoginError STORE_UNAVAILABLE. */
  async status(): Promise<QueueOverview> {
    const status = await this.#store.status();
    this.#history.add(status);
    const { notice } = this.#settings.current;
    return overviewOf(status, { notice, etaMs: this.newcomerEtaMs(status) }, this.#history);
  }

  /** What is to come, with these changes made. Throws LoginError STORE_UNAVAILABLE. */
  async forecast(changes: ForecastChanges): Promise<Forecast> {
    await this.look();
    const { measured } = this.#waits;
    if (measured === null) throw new TypeError("the queue was not looked at");
    const status = supposing(measured.status, changes, this.#settings.current.loginBurst);
    return forecast({ ...measured, status });
  }

  /** The estimate for the ticket at `position` of a lane, in ms; -1 = not known. */
  etaMs(position: number, lane: string): number {
    const now = this.#clock.now();
    return etaMsOf(this.#waits.estimate(position, lane, now), now);
  }

  /** What somebody is told who joins the default lane, as the queue stands: ms until logged in; -1 = not known. */
  newcomerEtaMs({ lanes }: Pick<QueueStatus, "lanes">): number {
    const lane = defaultLane(this.#settings.current.lanes);
    return this.etaMs(1 + (lanes[lane]?.waiting ?? 0), lane);
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
