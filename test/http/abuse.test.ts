// Bad input at every endpoint, in both forms: an answer of DESIGN 6, nothing asked of the login, nothing logged.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  type Abuse,
  bearerAbuse,
  bodyAbuse,
  bodyMethods,
  bodyPaths,
  garbageTokens,
  goodBody,
  guardedPaths,
  pathAbuse,
} from "./abuse-table.ts";
import { type FakeFace, fakeFace, goodToken } from "./fake-face.ts";
import { forms, type Host, head, postJson, RawConnection, startHost, WatchedClock, withToken } from "./hosts.ts";

describe.each(forms)("bad input in the %s form", (form) => {
  let face: FakeFace;
  let host: Host;
  let url: string;
  let clock: WatchedClock;
  const rejections: unknown[] = [];
  const note = (reason: unknown): number => rejections.push(reason);

  beforeAll(async () => {
    process.on("unhandledRejection", note);
    face = fakeFace();
    clock = new WatchedClock();
    host = await startHost(form, face, { clock });
    url = `${host.url}/auth`;
  });
  afterEach(async () => {
    // Node tells nobody of a peer that leaves after its answer while its body is still due: the deadline ends the wait.
    await clock.advance(12_000);
    expect(clock.pending).toBe(0);
    expect(host.logged).toEqual([]);
    face.asked.length = 0;
  });
  afterAll(async () => {
    await host.stop();
    process.off("unhandledRejection", note);
    expect(rejections).toEqual([]);
  });

  const send = ({ method = "GET", path, headers = {}, body }: Abuse): Promise<Response> =>
    fetch(url + path, { method, headers, ...(body !== undefined && { body }) });

  /** The head of a request with a body, with a token where the path asks for one first. */
  const headOf = (path: string, headers: Record<string, string>): string =>
    head(bodyMethods[path] ?? "POST", `/auth${path}`, {
      ...headers,
      ...(guardedPaths.has(path) && { authorization: `Bearer ${goodToken}` }),
    });

  const expectRefused = async (abuse: Abuse): Promise<void> => {
    const answer = await send(abuse);
    const body = (await answer.json()) as { code: string; message: string };
    const { path, title, status, code } = abuse;
    expect([path, title, answer.status, body.code]).toEqual([path, title, status, code]);
    expect(body.message).toMatch(/\w/);
    if (abuse.says !== undefined) expect(body.message).toContain(abuse.says);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("www-authenticate")).toBe(answer.status === 401 ? "Bearer" : null);
  };

  const expectAllRefused = async (table: readonly Abuse[], asked: number): Promise<void> => {
    expect(table.length).toBeGreaterThan(0);
    for (const abuse of table) await expectRefused(abuse);
    expect(face.asked).toHaveLength(asked);
  };

  it.each(bodyPaths)(
    "S35 %s: bodies that are no JSON object, too big, too deep, of another type, fields of the wrong type",
    (path) =>
      expectAllRefused(
        bodyAbuse.filter((abuse) => abuse.path === path),
        0,
      ),
  );

  it.each(bodyPaths)("S35 %s takes what is just right", async (path) => {
    const exact = (text: string): string => text + " ".repeat(16 * 1024 - Buffer.byteLength(text));
    const fields = JSON.stringify(goodBody).slice(1, -1);
    const post = async (body: string, type = "application/json") => {
      const headers = { "content-type": type, authorization: `Bearer ${goodToken}` };
      const answer = await fetch(url + path, { method: bodyMethods[path] ?? "POST", headers, body });
      expect(answer.ok).toBe(true);
    };
    const body = `{${fields},"unknown":{"constructor":[null,1e400,"\\u0000"]}}`;
    for (const type of ["application/json", "APPLICATION/JSON; charset=utf-8", "application/vnd.game+json"]) {
      await post(exact(body), type);
    }
    await post(`{${fields},"a":${"[".repeat(31)}${"]".repeat(31)}}`);
    await post(`\ufeff{${fields}}`);
    expect(face.asked).toHaveLength(5);
    expect(Object.prototype).not.toHaveProperty("refreshToken");
  });

  it.each(bodyPaths)("S35 %s: no body, and a body without a type", async (path) => {
    const connection = new RawConnection(host.port);
    const post = (headers: Record<string, string>) => headOf(path, headers);
    const withoutBody: { readonly [path: string]: number } = { "/logout": 204 };
    const takesNone = ["/authenticate/device", "/anonymous", "/link/device", "/queue"].includes(path);
    await connection.send(post({ "content-length": "0" }));
    expect((await connection.answer()).status).toBe(withoutBody[path] ?? (takesNone ? 200 : 400));
    await connection.send(`${post({ "content-length": "2" })}{}`);
    expect((await connection.answer()).status).toBe(415);
    await connection.send(`${post({ "transfer-encoding": "chunked" })}2\r\n{}\r\n0\r\n\r\n`);
    expect((await connection.answer()).status).toBe(415);
    connection.end();
  });

  it("S35 a connection outlives the bodies that were refused on it", async () => {
    const connection = new RawConnection(host.port);
    for (const [type, path, status] of [
      ["application/json", "/auth/refresh", 413],
      ["text/plain", "/auth/refresh", 415],
    ] as const) {
      await connection.send(head("POST", path, { "content-type": type, "content-length": "1000000" }));
      await connection.send("x".repeat(1_000_000));
      expect((await connection.answer()).status).toBe(status);
    }
    await connection.send(head("DELETE", "/auth/queue", { "content-type": "text/plain", "content-length": "100000" }));
    await connection.send("x".repeat(100_000));
    expect((await connection.answer()).status).toBe(401);
    await connection.send(
      `${head("POST", "/auth/logout", { "content-type": "application/json", "content-length": "2" })}{}`,
    );
    expect((await connection.answer()).status).toBe(204);
    connection.end();
  });

  it("S35 a chunked body, which announces no size, is counted as it comes", async () => {
    const connection = new RawConnection(host.port);
    for (const [bytes, status] of [
      [16 * 1024, 204],
      [16 * 1024 + 1, 413],
    ] as const) {
      const text = "{}".padEnd(bytes);
      await connection.send(
        head("POST", "/auth/logout", { "content-type": "application/json", "transfer-encoding": "chunked" }),
      );
      await connection.send(
        `10\r\n${text.slice(0, 16)}\r\n${(bytes - 16).toString(16)}\r\n${text.slice(16)}\r\n0\r\n\r\n`,
      );
      expect((await connection.answer()).status).toBe(status);
    }
    connection.end();
  });

  it("S35 a chunked body without end is answered with 413 and cut off", async () => {
    const connection = new RawConnection(host.port);
    await connection.send(
      head("POST", "/auth/refresh", { "content-type": "application/json", "transfer-encoding": "chunked" }),
    );
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    await connection.send(chunk);
    expect((await connection.answer()).status).toBe(413);
    let sent = 0;
    while (connection.open && sent < 1_000) {
      await connection.send(chunk);
      sent += 1;
    }
    await connection.closed;
    expect(sent).toBeLessThan(1_000);
  });

  it("S35 a slow body is answered with 400 after 10 s, and cut off", async () => {
    for (const path of bodyPaths) {
      const connection = new RawConnection(host.port);
      await connection.send(`${headOf(path, { "content-type": "application/json", "content-length": "9" })}{`);
      await vi.waitFor(() => expect(clock.pending).toBe(1));
      await clock.advance(9_999);
      await connection.send('"a"');
      await clock.advance(1);
      const answer = await connection.answer();
      expect([answer.status, JSON.parse(answer.body).code]).toEqual([400, "INVALID_REQUEST"]);
      expect(connection.open).toBe(true);
      await clock.advance(1_000);
      await connection.closed;
    }
    expect(face.asked).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("S35 a peer that announces a huge body and sends none of it is answered at once, and cut off after 10 s", async () => {
    const connection = new RawConnection(host.port);
    await connection.send(
      head("POST", "/auth/refresh", { "content-type": "application/json", "content-length": "5000000" }),
    );
    expect((await connection.answer()).status).toBe(413);
    await clock.advance(10_000);
    await connection.closed;
    expect(clock.pending).toBe(0);
  });

  it("S35 a peer that goes away in the middle of its body leaves nothing behind", async () => {
    const connection = new RawConnection(host.port);
    await connection.send(
      `${head("POST", "/auth/refresh", { "content-type": "application/json", "content-length": "9" })}{`,
    );
    await vi.waitFor(() => expect(clock.pending).toBe(1));
    connection.end();
    await vi.waitFor(() => expect(clock.pending).toBe(0));
    expect(face.asked).toEqual([]);
  });

  it("S37 bearers that cannot be one never reach the login", () => expectAllRefused(bearerAbuse, 0));

  it("S37 garbage that looks like a token is refused by the login", () => {
    const calls = garbageTokens.flatMap((token) =>
      ["/session", "/sessions", "/userdata", "/link", "/queue"].map((path) => ({ path, token })),
    );
    const table = calls.map(({ path, token }) => ({
      title: token,
      path,
      ...withToken(token),
      status: 401,
      code: "TOKEN_INVALID",
    }));
    return expectAllRefused(table, table.length);
  });

  it("S07 a bearer of 100 KB is refused before anything reads it; the scheme's case does not matter", async () => {
    const connection = new RawConnection(host.port);
    await connection.send(head("GET", "/auth/session", { authorization: `Bearer ${"x".repeat(100_000)}` }));
    expect((await connection.answer()).status).toBe(431);
    connection.end();
    expect(face.asked).toEqual([]);
    expect((await fetch(`${url}/session`, { headers: { authorization: `bEARER ${goodToken}` } })).status).toBe(200);
  });

  it("S37 path and query parameters", () =>
    expectAllRefused(pathAbuse, pathAbuse.filter(({ status }) => status === 404).length));

  it("S37 decodes what is encoded correctly", async () => {
    expect((await postJson(`${url}/authenticate/dev%69ce`, {})).status).toBe(200);
    expect(face.asked[0]?.[1]).toBe("device");
    await postJson(`${url}/authenticate/a%2Fb`, {});
    expect(face.asked[1]?.[1]).toBe("a/b");
    expect(await (await fetch(`${url}/sessions?from=7&from=x`, withToken(goodToken))).json()).toEqual({ sessions: [] });
  });

  it("S25 logout answers 204 whatever the tokens are, and says nothing of them", async () => {
    const refreshTokens = [undefined, "", "refresh", "x".repeat(10_000), "a.1.b", ...garbageTokens];
    const bearers = [
      undefined,
      "",
      "Basic x",
      `Bearer ${goodToken}`,
      `Bearer ${"x".repeat(9_000)}`,
      "Bearer \xe9",
      "Bearer a b",
    ];
    for (const refreshToken of refreshTokens) {
      for (const authorization of bearers) {
        const answer = await postJson(
          `${url}/logout`,
          { refreshToken },
          authorization === undefined ? {} : { authorization },
        );
        expect([answer.status, await answer.text(), answer.headers.get("www-authenticate")]).toEqual([204, "", null]);
      }
    }
    const seen = face.asked.map((call) => call[2]);
    expect(new Set(seen)).toEqual(new Set([null, goodToken]));
  });

  it("S38 thousands of such requests make no 500, no rejection and no growth", { timeout: 60_000 }, async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const table = [...bodyAbuse, ...bearerAbuse, ...pathAbuse].filter(({ body }) => (body?.length ?? 0) < 100_000);
    const run = async (requests: number): Promise<void> => {
      let next = 0;
      const worker = async (): Promise<void> => {
        while (next < requests) {
          const abuse = table[next++ % table.length];
          if (abuse === undefined) return;
          const answer = await send(abuse);
          await answer.arrayBuffer();
          if (answer.status !== abuse.status) throw new Error(`${abuse.path}: ${abuse.title} got ${answer.status}`);
          face.asked.length = 0;
        }
      };
      await Promise.all(Array.from({ length: 16 }, worker));
    };
    const heapAfter = async (requests: number): Promise<number> => {
      await run(requests);
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    await heapAfter(1_000);
    const before = await heapAfter(300);
    const after = await heapAfter(2_000);
    expect((after - before) / 2_000).toBeLessThan(2_048);
    expect(rejections).toEqual([]);
  });
});
