// The metrics of a login, and its store as they see it.
import type { Emitter } from "../emitter.ts";
import type { Logger } from "../logger.ts";
import type { LoginSignals } from "../login-signals.ts";
import { createMetrics, type Metrics } from "../operator/metrics.ts";
import type { ResolvedOptions } from "../options/options.ts";
import type { Store } from "../stores/store.ts";
import { defaultProviders } from "./identity-parts.ts";
import { timedStore } from "./timed-store.ts";

/** `opened` is the store as its factory made it; every part uses the one that is answered. */
export function meterStore(
  opened: Store,
  deps: {
    readonly options: ResolvedOptions;
    readonly signals: Emitter<LoginSignals>;
    readonly logger: Logger;
    readonly connectedSessions: () => number;
  },
): { readonly store: Store; readonly metrics: Metrics } {
  const { options, signals, logger, connectedSessions } = deps;
  const metrics = createMetrics({
    signals,
    providers: Object.keys(options.providers ?? defaultProviders()),
    connectedSessions,
    feedLagMs: () => store.feedLagMs(),
    async readQueue() {
      if (options.queue !== undefined) return store.queue.status();
      // Only to see whether the store answers.
      await store.access.accessRules();
      return null;
    },
    logger,
  });
  const store = timedStore(opened, metrics.storeCall);
  return { store, metrics };
}
