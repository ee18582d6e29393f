// Starts a Colyseus server of the benchmark on a port that the system chooses.
import type { Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Server } from "@colyseus/core";

/** Listens on a free port and answers it. */
export async function listenOnFreePort(server: Server, http: HttpServer): Promise<number> {
  await server.listen(0, "127.0.0.1");
  return (http.address() as AddressInfo).port;
}

/** The benchmarks read figures, not log lines. */
export const quiet = { debug() {}, info() {}, warn() {}, error: console.error };
