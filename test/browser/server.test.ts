// The example's server as a program: its settings, its signals, and what it does for clients of any kind.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type Room } from "@colyseus/sdk";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ExampleProgram, type ExampleServer, startExample, startKeepingExample } from "./support/example.ts";
import { newTokens } from "./support/keys.ts";
import { runTokenCommand } from "./support/operator.ts";

describe("its settings", () => {
  it.each([
    ["{", /^LOGIN_CONFIG is not JSON: /m],
    ["[1]", /^LOGIN_CONFIG must be a JSON object/m],
    ["null", /^LOGIN_CONFIG must be a JSON object/m],
    ['{"queue":{"targetCcuLimit":"five"}}', /^defineLogin: option queue\.targetCcuLimit: .*got "five"$/m],
    ['{"quue":{}}', /^defineLogin: there is no option quue$/m],
    ['{"__proto__":{"prefix":"/a"}}', /^defineLogin: there is no option __proto__$/m],
    ['{"tokens":{"keys":{"current":"no key"}}}', /tokens\.keys/],
  ])("LOGIN_CONFIG=%s stops the start in one sentence", async (LOGIN_CONFIG, sentence) => {
    const { code, output } = await new ExampleProgram(["src/server.ts"], { PORT: "0", LOGIN_CONFIG }).end();
    expect(code).toBe(1);
    expect(output).toMatch(sentence);
    expect(output).not.toMatch(/^ {4}at /m);
    expect(output).not.toMatch(/listening/);
  });

  it.each(["abc", "-1", "70000"])("PORT=%s stops the start", async (PORT) => {
    const { code, output } = await new ExampleProgram(["src/server.ts"], { PORT }).end();
    expect(code).toBe(1);
    expect(output).toContain("PORT must be a whole number from 0 to 65535");
  });

  it("says that the port is taken", async () => {
    const { url, program } = await startExample();
    const { port } = new URL(url);
    const second = await new ExampleProgram(["src/server.ts"], { PORT: port }).end();
    expect(second.code).toBe(1);
    expect(second.output).toContain(`PORT ${port} cannot be listened on`);
    await program.stop();
  });

  it("lays LOGIN_CONFIG over the example's own options", async () => {
    const { url, program } = await startExample({ tokens: { issuer: "here" }, queue: { targetCcuLimit: 1 } });
    const login = await post(`${url}/auth/anonymous`, {});
    expect(login.status).toBe(200);
    expect(JSON.parse(atob(String(login.body["token"]).split(".")[1]!))).toMatchObject({ iss: "here" });
    expect((await post(`${url}/auth/anonymous`, {})).body["code"]).toBe("QUEUE_REQUIRED");
    await program.stop();
  });
});

describe("prints where the dashboard is, and a command that makes a token for it", () => {
  async function expectGoodToken({ program }: ExampleServer, config: object): Promise<void> {
    try {
      const said = /^The operator's dashboard: (\S+), with a token from.*\n {2}(npx .+)$/m;
      const [, page = "", command = ""] = await program.printed(said);
      expect((await fetch(page)).status).toBe(200);
      const headers = { authorization: `Bearer ${runTokenCommand(command, config)}` };
      expect((await fetch(`${page}status`, { headers })).status).toBe(200);
    } finally {
      await program.stop();
    }
  }

  it("with its own keys, in a folder whose name is no word, and another prefix and issuer", async () => {
    const folder = await mkdtemp(join(tmpdir(), "here's a folder-"));
    const config = { prefix: "/door", tokens: { issuer: "the game's own" } };
    try {
      await expectGoodToken(await startKeepingExample(folder, 0, config), config);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("with keys that LOGIN_CONFIG brings", async () => {
    const config = { tokens: { ...newTokens(), issuer: "here" } };
    await expectGoodToken(await startExample(config), config);
  });
});

describe("running", () => {
  let server: ExampleServer;
  beforeEach(async () => {
    server = await startExample();
  });
  afterEach(async () => {
    await server.program.stop("SIGKILL");
  });

  async function play(): Promise<{ client: Client; room: Room; token: string }> {
    const client = new Client(server.url);
    const { token } = await client.auth.signInAnonymously();
    client.auth.token = token;
    const room: Room = await client.joinOrCreate("game");
    room.reconnection.enabled = false;
    return { client, room, token };
  }

  it.each(["SIGTERM", "SIGINT"] as const)(
    "ends on %s with code 0, players and waiting ones and held seats or not",
    async (signal) => {
      const { room } = await play();
      const dropped = await play();
      const left = new Promise<number>((resolve) => room.onLeave(resolve));
      const waiting = await new Client(server.url).joinOrCreate("login_queue");
      waiting.reconnection.enabled = false;
      const seen = new Promise<void>((resolve) =>
        room.onStateChange((state) => state.players.get(dropped.room.sessionId)?.away && resolve()),
      );
      dropped.room.connection.close();
      await seen;
      const { code, output } = await server.program.stop(signal);
      expect(code).toBe(0);
      expect(output).not.toMatch(/error/i);
      expect(await left).toBe(4001);
    },
  );

  it("holds the seat of a player whose connection dropped, and tells everyone", async () => {
    const watcher = await play();
    const dropped = await play();
    const seen: boolean[] = [];
    const back = new Promise<void>((resolve) => {
      watcher.room.onStateChange((state) => {
        const player = state.players.get(dropped.room.sessionId);
        if (player !== undefined && player.away !== seen.at(-1)) seen.push(player.away);
        if (seen.length > 1 && !seen.at(-1)) resolve();
      });
    });
    await expect.poll(() => watcher.room.state.players?.size).toBe(2);
    Object.assign(dropped.room.reconnection, { enabled: true, minUptime: 0 });
    const reconnected = new Promise<void>((resolve) => dropped.room.onReconnect(resolve));
    dropped.room.connection.close();
    await reconnected;
    await back;
    expect(seen).toEqual([false, true, false]);
    dropped.room.reconnection.enabled = false;
  });

  it("disconnects the session that asks for it, with all its sockets", async () => {
    const { client, room, token } = await play();
    const second: Room = await client.joinOrCreate("game");
    const stranger = await play();
    const closings = [room, second].map(
      (each) => new Promise((resolve) => each.onLeave((code, reason) => resolve([code, reason]))),
    );
    expect(await post(`${server.url}/demo/disconnect-me`, {}, token)).toEqual({
      status: 200,
      body: { disconnected: 2 },
    });
    for (const closing of closings) expect(await closing).toEqual([4410, "You asked the server to disconnect you."]);
    expect(stranger.room.connection.isOpen).toBe(true);
    expect(await post(`${server.url}/demo/disconnect-me`, {}, token)).toEqual({
      status: 200,
      body: { disconnected: 0 },
    });
    await client.joinOrCreate("game");
  });

  it("disconnects nobody without a live session's token", async () => {
    const url = `${server.url}/demo/disconnect-me`;
    expect(await post(url, {})).toMatchObject({ status: 401, body: { code: "TOKEN_INVALID" } });
    expect(await post(url, {}, "garbage")).toMatchObject({ status: 401, body: { code: "TOKEN_INVALID" } });
    const login = await post(`${server.url}/auth/anonymous`, {});
    await post(`${server.url}/auth/logout`, { refreshToken: login.body["refreshToken"] });
    expect(await post(url, {}, String(login.body["token"]))).toMatchObject({
      status: 401,
      body: { code: "SESSION_REVOKED" },
    });
  });

  it("walks no further than the walls, whatever a client sends, and shows no sid", async () => {
    const { room } = await play();
    for (const message of [null, 7, "x", [], { x: "1", y: 2 }, { x: Number.NaN, y: 0 }, { x: 1e308, y: -1e308 }]) {
      room.send("goto", message);
      room.send("walk", message);
      room.send("refreshed", message);
    }
    const player = () => room.state.players.get(room.sessionId)?.toJSON();
    await expect.poll(player, { timeout: 10_000 }).toMatchObject({ x: 154, y: 6 });
    expect(Object.keys(player()).sort()).toEqual(["away", "colour", "name", "x", "y"]);
  });

  it("serves the page under a policy without inline code", async () => {
    const response = await fetch(server.url);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'self'");
    expect(await response.text()).not.toMatch(/<script(?![^>]*\bsrc=)|\bon\w+=|<style|style=/);
    expect((await fetch(`${server.url}/favicon.svg`)).status).toBe(200);
  });
});

async function post(
  url: string,
  body: object,
  token?: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = {
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
}
