import type { Room } from "@colyseus/sdk";

/** Resolves when everything that the server sent before has arrived; rejects where the room is left before. */
export function settled(room: Room): Promise<void> {
  return new Promise((resolve, reject) => {
    const wasLeft = (code?: number) =>
      reject(new Error(`the room was left${code === undefined ? "" : ` with ${code}`}`));
    room.onLeave.once(wasLeft);
    if (!room.connection.isOpen) return wasLeft();
    room.ping(() => {
      room.onLeave.remove(wasLeft);
      resolve();
    });
  });
}
