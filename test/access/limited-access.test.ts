// Limited access of one process: whom the rules name, what it remembers of them, and for how long.
import { describe, expect, it } from "vitest";
import { type AccessRules, openAccess } from "../../src/access/access-rules.ts";
import { type AccessPlayer, type AccessRule, LimitedAccess } from "../../src/access/limited-access.ts";
import type { Account } from "../../src/accounts/account-store.ts";
import { LoginError } from "../../src/errors.ts";
import type { SessionAuth } from "../../src/sessions/session.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";

function player(userId: string, groups: readonly string[] = []): SessionAuth {
  return {
    id: userId,
    userId,
    sid: `sid of ${userId}`,
    username: userId,
    vars: {},
    serverVars: {},
    kind: "player",
    groups,
    expiresAt: 0,
  };
}

const account = (userId: string): Account => ({ userId, username: userId, groups: [], createdAt: 0 });

class World {
  readonly clock = new ManualClock();
  readonly logger = recordingLogger();
  rules: AccessRules = openAccess;
  reads = 0;
  accountReads = 0;
  /** Answers the next read, where a test wants to. */
  nextRead: Promise<AccessRules> | null = null;
  readonly access: LimitedAccess;

  constructor(rules: Record<string, AccessRule> = {}) {
    this.access = new LimitedAccess({
      store: {
        accessRules: async () => {
          this.reads += 1;
          const read = this.nextRead ?? this.rules;
          this.nextRead = null;
          return read;
        },
        setAccessRules: async (next) => {
          const previous = this.rules;
          this.rules = next;
          return previous;
        },
      },
      accounts: {
        get: async (userId) => {
          this.accountReads += 1;
          return userId === "gone" ? null : account(userId);
        },
      },
      rules,
      clock: this.clock,
      logger: this.logger,
    });
  }

  async limit(allow: Partial<AccessRules["allow"]> = {}, more: Partial<AccessRules> = {}): Promise<void> {
    await this.access.set({ ...openAccess, mode: "limited", allow: { ...openAccess.allow, ...allow }, ...more });
  }

  async letsIn(session: SessionAuth): Promise<boolean> {
    try {
      await this.access.require(session);
      return true;
    } catch (error) {
      if (error instanceof LoginError && error.code === "ACCESS_LIMITED") return false;
      throw error;
    }
  }
}

describe("who is let in", () => {
  it("everybody, while it is open", async () => {
    expect(await new World().letsIn(player("ann"))).toBe(true);
  });

  it("nobody where it is limited and names nobody", async () => {
    const world = new World();
    await world.limit();
    expect(await world.letsIn(player("ann"))).toBe(false);
  });

  it("who meets one of the three", async () => {
    const world = new World({ friends: ({ account: { username } }) => username === "cid" });
    await world.limit({ userIds: ["ann"], groups: ["testers", "staff"], rule: "friends" });
    expect(await world.letsIn(player("ann"))).toBe(true);
    expect(await world.letsIn(player("bob", ["players", "staff"]))).toBe(true);
    expect(world.accountReads).toBe(0);
    expect(await world.letsIn(player("cid"))).toBe(true);
    expect(await world.letsIn(player("dan", ["Testers"]))).toBe(false);
    expect(await world.letsIn(player("gone"))).toBe(false);
  });

  it("is told when it opens, if it does by itself", async () => {
    const world = new World();
    const opensAt = world.clock.now() + 5_000;
    await world.limit({}, { opensAt });
    await expect(world.access.require(player("ann"))).rejects.toMatchObject({ details: { until: opensAt } });
    await world.clock.advance(5_000);
    await world.access.require(player("ann"));
    await world.limit();
    await expect(world.access.require(player("ann"))).rejects.toMatchObject({ details: {} });
  });

  it("is named while it is open too, for a queue that is closed", async () => {
    const world = new World();
    expect(await world.access.namesSomebody()).toBe(false);
    await world.access.set({ ...openAccess, allow: { ...openAccess.allow, userIds: ["ann"] } });
    expect(await world.access.namesSomebody()).toBe(true);
    expect(await world.access.names(player("ann"))).toBe(true);
    expect(await world.access.names(player("bob"))).toBe(false);
  });
});

describe("a rule", () => {
  it("sees the session, and the account that is at hand", async () => {
    const asked: AccessPlayer[] = [];
    const world = new World({ friends: (who) => asked.push(who) > 0 });
    await world.limit({ rule: "friends" });
    const ann = player("ann", ["testers"]);
    await world.access.require(ann, account("ann"));
    expect(asked).toEqual([{ session: ann, account: account("ann") }]);
    expect(world.accountReads).toBe(0);
  });

  it.each<[string, AccessRule]>([
    ["throws", () => Promise.reject(new Error("away"))],
    ["answers something else than true", () => "yes" as unknown as boolean],
  ])("that %s lets nobody in", async (_what, rule) => {
    const world = new World({ friends: rule });
    await world.limit({ rule: "friends" });
    expect(await world.letsIn(player("ann"))).toBe(false);
  });

  it("that this server does not have lets nobody in, and is told", async () => {
    const world = new World();
    await world.limit({ rule: "toString" });
    expect(await world.letsIn(player("ann"))).toBe(false);
    expect(world.logger.lines).toMatchObject([{ level: "error", text: expect.stringContaining("toString") }]);
  });
});

describe("the rules", () => {
  it("are read once a second at most, however many ask", async () => {
    const world = new World();
    for (let round = 0; round < 3; round++) {
      await Promise.all(Array.from({ length: 50 }, (_, index) => world.letsIn(player(`${index}`))));
      await world.clock.advance(999);
      await world.letsIn(player("ann"));
      expect(world.reads).toBe(round + 1);
      await world.clock.advance(1);
    }
  });

  it("hold at once when the feed tells of new ones, and a second later where it does not", async () => {
    const world = new World();
    expect(await world.letsIn(player("ann"))).toBe(true);
    world.rules = { ...openAccess, mode: "limited" };
    expect(await world.letsIn(player("ann"))).toBe(true);
    world.access.changed();
    expect(await world.letsIn(player("ann"))).toBe(false);
    world.rules = openAccess;
    await world.clock.advance(1_000);
    expect(await world.letsIn(player("ann"))).toBe(true);
  });

  it("of a read that was begun before a change are not kept after it", async () => {
    const world = new World();
    const { promise, resolve } = Promise.withResolvers<AccessRules>();
    world.nextRead = promise;
    const early = world.letsIn(player("ann"));
    await world.limit();
    expect(await world.letsIn(player("ann"))).toBe(false);
    resolve(openAccess);
    expect(await early).toBe(true);
    expect(await world.letsIn(player("ann"))).toBe(false);
  });

  it("that cannot be read let nobody in, and are asked for again", async () => {
    const world = new World();
    world.nextRead = Promise.reject(new LoginError("STORE_UNAVAILABLE", "away"));
    await expect(world.access.require(player("ann"))).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(await world.letsIn(player("ann"))).toBe(true);
  });
});
