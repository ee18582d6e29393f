// What this process does about what the store's feed tells.
import type { LimitedAccess } from "../access/limited-access.ts";
import type { StopTask } from "../clock.ts";
import type { SessionRecheck } from "../sessions/recheck.ts";
import type { SessionSockets } from "../sessions/sockets.ts";
import type { Basics } from "./basics.ts";
import type { QueueParts } from "./queue-parts.ts";

/** From now on. Answers the way to stop. */
export function followFeed(
  { store, cache, signals }: Basics,
  parts: {
    readonly access: LimitedAccess;
    readonly queue: QueueParts | null;
    readonly sockets: SessionSockets;
    readonly recheck: SessionRecheck;
  },
): StopTask {
  const { access, queue, sockets, recheck } = parts;
  const judgeAnew = (): void => {
    access.changed();
    queue?.service.accessChanged();
  };
  const missedEvents = (): void => {
    cache?.clear();
    recheck.afterGap();
    judgeAnew();
  };
  return store.subscribe((event) => {
    if (event.type === "accessChanged") {
      judgeAnew();
      signals.emit("accessChanged", {});
      return 0;
    }
    if (event.type === "sessionEnded" || event.type === "disconnect") {
      cache?.forget(event.sid);
      return sockets.hear(event);
    }
    queue?.service.onEvent(event);
    return 0;
  }, missedEvents);
}
