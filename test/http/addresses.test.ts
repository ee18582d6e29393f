// Whose address the login is told, in both forms: the socket's other end, or what a trusted proxy wrote of it.
import { afterEach, describe, expect, it } from "vitest";
import { type FakeFace, fakeFace, goodToken } from "./fake-face.ts";
import { forms, type Host, head, RawConnection, startHost } from "./hosts.ts";

let face: FakeFace;
let host: Host;

afterEach(() => host.stop());

const ask = (headers: Record<string, string> = {}): string =>
  head("GET", "/auth/queue", { authorization: `Bearer ${goodToken}`, ...headers });

const lies = {
  "x-forwarded-for": "8.8.8.8, 198.51.100.1",
  "x-real-ip": "8.8.8.8",
  "x-client-ip": "8.8.8.8",
  forwarded: "for=8.8.8.8",
};

describe.each(forms)("in the %s form", (form) => {
  async function start(trustedProxyHops: number): Promise<void> {
    face = fakeFace();
    host = await startHost(form, face, { trustedProxyHops });
  }

  it.each([
    ["nobody", 0, "127.0.0.3"],
    ["one proxy", 1, "198.51.100.1"],
    ["two", 2, "8.8.8.8"],
  ])("S43 is believed of headers what %s may write", async (_whom, hops, address) => {
    await start(hops);
    const connection = new RawConnection(host.port, "127.0.0.3");
    await connection.send(ask(lies));
    expect((await connection.answer()).status).toBe(200);
    expect(face.addresses).toEqual([address]);
    connection.end();
  });

  it("S43 is each request's own on one connection, sent at once, and of many at the same time", async () => {
    await start(1);
    const connections = ["127.0.0.3", "127.0.0.4"].map((address) => new RawConnection(host.port, address));
    const tenTo = (third: number): string =>
      Array.from({ length: 10 }, (_, fourth) => ask({ "x-forwarded-for": `10.0.${third}.${fourth}` })).join("");
    await Promise.all(connections.map((connection, index) => connection.send(tenTo(index))));
    for (const connection of connections) {
      for (let count = 0; count < 10; count += 1) expect((await connection.answer()).status).toBe(200);
      connection.end();
    }
    const sent = [0, 1].flatMap((third) => Array.from({ length: 10 }, (_, fourth) => `10.0.${third}.${fourth}`));
    expect(face.addresses.toSorted()).toEqual(sent);
  });

  it("S43 is told to identity providers", async () => {
    await start(0);
    const connection = new RawConnection(host.port, "127.0.0.5");
    await connection.send(head("POST", "/auth/authenticate/device", { ...lies, "content-length": "0" }));
    expect((await connection.answer()).status).toBe(200);
    expect(face.asked[0]?.[3]).toMatchObject({ provider: "device", address: "127.0.0.5" });
    connection.end();
  });
});
