// What a process knows of the queue as a whole, looked up once a second: enough to estimate every player's wait.
import type { QueueMode } from "../wire.ts";
import { effectiveLimit } from "./admission.ts";
import { type EtaFacts, estimateEtaMs, PaceMeter } from "./eta.ts";
import type { QueueStatus } from "./queue-store.ts";

export interface OutlookSettings {
  readonly mode: QueueMode;
  readonly targetLoginRatePerSecond: number;
  readonly targetCcuLimit: number;
  readonly safetyMarginPercent: number;
  readonly estimatedSecondsToLogin: number;
  /** Weight by lane. */
  readonly lanes: Readonly<Record<string, number>>;
}

export class QueueOutlook {
  readonly #settings: OutlookSettings;
  readonly #pace = new PaceMeter();
  #mode: QueueMode;
  #freeSlots: number;
  #waiting: QueueStatus["lanes"] = {};
  /** The facts of one moment, by lane: a whole room asks at once. */
  #facts = { at: Number.NaN, byLane: new Map<string, EtaFacts>() };

  constructor(settings: OutlookSettings) {
    this.#settings = settings;
    this.#mode = settings.mode;
    this.#freeSlots = effectiveLimit(settings);
  }

  get mode(): QueueMode {
    return this.#mode;
  }

  /** `count` tickets were admitted at `now`, by whichever process. */
  addAdmissions(count: number, now: number): void {
    this.#pace.addAdmissions(count, now);
  }

  update(status: QueueStatus, now: number): void {
    const { safetyMarginPercent } = this.#settings;
    const limit = effectiveLimit({ targetCcuLimit: status.targetCcuLimit, safetyMarginPercent });
    this.#mode = status.mode;
    this.#freeSlots = Math.max(0, limit - status.liveSlots);
    this.#waiting = status.lanes;
    this.#pace.setWaiting(
      Object.values(status.lanes).some((lane) => lane.waiting > 0),
      now,
    );
    this.#facts = { at: Number.NaN, byLane: new Map() };
  }

  /** The estimate for the ticket at `position` of a lane, in ms; -1 = not known. */
  etaMs(position: number, lane: string, now: number): number {
    return estimateEtaMs(position, this.#factsOf(lane, now));
  }

  #factsOf(lane: string, now: number): EtaFacts {
    if (this.#facts.at !== now) this.#facts = { at: now, byLane: new Map() };
    const known = this.#facts.byLane.get(lane);
    if (known !== undefined) return known;
    const { targetLoginRatePerSecond, estimatedSecondsToLogin } = this.#settings;
    const facts: EtaFacts = {
      mode: this.#mode,
      laneShare: this.#shareOf(lane),
      targetLoginRatePerSecond,
      freeSlots: this.#freeSlots,
      pacePerSecond: this.#pace.perSecond(now),
      estimatedSecondsToLogin,
    };
    this.#facts.byLane.set(lane, facts);
    return facts;
  }

  /** The lane's weight among the lanes where somebody waits. */
  #shareOf(lane: string): number {
    // A lane that is no longer configured counts as one of weight 1, as the stores do.
    const own = this.#settings.lanes[lane] ?? 1;
    let total = own;
    for (const [name, weight] of Object.entries(this.#settings.lanes)) {
      if (name !== lane && (this.#waiting[name]?.waiting ?? 0) > 0) total += weight;
    }
    return own / total;
  }
}
