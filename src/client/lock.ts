// One at a time: between helpers of this process, and between tabs where the browser has Web Locks.
import type { Time } from "./time.ts";

/** How long another tab may keep the lock before it is passed by: one that hangs must not stop all others. */
const LOCK_PATIENCE_MS = 30_000;

/** The last in line for each lock, by storage: helpers of one process that share a storage share the session in it. */
const lines = new WeakMap<object, Map<string, Promise<unknown>>>();

export interface LockPlace {
  readonly storage: object;
  readonly name: string;
  /** Whether other tabs may use the same storage. */
  readonly shared: boolean;
  readonly time: Time;
}

/** Runs `task` when nobody else holds the lock. Where tabs have none, the server's grace for parallel refreshes covers them. */
export function exclusively<T>(place: LockPlace, task: () => Promise<T>): Promise<T> {
  const line = lines.get(place.storage) ?? new Map<string, Promise<unknown>>();
  lines.set(place.storage, line);
  const before = line.get(place.name) ?? Promise.resolve();
  const run = before.then(() => (place.shared ? acrossTabs(place, task) : task()));
  line.set(
    place.name,
    run.catch(() => {}),
  );
  return run;
}

async function acrossTabs<T>({ name, time }: LockPlace, task: () => Promise<T>): Promise<T> {
  const locks: LockManager | undefined = globalThis.navigator?.locks;
  if (locks === undefined) return task();
  const patience = new AbortController();
  const stop = time.after(LOCK_PATIENCE_MS, () => patience.abort());
  let granted = false;
  try {
    return await locks.request(name, { signal: patience.signal }, () => {
      granted = true;
      return task();
    });
  } catch (error) {
    if (granted) throw error;
    return task();
  } finally {
    stop();
  }
}
