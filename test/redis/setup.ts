// What the tests of the Redis store's infrastructure start from: links to one Redis, closed after each test.
import { afterEach, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { randomId } from "../../src/random.ts";
import { type LinkOptions, RedisLink } from "../../src/stores/redis/link.ts";
import type { StoreContext, StoreEvent } from "../../src/stores/store.ts";
import { recordingLogger } from "../support/recording-logger.ts";
import { type RedisServer, useRedisServer } from "../support/redis-server.ts";

export interface Links {
  readonly server: RedisServer;
  /** Of this test's links, unless they say otherwise. */
  readonly prefix: () => string;
  /** Another process. It resolves when that has joined the others. */
  open(options?: Options): Promise<TestLink>;
  /** The same without waiting for anything. */
  openNow(options?: Options): TestLink;
}

type Options = Partial<LinkOptions> & Pick<StoreContext, "feedLeaseSeconds">;

export interface TestLink {
  readonly link: RedisLink;
  readonly logger: ReturnType<typeof recordingLogger>;
  /** Everything its listeners heard. */
  readonly heard: StoreEvent[];
  /** How often it was told of a gap. */
  readonly gaps: () => number;
}

export function useLinks(): Links {
  const server = useRedisServer();
  const links: RedisLink[] = [];
  let prefix = randomId(6);
  afterEach(async () => {
    server.resume();
    await Promise.all(links.splice(0).map((link) => link.close()));
    prefix = randomId(6);
  });

  const openNow: Links["openNow"] = (options = {}) => {
    const logger = recordingLogger();
    const context = { clock: systemClock, logger, ...options };
    const link = new RedisLink({ urlOrClient: server.url, prefix, ...options }, context);
    links.push(link);
    const heard: StoreEvent[] = [];
    let gaps = 0;
    link.subscribe(
      (event) => {
        heard.push(event);
        return 1;
      },
      () => {
        gaps += 1;
      },
    );
    return { link, logger, heard, gaps: () => gaps };
  };

  return {
    server,
    prefix: () => prefix,
    openNow,
    async open(options) {
      const opened = openNow(options);
      await isLevel(opened.link);
      return opened;
    },
  };
}

/** Resolves when the process has heard everything. */
export async function isLevel(link: { isLevel(): boolean }): Promise<void> {
  await vi.waitFor(
    () => {
      if (!link.isLevel()) throw new Error("the process did not come level with the feed");
    },
    { timeout: 10_000, interval: 5 },
  );
}

/** Tells every process to close the sockets of a session; answers how many there were. */
export async function disconnect({ link }: Pick<TestLink, "link">, sid: string): Promise<number> {
  return (await link.calls.runEnding("disconnect", ["", sid, "bye", ""])).socketsClosed;
}
