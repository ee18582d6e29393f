// Files for the tests of the SQLite store: each in a folder of its own, deleted when its test is done.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { QueueSettings } from "../../src/login-queue/queue-store.ts";
import { sqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import { Harness, type MakeStore, queueSettings } from "../contract/harness.ts";
import { ManualClock } from "../support/manual-clock.ts";

/** The path of a file that is not there yet. */
export function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "colyseus-login-sqlite-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "login.db");
}

/** Stores in files of their own; one that loses its state goes on with a new file. */
export const makeSqliteStore: MakeStore = async (context) => {
  const clock = new ManualClock();
  let store = sqliteStore(newFile())({ clock, ...context });
  return {
    store,
    connect: async () => store,
    async loseState() {
      await store.close();
      store = sqliteStore(newFile())({ clock, ...context });
      return store;
    },
    now: () => clock.now(),
    advance: (milliseconds) => clock.advance(milliseconds),
  };
};

interface Start {
  readonly clock?: ManualClock;
  readonly queue?: Partial<QueueSettings>;
  readonly ticketsMayReturn?: boolean;
  readonly warn?: (message: string) => void;
}

/** A process that opens this file: a second one is a restart. */
export function startOn(path: string, { clock = new ManualClock(), queue, warn = () => {}, ...rest }: Start = {}) {
  const context = { clock, queue: { ...queueSettings, ...queue }, ticketsMayReturn: false, ...rest };
  const store = sqliteStore(path)({ ...context, logger: { info: () => {}, warn } });
  return new Harness({
    store,
    connect: async () => store,
    loseState: async () => store,
    now: () => clock.now(),
    advance: (milliseconds) => clock.advance(milliseconds),
  });
}
