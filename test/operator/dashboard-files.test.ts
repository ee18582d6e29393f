// The dashboard as it is served: its page, its files and nothing else, in both forms and under any prefix or mount.
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createRouter, defineServer } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import express from "express";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Callers } from "../../src/callers.ts";
import { type LoginRoutes, mountRoutes } from "../../src/http/dual-mode.ts";
import { maxAnswerBytes } from "../../src/http/reply.ts";
import { dashboardRoutes } from "../../src/operator/dashboard-files.ts";
import { head, RawConnection } from "../http/hosts.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";

const folder = join(import.meta.dirname, "../../src/operator/dashboard");
const ownFiles = readdirSync(folder).filter((name) => name !== "index.html");
const allFiles = [...ownFiles, "uPlot.iife.min.js", "uPlot.min.css"];
const html = readFileSync(join(folder, "index.html"), "utf8");

const logger = recordingLogger();
let stop: () => Promise<void>;

afterEach(async () => {
  await stop();
  expect(logger.lines).toEqual([]);
});

type Mount = (app: express.Application, routes: LoginRoutes) => void;

/** A Colyseus server with the dashboard on it: in express as `mount` says, or else in core's own router. */
async function start(mount: Mount | null, prefix = "/auth"): Promise<{ url: string; port: number }> {
  const callers = new Callers(0);
  callers.start();
  const routes = mountRoutes(dashboardRoutes(), { prefix, clock: new ManualClock(), logger, callers, emit: () => {} });
  const httpServer = createServer({ keepAliveTimeout: 0 });
  const settings = {
    rooms: {},
    transport: new WebSocketTransport({ server: httpServer }),
    greet: false,
    gracefullyShutdown: false,
  };
  const server =
    mount === null
      ? defineServer({ ...settings, routes: createRouter({ ...routes }) })
      : defineServer({ ...settings, express: (app) => mount(app, routes) });
  await server.listen(0, "127.0.0.1");
  const { port } = httpServer.address() as AddressInfo;
  stop = async () => {
    callers.stop();
    httpServer.closeAllConnections();
    await server.gracefullyShutdown(false);
  };
  return { url: `http://127.0.0.1:${port}`, port };
}

/** Asks without following. */
function get(url: string): Promise<Response> {
  return fetch(url, { redirect: "manual" });
}

const inExpress: Mount = (app, routes) => app.use(routes);

describe.each([
  ["express", inExpress],
  ["core's router", null],
])("in %s", (_form, mount) => {
  let url: string;
  let port: number;

  beforeEach(async () => {
    ({ url, port } = await start(mount));
  });

  it("the page is there", async () => {
    const answer = await get(`${url}/auth/operator/`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await answer.text()).toBe(html);
    expect((await get(`${url}/auth/operator/?x=1`)).status).toBe(200);
  });

  it.each([
    ["/auth/operator", "/auth/operator/"],
    ["/auth/operator?view=1&x=a%20b", "/auth/operator/?view=1&x=a%20b"],
    ["/auth/operator?to=/", "/auth/operator/?to=/"],
  ])("%s leads to the page, whatever a proxy put before it", async (from, to) => {
    const answer = await get(url + from);
    expect(answer.status).toBe(302);
    const location = answer.headers.get("location") ?? "";
    expect(location).toMatch(/^\.\//);
    expect(new URL(location, `https://game.example/behind${from}`).href).toBe(`https://game.example/behind${to}`);
    expect(await (await fetch(url + from)).text()).toBe(html);
  });

  it("every file of it is there, under its own type, small enough for core's router", async () => {
    for (const name of allFiles) {
      const answer = await get(`${url}/auth/operator/page/${name}`);
      const type = name.endsWith(".css") ? "text/css" : "text/javascript";
      expect([name, answer.status, answer.headers.get("content-type")]).toEqual([name, 200, `${type}; charset=utf-8`]);
      const body = await answer.text();
      expect(Buffer.byteLength(body)).toBeLessThan(maxAnswerBytes);
      if (ownFiles.includes(name)) expect(body).toBe(readFileSync(join(folder, name), "utf8"));
      else expect(body).toContain("uplot");
    }
  });

  it("S59 nothing of it is cached, framed, sniffed or told to others, and only what this server serves runs", async () => {
    for (const path of ["", ...allFiles.map((name) => `page/${name}`)]) {
      const { headers } = await get(`${url}/auth/operator/${path}`);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("content-security-policy")).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
    }
  });

  it.each([
    "page/nothing.js",
    "page/index.html",
    "page/",
    "page",
    "page/..%2f..%2fdashboard-files.ts",
    "page/%2e%2e%2findex.html",
    "page/main.js%00",
    "page/constructor",
    "page/__proto__",
    "page/dashboard.css/",
  ])("what is not a file of it is not found: %s", async (path) => {
    expect((await get(`${url}/auth/operator/${path}`)).status).toBe(404);
  });

  it("a path that climbs is not found either, when no client straightens it first", async () => {
    for (const path of ["/auth/operator/page/../../../package.json", "/auth/operator/page/..", "/auth/operator//"]) {
      const connection = new RawConnection(port);
      await connection.send(head("GET", path));
      const { status, body } = await connection.answer();
      expect([path, status]).toEqual([path, 404]);
      expect(body).not.toContain('"name": "colyseus-login"');
      connection.end();
    }
  });

  it("other methods are left to the host", async () => {
    for (const path of ["/auth/operator", "/auth/operator/", "/auth/operator/page/main.js"]) {
      expect((await fetch(url + path, { method: "POST", redirect: "manual" })).status).toBe(404);
    }
  });
});

it.each<[string, Mount, string, string]>([
  ["a mount that takes the prefix's place", (app, routes) => app.use("/players", routes), "/auth", "/players"],
  ["a nested router", (app, routes) => app.use("/api", express.Router().use(routes)), "/auth", "/api/auth"],
  ["another prefix", inExpress, "/game/login", "/game/login"],
])("stands under %s", async (_what, mount, prefix, path) => {
  const { url } = await start(mount, prefix);
  expect((await get(`${url}${path}/operator/`)).status).toBe(200);
  expect((await get(`${url}${path}/operator/page/main.js`)).status).toBe(200);
  const led = await fetch(`${url}${path}/operator?x=1`);
  expect([led.url, led.status]).toEqual([`${url}${path}/operator/?x=1`, 200]);
});

describe("the page's sources", () => {
  // Nothing is served here.
  beforeEach(() => {
    stop = async () => {};
  });

  it("S59 hold no script, style or handler in the page itself", () => {
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/i);
    expect(html).not.toMatch(/<style|\sstyle=|javascript:/i);
    expect(html).not.toMatch(/\son[a-z]+=/i);
  });

  it("S59 put nothing into the page as markup, and run no text", () => {
    for (const name of ownFiles.filter((file) => file.endsWith(".js"))) {
      const source = readFileSync(join(folder, name), "utf8");
      expect([
        name,
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/.test(source),
      ]).toEqual([name, false]);
    }
  });

  it("S59 keep the token out of localStorage, cookies and addresses", () => {
    for (const name of ownFiles.filter((file) => file.endsWith(".js"))) {
      expect([name, readFileSync(join(folder, name), "utf8").match(/localStorage|document\.cookie/)]).toEqual([
        name,
        null,
      ]);
    }
  });

  it("link relatively, to files that are there", () => {
    const links = Array.from(html.matchAll(/(?:src|href)="([^"]*)"/g), ([, link = ""]) => link);
    const files = links.filter((link) => !link.startsWith("#") && !link.startsWith("data:"));
    expect(files.length).toBeGreaterThan(3);
    for (const link of files) expect(allFiles.map((name) => `page/${name}`)).toContain(link);
    for (const name of ownFiles.filter((file) => file.endsWith(".js"))) {
      const source = readFileSync(join(folder, name), "utf8");
      const imports = Array.from(source.matchAll(/from "([^"]*)"/g), ([, path = ""]) => path);
      for (const path of imports) expect(ownFiles.map((file) => `./${file}`)).toContain(path);
    }
  });

  it("find every element that they ask for by its id", () => {
    const ids = new Set(Array.from(html.matchAll(/\sid="([^"]*)"/g), ([, id]) => id));
    for (const name of ownFiles.filter((file) => file.endsWith(".js"))) {
      const source = readFileSync(join(folder, name), "utf8");
      const asked = Array.from(source.matchAll(/\bby\("([^"]*)"\)/g), ([, id]) => id);
      expect([name, asked.filter((id) => !ids.has(id))]).toEqual([name, []]);
    }
  });

  it("label every field and every landmark, each id once", () => {
    const ids = Array.from(html.matchAll(/\sid="([^"]*)"/g), ([, id]) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    const fields = Array.from(html.matchAll(/<(?:input|select|textarea)\s[^>]*id="([^"]*)"/g), ([, id = ""]) => id);
    const choices = ["access-open", "access-limited"];
    for (const id of fields) if (!choices.includes(id)) expect(html).toContain(`<label for="${id}">`);
    for (const [, id] of html.matchAll(/aria-(?:labelledby|describedby)="([^"]*)"/g)) {
      for (const one of (id ?? "").split(" ")) expect(ids).toContain(one);
    }
  });
});

describe("a proxy that minds the one path has minded all of it: in express", () => {
  it.each([
    "/AUTH/operator/",
    "/auth/Operator/",
    "//auth/operator/",
    "/auth//operator/",
    "/auth/%6fperator/",
    "/x/../auth/operator/",
    "/auth\\operator/",
    "/x\\..\\auth\\operator\\",
  ])("%s does not lead there", async (path) => {
    const { port } = await start(inExpress);
    const connection = new RawConnection(port);
    await connection.send(head("GET", path));
    expect((await connection.answer()).status).toBe(404);
    connection.end();
  });
});
