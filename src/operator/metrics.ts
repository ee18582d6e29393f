// The metrics of one login as Prometheus reads them: what this process counted, and how the whole system stands.
import { Gauge } from "prom-client";
import { LoginError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { QueueStatus } from "../login-queue/queue-store.ts";
import { createProcessMetrics, type ObserveStoreCall, type ProcessMetricsDependencies } from "./process-metrics.ts";
import { queueMetrics } from "./queue-metrics.ts";

export interface MetricsDependencies extends ProcessMetricsDependencies {
  /** One call of the store: how the queue stands, null where none is configured. Rejects while the store is away. */
  readonly readQueue: () => Promise<QueueStatus | null>;
  readonly logger: Pick<Logger, "warn">;
}

export interface Metrics {
  readonly storeCall: ObserveStoreCall;
  /**
   * The text of one scrape. Reads the store once, and takes no longer than that call may; while the store is away it is without
   * the queue's metrics. Never rejects.
   */
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export function createMetrics(deps: MetricsDependencies): Metrics {
  const { registry, storeCall } = createProcessMetrics(deps);
  const storeUp = new Gauge({
    name: "colyseus_login_store_up",
    help: "1 if the store answered this scrape, else 0. Of this process.",
    registers: [registry],
  });
  return {
    storeCall,
    async text() {
      const reading = await read(deps);
      storeUp.set(reading === "away" ? 0 : 1);
      const registries = reading === "away" || reading === null ? [registry] : [registry, queueMetrics(reading)];
      const texts = await Promise.all(registries.map((part) => part.metrics()));
      return { contentType: registry.contentType, body: texts.join("\n") };
    },
  };
}

async function read({ readQueue, logger }: MetricsDependencies): Promise<QueueStatus | null | "away"> {
  try {
    return await readQueue();
  } catch (error) {
    // An outage has its own line in the log, once.
    if (!(error instanceof LoginError)) logger.warn("colyseus-login: the metrics could not read the queue", error);
    return "away";
  }
}
