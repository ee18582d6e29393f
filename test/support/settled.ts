import type { Room } from "@colyseus/sdk";

/** Resolves when everything that the server sent before has arrived, or when the room was left: nothing more comes then. */
export function settled(room: Room): Promise<void> {
  return new Promise((resolve) => {
    room.onLeave.once(() => resolve());
    if (room.connection.isOpen) room.ping(() => resolve());
    else resolve();
  });
}
