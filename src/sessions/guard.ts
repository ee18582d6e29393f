// The guard: a room class with `static onAuth` and the session plugin added.
import type { AuthContext, Room } from "@colyseus/core";
import { guardHooks, type RoomDependencies } from "./room-hooks.ts";
import { SessionPlugin } from "./room-plugin.ts";

export interface GuardDependencies extends RoomDependencies {
  /** Becomes the `static onAuth` of the class. */
  readonly onAuth: (token: string | undefined, options: unknown, context: AuthContext) => Promise<unknown>;
}

/**
 * Answers a subclass of `RoomClass` that asks `onAuth` at matchmaking, whatever the class asked before, and has the session
 * plugin beside its own plugins. A subclass of the answer stays guarded, should it declare plugins of its own.
 * @throws TypeError where it is no room class.
 */
export function guardRoom<R extends new () => Room>(RoomClass: R, dependencies: GuardDependencies): R {
  // Not `instanceof`: a process may hold the framework twice, as ES modules and as CommonJS.
  if (typeof RoomClass !== "function" || typeof RoomClass.prototype?.allowReconnection !== "function") {
    throw new TypeError(`guard: expected a class that extends Room, got ${typeof RoomClass}`);
  }
  const Base: new () => Room = RoomClass;

  class GuardedRoom extends Base {
    static onAuth = dependencies.onAuth;

    constructor() {
      super();
      this.plugins = withSessionPlugin(this.plugins, dependencies);
    }

    override get roomName(): string {
      return super.roomName;
    }

    // The framework names a room when it is constructed and initialized. A subclass that declares `plugins` has replaced
    // ours by then, and its hooks are still to be guarded.
    override set roomName(name: string) {
      super.roomName = name;
      guardHooks(this, dependencies);
    }
  }
  // `server.define(RoomClass)` names the room after its class.
  Object.defineProperty(GuardedRoom, "name", { value: RoomClass.name });
  // TypeScript cannot express a subclass of a type parameter whose constructor takes no arguments.
  return GuardedRoom as unknown as R;
}

function withSessionPlugin(own: object | undefined, dependencies: RoomDependencies): object {
  const plugins = { ...own };
  // Theirs under our name is another login's or another plugin: it keeps its name, and the room is guarded all the same.
  return "session" in plugins ? plugins : { ...plugins, session: new SessionPlugin(dependencies) };
}
