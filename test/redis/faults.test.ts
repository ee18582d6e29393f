// Games of several processes in which one dies or falls asleep. They wait for leases most of their time, so they run side by side.
import { beforeAll, describe, vi } from "vitest";
import { useRedisServer } from "../support/redis-server.ts";
import { killed } from "./faults/killed.ts";
import { woken } from "./faults/woken.ts";

const server = useRedisServer();

beforeAll(() => {
  // The SDK tells the console of every connection that ends.
  vi.spyOn(console, "info").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

describe.concurrent("in a game of several processes", { timeout: 120_000 }, () => {
  killed(server);
  woken(server);
});
