// The room plugin: tracks the sockets of sessions in a room and checks every way in.
//
//   class GameRoom extends Room {
//     static onAuth = login.onAuth;
//     plugins = definePlugins([login.sessionPlugin()]);
//   }
//
// It refuses whoever the session's record does not let in, at the join and at every reconnection, before the room's own
// hooks run. It does not replace `static onAuth`: without it every client is refused, because no seat names a session. And
// a subclass that declares `plugins` of its own does without it, unless it spreads those of its parent or is guarded.
import { type Client, type Room, RoomPlugin } from "@colyseus/core";
import { guardHooks, type RoomDependencies } from "./room-hooks.ts";

export class SessionPlugin extends RoomPlugin {
  override readonly pluginName = "session" as const;

  constructor(dependencies: RoomDependencies) {
    super();
    let attached: Room | undefined;
    // The framework assigns `room` on every instance of every class, once the room is fully constructed: the one moment
    // that no shape of room class passes by.
    Object.defineProperty(this, "room", {
      get: () => attached,
      set: (room: Room) => {
        attached = room;
        guardHooks(room, dependencies);
      },
    });
  }

  /** The clients of a user in this room: a session may have several sockets, a user several sessions. */
  clientsOf(userId: string): Client[] {
    return [...this.room.clients].filter(({ auth }) => auth?.userId === userId);
  }
}
