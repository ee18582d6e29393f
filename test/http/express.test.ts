// What only the express form can meet: mounts, body parsers of the host, and heads that no URL can be made of.
import { Buffer } from "node:buffer";
import express from "express";
import { afterEach, expect, it } from "vitest";
import { type FakeFace, fakeFace, goodToken } from "./fake-face.ts";
import { type Host, type HostOptions, head, postJson, RawConnection, startHost, withToken } from "./hosts.ts";

let face: FakeFace;
let host: Host;

async function mounted(mount: NonNullable<HostOptions["mount"]>, prefix = "/auth"): Promise<string> {
  face = fakeFace();
  host = await startHost("express", face, { mount, prefix });
  return host.url;
}

afterEach(() => host.stop());

it("takes a path mount for its prefix, as Colyseus's panels do", async () => {
  const url = await mounted((app, routes) => app.use("/players", routes));
  expect((await postJson(`${url}/players/authenticate/device`, {})).status).toBe(200);
  expect((await fetch(`${url}/players/queue?x=1`, withToken(goodToken))).status).toBe(200);
  expect((await fetch(`${url}/auth/session`, withToken(goodToken))).status).toBe(404);
  expect((await fetch(`${url}/session`, withToken(goodToken))).status).toBe(404);
});

it("works at a mount that repeats its prefix, and in a nested router", async () => {
  const url = await mounted((app, routes) => {
    app.use("/auth", routes);
    app.use("/api", express.Router().use(routes));
  });
  expect((await fetch(`${url}/auth/session`, withToken(goodToken))).status).toBe(200);
  expect((await fetch(`${url}/api/auth/sessions?from=0`, withToken(goodToken))).status).toBe(200);
});

it("lets what is not its own through to handlers before and behind it", async () => {
  const url = await mounted((app, routes) => {
    app.get("/auth/session", (_request, response) => void response.send("before"));
    app.use(routes);
    app.put("/auth/session", (_request, response) => void response.send("behind"));
  });
  expect(await (await fetch(`${url}/auth/session`)).text()).toBe("before");
  expect(await (await fetch(`${url}/auth/session`, { method: "PUT" })).text()).toBe("behind");
});

it.each([
  ["express.json", express.json({ limit: "10mb" })],
  ["express.text", express.text({ type: "*/*", limit: "10mb" })],
  ["express.raw", express.raw({ type: "*/*", limit: "10mb" })],
])("S35 reads what %s has read before it, within the same bounds", async (_name, parser) => {
  const url = await mounted((app, routes) => app.use(parser, routes));
  expect((await postJson(`${url}/auth/refresh`, { refreshToken: "refresh", vars: { skin: "é" } })).status).toBe(200);
  expect(face.asked).toEqual([["refresh", { refreshToken: "refresh", vars: { skin: "é" } }]]);
  expect((await fetch(`${url}/auth/logout`, { method: "POST" })).status).toBe(204);
  face.asked.length = 0;

  const refused = async (body: string): Promise<unknown> => {
    const answer = await postJson(`${url}/auth/authenticate/device`, body);
    return [answer.status, ((await answer.json()) as { code: string }).code];
  };
  expect(await refused(JSON.stringify({ id: "x".repeat(16 * 1024) }))).toEqual([413, "PAYLOAD_TOO_LARGE"]);
  expect(await refused('{"__proto__":{"id":"x"}}')).toEqual([400, "INVALID_REQUEST"]);
  expect(await refused('{"a":{"constructor":{"__proto__":1}}}')).toEqual([400, "INVALID_REQUEST"]);
  expect(await refused("[1]")).toEqual([400, "INVALID_REQUEST"]);
  expect(await refused(`{"a":${"[".repeat(7_000)}${"]".repeat(7_000)}}`)).toEqual([400, "INVALID_REQUEST"]);
  expect(face.asked).toEqual([]);
  expect(host.logged).toEqual([]);
});

it("S35 is not deceived by a form that a host's parser made an object of", async () => {
  const url = await mounted((app, routes) => app.use(express.urlencoded({ extended: true }), routes));
  const answer = await fetch(`${url}/auth/refresh`, {
    method: "POST",
    body: new URLSearchParams({ refreshToken: "refresh" }),
  });
  expect([answer.status, face.asked]).toEqual([415, []]);
});

it("reads the stream where an old parser left an empty object without reading", async () => {
  const url = await mounted((app, routes) => {
    app.use((request, _response, next) => {
      request.body = {};
      next();
    });
    app.use(routes);
  });
  expect((await postJson(`${url}/auth/refresh`, { refreshToken: "refresh" })).status).toBe(200);
});

it("S37 answers whatever host, scheme or address the request claims", async () => {
  await mounted((app, routes) => app.use(routes));
  const authorization = `Bearer ${goodToken}`;
  const heads: [string, number][] = [
    [head("GET", "/auth/session", { host: "[", authorization }), 200],
    [head("GET", "/auth/session", { host: "a b:99999", authorization }), 200],
    [head("GET", "/auth/session", { "x-forwarded-proto": "no scheme", authorization }), 200],
    [head("GET", "/auth/session", { forwarded: "for=;;;", "x-forwarded-for": "x".repeat(2_000), authorization }), 200],
    [head("GET", "http://[/auth/session", { authorization }), 404],
    [head("GET", "/auth/session?%zz&from=%", { authorization }), 200],
    [head("TRACE", "/auth/session", { authorization }), 404],
    [head("GET", "/auth/session", { authorization, "transfer-encoding": "chunked" }), 200],
  ];
  for (const [text, status] of heads) {
    const connection = new RawConnection(host.port);
    await connection.send(text);
    expect([text.slice(0, 60), (await connection.answer()).status]).toEqual([text.slice(0, 60), status]);
    connection.end();
  }
  expect(host.logged).toEqual([]);
});

it("S37 hands headers of any bytes to the login", async () => {
  await mounted((app, routes) => app.use(routes));
  const connection = new RawConnection(host.port);
  const request = head("POST", "/auth/authenticate/device", {
    "content-length": "0",
    "x-name": "\xe9\xff",
    cookie: "a=%zz; ;=",
  });
  await connection.send(Buffer.from(request, "latin1"));
  expect((await connection.answer()).status).toBe(200);
  const context = face.asked[0]?.[3] as { headers: Headers };
  expect(context.headers.get("x-name")).toBe("\xe9\xff");
  connection.end();
});
