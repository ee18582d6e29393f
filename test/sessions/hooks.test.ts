// Hooks: what happens when the server's own code answers, refuses or fails.
import { describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { askBeforeAuthenticate, type LoginHooks, runHook, runListener } from "../../src/sessions/hooks.ts";
import { recordingLogger, refusal } from "./setup.ts";

const context = { provider: "device", headers: new Headers(), address: null };
const request = { provider: "device", userId: "user", username: "Ada", vars: { color: "red" } };
const ask = (hook?: LoginHooks["beforeAuthenticate"], logger = recordingLogger()) =>
  askBeforeAuthenticate(hook === undefined ? {} : { beforeAuthenticate: hook }, request, context, logger);

describe("beforeAuthenticate", () => {
  it("may be missing or say nothing", async () => {
    expect(await ask()).toEqual({});
    expect(await ask(() => {})).toEqual({});
    expect(await ask(async () => undefined)).toEqual({});
  });

  it("is given the request and its context, and no credentials", async () => {
    await ask((...given) => {
      expect(given).toEqual([request, context]);
    });
  });

  it("may change vars, set server vars and groups", async () => {
    const result = { vars: {}, serverVars: { level: "1" }, groups: ["vip"] };
    expect(await ask(() => result)).toEqual(result);
    expect(await ask(async () => result)).toEqual(result);
  });

  it("may refuse by a LoginError, which is not logged", async () => {
    const logger = recordingLogger();
    const refused = new LoginError("FORBIDDEN", "Not today.");
    const hook = () => {
      throw refused;
    };
    expect(await refusal(ask(hook, logger))).toBe(refused);
    expect(logger.lines).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("hunter2");
      },
    ],
    ["rejects", () => Promise.reject(new TypeError("hunter2"))],
    ["gives vars that are no strings", () => ({ vars: { level: 7 } })],
    ["gives null for vars", () => ({ vars: null })],
    ["gives vars by inheritance", () => ({ vars: Object.create({ level: "7" }) })],
    ["gives server vars beyond their limits", () => ({ serverVars: { level: "x".repeat(257) } })],
    ["gives groups that are no list", () => ({ groups: "vip" })],
    ["gives too many groups", () => ({ groups: Array.from({ length: 33 }, (_, i) => `g${i}`) })],
    ["gives groups that are no names", () => ({ groups: [1] })],
  ])("that %s refuses with FORBIDDEN and is logged", async (_name, hook) => {
    const logger = recordingLogger();
    const error = await refusal(ask(hook as LoginHooks["beforeAuthenticate"], logger));
    expect(error.toJSON()).toEqual({ code: "FORBIDDEN", message: "Refused by the server." });
    expect(error.cause).toBeUndefined();
    expect(logger.lines).toMatchObject([
      { level: "error", parts: ["colyseus-login: hook beforeAuthenticate failed", expect.any(Error)] },
    ]);
  });
});

it("runHook gives back what the hook gives", async () => {
  expect(await runHook("a hook", () => 7, recordingLogger())).toBe(7);
  expect(await runHook("a hook", async () => 7, recordingLogger())).toBe(7);
});

it("runListener never fails", async () => {
  const logger = recordingLogger();
  const failures = [
    () => {
      throw new Error("one");
    },
    async () => {
      throw new LoginError("FORBIDDEN", "two");
    },
  ];
  for (const listener of failures) await runListener("a listener", listener, logger);
  await runListener("a listener", () => {}, logger);
  expect(logger.lines.map(({ level }) => level)).toEqual(["error", "error"]);
});
