// `npm run cluster`: what it starts, that all of it is one system, and that nothing of it is left when it ends, however it ends.
import { afterEach, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { ExampleProgram } from "./support/example.ts";
import { newTokens } from "./support/keys.ts";
import { runTokenCommand } from "./support/operator.ts";

const json = { "content-type": "application/json" };
const programs: ExampleProgram[] = [];

afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.stop("SIGTERM")));
});

interface Cluster {
  readonly program: ExampleProgram;
  readonly urls: readonly string[];
  readonly pids: readonly number[];
}

/** A cluster with a Redis of its own, on free ports. */
async function startCluster(count: number, config: object = {}): Promise<Cluster> {
  const nobody = `redis://localhost:${await freePort()}`;
  const env = { PORT: "0", REDIS_URL: nobody, LOGIN_CONFIG: JSON.stringify(config) };
  const program = new ExampleProgram(["cluster/run.ts", String(count)], env);
  programs.push(program);
  const [, redisPort = ""] = await program.printed(/^There is no Redis at .*, on port (\d+)\.$/m);
  const [members] = await program.printed(/^The cluster is up(?:.|\n)*^Bots/m);
  const found = [...members.matchAll(/(http:\/\/localhost:\d+) {2}\(process (\d+)\)/g)];
  expect(found).toHaveLength(count);
  expect(redisPort).not.toBe("");
  return { program, urls: found.map(([, url = ""]) => url), pids: found.map(([, , pid]) => Number(pid)) };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function isRedisThere(program: ExampleProgram): Promise<boolean> {
  const [, port = ""] = await program.printed(/started one for this run, on port (\d+)/);
  return await fetch(`http://127.0.0.1:${port}`).then(
    () => true,
    (error: Error) => !JSON.stringify(error.cause).includes("ECONNREFUSED"),
  );
}

it("starts a Redis and so many processes, which are one system", async () => {
  const { program, urls } = await startCluster(2, { queue: { targetCcuLimit: 1 } });
  const [one = "", other = ""] = urls;
  const login = await fetch(`${one}/auth/anonymous`, { method: "POST", headers: json, body: "{}" });
  expect(login.status).toBe(200);
  const { token } = await login.json();
  const session = await fetch(`${other}/auth/session`, { headers: { authorization: `Bearer ${token}` } });
  expect(session.status).toBe(200);
  // The only slot is taken, on whichever process one asks.
  const next = await fetch(`${other}/auth/anonymous`, { method: "POST", headers: json, body: "{}" });
  expect(next.status).toBe(429);
  await program.printed(/^A \| listening on /m);
  await program.printed(/^B \| listening on /m);
  await program.printed(/npm run bots -- 200 --url http:\S+ --url http:\S+$/m);
  // One token for the dashboard of any of them.
  const [, command = ""] = await program.printed(/^The operator's dashboard: .*\n {2}(npx .+)$/m);
  const headers = { authorization: `Bearer ${runTokenCommand(command, {})}` };
  for (const url of urls) expect((await fetch(`${url}/auth/operator/status`, { headers })).status).toBe(200);

  const bots = new ExampleProgram(["bots/run.ts", "4", "--stay", "1", "--url", one, "--url", other]);
  programs.push(bots);
  await fetch(`${one}/auth/logout`, {
    method: "POST",
    headers: { ...json, authorization: `Bearer ${token}` },
    body: "{}",
  });
  expect((await bots.end()).output).toMatch(/\n +4 +4 +4 .* 0\n/);
});

describe("leaves nothing behind", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("on %s, and ends with code 0", async (signal) => {
    const { program, pids } = await startCluster(2);
    expect(pids.every(isRunning)).toBe(true);
    const { code, output } = await program.stop(signal);
    expect(code).toBe(0);
    expect(output).toMatch(/^A \| ended \(code 0\)$/m);
    expect(output).toMatch(/^B \| ended \(code 0\)$/m);
    expect(pids.some(isRunning)).toBe(false);
    expect(await isRedisThere(program)).toBe(false);
  });

  it("when it is killed", async () => {
    const { program, pids } = await startCluster(2);
    await program.stop("SIGKILL");
    await expect.poll(() => pids.some(isRunning), { timeout: 20_000 }).toBe(false);
    await expect.poll(() => isRedisThere(program), { timeout: 20_000 }).toBe(false);
  });

  it("when a process cannot start", async () => {
    const nobody = `redis://localhost:${await freePort()}`;
    const env = { PORT: "0", REDIS_URL: nobody, LOGIN_CONFIG: '{"quue":{}}' };
    const program = new ExampleProgram(["cluster/run.ts", "3"], env);
    const { code, output } = await program.end();
    expect(code).toBe(1);
    expect(output).toMatch(/^A \| defineLogin: there is no option quue$/m);
    expect(await isRedisThere(program)).toBe(false);
  });
});

it("goes on with the others when one of them ends: they know the same players", async () => {
  const { program, urls, pids } = await startCluster(2);
  const userAt = async (url = "") => {
    const body = JSON.stringify({ id: "a device that comes to both of them" });
    const answer = await fetch(`${url}/auth/authenticate/device`, { method: "POST", headers: json, body });
    return (await answer.json()).user.id;
  };
  const user = await userAt(urls[0]);
  process.kill(pids[0] ?? 0, "SIGTERM");
  await program.printed(/^A \| ended \(code 0\)$/m);
  expect(await userAt(urls[1])).toBe(user);
});

describe("says what is wrong", () => {
  it.each([
    [["0"], {}, /^Usage: npm run cluster/m],
    [["many"], {}, /^Usage: npm run cluster/m],
    [["2"], { PORT: "x" }, /^PORT must be a whole number/m],
    [["2"], { REDIS_URL: "http://here" }, /^REDIS_URL must be an address such as/m],
    [["2"], { LOGIN_CONFIG: "{" }, /^LOGIN_CONFIG is not JSON/m],
    [["2"], { REDIS_SERVER: "no-such-program" }, /^There is no no-such-program on this machine/m],
  ])("with %j and %j", async (args, env, sentence) => {
    const REDIS_URL = `redis://localhost:${await freePort()}`;
    const { code, output } = await new ExampleProgram(["cluster/run.ts", ...args], { REDIS_URL, ...env }).end();
    expect(code).toBe(1);
    expect(output).toMatch(sentence);
    expect(output).not.toMatch(/^ {4}at /m);
  });
});

describe("a member stops at its start", () => {
  const redis = { REDIS_URL: "redis://localhost:6379" };
  const address = { PUBLIC_ADDRESS: "localhost:2567" };
  const { keys } = newTokens();

  it.each([
    [{ REDIS_URL: "6379" }, /^REDIS_URL must be an address/m],
    [redis, /^PUBLIC_ADDRESS must say, beside REDIS_URL, .* got ""$/m],
    [{ ...redis, PUBLIC_ADDRESS: "ws://localhost:2567" }, /^PUBLIC_ADDRESS must say/m],
    [{ ...redis, ...address }, /npx colyseus-login keys/],
    [{ ...redis, ...address, LOGIN_CONFIG: JSON.stringify({ keys }) }, /npx colyseus-login keys/],
  ])("with %o", async (env, sentence) => {
    const { code, output } = await new ExampleProgram(["src/server.ts"], { PORT: "0", ...env }).end();
    expect(code).toBe(1);
    expect(output).toMatch(sentence);
    expect(output).not.toMatch(/^ {4}at /m);
  });
});
