// What tests of rooms do with clients: the stock SDK's and bare sockets.
import { matchMaker } from "@colyseus/core";
import type { Room as SdkRoom } from "@colyseus/sdk";

export interface CloseEventSeen {
  code: number;
  reason: string | undefined;
}

/** Resolves with the code and reason the SDK sees when the room is left for good. */
export function left(room: SdkRoom): Promise<CloseEventSeen> {
  return new Promise((resolve) => {
    room.onLeave((code, reason) => resolve({ code, reason }));
  });
}

/** Code and message of the error that `call` is refused with. */
export async function refusal(call: Promise<unknown>): Promise<{ code: unknown; message: unknown }> {
  const answer = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (typeof answer !== "object" || answer === null) throw new Error("was not refused");
  return { code: Reflect.get(answer, "code"), message: Reflect.get(answer, "message") };
}

/** Resolves when `condition` holds; it is looked at whenever the event loop has gone round. For what tells nobody. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Makes the SDK reconnect at once, and after however short a stay. */
export function reconnectAtOnce(room: SdkRoom): void {
  room.reconnection.minUptime = 0;
  room.reconnection.delay = 0;
  room.reconnection.minDelay = 0;
  room.reconnection.maxDelay = 0;
}

/** Loses the connection, as a network would. */
export function drop(room: SdkRoom): void {
  room.connection.close();
}

/** A bare WebSocket to a room's seat; resolves with how it was closed. */
export function rawSocket(
  port: number,
  roomId: string,
  query: Record<string, string>,
): { socket: WebSocket; closed: Promise<CloseEventSeen> } {
  const { processId } = matchMaker;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${processId}/${roomId}?${new URLSearchParams(query)}`);
  socket.binaryType = "arraybuffer";
  const closed = new Promise<CloseEventSeen>((resolve) => {
    socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
  });
  return { socket, closed };
}

/** What a socket must know to take back the seat that `room` lost. */
export function reconnectQuery(room: SdkRoom): Record<string, string> {
  return {
    sessionId: room.sessionId,
    reconnectionToken: room.reconnectionToken.split(":")[1] ?? "",
    skipHandshake: "1",
  };
}
