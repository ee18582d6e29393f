// The example started twice with one folder, as by `npm start`: who was logged in still is, on the page and by HTTP.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { ExampleProgram, type ExampleServer, startKeepingExample } from "./support/example.ts";
import { usePlayers } from "./support/players.ts";

const parent = mkdtempSync(join(tmpdir(), "colyseus-login-kept-"));
const players = usePlayers();

afterEach(() => players.leave());
afterAll(() => rmSync(parent, { recursive: true }));

async function post(server: ExampleServer, path: string, body: object): Promise<Record<string, unknown>> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return response.json();
}

it.each(["SIGTERM", "SIGKILL"] as const)("keeps who was logged in over %s", async (signal) => {
  const folder = join(parent, signal);
  const port = await freePort();
  const first = await startKeepingExample(folder, port);
  const player = await players.arrive(first.url);
  await player.press("Play as guest");
  await player.plays();
  const userId = await player.userId();
  const login = await post(first, "/auth/authenticate/device", { id: "a device of some sort" });
  expect((await first.program.stop(signal)).output).not.toContain("a restart logs everybody out");

  const second = await startKeepingExample(folder, port);
  await player.page.reload();
  await player.plays();
  expect(await player.userId()).toBe(userId);
  const { session, created } = await post(second, "/auth/refresh", { refreshToken: login["refreshToken"] });
  expect(session).toMatchObject({ sid: Object(login["session"]).sid, userId: Object(login["user"]).id });
  expect(created).toBe(false);
  expect(await post(second, "/auth/authenticate/device", { id: "a device of some sort" })).toMatchObject({
    user: login["user"],
    created: false,
  });
  await players.leave();
  await second.program.stop();
});

it("makes its keys once, for its owner alone to read, and none where LOGIN_CONFIG has some", async () => {
  const folder = join(parent, "keys");
  const keyFile = join(folder, "keys.json");
  const { program } = await startKeepingExample(folder, await freePort());
  const keys = readFileSync(keyFile, "utf8");
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  await program.stop();
  await (await startKeepingExample(folder, await freePort())).program.stop();
  expect(readFileSync(keyFile, "utf8")).toBe(keys);

  const other = join(parent, "other");
  const configured = new ExampleProgram(["src/server.ts"], { PORT: "0", DATA_DIR: other, LOGIN_CONFIG: keys });
  await configured.printed(/^listening/m);
  expect(readdirSync(other)).toContain("login.db");
  expect(existsSync(join(other, "keys.json"))).toBe(false);
  await configured.stop();
});

it("a second server on the folder says in one sentence that there is one already", async () => {
  const folder = join(parent, "taken");
  const { program } = await startKeepingExample(folder, await freePort());
  const second = await new ExampleProgram(["src/server.ts"], { PORT: "0", DATA_DIR: folder }).end();
  expect(second.code).toBe(1);
  expect(second.output).toMatch(/login\.db has a store already/);
  expect(second.output).not.toMatch(/^ {4}at /m);
  await program.stop();
});
