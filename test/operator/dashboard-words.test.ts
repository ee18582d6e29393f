// What the dashboard says: spans of time, forecasts, modes, settings, refusals and the audit list, in words.
import { describe, expect, it } from "vitest";
import { errorStatus } from "../../src/errors.ts";
import { liveQueueKinds } from "../../src/options/live-options.ts";

type Say = (...values: unknown[]) => string;

/** A module of the page: plain JavaScript, without types. */
async function load(name: string): Promise<Record<string, Say>> {
  return await import(new URL(`../../src/operator/dashboard/${name}.js`, import.meta.url).href);
}

const durations = await load("durations");
const modes = await load("mode-words");
const forecasts = await load("forecast-words");
const errors = await load("error-words");
const audit = await load("audit-words");
const previews = await load("preview");
const alerts = await load("alerts");
const accessForm = await load("access-form");
const settingWords = (await import(
  new URL("../../src/operator/dashboard/setting-words.js", import.meta.url).href
)) as unknown as {
  settings: Record<string, unknown>;
  leverNames: string[];
  moreNames: string[];
  sayChange: Say;
  fromField(name: string, text: string): { value?: unknown; problem?: string };
  toField: Say;
};

describe("a span of time", () => {
  it.each([
    [0, "0 s"],
    [0.4, "0 s"],
    [40, "40 s"],
    [99.4, "99 s"],
    [100, "2 min"],
    [240, "4 min"],
    [99 * 60, "99 min"],
    [6_000, "1.7 h"],
    [36_000, "10 h"],
    [48 * 3_600, "2 days"],
    [null, "–"],
    [Number.POSITIVE_INFINITY, "–"],
  ])("%s seconds: %s", (seconds, words) => {
    expect(durations["saySpan"]?.(seconds)).toBe(words);
  });

  it.each([
    [{ expected: 240, low: 120, high: 420 }, "about 4 min (2–7 min)"],
    [{ expected: 100, low: 50, high: 240 }, "about 2 min (50 s – 4 min)"],
    [{ expected: 240, low: 120, high: null }, "about 4 min (2 min or more)"],
    [{ expected: 0, low: 0, high: 0 }, "about 0 s"],
  ])("with its range: %j", (range, words) => {
    expect(durations["saySpanRange"]?.(range)).toBe(words);
  });

  it.each([
    [500, "just now"],
    [12_000, "12 seconds ago"],
    [180_000, "3 minutes ago"],
    [3 * 3_600_000, "3 hours ago"],
    [5 * 86_400_000, "5 days ago"],
    [-9_000, "just now"],
  ])("%s ms ago: %s", (ms, words) => {
    expect(durations["sayAgo"]?.(ms)).toBe(words);
  });
});

it.each([
  [12_345, "12,345"],
  [undefined, "–"],
])("a count: %s", (count, words) => {
  expect(durations["sayCount"]?.(count)).toBe(words);
});

it.each([
  [0.126, "0.13"],
  [48.23, "48.2"],
  [512.6, "513"],
  [Number.NaN, "–"],
])("a rate: %s", (rate, words) => {
  expect(durations["sayRate"]?.(rate)).toBe(words);
});

describe("a forecast", () => {
  const now = {
    waiting: 500,
    settings: { mode: "auto" },
    pacePerSecond: 1,
    paceSetBy: "limit",
    emptyInSeconds: { expected: 660, low: 480, high: 900 },
    lastWaitSeconds: { expected: 660, low: 480, high: 900 },
  };
  const then = {
    ...now,
    pacePerSecond: 50,
    paceSetBy: "rate",
    emptyInSeconds: { expected: 240, low: 120, high: 420 },
    lastWaitSeconds: { expected: 200, low: 120, high: 420 },
  };
  const never = { ...now, emptyInSeconds: null, lastWaitSeconds: null, neverEmptyBecause: "mode" };

  it("says what a change would do beside what holds", () => {
    expect(forecasts["sayWhatIf"]?.(now, then)).toBe(
      "The queue empties in about 4 min (2–7 min), instead of about 11 min (8–15 min). The last one waits about 3 min (2–7 min).",
    );
    expect(forecasts["sayWhatIf"]?.(now, now)).toMatch(/, as it does now\. /);
    expect(forecasts["sayWhatIf"]?.(now, never)).toBe(
      "When the queue is empty: never: nobody is admitted in this mode; as it is now, in about 11 min (8–15 min).",
    );
    expect(forecasts["sayWhatIf"]?.(never, then)).toMatch(/as it is now, never: nobody is admitted in this mode\./);
    expect(forecasts["sayWhatIf"]?.(now, { ...then, waiting: 0 })).toMatch(/^Nobody waits at the moment\./);
  });

  it.each(["arrivals", "mode", "limit", "departuresUnknown"])("says why the queue does not empty: %s", (reason) => {
    const words = forecasts["sayEmpty"]?.({ ...never, neverEmptyBecause: reason });
    expect(words).toMatch(/^(?:never|not known): /);
  });

  it("says what sets the pace", () => {
    const say = forecasts["sayPace"];
    expect(say?.(now)).toMatch(/^1 per second: the limit/);
    expect(say?.(then)).toMatch(/^50 per second: as fast/);
    expect(say?.({ pacePerSecond: null, paceSetBy: "unknown", settings: { mode: "auto" } })).toMatch(/not known/);
    expect(say?.({ pacePerSecond: null, paceSetBy: "mode", settings: { mode: "open" } })).toBe(
      "Everybody is let in at once.",
    );
    expect(say?.({ pacePerSecond: 0, paceSetBy: "mode", settings: { mode: "paused" } })).toMatch(/^Nobody/);
  });
});

describe("a change", () => {
  const queue = { mode: "auto", waiting: 500, liveSlots: 80, targetLoginRatePerSecond: 5 };

  it.each(Object.keys({ auto: 0, always: 0, paused: 0, closed: 0, open: 0 }))(
    "of the mode to %s has words of its own",
    (mode) => {
      expect(liveQueueKinds.mode.safeParse(mode).success).toBe(true);
      expect(modes["sayModeName"]?.(mode)).not.toBe(mode);
      expect(modes["sayModeChange"]?.("auto", mode, 0)).toMatch(/\.$/);
    },
  );

  it("of the mode says what becomes of those who wait", () => {
    const say = modes["sayModeChange"];
    expect(say?.("auto", "paused", 500)).toMatch(/All 500 who wait will stand still/);
    expect(say?.("auto", "open", 1)).toMatch(/The one who waits will be let in at once/);
    expect(say?.("paused", "auto", 2)).toMatch(/All 2 who wait will move on/);
  });

  it.each([
    [{ targetCcuLimit: 0 }, /nobody is admitted/i],
    [{ targetCcuLimit: 50 }, /80 slots are in use: nobody is thrown out/],
    [{ targetCcuLimit: 200 }, /120 slots would be free/],
    [{ targetLoginRatePerSecond: 51 }, /more than ten times/],
    [{ notice: "hello" }, /All 500 who wait, and everybody who comes, will read it/],
    [{ notice: "" }, /no notice any more/],
    [{ mode: "paused" }, /Nobody is admitted\. .* All 500/],
  ])("%j says its consequences", (patch, words) => {
    expect([previews["sayConsequences"]?.(patch, queue)].flat().join(" ")).toMatch(words);
  });

  it("is said as before and after", () => {
    expect(
      settingWords.sayChange({ targetCcuLimit: 100, mode: "auto" }, { targetCcuLimit: 20_000, mode: "paused" }),
    ).toBe("Limit 100 → 20,000; Mode Automatic → Paused");
    expect(settingWords.sayChange({ notice: "" }, { notice: "hi" })).toBe("Notice none → “\u2068hi\u2069”");
    const long = settingWords.sayChange({ notice: "" }, { notice: `\u202E${"x".repeat(400)}` });
    expect(long).toMatch(/^Notice none → “\u2068\u202Ex{79}…\u2069”$/u);
    expect(settingWords.sayChange({ maxQueueLength: 5 }, { maxQueueLength: 0 })).toBe(
      "Longest queue 5 → 0 (any number)",
    );
    expect(settingWords.sayChange({ loginBurst: 5 }, { loginBurst: null })).toBe("Burst 5 → as the options say");
  });
});

describe("a setting", () => {
  it("of every name has a place on the page", () => {
    const shown = [...settingWords.leverNames, ...settingWords.moreNames].sort();
    expect(shown).toEqual([...Object.keys(liveQueueKinds), "notice"].sort());
  });

  it.each([
    ["targetCcuLimit", "200", { value: 200 }],
    ["targetCcuLimit", " 0 ", { value: 0 }],
    ["targetLoginRatePerSecond", "0.5", { value: 0.5 }],
    ["notice", " as typed ", { value: " as typed " }],
    ["lanes", "normal: 1\n\nvip:3", { value: { normal: 1, vip: 3 } }],
  ])("%s is read from %j", (name, text, read) => {
    expect(settingWords.fromField(name, text)).toEqual(read);
  });

  it.each([
    ["targetCcuLimit", ""],
    ["targetCcuLimit", "1.5"],
    ["targetCcuLimit", "-1"],
    ["targetCcuLimit", "many"],
    ["targetLoginRatePerSecond", "0"],
    ["targetCcuLimit", "12abc"],
    ["targetCcuLimit", "1e99"],
    ["targetCcuLimit", "99999999999999999999"],
    ["targetLoginRatePerSecond", "1,000"],
    ["targetLoginRatePerSecond", "0x10"],
    ["loginBurst", "0.5"],
    ["safetyMarginPercent", "101"],
    ["lanes", ""],
    ["lanes", "vip"],
    ["lanes", "vip: 1\nvip: 3"],
  ])("%s refuses %j in words", (name, text) => {
    expect(settingWords.fromField(name, text)).toEqual({ problem: expect.stringMatching(/\.$/) });
  });

  it("goes into its field and out of it unchanged", () => {
    for (const [name, value] of [
      ["lanes", { normal: 1, vip: 0.5 }],
      ["targetLoginRatePerSecond", 12.5],
      ["notice", "Zoë\n🎮"],
    ] as const) {
      expect(settingWords.fromField(name, settingWords.toField(name, value))).toEqual({ value });
    }
  });
});

describe("a refusal", () => {
  const codes = ["TOKEN_INVALID", "TOKEN_EXPIRED", "FORBIDDEN", "NOT_FOUND", "CONFLICT", "INVALID_REQUEST"];

  it.each([...codes, "PAYLOAD_TOO_LARGE", "STORE_UNAVAILABLE", "NETWORK", "TIMEOUT", "UNEXPECTED_ANSWER"])(
    "%s has words",
    (code) => {
      const words = errors["sayError"]?.({ code, message: "" });
      expect(words).toMatch(/\.$/);
      expect(words).not.toMatch(/undefined|NaN|null|^That failed/);
    },
  );

  it.each(["STORE_UNAVAILABLE", "INTERNAL", "NETWORK", "TIMEOUT", "UNEXPECTED_ANSWER"])(
    "%s of a change says that nobody knows whether it was made, and of a look does not",
    (code) => {
      const words = /It is not known whether the change was made/;
      expect(errors["sayError"]?.({ code, message: "", isOfChange: true })).toMatch(words);
      expect(errors["sayError"]?.({ code, message: "", isOfChange: false })).not.toMatch(words);
      expect(errors["sayError"]?.({ code: "CONFLICT", message: "", isOfChange: true })).not.toMatch(words);
    },
  );

  it("names the scope that is missing", () => {
    const error = { code: "FORBIDDEN", message: "The token lacks the scope queue:write." };
    expect(errors["sayError"]?.(error)).toBe("Your token lacks the scope queue:write.");
    expect(errors["saySignInError"]?.({ ...error, message: "The token lacks the scope status:read." })).toMatch(
      /good.*status:read/,
    );
  });

  it("signs out for the token's own faults alone", () => {
    const signingOut = Object.keys(errorStatus).filter((code) => errors["isSignedOutBy"]?.({ code }));
    expect(signingOut).toEqual(["TOKEN_INVALID", "TOKEN_EXPIRED"]);
  });
});

describe("a warning", () => {
  const open = { modeNow: "open", mode: "open", allow: {}, opensAt: null, closesAt: null };
  const status = { asOf: 1_000, queue: null, process: {}, access: open };
  const said = (...values: unknown[]): string => [alerts["warningsOf"]?.(...values)].flat().join(" ");

  it("tells of access that is limited, whom it lets in, and when it opens", () => {
    expect(said(status)).toBe("");
    const limited = { ...open, modeNow: "limited", allow: { userIds: ["a"], groups: [], rule: null } };
    expect(said({ ...status, access: limited })).toBe("Access is limited: only 1 user may come in.");
    expect(said({ ...status, access: { ...limited, allow: {} } })).toBe("Access is limited: nobody may come in.");
    expect(said({ ...status, access: { ...limited, opensAt: 2_000 } })).toMatch(/It opens to everybody at .+\./);
    expect(said({ ...status, access: { ...limited, opensAt: 500 } })).not.toMatch(/opens/);
  });

  it("tells of a clock that is wrong, either way", () => {
    expect(said(status, 59_000)).toBe("");
    expect(said(status, 300_000)).toMatch(/^This device's clock is 5 min behind the server's\./);
    expect(said(status, -300_000)).toMatch(/^This device's clock is 5 min ahead of the server's\./);
  });
});

it("rules that name nobody shut everybody out, in these words", () => {
  const rules = { mode: "limited", allow: {}, opensAt: null, closesAt: null };
  const words = [accessForm["sayRules"]?.(rules, modes["sayAllowed"], String)].flat().join(" ");
  expect(words).toMatch(/^Nobody may come in\. Everybody is refused/);
});

describe("an entry of the audit list", () => {
  it("says what was done", () => {
    expect(audit["sayAction"]?.("queue.configure")).toBe("Change the queue");
    expect(audit["sayAction"]?.("sessions.read")).toBe("Look at sessions");
    expect(audit["sayAction"]?.("something.new")).toBe("something.new");
    expect(audit["sayOutcome"]?.("CONFLICT")).toBe("Refused: CONFLICT");
  });

  it("says what was before and after", () => {
    const say = audit["sayBeforeAfter"];
    expect(say?.({ before: { targetCcuLimit: 1 }, after: { targetCcuLimit: 2 } })).toEqual(["Limit: 1 → 2"]);
    expect(say?.({ before: null, after: { reason: "x", until: null }, reason: "x" })).toEqual(["until: never"]);
    expect(say?.({ before: null, after: null })).toEqual([]);
    expect(say?.({ before: null, after: { allow: { userIds: ["a"], groups: [], rule: null } } })).toEqual([
      "allow: 1 user",
    ]);
    expect(say?.({ before: null, after: { lanes: "300 entries", __proto__: null } })).toEqual([
      "Lanes: “\u2068300 entries\u2069”",
    ]);
  });
});
