// What every process does for the queue all the time: admits, renews its lease, sweeps, and looks at the whole.
import type { Clock, StopTask } from "../clock.ts";
import type { Emit } from "../emitter.ts";
import type { StoreOutage } from "../outage.ts";
import { effectiveBurst } from "./admission.ts";
import type { LiveSettings } from "./live-settings.ts";
import type { QueueSignals } from "./queue-signals.ts";
import { hostRenewSeconds, type QueueSettings, type QueueStore } from "./queue-store.ts";

/** The admission step runs so often that logins come evenly, and that no token of the rate is lost to a full bucket. */
const longestAdmissionIntervalMs = 200;
const shortestAdmissionIntervalMs = 10;
/** How often the queue's length, slots and pace are looked at, and what ran out is swept. */
const lookIntervalMs = 1_000;

export interface HostTasksDependencies {
  readonly settings: LiveSettings;
  readonly store: Pick<QueueStore, "admit" | "renewHost" | "sweep">;
  readonly clock: Clock;
  /** For how long things take. */
  readonly steady: Pick<Clock, "now">;
  readonly outage: StoreOutage;
  readonly hostId: string;
  readonly connectedSids: () => readonly string[];
  /** Looks at the queue as a whole. */
  readonly look: () => Promise<void>;
  readonly emit: Emit<QueueSignals>;
}

/** Starts them; answers the way to stop. No leader: every process runs the same steps, and the store keeps them apart. */
export function startHostTasks(deps: HostTasksDependencies): StopTask {
  const { settings, store, clock, outage } = deps;
  const task = (name: string, work: () => Promise<unknown>) => async () => {
    await outage.attempt(name, work);
  };
  const renew = task("renewing the lease", () => store.renewHost(deps.hostId, deps.connectedSids()));
  const look = task("reading the status", deps.look);
  const admit = task("the admission step", () => admissionStep(deps));
  let admittingEveryMs = admissionIntervalMs(settings.current);
  let stopAdmitting = clock.every(admittingEveryMs, admit);
  const keepPace = (): void => {
    const everyMs = admissionIntervalMs(settings.current);
    if (everyMs === admittingEveryMs) return;
    stopAdmitting();
    admittingEveryMs = everyMs;
    stopAdmitting = clock.every(everyMs, admit);
  };
  void renew();
  // A store that outlived the process before may go by other settings than the options say.
  void look();
  const stops = [
    settings.onChange(keepPace),
    () => stopAdmitting(),
    clock.every(hostRenewSeconds * 1000, renew),
    clock.every(lookIntervalMs, look),
    clock.every(
      lookIntervalMs,
      task("the sweep", () => store.sweep()),
    ),
    clock.every(lookIntervalMs, () => outage.retry()),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

async function admissionStep({ store, steady, emit }: HostTasksDependencies): Promise<void> {
  const startedAt = steady.now();
  const tickets = await store.admit();
  emit("admissionStep", { seconds: (steady.now() - startedAt) / 1000 });
  if (tickets.length > 0) emit("admitted", { tickets });
}

function admissionIntervalMs(settings: QueueSettings): number {
  // Half the time in which the bucket fills, because a timer may be late.
  const halfFullMs = (effectiveBurst(settings) * 500) / settings.targetLoginRatePerSecond;
  return Math.max(shortestAdmissionIntervalMs, Math.min(longestAdmissionIntervalMs, Math.floor(halfFullMs)));
}
