// The program: what it prints is what a server takes, and what is wrong is told on standard error alone. A few lines run as
// child processes, to show what a shell sees; the tables ask the function behind.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { run } from "../../src/cli/run.ts";
import { systemClock } from "../../src/clock.ts";
import { createLogin } from "../../src/login.ts";
import { resolveOptions } from "../../src/options/options.ts";
import { operatorScopes } from "../../src/tokens/scopes.ts";
import { recordingLogger } from "../support/recording-logger.ts";

const program = join(import.meta.dirname, "../../src/cli/main.ts");
const folder = mkdtempSync(join(tmpdir(), "colyseus-login-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Result {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the program as a shell does; the environment is the machine's but for LOGIN_CONFIG. */
function child(args: readonly string[], config?: string): Promise<Result> {
  const { LOGIN_CONFIG: _ours, ...env } = process.env;
  return new Promise((resolve) => {
    const options = { env: config === undefined ? env : { ...env, LOGIN_CONFIG: config } };
    const process_ = execFile(process.execPath, [program, ...args], options, (_error, out, err) => {
      resolve({ status: process_.exitCode ?? -1, out, err });
    });
  });
}

/** The same without a process. */
async function cli(args: readonly string[], config?: string): Promise<Result> {
  const out: string[] = [];
  const err: string[] = [];
  const status = await run(args, {
    env: config === undefined ? {} : { LOGIN_CONFIG: config },
    print: (text) => void out.push(`${text}\n`),
    complain: (text) => void err.push(`${text}\n`),
  });
  return { status, out: out.join(""), err: err.join("") };
}

async function output(args: readonly string[], config?: string): Promise<string> {
  const { status, out, err } = await cli(args, config);
  expect(err).toBe("");
  expect(status).toBe(0);
  return out;
}

/** A login of a server with this configuration. */
function server(tokens: object) {
  return createLogin(resolveOptions({ tokens, logger: recordingLogger() }), systemClock);
}

let printed = "";
beforeAll(async () => {
  printed = await output(["keys", "--algorithm", "EdDSA"]);
});
afterEach(() => vi.unstubAllEnvs());

describe("as a child process", () => {
  it("prints keys, and a token alone on standard output, from the environment and from a file", async () => {
    const keys = await child(["keys", "--algorithm", "ES256"]);
    expect([keys.status, keys.err]).toEqual([0, ""]);
    const file = join(folder, "printed.json");
    writeFileSync(file, keys.out);
    const [byEnv, byFile] = await Promise.all([
      child(["token", "operator", "--name", "Ada", "--scope", "status:read"], keys.out),
      child(["token", "partner", "--name", "shop", "--config", file]),
    ]);
    const { kid } = JSON.parse(keys.out).keys.current;
    for (const { status, out, err } of [byEnv, byFile]) {
      expect([status, err]).toEqual([0, ""]);
      expect(out).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
      expect(decodeProtectedHeader(out.trim()).kid).toBe(kid);
    }
    expect(decodeJwt(byEnv.out.trim())).toMatchObject({ aud: "operator", name: "Ada", scopes: ["status:read"] });
    expect(decodeJwt(byFile.out.trim())).toMatchObject({ aud: "partner", name: "shop", scopes: operatorScopes });
  });

  it("tells what is wrong on standard error, by its status too", async () => {
    const [config, usage] = await Promise.all([
      child(["token", "operator", "--name", "x"]),
      child(["token", "operator"]),
    ]);
    expect(config).toEqual({
      status: 1,
      out: "",
      err: expect.stringMatching(/^colyseus-login: LOGIN_CONFIG is empty.*\n$/),
    });
    expect(usage).toEqual({ status: 2, out: "", err: expect.stringContaining("Usage: colyseus-login keys") });
  });
});

describe("keys", () => {
  it.each([
    [[], "RS256"],
    [["--algorithm", "RS256"], "RS256"],
    [["--algorithm=ES256"], "ES256"],
    [["--algorithm", "EdDSA"], "EdDSA"],
  ])("%j prints one line of JSON with a key of %s and a refresh secret", async (args, algorithm) => {
    const text = await output(["keys", ...args]);
    expect(text).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(text)).toEqual({
      keys: {
        current: expect.objectContaining({
          kid: expect.any(String),
          alg: algorithm,
          use: "sig",
          d: expect.any(String),
        }),
      },
      refreshSecrets: { current: expect.stringMatching(/^[\w-]{43}$/) },
    });
  });

  it("S08 prints what a server in production takes, and other ones each time", async () => {
    vi.stubEnv("NODE_ENV", "production");
    const login = server(JSON.parse(printed));
    const token = await login.tokens.issueOperatorToken({ name: "Ada" });
    expect(decodeProtectedHeader(token).kid).toBe(JSON.parse(printed).keys.current.kid);
    await login.shutdown();
    const again = JSON.parse(await output(["keys", "--algorithm", "EdDSA"]));
    expect(again.keys.current.d).not.toBe(JSON.parse(printed).keys.current.d);
    expect(again.refreshSecrets.current).not.toBe(JSON.parse(printed).refreshSecrets.current);
  });
});

describe("token", () => {
  it.each(["operator", "partner"])("%s prints a token alone, which the server takes", async (kind) => {
    const text = await output(["token", kind, "--name", "Ada the operator"], printed);
    expect(text).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const login = server(JSON.parse(printed));
    const operator = await login.tokens.verifyOperatorToken(text.trim(), "queue:write");
    expect(operator).toMatchObject({ kind, name: "Ada the operator", scopes: operatorScopes });
    await login.tokens.revoke(text.trim());
    await expect(login.tokens.verifyOperatorToken(text.trim(), "queue:write")).rejects.toMatchObject({
      code: "TOKEN_INVALID",
    });
    await login.shutdown();
  });

  it("has the scopes that are named", async () => {
    const text = await output(
      ["token", "partner", "--name", "shop", "--scope", "bans:write", "--scope=status:read"],
      printed,
    );
    expect(decodeJwt(text.trim())).toMatchObject({ name: "shop", scopes: ["status:read", "bans:write"] });
  });

  it("takes its keys from the configuration of the example, with its issuer and lifetimes", async () => {
    const tokens = { ...JSON.parse(printed), issuer: "https://game.example", operatorTokenExpirationMinutes: 5 };
    const config = JSON.stringify({ queue: { targetCcuLimit: 5 }, tokens });
    const { iss, iat = 0, exp = 0 } = decodeJwt((await output(["token", "operator", "--name", "x"], config)).trim());
    expect(iss).toBe("https://game.example");
    // Rounded outwards to the second.
    expect([300, 301]).toContain(exp - iat);
    const other = await output(["token", "operator", "--name", "x", "--issuer", "https://other.example"], config);
    expect(decodeJwt(other.trim()).iss).toBe("https://other.example");
  });

  it("lives as long as the defaults say", async () => {
    const [operator, partner] = await Promise.all(
      ["operator", "partner"].map(async (kind) =>
        decodeJwt((await output(["token", kind, "--name", "x"], printed)).trim()),
      ),
    );
    expect((operator?.exp ?? 0) - (operator?.iat ?? 0)).toBeCloseTo(2_880 * 60, -1);
    expect((partner?.exp ?? 0) - (partner?.iat ?? 0)).toBeCloseTo(876_000 * 3_600, -1);
  });

  it("takes its keys from a file, which goes before the environment", async () => {
    const file = join(folder, "keys.json");
    writeFileSync(file, await output(["keys", "--algorithm", "ES256"]));
    const text = await output(["token", "operator", "--name", "x", "--config", file], printed);
    expect(decodeProtectedHeader(text.trim()).alg).toBe("ES256");
  });
});

describe("a wrong configuration ends with status 1, words and nothing on standard output", () => {
  const secretKey = () => JSON.parse(printed).keys.current.d as string;
  const token = ["token", "operator", "--name", "x"];
  const wrong: [string, readonly string[], string | undefined, RegExp][] = [
    ["none", token, undefined, /LOGIN_CONFIG is empty/],
    ["an empty one", token, " ", /LOGIN_CONFIG is empty/],
    ["no JSON", token, "{keys: …}", /LOGIN_CONFIG is not JSON/],
    ["no object", token, "[]", /LOGIN_CONFIG has no keys/],
    ["no keys", token, '{"queue":{}}', /LOGIN_CONFIG has no keys/],
    ["no keys among the tokens", token, '{"tokens":{"issuer":"x"}}', /LOGIN_CONFIG has no keys/],
    ["a key that is none", token, '{"keys":{"current":"zzz"}}', /tokens\.keys\.current: expected a private key/],
    ["a misspelt option", token, '{"keys":{"current":"zzz"},"isuer":"x"}', /there is no option tokens\.isuer/],
    ["no such file", [...token, "--config", join(folder, "none.json")], undefined, /none\.json cannot be read/],
  ];
  it.each(wrong)("%s", async (_what, args, config, message) => {
    const { status, out, err } = await cli(args, config);
    expect([status, out]).toEqual([1, ""]);
    expect(err).toMatch(message);
    expect(err).toMatch(/^colyseus-login: .*\n$/);
  });

  it("S61 and no key in the words", async () => {
    const broken = printed.replace('"OKP"', '"RSA"');
    for (const config of [broken, printed.slice(0, -3), JSON.stringify({ tokens: { keys: secretKey() } })]) {
      const { status, err } = await cli(token, config);
      expect(status).toBe(1);
      expect(err).not.toContain(secretKey().slice(0, 10));
    }
  });
});

describe("a wrong line ends with status 2, words, the usage, and nothing on standard output", () => {
  it.each<[readonly string[], RegExp]>([
    [[], /no command/],
    [["serve"], /no command "serve"/],
    [["keys", "RS256"], /Unexpected argument 'RS256'/],
    [["keys", "--algorithm", "HS256"], /--algorithm: expected RS256, ES256, EdDSA, got "HS256"/],
    [["keys", "--algorithm"], /argument missing/],
    [["keys", "--bits", "4096"], /Unknown option '--bits'/],
    [["token"], /expected operator or partner, got nothing/],
    [["token", "player", "--name", "x"], /expected operator or partner, got "player"/],
    [["token", "operator"], /--name is missing/],
    [["token", "operator", "--name", ""], /--name: expected 1 to 64 characters/],
    [["token", "operator", "--name", "a\nb"], /--name: expected 1 to 64 characters/],
    [["token", "operator", "--name", "x", "--scope", "all"], /--scope: expected one of status:read, .*got "all"/],
    [["token", "operator", "--name", "x", "--scope", ""], /--scope: expected one of/],
  ])("%j", async (args, message) => {
    const { status, out, err } = await cli(args, printed);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toMatch(message);
    expect(err).toContain("Usage: colyseus-login keys");
  });
});

it.each([["--help"], ["-h"], ["help"], ["token", "--help"], ["keys", "-h"]])(
  "%j shows the usage, with every scope",
  async (...args) => {
    const text = await output(args);
    expect(text).toMatch(/^Usage: colyseus-login keys/);
    for (const scope of operatorScopes) expect(text).toContain(scope);
  },
);
