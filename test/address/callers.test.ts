// Who is at the other end of a request, told to the code that runs on its behalf, however late it asks.
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { Callers } from "../../src/callers.ts";

let server: Server;

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function serve(handle: (message: IncomingMessage) => void): Promise<number> {
  server = createServer((message, response) => {
    handle(message);
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

it("S43 stays known when the client has hung up", async () => {
  const callers = new Callers(0);
  callers.start();
  let answer: (seen: unknown) => void;
  const seen = new Promise((resolve) => {
    answer = resolve;
  });
  server = createServer((message) => {
    message.socket.once("close", () =>
      setImmediate(() => answer([callers.addressOf(message), message.socket.destroyed])),
    );
    client.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = request({ port, host: "127.0.0.1", localAddress: "127.0.0.7" });
  client.on("error", () => {});
  client.end();
  expect(await seen).toEqual(["127.0.0.7", true]);
  callers.stop();
});

it("knows nobody where no request is served, and after it was stopped", async () => {
  const callers = new Callers(0);
  const seen: (string | null)[] = [];
  const port = await serve(() => seen.push(callers.currentAddress));
  const ask = async (): Promise<void> => {
    const client = request({ port, host: "127.0.0.1", agent: false });
    client.end();
    const [response] = (await once(client, "response")) as [IncomingMessage];
    response.resume();
    await once(response, "end");
  };
  await ask();
  callers.start();
  expect(callers.currentAddress).toBe(null);
  await ask();
  callers.stop();
  await ask();
  expect(seen).toEqual([null, "127.0.0.1", null]);
});
