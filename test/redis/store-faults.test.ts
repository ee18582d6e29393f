// Games of several processes whose Redis is late, gone or empty, or whose clocks differ. They wait a lot, so they run side by side.
import { beforeAll, describe, vi } from "vitest";
import { useRedisServer } from "../support/redis-server.ts";
import { lostDatabase } from "./faults/lost-database.ts";
import { refreshes } from "./faults/refreshes.ts";
import { slow } from "./faults/slow.ts";
import { wrongClock } from "./faults/wrong-clock.ts";

const server = useRedisServer();

beforeAll(() => {
  // The SDK tells the console of every connection that ends.
  vi.spyOn(console, "info").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

describe.concurrent("in a game of several processes", { timeout: 120_000 }, () => {
  lostDatabase();
  wrongClock(server);
  slow(server);
  refreshes(server);
});
