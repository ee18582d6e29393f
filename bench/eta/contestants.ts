// Who estimates: ours, as players are shown it; the naive division; the first sketch; and an oracle, which is told the true rates.
import { QueueForecast, WaitEstimator } from "../../src/login-queue/eta/estimator.ts";
import { LaneMeter } from "../../src/login-queue/eta/lane-meter.ts";
import { type ShownFinish, steadyFinish } from "../../src/login-queue/eta/steady.ts";
import type { QueueStatus } from "../../src/login-queue/queue-store.ts";
import type { Player, World } from "./world.ts";

export interface Contestant {
  readonly name: string;
  /** Once a second, before anybody is shown anything. */
  look(status: QueueStatus, world: World): void;
  /** What the player is shown, in ms; -1 = not known. `slot` is where it may remember something of the player. */
  show(player: Player, now: number, slot: number): number;
}

export function createOurs(): Contestant {
  const estimator = new WaitEstimator();
  return {
    name: "ours",
    look: (status) => estimator.update(status),
    show(player, now, slot) {
      const estimate = estimator.estimate(player.position, player.lane, now);
      if (estimate === null) return -1;
      const shown = steadyFinish((player.memory[slot] as ShownFinish | undefined) ?? null, estimate);
      player.memory[slot] = shown;
      return Math.max(0, shown.finishAt - now);
    },
  };
}

export function createNaive(world: World): Contestant {
  return {
    name: "naive",
    look: () => {},
    show: ({ position }) => (position * 1000) / world.settings.targetLoginRatePerSecond,
  };
}

/** The estimate as it was first sketched: the lesser of the rate and the last two hundred departures, as it comes. */
export function createSketch(world: World): Contestant {
  const departedAt: number[] = [];
  const lanes = new Map<string, LaneMeter>();
  let departed = 0;
  let status: QueueStatus | null = null;
  const pace = (): number | null => {
    const recent = departedAt.filter((at) => at > world.now - 20 * 60_000).slice(-200);
    const first = recent[0];
    return first === undefined || recent.length < 8 ? null : (recent.length * 1000) / Math.max(1, world.now - first);
  };
  let measured: number | null = null;
  return {
    name: "sketch",
    look(read) {
      const isFirst = status === null;
      status = read;
      for (let gone = read.departedSlots - departed; gone > 0 && !isFirst; gone--) departedAt.push(world.now);
      departed = read.departedSlots;
      if (departedAt.length > 400) departedAt.splice(0, 200);
      measured = pace();
      for (const [name, lane] of Object.entries(read.lanes)) {
        const meter = lanes.get(name) ?? new LaneMeter();
        lanes.set(name, meter);
        meter.add(read.asOf, lane);
      }
    },
    show({ position, lane }) {
      if (status === null || status.mode === "paused") return -1;
      const { targetCcuLimit, liveSlots, targetLoginRatePerSecond: rate, lanes: lines } = status;
      const own = lines[lane]?.weight ?? 1;
      let weights = own;
      for (const [name, { weight, waiting }] of Object.entries(lines)) {
        if (name !== lane && waiting > 0) weights += weight;
      }
      const isCovered = position <= ((targetCcuLimit - liveSlots) * own) / weights;
      if (!isCovered && measured === null) return -1;
      const mu = ((isCovered ? rate : Math.min(rate, measured ?? rate)) * own) / weights;
      const theta = lanes.get(lane)?.habits().abandonRate ?? 0;
      const seconds = theta === 0 ? position / mu : Math.log1p((theta * position) / mu) / theta;
      return (seconds + (status.secondsToLogin ?? status.estimatedSecondsToLogin)) * 1000;
    },
  };
}

/** How often the oracle is told: it takes a look at every session. */
const oracleSeconds = 10;

export function createOracle(world: World): Contestant {
  let forecast: QueueForecast | null = null;
  let truth = world.truth();
  let looks = 0;
  return {
    name: "oracle",
    look(status) {
      if (looks++ % oracleSeconds === 0) truth = world.truth();
      const { departuresPerSlotSecond, secondsToLogin, arrivals, ...habits } = truth;
      forecast = new QueueForecast(status, {
        departuresPerSlotSecond,
        secondsToLogin,
        habits: (lane) => ({ ...habits, ...(arrivals[lane] ?? { arrivalsSoon: 0, arrivalsLater: 0 }) }),
      });
    },
    show(player, now) {
      const estimate = forecast?.estimate(player.position, player.lane, now) ?? null;
      return estimate === null ? -1 : Math.max(0, estimate.finishAt - now);
    },
  };
}
