// What a server that runs with NODE_ENV=production refuses to start with.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLogin } from "../../src/login.ts";
import { type LoginOptions, resolveOptions } from "../../src/options/options.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";
import { newKey, refreshSecrets } from "./keys.ts";

const keys = { current: newKey() };
const short = "b5Xw9Lq2Tz7Rk4Nv1Mc8Hd3Jf6Gs0Pa".slice(0, 31);

function open(options: LoginOptions) {
  const logger = recordingLogger();
  createLogin(resolveOptions({ ...options, logger }), new ManualClock());
  return logger.lines;
}

const good = { keys, refreshSecrets };
const refused: readonly [what: string, options: LoginOptions, message: RegExp][] = [
  [
    "S08 no keys",
    { tokens: { refreshSecrets } },
    /option tokens\.keys: expected signing keys when NODE_ENV is production/,
  ],
  ["S08 no secrets", { tokens: { keys } }, /option tokens\.refreshSecrets: expected secrets when/],
  ["S08 a short secret", { tokens: { keys, refreshSecrets: { current: short } } }, /at least 32 characters/],
  [
    "S08 a short secret of before",
    { tokens: { keys, refreshSecrets: { ...refreshSecrets, previous: [short] } } },
    /tokens\.refreshSecrets: .* at least 32 characters/,
  ],
  [
    "S08 a long secret that is no random one",
    { tokens: { keys, refreshSecrets: { current: "secret-".repeat(6) } } },
    /tokens\.refreshSecrets: expected random secrets/,
  ],
  [
    "S46 devLoginQueueBypass",
    { tokens: good, queue: { devLoginQueueBypass: true } },
    /option queue\.devLoginQueueBypass: expected false when NODE_ENV is production/,
  ],
];

describe("in production", () => {
  beforeEach(() => {
    vi.stubEnv("NODE_ENV", "production");
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each(refused)("%s is refused, and no secret is told", (_what, options, message) => {
    expect(() => open(options)).toThrow(TypeError);
    expect(() => open(options)).toThrow(message);
    expect(() => open(options)).not.toThrow(short);
  });

  it("S08 configured keys and random secrets start without a warning", () => {
    expect(open({ tokens: good, queue: {} })).toMatchObject([{ level: "info" }]);
  });
});

describe("elsewhere", () => {
  it.each(refused)("%s starts, and a warning says so where nobody configured it", (_what, options) => {
    const isConfigured = options.tokens?.keys !== undefined && options.tokens.refreshSecrets !== undefined;
    const lines = open({ ...options, tokens: { algorithm: "EdDSA", ...options.tokens } });
    const warnings = lines.filter(({ level }) => level !== "info");
    const expected = isConfigured && options.queue === undefined ? 0 : 1;
    expect(warnings.map(({ level }) => level)).toEqual(Array.from({ length: expected }, () => "warn"));
  });
});
