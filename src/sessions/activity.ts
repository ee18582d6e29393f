// What counts as a sign of life of a player: the messages of the game, not the frames by which the protocol itself speaks.
//
// The framework stamps a client with the time of its last frame, but in a private member, by the room's own clock, and for
// pings as well, which a client may send by itself for ever. The socket's own event `message` tells all of it.
import type { EventEmitter } from "node:events";
import { Protocol } from "@colyseus/core";

/** The bits of a frame's first byte that say what it is; the others are modifiers. */
const codeMask = 0x1f;
const ofTheProtocol: ReadonlySet<number> = new Set([Protocol.JOIN_ROOM, Protocol.LEAVE_ROOM, Protocol.PING]);

/** Calls `heard` at every message of the player. `ref` is a client's `ref`. */
export function listenToPlayer(ref: EventEmitter, heard: () => void): void {
  ref.on("message", (frame: unknown) => {
    const code = frame instanceof Uint8Array ? (frame[0] ?? 0) & codeMask : null;
    if (code !== null && !ofTheProtocol.has(code)) heard();
  });
}
