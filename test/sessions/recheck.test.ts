// Sessions read again after a gap in the feed: what is told of while they are read is not taken for read.
import { expect, it } from "vitest";
import { StoreOutage } from "../../src/outage.ts";
import { SessionRecheck } from "../../src/sessions/recheck.ts";
import type { SessionRecord } from "../../src/sessions/session.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";

it("a gap while a session is read makes it due once more", async () => {
  const clock = new ManualClock();
  const reads: PromiseWithResolvers<SessionRecord | null>[] = [];
  const recheck = new SessionRecheck({
    clock,
    outage: new StoreOutage({ clock, logger: recordingLogger(), emit: () => {} }),
    sockets: { sids: () => ["sid"], hear: () => 0 },
    readSession: () => {
      const read = Promise.withResolvers<SessionRecord | null>();
      reads.push(read);
      return read.promise;
    },
    logoutClosesSockets: false,
  });
  recheck.afterGap();
  recheck.afterGap();
  reads[0]?.resolve(null);
  await new Promise(setImmediate);
  await clock.advance(1_000);
  expect(reads).toHaveLength(2);
  reads[1]?.reject(new Error("the store is away"));
  await new Promise(setImmediate);
  await clock.advance(1_000);
  expect(reads).toHaveLength(3);
  reads[2]?.resolve(null);
  await new Promise(setImmediate);
  await clock.advance(10_000);
  expect(reads).toHaveLength(3);
});
