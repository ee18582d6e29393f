// Notices that the queue has fallen silent, whatever connections come and go in the meantime.
import { STALE_MS } from "./queue-visit.ts";
import type { Time } from "./time.ts";

export interface SilenceWatch {
  /** The queue said something. */
  readonly heard: () => void;
  readonly stop: () => void;
}

/** Calls `onStale` once for each silence of three heartbeats, with the moment of the last word, or of the start before there was one. */
export function watchSilence(time: Time, onStale: (since: number) => void): SilenceWatch {
  let cancel = () => {};
  const heard = () => {
    const since = time.now();
    cancel();
    cancel = time.after(STALE_MS, () => onStale(since));
  };
  heard();
  return { heard, stop: () => cancel() };
}
