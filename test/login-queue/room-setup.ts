// One Colyseus server a test file, and what its tests do with queue rooms.
import { matchMaker } from "@colyseus/core";
import { Client as SdkClient, type Room as SdkRoom } from "@colyseus/sdk";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { RoomServer } from "../support/room-server.ts";
import type { QueueHouse } from "./setup.ts";
import { stateOf } from "./setup.ts";

export interface QueueServer {
  /** Puts the house's queue room on the server; answers how to make clients. */
  serve(house: QueueHouse): (token?: string) => SdkClient;
  readonly url: string;
  readonly port: number;
}

export function queueServer(options: { readonly pingInterval?: number } = {}): QueueServer {
  const server = new RoomServer(options);
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  beforeAll(async () => {
    // One of these ends a server's process.
    process.on("unhandledRejection", onUnhandled);
    process.on("uncaughtException", onUnhandled);
    await server.start();
  });
  afterEach(async () => {
    await Promise.all(matchMaker.disconnectAll());
    await new Promise(setImmediate);
    expect(unhandled.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await server.stop();
    process.off("unhandledRejection", onUnhandled);
    process.off("uncaughtException", onUnhandled);
  });
  return {
    serve(house) {
      server.define("login_queue", house.RoomClass);
      return (token) => {
        const client = new SdkClient(`http://127.0.0.1:${server.port}`);
        if (token !== undefined) client.auth.token = token;
        return client;
      };
    },
    get url() {
      return `http://127.0.0.1:${server.port}`;
    },
    get port() {
      return server.port;
    },
  };
}

/** Joins and waits for the first state. */
export async function enter(client: SdkClient, options: Record<string, unknown> = {}): Promise<SdkRoom> {
  const room = await client.joinOrCreate("login_queue", options);
  room.onMessage("*", () => {});
  await new Promise<void>((resolve) => room.onStateChange.once(() => resolve()));
  return room;
}

/** A client that takes its seat and never confirms that it joined, so that the state never follows. */
export async function takeSeatOnly(url: string): Promise<WebSocket> {
  const answer = await fetch(`${url}/matchmake/joinOrCreate/login_queue`, {
    method: "POST",
    body: "{}",
    headers: { "content-type": "application/json" },
  });
  const { sessionId, roomId, processId } = (await answer.json()) as Record<string, string>;
  const socket = new WebSocket(`${url.replace("http", "ws")}/${processId}/${roomId}?sessionId=${sessionId}`);
  socket.binaryType = "arraybuffer";
  // The room's word that it joined.
  await new Promise((resolve) => socket.addEventListener("message", resolve, { once: true }));
  return socket;
}

/** How often the state changes from now on. */
export function countPatches(room: SdkRoom): { count: number } {
  const patches = { count: 0 };
  room.onStateChange(() => {
    patches.count += 1;
  });
  return patches;
}

export function positions(rooms: readonly SdkRoom[]): number[] {
  return rooms.map((room) => stateOf(room).position);
}
