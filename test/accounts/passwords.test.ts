// How passwords are hashed and checked.
import { scryptSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkScryptCost, defaultScryptCost, Passwords } from "../../src/accounts/passwords.ts";
import { refusalCode } from "../sessions/setup.ts";

const cheap = { ln: 4, r: 8, p: 1 };

describe("S49 a password's hash", () => {
  it("is scrypt with N = 2^15, r = 8, p = 3, a salt of its own and its parameters beside it", async () => {
    const passwords = new Passwords();
    const [a, b] = await Promise.all([passwords.hash("a horse"), passwords.hash("a horse")]);
    const [, scheme, parameters, salt = "", hash = ""] = a.split("$");
    expect([scheme, parameters]).toEqual(["scrypt", "ln=15,r=8,p=3"]);
    expect(b.split("$")[3]).not.toBe(salt);
    expect(Buffer.from(salt, "base64")).toHaveLength(16);
    const options = { N: 2 ** 15, r: 8, p: 3, maxmem: 2 ** 26 };
    const expected = scryptSync("a horse", Buffer.from(salt, "base64"), 32, options).toString("base64");
    expect(`${hash}=`).toBe(expected);
    expect(await passwords.matches("a horse", a)).toBe(true);
    expect(await passwords.matches("A horse", a)).toBe(false);
  });

  it("made elsewhere with other parameters is checked by its own, and known as outdated", async () => {
    const old = new Passwords(cheap);
    const now = new Passwords({ ln: 5, r: 8, p: 1 });
    const hash = await old.hash("a horse");
    expect(await now.matches("a horse", hash)).toBe(true);
    expect(await now.matches("a cow", hash)).toBe(false);
    expect([now.isOutdated(hash), old.isOutdated(hash)]).toEqual([true, false]);
  });

  it("takes the same letters from every keyboard, and all of them", async () => {
    const passwords = new Passwords(cheap);
    const hash = await passwords.hash("José ﬁn".repeat(50));
    expect(await passwords.matches("Jose\u0301 fin".repeat(50), hash)).toBe(true);
    expect(await passwords.matches(`${"José fin".repeat(49)}José fi`, hash)).toBe(false);
  });

  it("that is none is a fault, not a password", async () => {
    const passwords = new Passwords(cheap);
    for (const hash of [
      "",
      "x",
      "$scrypt$ln=4,r=8,p=1$$",
      "$argon2id$v=19$m=1,t=1,p=1$c2FsdHNhbHQ$aGFzaA",
      "$scrypt$ln=60,r=8,p=1$AAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAA",
    ]) {
      await expect(passwords.matches("", hash)).rejects.toThrow("no scrypt hash");
    }
  });

  it("costs what S49 asks for at least, and no more than a server has", () => {
    for (const cost of [defaultScryptCost, { ln: 17, r: 8, p: 1 }, { ln: 16, r: 8, p: 2 }, { ln: 13, r: 8, p: 12 }]) {
      expect(checkScryptCost(cost, "scrypt")).toEqual(cost);
    }
    for (const cost of [
      cheap,
      { ln: 15, r: 8, p: 2 },
      { ln: 12, r: 8, p: 32 },
      { ln: 21, r: 8, p: 3 },
      { ln: 20, r: 16, p: 1 },
      { ln: 15.5, r: 8, p: 3 },
      { ln: Number.NaN, r: 8, p: 3 },
    ]) {
      expect(() => checkScryptCost(cost, "scrypt")).toThrow(TypeError);
    }
  });
});

describe("S50 an unknown account", () => {
  it("is checked against a hash that costs as much, and never matches", async () => {
    const passwords = new Passwords({ ln: 15, r: 8, p: 1 });
    const hash = await passwords.hash("a horse");
    const cpu = async (known: string | null) => {
      const before = process.cpuUsage();
      expect(await passwords.matches("another", known)).toBe(false);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    // Time on the processor, the least of several: what else the machine does is not in it.
    const times = { known: Number.POSITIVE_INFINITY, unknown: Number.POSITIVE_INFINITY };
    for (let round = 0; round < 5; round += 1) {
      times.known = Math.min(times.known, await cpu(hash));
      times.unknown = Math.min(times.unknown, await cpu(null));
    }
    expect(times.unknown / times.known).toBeGreaterThan(0.5);
    expect(times.unknown / times.known).toBeLessThan(2);
  });
});

describe("S49 many at once", () => {
  it("wait for their turn, and beyond a bound are sent away", async () => {
    const passwords = new Passwords(cheap);
    const calls = Array.from({ length: 100 }, () => passwords.hash("a horse"));
    const answers = await Promise.allSettled(calls);
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(66);
    expect(await refusalCode(calls.at(-1) ?? Promise.resolve())).toBe("TOO_MANY_REQUESTS");
    await expect(calls.at(-1)).rejects.toMatchObject({ details: { retryAfterSeconds: 5 } });
    // The turns of those who are done are free again, those of failed ones too.
    await passwords.matches("a horse", null);
    expect(await Promise.all(Array.from({ length: 66 }, () => passwords.matches("x", null)))).not.toContain(true);
  });
});
