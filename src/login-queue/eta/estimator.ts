// The estimate of the wait (DESIGN 5): what a process reads of the queue once a second, made into a time for every place.
import { effectiveLimit } from "../admission.ts";
import type { LaneStatus, QueueStatus } from "../queue-store.ts";
import { DepartureMeter, type DepartureRate } from "./departure-meter.ts";
import { crowdSeconds, type LaneCounts, type LaneHabits, LaneMeter, noCounts, noHabits } from "./lane-meter.ts";
import { type OtherLane, type Phase, planAdmissions, planLane, waitFor } from "./service.ts";
import type { Estimate } from "./steady.ts";

/** What is measured or, by an oracle, known. */
export interface QueueRates {
  readonly departuresPerSlotSecond: number | null;
  readonly secondsToLogin: number;
  readonly habits: (lane: string) => LaneHabits;
}

/** The newest reading, with what was measured up to it. */
export interface MeasuredQueue {
  readonly status: QueueStatus;
  /** null: not known. */
  readonly departures: DepartureRate | null;
  readonly habits: (lane: string) => LaneHabits;
  readonly counts: (lane: string) => LaneCounts;
}

/** So often the time in which the absent may come back is brought closer to the wait. */
const closerSteps = 4;

/** The pace of admission over all lanes, as of one reading. */
export function planOf(status: QueueStatus, rates: Pick<QueueRates, "departuresPerSlotSecond">): readonly Phase[] {
  return planAdmissions({
    ...status,
    limit: effectiveLimit(status),
    holdSeconds: Math.max(0, status.holdUntil - status.asOf) / 1000,
    departuresPerSlotSecond: rates.departuresPerSlotSecond,
  });
}

/** How a lane will move, as of one reading. */
interface LaneOutlook {
  readonly status: LaneStatus | undefined;
  readonly habits: LaneHabits;
  readonly plan: readonly Phase[];
}

/** The whole as of one reading, ready to answer for any place. */
export class QueueForecast {
  readonly #status: QueueStatus;
  readonly #rates: QueueRates;
  readonly #total: readonly Phase[];
  readonly #lanes = new Map<string, LaneOutlook>();

  constructor(status: QueueStatus, rates: QueueRates) {
    this.#status = status;
    this.#rates = rates;
    this.#total = planOf(status, rates);
  }

  /** For the ticket at `position` (1 = next) of a lane at `now`; null where nothing can be said. */
  estimate(position: number, lane: string, now: number): Omit<Estimate, "epoch"> | null {
    const { status, habits, plan } = this.#laneOutlook(lane);
    const after = Math.max(0, now - this.#status.asOf) / 1000;
    const { present, away } = splitAhead(position - 1, status);
    const wait = (returned: number) => waitFor(1 + present + away * returned, plan, habits.abandonRate, after);
    let found = wait(habits.returning);
    // Of those who are away, as many take a turn before this one as come back in time, which is shorter than if all did.
    for (let step = 0; found !== null && away > 0 && step < closerSteps; step++) {
      found = wait(habits.returning * -Math.expm1(-habits.awayEndRate * found.seconds));
    }
    if (found === null) return null;
    return {
      finishAt: now + (found.seconds + this.#rates.secondsToLogin) * 1000,
      spreadMs: found.spreadSeconds * 1000,
    };
  }

  #laneOutlook(lane: string): LaneOutlook {
    const known = this.#lanes.get(lane);
    if (known !== undefined) return known;
    const others: OtherLane[] = [];
    for (const [name, status] of Object.entries(this.#status.lanes)) {
      if (name === lane) continue;
      const { arrivalsSoon, arrivalsLater, returning } = this.#rates.habits(name);
      const waiting = status.waiting - status.away * (1 - returning);
      others.push({ weight: status.weight, waiting, arrivalsSoon, arrivalsLater });
    }
    const status = this.#status.lanes[lane];
    const plan = planLane(this.#total, status?.weight ?? 1, others, crowdSeconds);
    const outlook = { status, habits: this.#rates.habits(lane), plan };
    this.#lanes.set(lane, outlook);
    return outlook;
  }
}

/** Those ahead, by whether they are there: who was passed over is at the front, other absent ones are anywhere. */
function splitAhead(ahead: number, lane: LaneStatus | undefined): { readonly present: number; readonly away: number } {
  if (lane === undefined || lane.away === 0) return { present: ahead, away: 0 };
  const passedOver = Math.min(ahead, lane.passedOver);
  const behind = lane.waiting - lane.passedOver;
  const awayPart = behind > 0 ? Math.min(1, (lane.away - lane.passedOver) / behind) : 0;
  const away = passedOver + (ahead - passedOver) * awayPart;
  return { present: ahead - away, away };
}

/** Reads the status of the queue again and again, and estimates from it. One per process. */
export class WaitEstimator {
  readonly #departures = new DepartureMeter();
  readonly #lanes = new Map<string, LaneMeter>();
  #measured: MeasuredQueue | null = null;
  #forecast: QueueForecast | null = null;
  #epoch = 0;
  #settingsKey = "";

  /** Takes a reading over: once a second or so. */
  update(status: QueueStatus): void {
    this.#departures.add(status.asOf, status.departedSlots, status.liveSlots);
    for (const [name, lane] of Object.entries(status.lanes)) this.#meterOf(name).add(status.asOf, lane);
    const { mode, targetLoginRatePerSecond, loginBurst, holdUntil } = status;
    const weights = Object.values(status.lanes).map((lane) => lane.weight);
    const key = JSON.stringify([
      mode,
      targetLoginRatePerSecond,
      loginBurst,
      effectiveLimit(status),
      holdUntil,
      weights,
    ]);
    if (key !== this.#settingsKey) this.#epoch += 1;
    this.#settingsKey = key;
    const laneHabits = new Map<string, LaneHabits>();
    for (const [name, meter] of this.#lanes) laneHabits.set(name, meter.habits());
    const departures = this.#departures.rate();
    const habits = (lane: string) => laneHabits.get(lane) ?? noHabits;
    this.#measured = { status, departures, habits, counts: (lane) => this.#lanes.get(lane)?.counts() ?? noCounts };
    this.#forecast = new QueueForecast(status, {
      departuresPerSlotSecond: departures?.perSlotSecond ?? null,
      secondsToLogin: status.secondsToLogin ?? status.estimatedSecondsToLogin,
      habits,
    });
  }

  /** What a forecast goes by; null before the first reading. */
  get measured(): MeasuredQueue | null {
    return this.#measured;
  }

  /** For the ticket at `position` (1 = next) of a lane at `now`; null where nothing can be said, or nothing was read yet. */
  estimate(position: number, lane: string, now: number): Estimate | null {
    const found = this.#forecast?.estimate(position, lane, now) ?? null;
    return found === null ? null : { ...found, epoch: this.#epoch };
  }

  #meterOf(lane: string): LaneMeter {
    const known = this.#lanes.get(lane);
    if (known !== undefined) return known;
    const meter = new LaneMeter();
    this.#lanes.set(lane, meter);
    return meter;
  }
}
