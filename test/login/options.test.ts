// Every wrong option is told with its name, what was expected and what came; keys and secrets are never shown.
import { describe, expect, it } from "vitest";
import { anonymousProvider } from "../../src/accounts/anonymous.ts";
import { createLogin } from "../../src/login.ts";
import { resolveOptions } from "../../src/options/options.ts";
import { memoryStore } from "../../src/stores/memory/memory-store.ts";
import type { StoreFactory } from "../../src/stores/store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";
import { newKey, refreshSecrets } from "./keys.ts";

/** What the options are refused with. */
function refusal(options: unknown): string {
  try {
    resolveOptions(options);
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
  throw new Error("the options were taken");
}

/** An object with one value at the end of a path. */
function at(path: string, value: unknown): unknown {
  return path.split(".").reduceRight((inner, name) => ({ [name]: inner }), value);
}

const aboveZero = "a number above 0";
const wholeAboveZero = "a whole number above 0";
const zeroOrMore = "a number, 0 or more";
const wholeOrMore = "a whole number, 0 or more";
const flag = "true or false";
const notEmpty = "a string that is not empty";

const wrong: readonly [option: string, expected: string, ...values: unknown[]][] = [
  ["tokens", "an object", 7],
  ["tokens.issuer", notEmpty, "", 7],
  ["tokens.algorithm", 'one of "RS256", "ES256", "EdDSA"', "HS256", "none"],
  ["tokens.tokenExpirationMinutes", aboveZero, 0, -1, "60", Number.NaN, Number.POSITIVE_INFINITY],
  ["tokens.tokenRefreshMinutes", aboveZero, 0],
  ["tokens.tokenRefreshVarianceMinutes", zeroOrMore, -1],
  ["tokens.refreshTokenExpirationMinutes", aboveZero, 0],
  ["tokens.sessionMaxMinutes", aboveZero, null],
  ["tokens.operatorTokenExpirationMinutes", aboveZero, 0, -1, "60"],
  ["tokens.partnerTokenExpirationHours", aboveZero, 0, Number.POSITIVE_INFINITY],
  ["tokens.emailTokenExpirationMinutes", aboveZero, 0],
  ["tokens.refreshGraceSeconds", zeroOrMore, -1],
  ["providers", "an object of identity providers by name", []],
  ["providers.device", "an identity provider", {}, "device"],
  ["accounts", "what memoryAccounts() or its like returns", {}],
  ["hooks", "an object of functions", 7],
  ["hooks.beforeAuthenticate", "a function", 7],
  ["loginData", "an object of jobs by name", [], 7],
  ["loginData.inventory", "a function, or an object with run", 7, null],
  ["loginData.inventory.run", "a function", 7],
  ["loginDataTimeoutSeconds", aboveZero, 0],
  ["loginDataJobTimeoutSeconds", aboveZero, 0, "5"],
  ["loginLimits", "an object", 5],
  ["loginLimits.failuresPerLogin", wholeAboveZero, 0, 1.5],
  ["loginLimits.failuresPerAddress", wholeAboveZero, -1],
  ["loginLimits.registrationsPerHour", wholeAboveZero, "60"],
  ["loginLimits.mailsPerHour", wholeAboveZero, Number.POSITIVE_INFINITY],
  ["accessRules", "an object of functions by name", []],
  ["accessRules.testers", "a function", true],
  ["queue", "an object", true],
  ["queue.mode", 'one of "auto", "always", "paused", "closed", "open"', "fast"],
  ["queue.targetLoginRatePerSecond", aboveZero, 0],
  ["queue.loginBurst", "a number, 1 or more", 0.5],
  ["queue.targetCcuLimit", wholeOrMore, -1, 1.5, "5"],
  ["queue.safetyMarginPercent", "a number from 0 to 100", -1, 101],
  ["queue.estimatedSecondsToLogin", zeroOrMore, -1],
  ["queue.maxCheckTicketPollTimeSeconds", aboveZero, 0],
  ["queue.devLoginQueueBypass", flag, "yes"],
  ["queue.updateIntervalSeconds", aboveZero, 0],
  ["queue.heartbeatSeconds", aboveZero, 0],
  ["queue.maxClientsPerQueueRoom", wholeAboveZero, 0, 1.5],
  ["queue.queueGraceSeconds", aboveZero, 0],
  ["queue.playerGraceSeconds", aboveZero, 0],
  ["queue.passSeconds", aboveZero, 0],
  ["queue.restoreSeconds", zeroOrMore, -1],
  ["queue.pollPresentSeconds", aboveZero, 0],
  ["queue.maxQueueLength", wholeOrMore, -1],
  ["queue.idleMinutes", zeroOrMore, -1],
  ["queue.maxTicketsPerIp", wholeOrMore, -1],
  ["queue.idleMinutes", zeroOrMore, -1],
  ["queue.lanes", "an object of weights by lane", []],
  ["queue.lanes", "at least one lane", {}],
  ["queue.lane", "a function", "vip"],
  ["store", "what memoryStore() or its like returns", {}],
  ["concurrentSessions", '"many", "one" or a whole number above 0', "two", 0, 1.5],
  ["onExceeded", 'one of "replace", "reject"', "ignore"],
  ["maxSocketsPerSession", wholeAboveZero, 0, 10n],
  ["trustedProxyHops", wholeOrMore, -1, 0.5],
  ["closeSocketsOnExpiry", flag, 1],
  ["disconnectSockets", flag, "true"],
  ["gameShardId", "1 to 64 letters, digits, ., - or _", "", "a b", "x".repeat(65)],
  ["verify", 'one of "strict", "cached"', "never", true],
  ["feedLeaseSeconds", aboveZero, 0, "3"],
  ["prefix", 'a path such as "/auth"', "auth", "/auth/", "/", ""],
  ["logger", "an object with the functions debug, info, warn and error", 7, {}],
];

/** How a value is shown. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "bigint" ? "a bigint" : String(value);
}

describe("a wrong value", () => {
  const cases = wrong.flatMap(([option, expected, ...values]) => values.map((value) => ({ option, expected, value })));

  it.each(cases)("of $option: $value", ({ option, expected, value }) => {
    expect(refusal(at(option, value))).toBe(`defineLogin: option ${option}: expected ${expected}, got ${shown(value)}`);
  });

  it.each([0, -1, "1"])("of a lane's weight: %j", (weight) => {
    const message = refusal({ queue: { lanes: { vip: weight } } });
    expect(message).toMatch(/^defineLogin: option queue\.lanes\.vip: expected a number .*, got /);
    expect(message).toContain(`got ${shown(weight)}`);
  });

  it("is known for every option there is", () => {
    const known = new Set(wrong.map(([option]) => option));
    const named = (values: object, prefix: string) => Object.keys(values).map((name) => `${prefix}${name}`);
    const { tokens, queue, ...top } = resolveOptions({ queue: {} });
    const inside = [...named(tokens, "tokens."), ...named(queue ?? {}, "queue.")];
    for (const option of [...named(top, ""), ...named(top.loginLimits, "loginLimits."), ...inside]) {
      expect(known, option).toContain(option);
    }
  });

  it("of the whole", () => {
    expect(refusal(null)).toBe("defineLogin: expected an object of options, got null");
    expect(refusal("options")).toBe('defineLogin: expected an object of options, got "options"');
  });
});

describe("a wrong name", () => {
  it.each(["queu", "tokens.secret", "queue.targetCCULimit", "hooks.beforeAuthentication", "__proto__x"])(
    "%s",
    (name) => {
      expect(refusal(at(name, () => {}))).toBe(`defineLogin: there is no option ${name}`);
    },
  );

  it("of a provider or a lane", () => {
    const expected = "expected 1 to 32 letters, digits, - or _ as a name";
    expect(refusal({ providers: { "a b": anonymousProvider() } })).toBe(
      `defineLogin: option providers: ${expected}, got "a b"`,
    );
    expect(refusal({ queue: { lanes: { "": 1 } } })).toBe(`defineLogin: option queue.lanes: ${expected}, got ""`);
  });
});

describe("S10 keys and secrets are never shown", () => {
  const secret = "hunter2-and-some-more-of-it";

  it.each([
    ["tokens.keys", secret, "an object of keys", "a string"],
    ["tokens.keys.current", 7, "a private key, as a JWK object or a PEM string", "a number"],
    ["tokens.keys.current", [secret], "a private key, as a JWK object or a PEM string", "an array"],
    ["tokens.refreshSecrets", secret, "an object of secrets", "a string"],
    ["tokens.refreshSecrets.current", "", notEmpty, "a string"],
    ["tokens.refreshSecrets.current", { secret }, notEmpty, "an object"],
  ])("%s: %j", (option, value, expected, kind) => {
    expect(refusal(at(option, value))).toBe(`defineLogin: option ${option}: expected ${expected}, got ${kind}`);
  });

  it("nor in lists, nor where the kind is right and the rest is not", () => {
    const current = newKey();
    expect(refusal({ tokens: { keys: { current, previous: secret } } })).toMatch(
      /previous: expected .*, got a string$/,
    );
    expect(refusal({ tokens: { refreshSecrets: { current: "x", previous: [7] } } })).toMatch(
      /previous\.0: .* a number$/,
    );
    for (const key of [
      secret,
      { ...current, d: secret },
      { kty: "oct", k: secret },
      `${"-".repeat(5)}BEGIN ${secret}`,
    ]) {
      const options = resolveOptions({ tokens: { keys: { current: key } }, logger: recordingLogger() });
      const open = () => createLogin(options, new ManualClock());
      expect(open).toThrow(TypeError);
      expect(open).toThrow(/^tokens\.keys\.current: expected a private key/);
      expect(open).not.toThrow(secret);
    }
  });
});

describe("a store that processes share", () => {
  const shared: StoreFactory = Object.assign(memoryStore(), { shared: true } as const);
  const open = (tokens: object) => () =>
    createLogin(resolveOptions({ tokens, store: shared, logger: recordingLogger() }), new ManualClock());
  const keys = { current: newKey() };

  it.each([
    ["tokens.keys", "signing keys", { refreshSecrets }],
    ["tokens.refreshSecrets", "secrets", { keys }],
  ])("asks for %s", (option, expected, tokens) => {
    const message = `defineLogin: option ${option}: expected ${expected} with a store that processes share`;
    expect(open(tokens)).toThrow(new TypeError(message));
  });

  it("takes both", async () => {
    await open({ keys, refreshSecrets })().shutdown();
  });
});

describe("left out", () => {
  it("every option has the default that the docs name", () => {
    const { tokens, queue } = resolveOptions({ queue: {} });
    expect(tokens).toMatchObject({
      issuer: "colyseus-login",
      algorithm: "RS256",
      tokenExpirationMinutes: 1_440,
      tokenRefreshMinutes: 45,
      tokenRefreshVarianceMinutes: 5,
      refreshTokenExpirationMinutes: 43_200,
      sessionMaxMinutes: 129_600,
      operatorTokenExpirationMinutes: 2_880,
      partnerTokenExpirationHours: 876_000,
      emailTokenExpirationMinutes: 10_080,
      refreshGraceSeconds: 10,
    });
    expect(queue).toMatchObject({
      mode: "auto",
      targetLoginRatePerSecond: 50,
      targetCcuLimit: 10_000,
      estimatedSecondsToLogin: 10,
      maxCheckTicketPollTimeSeconds: 300,
      queueGraceSeconds: 90,
      playerGraceSeconds: 300,
      passSeconds: 30,
      restoreSeconds: 10,
      pollPresentSeconds: 15,
      heartbeatSeconds: 5,
      maxClientsPerQueueRoom: 2_000,
      maxQueueLength: 0,
      maxTicketsPerIp: 0,
      idleMinutes: 0,
    });
    expect(resolveOptions({}).trustedProxyHops).toBe(0);
    expect(resolveOptions({})).toMatchObject({ prefix: "/auth", maxSocketsPerSession: 8, closeSocketsOnExpiry: true });
    expect(resolveOptions({}).queue).toBeUndefined();
  });

  it("the keys and secrets of development are made, and one line says so", () => {
    const logger = recordingLogger();
    createLogin(resolveOptions({ tokens: { algorithm: "EdDSA" }, logger }), new ManualClock());
    expect(logger.lines).toEqual([
      { level: "warn", text: expect.stringContaining("tokens.keys and tokens.refreshSecrets not configured") },
      { level: "info", text: "colyseus-login: started, with sessions in memory and no queue" },
    ]);
  });
});
