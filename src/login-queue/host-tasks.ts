// What every process does for the queue all the time: admits, renews its lease, sweeps, and looks at the whole.
import type { Clock, StopTask } from "../clock.ts";
import type { StoreOutage } from "./outage.ts";
import { hostRenewSeconds, type QueueStatus, type QueueStore } from "./queue-store.ts";

/** The admission step runs so often that logins come evenly, and that no token of the rate is lost to a full bucket. */
const longestAdmissionIntervalMs = 200;
const shortestAdmissionIntervalMs = 10;
/** How often the queue's length, slots and pace are looked at, and what ran out is swept. */
const lookIntervalMs = 1_000;

export interface HostTasksDependencies {
  readonly settings: { readonly targetLoginRatePerSecond: number; readonly loginBurst?: number | undefined };
  readonly store: Pick<QueueStore, "admit" | "renewHost" | "sweep" | "status">;
  readonly clock: Clock;
  readonly outage: StoreOutage;
  readonly hostId: string;
  readonly connectedSids: () => readonly string[];
  readonly onStatus: (status: QueueStatus) => void;
}

/** Starts them; answers the way to stop. No leader: every process runs the same steps, and the store keeps them apart. */
export function startHostTasks(deps: HostTasksDependencies): StopTask {
  const { store, clock, outage } = deps;
  const task = (name: string, work: () => Promise<unknown>) => async () => {
    await outage.attempt(name, work);
  };
  const renew = task("renewing the lease", () => store.renewHost(deps.hostId, deps.connectedSids()));
  const look = task("reading the status", async () => deps.onStatus(await store.status()));
  void renew();
  const stops = [
    clock.every(
      admissionIntervalMs(deps.settings),
      task("the admission step", () => store.admit()),
    ),
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

function admissionIntervalMs({ targetLoginRatePerSecond, loginBurst }: HostTasksDependencies["settings"]): number {
  const burst = Math.max(1, loginBurst ?? targetLoginRatePerSecond);
  // Half the time in which the bucket fills, because a timer may be late.
  const halfFullMs = (burst * 500) / targetLoginRatePerSecond;
  return Math.max(shortestAdmissionIntervalMs, Math.min(longestAdmissionIntervalMs, Math.floor(halfFullMs)));
}
