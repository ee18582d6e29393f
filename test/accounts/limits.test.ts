// S51: how guessing is held back, and whom it must not hold back.
import { RateLimiterMemory } from "rate-limiter-flexible";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type LimitSettings, LoginLimits } from "../../src/accounts/limits.ts";
import { LoginError } from "../../src/errors.ts";
import { refusal, refusalCode } from "../sessions/setup.ts";

const owner = "192.0.2.1";
const stranger = "198.51.100.7";

// The library has a clock of its own: the machine's.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

class House {
  readonly limits: LoginLimits;
  checked = 0;

  constructor(settings: Partial<LimitSettings> = {}) {
    const defaults = { failuresPerLogin: 5, failuresPerAddress: 50, registrationsPerHour: 60, mailsPerHour: 30 };
    this.limits = new LoginLimits({ ...defaults, ...settings });
  }

  /** A try at Ada's password, or another's. */
  async try(address: string | null, password: "right" | "wrong", account = "ada@example.org"): Promise<string> {
    const attempt = { provider: "email", externalId: account, address };
    const check = async () => {
      this.checked += 1;
      if (password === "wrong") throw new LoginError("INVALID_CREDENTIALS", "wrong");
      return "in";
    };
    try {
      await this.limits.enterTo(attempt);
      return await this.limits.password(attempt, check);
    } catch (error) {
      if (!(error instanceof LoginError)) throw error;
      const { retryAfterSeconds } = error.details;
      return retryAfterSeconds === undefined ? error.code : `wait ${retryAfterSeconds}`;
    }
  }

  async tries(count: number, address: string | null, password: "right" | "wrong", account?: string): Promise<string[]> {
    const answers: string[] = [];
    for (let index = 0; index < count; index += 1) answers.push(await this.try(address, password, account));
    return answers;
  }
}

const wrong = "INVALID_CREDENTIALS";

describe("S51 one address at one account", () => {
  it("has five free tries, then one after ever longer delays", async () => {
    const house = new House();
    expect(await house.tries(5, stranger, "wrong")).toEqual([wrong, wrong, wrong, wrong, wrong]);
    for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]) {
      // One more try, and the gate is closed behind it.
      expect(await house.try(stranger, "wrong")).toBe(wrong);
      expect(await house.try(stranger, "right")).toBe(`wait ${seconds}`);
      vi.advanceTimersByTime(seconds * 1_000 - 1);
      expect(await house.try(stranger, "right")).toBe("wait 1");
      vi.advanceTimersByTime(1);
    }
    expect(house.checked).toBe(17);
    expect(await house.try(stranger, "right")).toBe("in");
    // The owner's success forgives.
    expect(await house.tries(5, stranger, "wrong")).toEqual([wrong, wrong, wrong, wrong, wrong]);
  });

  it("gets no more through by trying at once", async () => {
    const house = new House();
    const answers = await Promise.all(Array.from({ length: 50 }, () => house.try(stranger, "wrong")));
    expect(answers.filter((answer) => answer === wrong)).toHaveLength(6);
    expect(house.checked).toBe(6);
    // Those who were sent away do not count as failures.
    vi.advanceTimersByTime(1_000);
    expect(await house.tries(2, stranger, "wrong")).toEqual([wrong, "wait 2"]);
  });

  it("begins anew after a day", async () => {
    const house = new House();
    await house.tries(6, stranger, "wrong");
    vi.advanceTimersByTime(86_400_000);
    expect(await house.tries(5, stranger, "wrong")).toEqual([wrong, wrong, wrong, wrong, wrong]);
  });

  it("of IPv6 is a /64", async () => {
    const house = new House();
    for (let index = 1; index <= 6; index += 1) await house.try(`2001:db8::${index}`, "wrong");
    expect(await house.try("2001:db8::ffff", "right")).toBe("wait 1");
    expect(await house.try("2001:db8:0:1::1", "right")).toBe("in");
  });

  it("that is not known is delayed by seconds alone: everybody has it", async () => {
    const house = new House();
    await house.tries(5, null, "wrong");
    for (let index = 0; index < 10; index += 1) {
      expect(await house.try(null, "wrong")).toBe(wrong);
      vi.advanceTimersByTime(5_000);
    }
    expect(await house.try(null, "right")).toBe("in");
  });

  it("fails without a count where the check fails for another reason", async () => {
    const { limits } = new House();
    const attempt = { provider: "email", externalId: "ada@example.org", address: stranger };
    const busy = async () => {
      throw new LoginError("TOO_MANY_REQUESTS", "busy");
    };
    for (let index = 0; index < 20; index += 1)
      expect(await refusalCode(limits.password(attempt, busy))).toBe("TOO_MANY_REQUESTS");
    expect(await limits.password(attempt, async () => "in")).toBe("in");
  });
});

describe("S51 a stranger", () => {
  it("at other addresses never holds the owner back where the owner was before", async () => {
    const house = new House();
    expect(await house.try(owner, "right")).toBe("in");
    vi.advanceTimersByTime(7 * 86_400_000);
    for (let index = 0; index < 200; index += 1) await house.tries(8, `203.0.113.${index}`, "wrong");
    expect(await house.tries(5, owner, "wrong")).toEqual([wrong, wrong, wrong, wrong, wrong]);
    expect(await house.try(owner, "right")).toBe("in");
  });

  it("at many addresses has one free try at each, and leaves one to the owner at a new one", async () => {
    const house = new House();
    for (let index = 0; index < 4; index += 1) await house.tries(5, `203.0.113.${index}`, "wrong");
    expect(await house.tries(3, "203.0.113.100", "wrong")).toEqual([wrong, wrong, "wait 1"]);
    expect(await house.try("192.0.2.200", "right")).toBe("in");
    vi.advanceTimersByTime(86_400_000);
    expect(await house.tries(5, "203.0.113.100", "wrong")).toEqual([wrong, wrong, wrong, wrong, wrong]);
  });

  it("behind the owner's own address is held back for all accounts, and the owner is not", async () => {
    const house = new House();
    expect(await house.try(owner, "right")).toBe("in");
    for (let index = 0; index < 50; index += 1) expect(await house.try(owner, "wrong", `${index}`)).toBe(wrong);
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
      expect(await house.try(owner, "wrong", `at ${seconds}`)).toBe(wrong);
      expect(await house.try(owner, "right", "eve@example.org")).toBe(`wait ${seconds}`);
      expect(await house.try(owner, "right")).toBe("in");
      vi.advanceTimersByTime(seconds * 1_000);
    }
    expect(await house.try("192.0.2.99", "right", "eve@example.org")).toBe("in");
  });
});

describe("credentials that name no account", () => {
  it("count by address and provider", async () => {
    const { limits } = new House({ failuresPerAddress: 3 });
    const failing = async () => {
      throw new LoginError("INVALID_CREDENTIALS", "wrong");
    };
    const visitor = { provider: "custom", address: stranger };
    for (let index = 0; index < 3; index += 1) {
      await limits.enter(visitor);
      expect(await refusalCode(limits.counted(visitor, failing))).toBe("INVALID_CREDENTIALS");
    }
    await limits.enter(visitor);
    expect((await refusal(limits.enter(visitor))).details).toEqual({ retryAfterSeconds: 1 });
    await limits.enter({ ...visitor, provider: "device" });
    await limits.enter({ ...visitor, address: owner });
    await limits.enter({ ...visitor, address: null });
    vi.advanceTimersByTime(3_600_000);
    for (let index = 0; index < 10; index += 1) await limits.enter(visitor);
  });
});

describe("registrations and mails", () => {
  it("are counted by the address that asks", async () => {
    const { limits } = new House({ registrationsPerHour: 2, mailsPerHour: 1 });
    for (let index = 0; index < 2; index += 1) await limits.registration(stranger);
    vi.advanceTimersByTime(600_000);
    expect((await refusal(limits.registration(stranger))).details).toEqual({ retryAfterSeconds: 3_000 });
    await limits.registration(owner);
    await limits.mail(stranger);
    expect(await refusalCode(limits.mail(stranger))).toBe("TOO_MANY_REQUESTS");
    vi.advanceTimersByTime(3_600_000);
    await limits.registration(stranger);
    await limits.mail(stranger);
    for (let index = 0; index < 100; index += 1) await limits.mail(null);
  });

  it("do not fill a mailbox", async () => {
    const { limits } = new House();
    const asked: boolean[] = [];
    for (let index = 0; index < 7; index += 1) asked.push(await limits.mayReceive("ada@example.org", "verify-email"));
    expect(asked).toEqual([true, true, true, true, true, false, false]);
    expect(await limits.mayReceive("eve@example.org", "verify-email")).toBe(true);
    expect(await limits.mayReceive("ada@example.org", "reset-password")).toBe(true);
    vi.advanceTimersByTime(3_600_000);
    expect(await limits.mayReceive("ada@example.org", "verify-email")).toBe(true);
  });
});

it("S38 tries that are refused unchecked leave nothing behind", async () => {
  const counters: RateLimiterMemory[] = [];
  const counted = new Set<string>();
  class Watched extends RateLimiterMemory {
    override penalty(key: string | number) {
      counted.add(String(key));
      return super.penalty(key);
    }
  }
  const settings = { failuresPerLogin: 5, failuresPerAddress: 50, registrationsPerHour: 60, mailsPerHour: 30 };
  const limits = new LoginLimits(settings, (options) => {
    const counter = new Watched(options);
    counters.push(counter);
    return counter;
  });
  const busy = async () => {
    throw new LoginError("TOO_MANY_REQUESTS", "Too many players log in at this moment.");
  };
  for (let index = 0; index < 100; index += 1) {
    const attempt = { provider: "email", externalId: `${index}@example.org`, address: stranger };
    expect(await refusalCode(limits.password(attempt, busy))).toBe("TOO_MANY_REQUESTS");
  }
  expect(counted.size).toBe(100);
  for (const counter of counters) for (const key of counted) expect(await counter.get(key)).toBeNull();
});

it("counters are made by whoever brings a maker, and one out of reach refuses", async () => {
  const prefixes: string[] = [];
  const keys: string[] = [];
  class Watched extends RateLimiterMemory {
    override penalty(key: string | number) {
      keys.push(String(key));
      return super.penalty(key);
    }
  }
  const settings = { failuresPerLogin: 5, failuresPerAddress: 50, registrationsPerHour: 60, mailsPerHour: 30 };
  const limits = new LoginLimits(settings, (options) => {
    prefixes.push(options.keyPrefix);
    return new Watched(options);
  });
  const attempt = { provider: "email", externalId: "ada@example.org", address: owner };
  await limits.password(attempt, async () => "in");
  expect(new Set(prefixes).size).toBe(prefixes.length);
  // Neither the account nor the address can be read from what is kept.
  expect(keys.join()).not.toMatch(/ada|192/);

  class Broken extends RateLimiterMemory {
    override get(): Promise<never> {
      return Promise.reject(new Error("connect ECONNREFUSED"));
    }
  }
  const broken = new LoginLimits(settings, (options) => new Broken(options));
  expect(await refusalCode(broken.password(attempt, async () => "in"))).toBe("STORE_UNAVAILABLE");
});
